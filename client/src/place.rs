//! Where this caller looks for the daemon; the rules are `oic_proto`'s.

use std::path::PathBuf;

use oic_proto::place;

/// The places to try, in order.
#[cfg(unix)]
pub fn places(option: Option<PathBuf>) -> Vec<PathBuf> {
    let uid = rustix::process::getuid().as_raw();
    place::of_caller(option, &|name| std::env::var_os(name), uid)
}

/// The pipe to try.
#[cfg(windows)]
pub fn places(option: Option<PathBuf>) -> Vec<PathBuf> {
    // Of a user without an identifier no pipe has the name.
    let sid = oic_proto::sid::of_user().map(|sid| sid.to_string());
    let sid = sid.unwrap_or_default();
    vec![place::of_pipe(option, &|name| std::env::var_os(name), sid)]
}
