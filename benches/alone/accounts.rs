//! What the system's accounts say of this process's threads.

use std::fs;

/// What threads of one kind have had so far, in nanoseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// A core.
    pub cpu_ns: u64,
    /// Waiting for one: others had it.
    pub waited_ns: u64,
}

/// What the living threads whose name begins so have spent; nothing where the system does not tell.
pub fn of_threads(name: &str) -> Spent {
    let mut sum = Spent::default();
    for thread in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let read = |file| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
        if read("comm").starts_with(name) {
            let accounts = read("schedstat");
            let mut numbers = accounts.split_whitespace().map(|word| word.parse::<u64>().unwrap_or(0));
            sum.cpu_ns += numbers.next().unwrap_or(0);
            sum.waited_ns += numbers.next().unwrap_or(0);
        }
    }
    sum
}

/// How many programs wanted a core in the last minute; nothing where the system does not tell.
pub fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}
