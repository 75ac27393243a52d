//! How many descriptors this process may have: thousands of callers in one
//! process take one each.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors of everything else in the process.
const OTHERS: u64 = 500;

/// Allows this process as many descriptors as the system lets it, and says
/// whether they are enough for `callers`.
pub fn allow_callers(callers: usize) -> bool {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let wanted = u64::try_from(callers)
        .unwrap_or(u64::MAX)
        .saturating_add(OTHERS);
    setrlimit(Resource::Nofile, limit).is_ok() && limit.maximum.is_none_or(|max| max >= wanted)
}
