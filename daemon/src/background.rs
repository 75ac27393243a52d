//! A daemon that nobody sees, which writes down what it has to say. What a
//! scheduled task starts on Windows has a window, and no log.

#[cfg(not(windows))]
mod elsewhere;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
pub use elsewhere::enter;
#[cfg(windows)]
pub use windows::enter;
