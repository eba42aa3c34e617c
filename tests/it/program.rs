//! The program itself, started as an operator would, with a folder of its own.
//!
//! Deliberately not here: what is asked of it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::wire::{self, Answer};

/// A running server.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took until it said that it was ready.
    pub ready_after: Duration,
}

/// The folder that a server lives in.
pub struct Home(tempfile::TempDir);

impl Home {
    /// One with these rules.
    pub fn with(rules: &str) -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        fs::create_dir(home.rules_dir()).expect("made");
        home.rules(rules);
        home
    }

    /// The folder itself, where commands are started.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn rules_dir(&self) -> PathBuf {
        self.0.path().join("rules")
    }

    /// Puts rules in place of those that are there.
    pub fn rules(&self, text: &str) {
        fs::write(self.rules_dir().join("world.toml"), text).expect("written");
    }

    /// What the server keeps.
    pub fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.data().join("hookswitch.db")
    }

    /// How many files wait in its spill.
    pub fn spilled(&self) -> usize {
        fs::read_dir(self.data().join("spill")).map_or(0, Iterator::count)
    }

    fn log_file(&self) -> PathBuf {
        self.0.path().join("log")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Starts the server, with more configuration as environment variables, and waits until it is ready.
    pub async fn start(&self, more: &[(&str, &str)]) -> Program {
        let began = Instant::now();
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log");
        let mut command = self.command();
        command.arg("serve").stdout(Stdio::piped()).stderr(log);
        command.envs(more.iter().copied());
        let mut child = command.spawn().expect("it starts");
        let address = greeted(&mut child).unwrap_or_else(|| panic!("it did not start:\n{}", self.log()));
        let mut program = Program { child, address, ready_after: Duration::ZERO };
        program.until_ready(Duration::from_secs(20)).await;
        program.ready_after = began.elapsed();
        program
    }

    /// The program, about to be started here and configured as the server is; of the machine's own configuration it
    /// knows nothing.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookswitch"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOOKSWITCH_")) {
            command.env_remove(name);
        }
        let database = format!("sqlite://{}", self.database().display());
        command
            .env("HOOKSWITCH_LISTEN", "127.0.0.1:0")
            .env("HOOKSWITCH_METRICS_LISTEN", "")
            .env("HOOKSWITCH_DATABASE_URL", database)
            .env("HOOKSWITCH_DATA_DIR", self.data())
            .env("HOOKSWITCH_RULES_DIR", self.rules_dir())
            .env("HOOKSWITCH_ADMIN_KEY", "test-admin-key")
            // A machine that is busy with other tests is no fault of the database.
            .env("HOOKSWITCH_COMMIT_DEADLINE_MS", "2000")
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }
}

/// The address in the greeting.
fn greeted(child: &mut Child) -> Option<SocketAddr> {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.trim().strip_prefix("server")?.trim().strip_prefix("http://")?.parse().ok());
    // It must not be stopped by a pipe that nobody reads.
    std::thread::spawn(move || lines.for_each(drop));
    address
}

impl Program {
    async fn until_ready(&self, patience: Duration) {
        let began = Instant::now();
        while self.readiness().await.is_none() {
            assert!(began.elapsed() < patience, "it is never ready");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What `/readyz` says, where it answers 200.
    pub async fn readiness(&self) -> Option<String> {
        let answer = self.get("/readyz", &[]).await?;
        (answer.status == 200).then(|| answer.text().to_owned())
    }

    /// Asks a door; `None` where nobody answers.
    pub async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Option<Answer> {
        wire::send(self.address, &wire::request("GET", target, headers, b"")).await.ok()
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal {name} was sent");
    }

    /// Kills it, as a machine that loses its power.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ended");
    }

    /// Waits until it ends by itself.
    pub async fn ended(mut self, patience: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status;
            }
            assert!(began.elapsed() < patience, "it does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops it as a service manager does.
    pub async fn stop(self) {
        self.signal("TERM");
        let status = self.ended(Duration::from_secs(20)).await;
        assert!(status.success(), "{status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed leaves nothing running; one that is over already ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every file below a folder, with its bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap_or_default()));
        }
    }
    found
}
