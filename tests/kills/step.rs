//! The steps of a renewal, found in its system calls.

use std::fmt;
use std::path::Path;

use crate::trace::Call;

/// The steps of a renewal in the only order they may come in: the order that a
/// power cut cannot harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The timer has fired.
    Timer,
    /// The intent to refresh is in a file beside the session.
    IntentWritten,
    /// That file would survive a power cut.
    IntentSynced,
    /// It is the session.
    IntentRenamed,
    /// And would be after a power cut.
    IntentFolderSynced,
    /// The domain is reached.
    Connected,
    /// All of the refresh request is sent.
    RequestSent,
    /// The answer is there.
    AnswerReceived,
    /// The new refresh token is in a file beside the session. From here on a
    /// killed daemon finds it.
    SessionWritten,
    /// That file would survive a power cut.
    SessionSynced,
    /// It is the session.
    SessionRenamed,
    /// And would be after a power cut.
    SessionFolderSynced,
    /// The new access token is handed out.
    Served,
    /// All is done.
    Afterwards,
}

/// When a step was made, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// When its last system call was entered.
    pub entered: u64,
    /// When that was left.
    pub left: u64,
}

/// How far a renewal came.
#[derive(Debug, Default)]
pub struct Progress {
    /// When each step was made, in the order of [`Step::ALL`].
    made: Vec<Span>,
    caller: Option<i64>,
    domain: Option<i64>,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 14] = [
        Self::Timer,
        Self::IntentWritten,
        Self::IntentSynced,
        Self::IntentRenamed,
        Self::IntentFolderSynced,
        Self::Connected,
        Self::RequestSent,
        Self::AnswerReceived,
        Self::SessionWritten,
        Self::SessionSynced,
        Self::SessionRenamed,
        Self::SessionFolderSynced,
        Self::Served,
        Self::Afterwards,
    ];
}

impl Progress {
    /// How far the renewal came whose system calls, of all threads, these are.
    /// `state` is the daemon's state folder.
    pub fn of(calls: &[Call], state: &Path) -> Self {
        let mut returned: Vec<_> = calls.iter().filter_map(|it| Some((it.left?, it))).collect();
        returned.sort_by_key(|(left, _)| *left);
        let mut progress = Self::default();
        for (left, call) in returned {
            progress.follow(call, left, state);
        }
        progress
    }

    /// The first step that was not made.
    pub fn under_way(&self) -> Step {
        Step::ALL[self.made.len()]
    }

    /// Whether this step was made.
    pub fn has(&self, step: Step) -> bool {
        self.span(step).is_some()
    }

    /// When this step was made, if it was.
    pub fn span(&self, step: Step) -> Option<Span> {
        self.made.get(step as usize).copied()
    }

    fn follow(&mut self, call: &Call, left: u64, state: &Path) {
        match call.name.as_str() {
            "accept4" => self.caller = call.result.filter(|it| *it >= 0).or(self.caller),
            "socket" if call.arguments.starts_with("AF_INET") => self.domain = call.result,
            _ => {}
        }
        let span = Span {
            entered: call.entered,
            left,
        };
        let step = self.under_way();
        if self.makes(call, step, state) {
            self.made.push(span);
        } else if step == Step::AnswerReceived && self.makes(call, Step::RequestSent, state) {
            // The last write of several counts.
            self.made[Step::RequestSent as usize] = span;
        }
    }

    /// Whether this call, which has returned, makes this step.
    fn makes(&self, call: &Call, step: Step, state: &Path) -> bool {
        let is = |names: &[&str]| names.contains(&call.name.as_str());
        let (done, moved) = (call.result == Some(0), call.result > Some(0));
        let beside = || state.join(".sim.session.new").display().to_string();
        let on_file = || call.arguments.contains(&format!("<{}>", beside()));
        let on_folder = || call.arguments.contains(&format!("<{}>", state.display()));
        match step {
            Step::Timer => moved && is(&["read"]) && call.arguments.contains("[timerfd]"),
            Step::IntentWritten | Step::SessionWritten => moved && is(&["write"]) && on_file(),
            Step::IntentSynced | Step::SessionSynced => done && is(&SYNCS) && on_file(),
            Step::IntentRenamed | Step::SessionRenamed => {
                done && is(&RENAMES) && call.arguments.contains(&beside())
            }
            Step::IntentFolderSynced | Step::SessionFolderSynced => {
                done && is(&SYNCS) && on_folder()
            }
            Step::Connected => {
                let no_error = is(&["getsockopt"]) && call.arguments.contains("SO_ERROR, [0]");
                done && on_socket(call, self.domain) && (is(&["connect"]) || no_error)
            }
            Step::RequestSent => moved && is(&SENDS) && on_socket(call, self.domain),
            Step::AnswerReceived => moved && is(&RECEIVES) && on_socket(call, self.domain),
            Step::Served => moved && is(&SENDS) && on_socket(call, self.caller),
            Step::Afterwards => false,
        }
    }
}

const SYNCS: [&str; 2] = ["fsync", "fdatasync"];
const RENAMES: [&str; 3] = ["rename", "renameat", "renameat2"];
const SENDS: [&str; 4] = ["write", "writev", "sendto", "sendmsg"];
const RECEIVES: [&str; 4] = ["read", "readv", "recvfrom", "recvmsg"];

/// Whether the call's first argument is this descriptor.
fn on_socket(call: &Call, descriptor: Option<i64>) -> bool {
    let first = call.arguments.split(['<', ',']).next();
    descriptor.is_some_and(|descriptor| first == Some(&descriptor.to_string()))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Timer => "timer",
            Self::IntentWritten => "intent written",
            Self::IntentSynced => "intent synced",
            Self::IntentRenamed => "intent renamed",
            Self::IntentFolderSynced => "intent folder synced",
            Self::Connected => "connect",
            Self::RequestSent => "request sent",
            Self::AnswerReceived => "answer received",
            Self::SessionWritten => "session written",
            Self::SessionSynced => "session synced",
            Self::SessionRenamed => "session renamed",
            Self::SessionFolderSynced => "session folder synced",
            Self::Served => "served",
            Self::Afterwards => "afterwards",
        })
    }
}
