//! How many descriptors the process may have.

/// Allows as many descriptors as the system lets us: each caller takes one,
/// and the usual soft limit of 1,024 would let a thousand silent callers keep
/// everybody else out. Where it cannot be raised, it stays. Returns how many
/// there are.
#[cfg(unix)]
pub fn raise_limit() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!("the limit of descriptors stays as it is: {error}");
    }
    let current = getrlimit(Resource::Nofile).current;
    current.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX))
}

/// There is no such limit.
#[cfg(not(unix))]
pub fn raise_limit() -> usize {
    usize::MAX
}
