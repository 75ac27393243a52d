//! The core in simulated time: an hour takes a microsecond.
//!
//! [`sim`] holds the clock and plays the world, [`answers`] is what the world
//! may say; the other rooms say what users notice.

mod answers;
mod clocks;
mod closing;
mod copied;
mod crowd;
mod disk;
mod expiry;
mod half_answers;
mod login;
mod login_beside;
mod login_outcome;
mod logout;
mod lookup;
mod notice;
mod outages;
mod owner;
mod pace;
mod reconfigured;
mod rejected;
mod renewal;
mod restart;
mod session;
mod sim;
mod standing;
mod walk;
