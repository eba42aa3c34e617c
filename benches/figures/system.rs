//! What the system says of this process and this machine.
//!
//! Deliberately not here: what is done with it.

use std::fs;
use std::time::Duration;

/// Processor time of all threads that run now; `None` where the system does not tell.
pub fn processor_time() -> Option<Duration> {
    let mut sum = Duration::ZERO;
    for task in fs::read_dir("/proc/self/task").ok()? {
        let spent = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        sum += Duration::from_nanos(spent.split(' ').next()?.parse().ok()?);
    }
    Some(sum)
}

/// Memory in use, in bytes; 0 where the system does not tell.
pub fn memory() -> u64 {
    status("VmRSS:")
}

/// The most memory that was ever in use, in bytes; 0 where the system does not tell.
pub fn most_memory() -> u64 {
    status("VmHWM:")
}

fn status(key: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Processors, and how busy they were before we came.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("{cores} processors, load before: {}", load.split(' ').next().unwrap_or("?"))
}

/// Bytes as megabytes.
#[expect(clippy::cast_precision_loss, reason = "printed with one digit")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
