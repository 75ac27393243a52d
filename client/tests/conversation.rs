//! The real `oic-token` against a daemon that plays any part.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and unwrap says where"
)]

#[path = "conversation/example.rs"]
mod example;
mod fake_daemon;
#[path = "conversation/helpers.rs"]
mod helpers;
#[path = "conversation/hostile.rs"]
mod hostile;
#[path = "conversation/install.rs"]
mod install;
#[path = "conversation/login.rs"]
mod login;
#[path = "conversation/programs.rs"]
mod programs;
#[path = "conversation/results.rs"]
mod results;
#[path = "conversation/start.rs"]
mod start;
#[path = "conversation/warnings.rs"]
mod warnings;
