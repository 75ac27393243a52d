//! Where this caller looks for the daemon.

use std::path::PathBuf;

/// The places to try, in order; the rules are `oic_proto`'s.
pub fn places(option: Option<PathBuf>) -> Vec<PathBuf> {
    oic_proto::place::of_caller(option, &|name| std::env::var_os(name), user_id())
}

#[cfg(unix)]
fn user_id() -> u32 {
    rustix::process::getuid().as_raw()
}

/// Windows has no such number, and no place that is named by one.
#[cfg(not(unix))]
fn user_id() -> u32 {
    0
}
