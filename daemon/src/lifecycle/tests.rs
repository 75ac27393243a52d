//! The core in simulated time: an hour takes a microsecond.
//!
//! [`sim`] holds the clock and plays the world; the other rooms say what
//! users notice.

mod disk;
mod login;
mod logout;
mod lookup;
mod pace;
mod renewal;
mod restart;
mod session;
mod sim;
mod walk;
