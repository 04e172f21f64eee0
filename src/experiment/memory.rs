//! What an experiment holds in memory, asked before it runs: a process that asks for more than there is is killed,
//! or aborts, with everything that it had computed.

use std::path::Path;

use super::load::Experiment;
use base::error::{Error, Result};

/// Bytes of a row of the samples table while a record is written: its numbers and the cell's name in memory, beside
/// their encoded form. Measured; see the test of the estimate.
pub const ROW: u64 = 190;

/// Bytes of what is the same for any experiment: the program, its font, and the canvas of a figure of several panels
/// (the shipped experiments come to 60 to 135 MB at smoke scale, where nothing else is large).
const PROGRAM: u64 = 128 << 20;

/// Bytes of so many numbers.
pub fn numbers(counts: &[u64]) -> u64 {
    counts.iter().fold(8, |bytes, n| bytes.saturating_mul(*n))
}

/// Address space that the system's allocator and the stack of a thread reserve, touched or not: 64 MiB and 2 MiB in
/// glibc. It counts where the address space is limited (`ulimit -v`).
const THREAD: u64 = 66 << 20;

/// How many workers `threads` asks for: 0 is as many as the machine has.
pub fn workers(threads: u64) -> u64 {
    match threads {
        0 => std::thread::available_parallelism().map_or(1, |n| n.get() as u64),
        n => n,
    }
}

/// Refuses experiments that need more memory than there is, run by so many threads (0 takes all cores).
///
/// # Errors
/// One needs more: how much, and what to change.
pub fn ask(experiments: &[Experiment], threads: u64) -> Result<()> {
    experiments.iter().try_for_each(|experiment| {
        let fewer = format!("set fewer {}", experiment.protocol.counted());
        room(
            &experiment.name,
            experiment.protocol.memory(),
            &fewer,
            threads,
        )
    })
}

/// Refuses `what` if there is no room for so many bytes beside what everything needs that draws; `fewer` says how it needs
/// less.
///
/// # Errors
/// How much it needs, and what to change.
pub fn room(what: &str, bytes: u64, fewer: &str, threads: u64) -> Result<()> {
    let refused = |need: u64, of: &str, free: u64, also: &str| {
        Err(Error::Input(format!(
            "{what} needs about {} of {of}, and {} are free; {fewer}{also}, or run it where there is more",
            shown(need),
            shown(free),
        )))
    };
    let need = bytes.saturating_add(PROGRAM);
    let memory = [machine(), group()].into_iter().flatten().min();
    if let Some(free) = memory.filter(|free| need > *free) {
        return refused(need, "memory", free, "");
    }
    // Beside the workers, the one that draws and writes.
    let need = need.saturating_add(THREAD.saturating_mul(workers(threads) + 1));
    if let Some(free) = address_space().filter(|free| need > *free) {
        let also = ", take fewer threads, lift the limit (ulimit -v)";
        return refused(need, "address space", free, also);
    }
    Ok(())
}

/// Bytes as a person says them.
pub fn shown(bytes: u64) -> String {
    let bytes = bytes as f64;
    if bytes < 1e9 {
        format!("{:.0} MB", bytes / 1e6)
    } else if bytes < 1e12 {
        format!("{:.1} GB", bytes / 1e9)
    } else {
        format!("{:.0} GB", bytes / 1e9)
    }
}

/// Bytes that the machine has left. None where the system does not say.
fn machine() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    field(&text, "MemAvailable:").map(|kb| kb * 1024)
}

/// Bytes of addresses that this process may still take, where that is limited.
fn address_space() -> Option<u64> {
    let text = |path: &str| std::fs::read_to_string(path).ok();
    let limit = text("/proc/self/limits").and_then(|t| field(&t, "Max address space"))?;
    let used = text("/proc/self/status").and_then(|t| field(&t, "VmSize:"));
    Some(limit.saturating_sub(used.unwrap_or(0) * 1024))
}

/// The first number behind the words.
fn field(text: &str, words: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(words))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// What the control groups of this process leave, in either version of the interface.
fn group() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let number =
        |path: &Path| -> Option<u64> { std::fs::read_to_string(path).ok()?.trim().parse().ok() };
    let left = |folder: &Path, most: &str, used: &str| -> Option<u64> {
        Some(number(&folder.join(most))?.saturating_sub(number(&folder.join(used))?))
    };
    let mut least: Option<u64> = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(kind), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, most, used) = match kind {
            "" => ("/sys/fs/cgroup", "memory.max", "memory.current"),
            "memory" => (
                "/sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
            ),
            _ => continue,
        };
        // A group's limit holds for all below it; inside a container the path may not be visible, its root is.
        let own = Path::new(root).join(path.trim_start_matches('/'));
        for folder in own.ancestors().take_while(|f| f.starts_with(root)) {
            least = [least, left(folder, most, used)]
                .into_iter()
                .flatten()
                .min();
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
name = "large"
protocol = "escape"
[landscape]
name = "styblinski-tang"
[noise]
name = "gaussian"
variance = 20_000.0
[[optimizer]]
name = "sgd"
eta = 0.003
[ensemble]
particles = 64
max_steps = 100
"#;

    fn sized(particles: u64, file: &str) -> Experiment {
        let set = format!("ensemble.particles={particles}");
        Experiment::parse("f", file, "standard", &[set]).unwrap()
    }

    #[test]
    fn the_need_is_of_the_size_of_the_samples() {
        let need = |n| sized(n, FILE).protocol.memory();
        assert!(need(100_000_000) > 12_000_000_000);
        assert!(need(10_000) < 10_000_000);
        let swept = FILE.replace("20_000.0", "[20_000.0, 21_000.0, 22_000.0]");
        let all = sized(1_000_000, &swept).protocol.memory();
        assert!(all > 2 * need(1_000_000), "the rows of all cells");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn more_than_there_is_is_refused_with_the_need() {
        let swept: Vec<String> = (0..1000).map(|i| format!("{}.0", 20_000 + i)).collect();
        let swept = FILE.replace("20_000.0", &format!("[{}]", swept.join(",")));
        let error = ask(&[sized(100_000_000, &swept)], 2).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let message = error.to_string();
        assert!(
            message.contains("large needs about 19") && message.contains("GB"),
            "{message}"
        );
        assert!(
            message.contains("set fewer ensemble.particles"),
            "{message}"
        );
        assert!(ask(&[sized(64, FILE)], 2).is_ok());
    }
}
