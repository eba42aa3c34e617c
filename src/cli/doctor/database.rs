//! The database: whether it opens, is sound, can be written, and whether something waits to be written into it.
//!
//! Deliberately not here: mending it.

use std::io;

use super::chart::{Chart, counted};
use crate::cli::config::Config;
use crate::cli::ledger::{self, Glance, Tried};

/// Opens it for reading.
pub async fn open(chart: &mut Chart, config: &Config) -> io::Result<Option<Glance>> {
    chart.check("database");
    let url = config.database_url.expose();
    if in_memory(config) {
        chart.warning(
            "it is in memory: nothing outlives the server",
            "database_url = \"sqlite://data/hookswitch.db\"",
        )?;
        return Ok(None);
    }
    match Glance::open(config).await {
        Ok(glance) => {
            let shown = if url.starts_with("sqlite:") { url } else { "as configured" };
            chart.ok(format!("{shown}, of this version's shape"))?;
            Ok(Some(glance))
        }
        Err(error) => {
            let said = format!("{error:#}");
            let mend = mend(&said);
            // What to do stands in the remedy.
            chart.failed(said.lines().next().unwrap_or_default(), mend)?;
            Ok(None)
        }
    }
}

/// What mends a database that does not open, by what was said of it.
fn mend(said: &str) -> &'static str {
    let table = [
        (
            "there is no such file",
            "hookswitch serve (or hookswitch apply FILE) makes it; otherwise correct database_url",
        ),
        ("hookswitch migrate", "hookswitch migrate"),
        ("or a newer one", "run the newer hookswitch that wrote it"),
        ("not a Hookswitch database", "name another file as database_url"),
        ("PostgreSQL", "database_url = \"sqlite://data/hookswitch.db\""),
        ("master key", "set the master_key with which it was written, or put its master.key back into data_dir"),
        ("data key", "set the master_key with which it was written, or put its master.key back into data_dir"),
    ];
    let found = table.into_iter().find(|(part, _)| said.contains(part));
    found.map_or("put the latest backup in its place, with the server stopped", |(_, mend)| mend)
}

/// Whether the file is sound.
pub async fn integrity(chart: &mut Chart, glance: Option<&Glance>) -> io::Result<()> {
    const RESTORE: &str = "stop the server and put the latest backup in its place; keep the damaged file";
    chart.check("integrity");
    let Some(glance) = glance else { return chart.skipped("there is no database to look at") };
    match glance.faults().await {
        Ok(faults) if faults.is_empty() => chart.ok("quick_check finds nothing"),
        Ok(faults) => chart.failed(format!("quick_check: {}", faults.join("; ")), RESTORE),
        Err(error) => chart.failed(format!("{error:#}"), RESTORE),
    }
}

/// Whether it can be written: tried where no server is running, which would say so itself.
pub async fn writing(chart: &mut Chart, config: &Config, there: bool, served: bool) -> io::Result<()> {
    chart.check("writing");
    if served {
        return chart.ok("the running server writes it; nothing was tried");
    }
    if !there {
        return chart.skipped("there is no database to write");
    }
    match ledger::try_writing(config).await {
        Ok(Tried::Writable) => chart.ok("a mark was written and taken back"),
        Ok(Tried::Busy) => chart.warning(
            "another process kept it locked for a second",
            "find out who has it open (fuser FILE); only hookswitch should write it",
        ),
        Err(error) => {
            let mend =
                "give the server's user the right to write the file and its folder, and look for a full disk (df)";
            chart.failed(format!("{error:#}"), mend)
        }
    }
}

/// Whether something waits for it.
pub fn spill(chart: &mut Chart, config: &Config, served: bool) -> io::Result<()> {
    chart.check("spill");
    let folder = config.data_dir.join("spill");
    let spilled = match ledger::spilled(config) {
        Ok(spilled) => spilled,
        Err(error) => {
            return chart.failed(format!("{} cannot be read: {error}", folder.display()), "give it back its rights");
        }
    };
    if spilled.files > 0 {
        let mend = match served {
            true => "mend the database and leave the server running: it writes them by itself",
            false => "mend the database and start the server: it writes them at once",
        };
        let files = counted(spilled.files, "file");
        let what = format!("{files} of answered webhooks in {}: they wait to be written", folder.display());
        chart.failed(what, format!("{mend}; do not delete them"))?;
    }
    if spilled.rejected {
        let file = folder.join("rejected.jsonl");
        chart.warning(
            format!("{} holds webhooks that the database refuses", file.display()),
            "look into it and report it; move it away when it is dealt with",
        )?;
    }
    chart.ok("nothing waits")
}

fn in_memory(config: &Config) -> bool {
    config.database_url.expose().ends_with(":memory:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_not_to_open_has_its_remedy() {
        for (said, part) in [
            ("the database x cannot be opened: there is no such file", "hookswitch serve"),
            ("x has schema 1, and this program needs 2: run `hookswitch migrate` first", "hookswitch migrate"),
            ("x has schema 3, …: use the program that wrote it, or a newer one", "newer"),
            ("x is not a Hookswitch database: name another file", "another file"),
            ("a data key cannot be opened with this master key", "master_key"),
            ("the database x cannot be opened: file is not a database", "backup"),
        ] {
            assert!(mend(said).contains(part), "{said}: {}", mend(said));
        }
    }
}
