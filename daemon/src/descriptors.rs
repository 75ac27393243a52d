//! How many descriptors the process may have.

/// Allows as many descriptors as the system lets us: each caller takes one,
/// and the usual soft limit of 1,024 would let a thousand silent callers keep
/// everybody else out. Where it cannot be raised, it stays.
pub fn raise_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::debug!("the limit of descriptors stays as it is: {error}");
        }
    }
}
