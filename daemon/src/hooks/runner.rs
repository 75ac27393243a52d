//! The process that runs hooks, and the pipe to it.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use elsewhere as system;
#[cfg(unix)]
use unix as system;

pub use system::run;
pub(super) use system::{may_have_desktop, without_waiting};
