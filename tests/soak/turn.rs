//! What is to happen before and after each rotation.

use std::fmt;
use std::time::Duration;

use crate::dice::Dice;

/// Longest time into a rest at which the daemon is killed: by then the next
/// renewal is near.
const IDLE_MAX: Duration = Duration::from_millis(2500);

/// Longest time into its start at which the daemon is killed: a little more
/// than it takes to serve.
const STARTING_MAX: Duration = Duration::from_millis(60);

/// One rotation and what goes with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Turn {
    /// What happens first.
    pub troubles: Vec<Trouble>,
    /// How the daemon fares while it is granted its tokens.
    pub grant: Grant,
}

/// Something that keeps the daemon from its tokens for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A connection fails.
    Cut(Cut),
    /// The daemon is killed.
    Kill(Kill),
}

/// How a connection fails before the server can know of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nobody listens.
    Refused,
    /// Reset as soon as it stands.
    AtOnce,
    /// Reset when the first part of the request has been read.
    HalfRead,
    /// Reset when the whole request has been read.
    Read,
    /// The same, but closed in an orderly way.
    Closed,
    /// Reset when the first half of the request has reached the server.
    HalfPassedOn,
}

/// When the daemon is killed; never while a request of it is at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// Nothing is due; this long after the last thing happened.
    Idle(Duration),
    /// This long after its process was started.
    Starting(Duration),
    /// The intent to refresh has just got its name.
    IntentStored,
    /// Its connection stands, and nobody has read from it.
    Connected,
    /// Its request is at the gate.
    Held,
    /// It has found its connection cut, and pauses.
    Pausing,
}

/// How the daemon fares while it is granted its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Nothing special.
    Undisturbed,
    /// Killed when the new session has just got its name.
    KilledOnceStored,
    /// Told to end (SIGTERM) while it waits for the answer, which it gets.
    Terminated,
}

impl Cut {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Refused,
        Self::AtOnce,
        Self::HalfRead,
        Self::Read,
        Self::Closed,
        Self::HalfPassedOn,
    ];
}

impl Turn {
    /// The next turn that these dice give.
    pub fn throw(dice: &mut Dice) -> Self {
        let mut troubles = Vec::new();
        // Rarely more than two: each cut doubles the daemon's pause.
        while troubles.len() < 3 && dice.happens(50) {
            troubles.push(if dice.happens(50) {
                Trouble::Cut(dice.one_of(&Cut::ALL))
            } else {
                Trouble::Kill(kill(dice, troubles.is_empty()))
            });
        }
        let grant = match dice.happens(35) {
            false => Grant::Undisturbed,
            true if dice.happens(70) => Grant::KilledOnceStored,
            true => Grant::Terminated,
        };
        Self { troubles, grant }
    }
}

/// A moment to kill. Only as the `first` trouble, nothing but the intent is
/// written next.
fn kill(dice: &mut Dice, first: bool) -> Kill {
    let moments = [
        Kill::Idle(dice.moment(IDLE_MAX)),
        Kill::Starting(dice.moment(STARTING_MAX)),
        Kill::Connected,
        Kill::Held,
        Kill::Pausing,
        if first {
            Kill::IntentStored
        } else {
            Kill::Held
        },
    ];
    dice.one_of(&moments)
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refused => "refused",
            Self::AtOnce => "reset as soon as it stood",
            Self::HalfRead => "reset within the request",
            Self::Read => "reset after the request",
            Self::Closed => "closed after the request",
            Self::HalfPassedOn => "reset half way to the server",
        })
    }
}
