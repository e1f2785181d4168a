//! How many files this process may have open, and so how many connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is left for everything that is no visitor's connection.
const OTHERS: u64 = 256;

/// Raises the process's own limit as far as the machine lets it, and says how many connections that is; `None` where
/// there is no limit.
pub fn most_connections() -> Option<u64> {
    let own = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: own.maximum, maximum: own.maximum };
    let most = if setrlimit(Resource::Nofile, raised).is_ok() { own.maximum } else { own.current };
    most.map(|most| most.saturating_sub(OTHERS))
}

/// Why so many connections at once cannot be had, where they cannot.
pub fn refusal(connections: u64, most: Option<u64>) -> Option<String> {
    let most = most.filter(|most| connections > *most)?;
    Some(format!("{connections} connections at once are wanted, and this machine lets a process have {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_connections_as_the_machine_allows_are_not_refused_and_one_more_is() {
        assert!(most_connections().is_none_or(|most| most > 0));
        assert_eq!(refusal(744, Some(744)), None);
        assert!(refusal(745, Some(744)).is_some_and(|told| told.contains("745") && told.contains("744")));
        assert_eq!(refusal(u64::MAX, None), None);
    }
}
