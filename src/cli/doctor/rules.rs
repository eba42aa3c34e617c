//! The rules: files that are wrong or not applied, and doubts about what is in force.
//!
//! Deliberately not here: the doubts themselves (`rules::soundness`).

use std::io;

use super::chart::{Chart, counted};
use crate::cli::config::Config;
use crate::cli::ledger::Glance;
use crate::cli::rulebook::{self, Sheet};
use crate::domain::Moment;
use crate::rules::ruleset::{Mistake, Ruleset};
use crate::rules::soundness::{Doubt, hours, pool, recording, routes};

/// Everything that is in force: what is stored, or, where there is no database, what the rules folder says.
pub async fn in_force(config: &Config, glance: Option<&Glance>) -> anyhow::Result<Vec<Ruleset>> {
    let mut worlds = Vec::new();
    match glance {
        Some(glance) => {
            for (tenant, _) in glance.tenants().await? {
                worlds.extend(glance.stored(&tenant).await?);
            }
        }
        None => {
            for sheet in sheets(config)?.into_iter().flatten() {
                worlds.extend(rulebook::read(&sheet, None).ok().map(|read| read.rules));
            }
        }
    }
    Ok(worlds)
}

fn sheets(config: &Config) -> io::Result<Vec<Result<Sheet, crate::cli::output::Unreadable>>> {
    config.rules_dir.as_ref().map_or_else(|| Ok(Vec::new()), |folder| rulebook::folder(folder))
}

/// The files of the rules folder: right, and applied.
pub async fn files(
    chart: &mut Chart,
    config: &Config,
    glance: Option<&Glance>,
    worlds: &[Ruleset],
) -> anyhow::Result<()> {
    chart.check("rules files");
    let open = !config.listen.ip().to_canonical().is_loopback();
    if let Some(rules) = worlds.iter().find(|rules| rules.demo_secrets).filter(|_| open) {
        chart.failed(
            format!(
                "tenant {} has demo secrets, which everybody knows, and {} is open",
                rules.tenant.id, config.listen
            ),
            "listen = \"127.0.0.1:8080\", or rules without literal secrets",
        )?;
    }
    let sheets = match sheets(config) {
        Ok(sheets) => sheets,
        Err(error) => {
            let folder = config.rules_dir.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default();
            chart.failed(format!("{folder} cannot be read: {error}"), "give it back its rights, or set rules_dir")?;
            return Ok(());
        }
    };
    let count = sheets.len();
    for sheet in sheets {
        match sheet {
            Ok(sheet) => file(chart, &sheet, glance).await?,
            Err(unreadable) => chart.failed(unreadable.to_string(), "give it back its rights, as UTF-8 text")?,
        }
    }
    if worlds.is_empty() && !chart.found() {
        chart.failed(
            "there is no tenant: every call is answered 404",
            "hookswitch apply FILE, or rules_dir = its folder",
        )?;
    }
    Ok(chart.ok(format!("{}, {}", counted(count, "file"), counted(worlds.len(), "tenant")))?)
}

async fn file(chart: &mut Chart, sheet: &Sheet, glance: Option<&Glance>) -> anyhow::Result<()> {
    let stored = match (glance, rulebook::tenant(sheet)) {
        (Some(glance), Some(tenant)) => glance.stored(&tenant).await?,
        (None | Some(_), _) => None,
    };
    match rulebook::read(sheet, stored.as_ref()) {
        Err(mistakes) => {
            let told: Vec<String> = mistakes.iter().filter(|one| !one.warning).map(Mistake::to_string).collect();
            let mend = format!("hookswitch check {} tells all of them; what it said before is in force", sheet.name);
            chart.failed(told.join("\n"), mend)?;
        }
        Ok(read) => {
            let applied = match glance {
                Some(glance) => glance.has_applied(sheet).await?,
                None => None,
            };
            if applied == Some(false) {
                chart.warning(
                    format!("{} is not what is in force: it, or a variable that it names, was changed", sheet.name),
                    format!("hookswitch apply {}", sheet.name),
                )?;
            }
            if !read.warnings.is_empty() {
                let count = read.warnings.len();
                let what = format!("{} has warnings ({count})", sheet.name);
                chart.warning(what, format!("hookswitch check {}", sheet.name))?;
            }
        }
    }
    Ok(())
}

/// Whether every call gets somewhere.
pub fn routing(chart: &mut Chart, worlds: &[Ruleset], config: &Config) -> io::Result<()> {
    chart.check("routing");
    let own = worlds.iter().flat_map(|rules| &rules.accounts).map(|(account, _)| account.public_base_url.clone());
    let bases: Vec<String> = own.filter(|base| !base.is_empty()).chain([config.public_base_url.clone()]).collect();
    for rules in worlds {
        tell(chart, rules, worlds, routes::doubts(rules, worlds, &bases))?;
    }
    match places(worlds) {
        0 => chart.skipped(NO_PLACE),
        places => chart.ok(format!("every call to {} has an end", counted(places, "location"))),
    }
}

/// Whether places are open when they should be.
pub fn opening(chart: &mut Chart, worlds: &[Ruleset], now: Moment) -> io::Result<()> {
    chart.check("hours");
    for rules in worlds {
        for location in &rules.locations {
            tell(chart, rules, worlds, hours::doubts(location, now))?;
        }
    }
    match places(worlds) {
        0 => chart.skipped(NO_PLACE),
        places => {
            chart.ok(format!("{}: each opens when it should, as far as can be told", counted(places, "location")))
        }
    }
}

/// Whether there are numbers enough.
pub fn numbers(chart: &mut Chart, worlds: &[Ruleset], now: Moment) -> io::Result<()> {
    chart.check("pool");
    let mut told = Vec::new();
    for rules in worlds {
        for location in &rules.locations {
            let pool = pool::Pool::of(rules, location, now);
            tell(chart, rules, worlds, pool.doubts())?;
            told.push(pool.to_string());
        }
    }
    match told.is_empty() {
        true => chart.skipped(NO_PLACE),
        false => chart.ok(told.join("\n")),
    }
}

/// Whether nobody is recorded unawares, or not at all where it was asked for.
pub fn disclosure(chart: &mut Chart, worlds: &[Ruleset]) -> io::Result<()> {
    chart.check("recording");
    for rules in worlds {
        tell(chart, rules, worlds, recording::doubts(rules))?;
    }
    match worlds.iter().map(recording::recording).sum::<usize>() {
        0 => chart.ok("no location records"),
        count => chart.ok(format!("{}, and both sides are told", counted(count, "recording location"))),
    }
}

const NO_PLACE: &str = "there is no location";

fn places(worlds: &[Ruleset]) -> usize {
    worlds.iter().map(|rules| rules.locations.len()).sum()
}

/// With several tenants, each doubt says whose it is.
fn tell(chart: &mut Chart, rules: &Ruleset, worlds: &[Ruleset], doubts: Vec<Doubt>) -> io::Result<()> {
    for Doubt { grave, about, mend } in doubts {
        let about = if worlds.len() > 1 { format!("tenant {}: {about}", rules.tenant.id) } else { about };
        if grave { chart.failed(about, mend)? } else { chart.warning(about, mend)? }
    }
    Ok(())
}
