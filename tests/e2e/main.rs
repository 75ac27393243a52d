//! End-to-end tests: the two real programs against the simulator and against
//! a real authorization server, as a user would run them.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and unwrap says where"
)]

#[cfg(target_os = "linux")]
mod access;
#[cfg(target_os = "linux")]
mod activated;
#[cfg(target_os = "linux")]
mod bus;
#[cfg(target_os = "linux")]
mod clients;
mod clocks;
mod copies;
#[cfg(target_os = "linux")]
mod credentials;
mod curl;
#[cfg(target_os = "linux")]
mod desktop;
mod doctor;
mod exec;
#[cfg(target_os = "linux")]
mod fence;
mod forward;
mod hostile;
mod journey;
#[cfg(target_os = "linux")]
mod kept;
mod login;
mod logs;
#[cfg(unix)]
mod mappings;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(unix)]
mod memory_only;
mod network;
mod outages;
mod outputs;
mod profiles;
mod real_server;
mod refusals;
#[cfg(unix)]
mod reload;
mod renewal;
mod restart;
mod secrecy;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(unix)]
mod service;
#[cfg(unix)]
mod setup;
mod signed_in;
mod stampede;
mod token_file;
mod told;
#[cfg(unix)]
mod unlock;
mod warm;
#[cfg(unix)]
mod windows;
