//! What every end-to-end test needs: the two real programs, a home of their
//! own, and waiting that is never sleeping.

#[cfg(unix)]
mod caller;
#[cfg(unix)]
mod carrier;
mod cli;
mod daemon;
#[cfg(unix)]
mod descriptors;
mod home;
pub mod http;
#[cfg(target_os = "linux")]
mod manager;
#[cfg(target_os = "linux")]
mod notified;
#[cfg(target_os = "linux")]
mod other_user;
mod peer;
mod program;
mod runner;
#[cfg(unix)]
mod terminal;
pub mod tls;
#[cfg(target_os = "linux")]
mod unit;

#[cfg(unix)]
pub use caller::Caller;
pub use cli::{Outcome, Run};
pub use daemon::Daemon;
#[cfg(unix)]
pub use descriptors::allow_callers;
pub use home::Home;
#[cfg(target_os = "linux")]
pub use manager::Manager;
#[cfg(target_os = "linux")]
pub use notified::Notified;
#[cfg(target_os = "linux")]
pub use other_user::{OtherUser, set_mode};
pub use peer::RealServer;
pub use program::{binary, undescribed, workspace};
pub use runner::runner;
#[cfg(unix)]
pub use terminal::Terminal;
#[cfg(target_os = "linux")]
pub use unit::{load_credential, read_from};

use std::time::Duration;

/// How long a test waits for anything before it fails: far longer than
/// anything takes, so that only what never comes is missed.
pub const DEADLINE: Duration = Duration::from_secs(30);
