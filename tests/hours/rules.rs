//! What must hold, and what is known from outside of how things should stand.
//!
//! Nothing here looks into the driver: it is judged by what it sends, writes
//! and answers. `session` follows the session, `pace` says when requests may
//! and must be sent, `view` looks at `status` after every step, `callers` at
//! what callers are told.

mod callers;
mod pace;
mod polls;
mod session;
mod view;

use std::collections::BTreeSet;
use std::time::Duration;

use oic_proto::message::UnixTime;
use oic_tokend::lifecycle::BootTime;
use oic_tokend::oauth::EndpointError;

use crate::disk::Disk;
use crate::plan::Plan;
use pace::Pace;
use polls::Polls;
pub use view::Moment;

/// How long a token waits for the disk, and a refresh for its intent to be
/// written.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// What the driver should be doing, as far as can be told from outside.
pub struct Rules {
    /// The driver has read the disk and answers callers.
    pub restored: bool,
    /// Since when.
    restored_at: BootTime,
    /// A logout has been sent and may have been heard.
    pub logging_out: bool,
    /// The newest refresh token that the driver has; none: nobody is signed
    /// in.
    known: Option<String>,
    /// The access token that callers get.
    serving: Option<Held>,
    /// The one that replaces it as soon as its refresh token is on disk.
    pending: Option<Held>,
    /// What a login brought; the login may have been cancelled at that moment.
    offered: Option<Offered>,
    /// The one that was served before, and until when.
    previous: Option<(String, BootTime)>,
    /// Access tokens that a resource refused.
    refused: BTreeSet<String>,
    /// Access tokens of whose expiry nobody can be sure: the wall clock was
    /// set between writing them down and reading them back.
    doubtful: BTreeSet<String>,
    /// The server may have used up the refresh token.
    in_doubt: bool,
    /// Number of the last state that was written.
    generation: u64,
    /// The disk could not be read, and may hold a later state.
    counts_anew: bool,
    pace: Pace,
    pub polls: Polls,
}

/// An access token that the driver has.
#[derive(Clone, Debug)]
struct Held {
    access_token: String,
    expires: BootTime,
    /// When the driver got it.
    since: BootTime,
    /// A write of its refresh token has ended, well or badly.
    written: bool,
}

struct Offered {
    /// The access token, or why there is none that could be used.
    brought: Result<Held, EndpointError>,
    refresh_token: Option<String>,
    /// When it was asked for, and when it came.
    sent: UnixTime,
    at: BootTime,
}

impl Held {
    /// Whether it may be handed out.
    fn is_free(&self, now: BootTime) -> bool {
        self.written || self.since.after(STORE_PATIENCE) <= now
    }
}

impl Rules {
    pub fn new(plan: &Plan) -> Self {
        Self {
            restored: false,
            restored_at: BootTime(Duration::ZERO),
            logging_out: false,
            known: None,
            serving: None,
            pending: None,
            offered: None,
            previous: None,
            refused: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            in_doubt: false,
            generation: 0,
            counts_anew: false,
            pace: Pace::new(plan),
            polls: Polls::new(),
        }
    }

    pub fn is_signed_in(&self) -> bool {
        self.known.is_some()
    }

    /// Whether a daemon that started now would not have the newest refresh
    /// token.
    pub fn is_unsaved(&self, disk: &Disk) -> bool {
        let visible = disk.visible().session.as_ref();
        let refresh = visible.and_then(|it| it.refresh_token.as_ref());
        let saved = refresh.map(|it| it.refresh_token.0.expose());
        self.known.is_some() && self.offered.is_none() && saved != self.known.as_ref()
    }

    /// The driver hears of another configuration.
    pub fn reconfigured(&mut self, real: Duration, now: BootTime) {
        self.pace.reconfigured(real, now);
    }

    /// How many refreshes there were in the last hour.
    pub fn in_this_hour(&self) -> usize {
        self.pace.in_this_hour()
    }

    pub fn known(&self) -> Option<&String> {
        self.known.as_ref()
    }
}

/// A sentence, unless the condition holds.
macro_rules! hold {
    ($condition:expr, $($sentence:tt)+) => {
        if !$condition {
            return Err(format!($($sentence)+));
        }
    };
}
use hold;
