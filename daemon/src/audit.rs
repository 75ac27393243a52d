//! Who was given which access token, and who was not, and why: one line of the
//! log for each, at the target `oic_tokend::audit`. No line holds a token.
//!
//! Lines are written by a thread of their own, up to `LATER` after the
//! answer: no caller waits for the log. The same caller's hand-outs of the same
//! token within that time are one line that says how many they were. Where the
//! log leaves these lines out, nothing is collected.

mod pending;

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::Refusal;
use oic_proto::secret::AccessToken;
use tracing::{Level, enabled, info, warn};

use crate::access::Door;
use crate::peer::Peer;
use crate::units::Unit;
use crate::{config, digest, oauth};
pub use pending::Noted;
use pending::{Pending, Seen};

/// By what the lines are found, and left out, in the log.
pub(crate) const TARGET: &str = "oic_tokend::audit";

/// How long lines are collected: twice a second the log is written to at the
/// most, whatever callers do.
const LATER: Duration = Duration::from_millis(500);

/// Digits of the hash that names a token: enough to tell them apart, and not to
/// guess one by.
const NAME_LEN: usize = 16;

/// What stands in the place of a profile's name.
const NO_NAME: &str = "?";

/// What is to be written down.
#[derive(Debug, Default)]
pub struct Audit {
    pending: Mutex<Pending>,
    /// For the names of tokens: secret, so that nobody can make two alike.
    hasher: RandomState,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Line {
    /// Whether it was at the door for callers from elsewhere.
    forwarded: bool,
    /// [`NO_NAME`] where what was asked for is none.
    profile: String,
    uid: u32,
    pid: Option<u32>,
    /// Whom systemd asked for.
    unit: Option<Unit>,
    outcome: Outcome,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Outcome {
    /// A token, by its name.
    Granted(String),
    /// Why not.
    Refused(&'static str),
}

impl Audit {
    /// `peer` asked for a token of `profile`, which need not exist, and is about
    /// to hear `response`: once it has, its program may be gone.
    pub fn note(self: &Arc<Self>, door: Door, peer: &Peer, profile: &str, response: &Response) {
        if !is_wanted() {
            return;
        }
        if let Some(outcome) = self.outcome(profile, response) {
            self.add(Line::of(door, peer, profile, outcome));
        }
    }

    fn outcome(&self, profile: &str, response: &Response) -> Option<Outcome> {
        match response {
            Response::Token(view) => Some(Outcome::Granted(self.name(profile, &view.access_token))),
            Response::Refused(refusal) => Some(Outcome::Refused(word(refusal))),
            // No answer to such a request.
            _ => None,
        }
    }

    /// Likewise for `unit`; there is no response where nothing says whose token
    /// it gets.
    pub fn note_unit(
        self: &Arc<Self>,
        unit: &Unit,
        peer: &Peer,
        profile: &str,
        response: Option<&Response>,
    ) {
        let outcome = match response {
            _ if !is_wanted() => return,
            Some(response) => self.outcome(profile, response),
            None => Some(Outcome::Refused("not_mapped")),
        };
        let line = |outcome| Line {
            unit: Some(unit.clone()),
            ..Line::of(Door::Units, peer, profile, outcome)
        };
        if let Some(outcome) = outcome {
            self.add(line(outcome));
        }
    }

    /// `peer` was hung up on before it had asked. All processes of a user that
    /// nobody wants here are one line.
    pub fn note_turned_away(self: &Arc<Self>, door: Door, peer: &Peer, why: &'static str) {
        if !is_wanted() {
            return;
        }
        self.add(Line {
            pid: None,
            ..Line::of(door, peer, NO_NAME, Outcome::Refused(why))
        });
    }

    /// `peer` is about to get the token of `profile` that is called `token`.
    /// Returns where that is noted, for when it gets the same again; `None`
    /// where nothing is, which takes as little time.
    pub fn note_granted(
        self: &Arc<Self>,
        door: Door,
        peer: &Peer,
        profile: &str,
        token: &str,
    ) -> Option<Noted> {
        let outcome = Outcome::Granted(token.to_owned());
        is_wanted().then(|| self.add(Line::of(door, peer, profile, outcome)))?
    }

    /// The same once more. Whether it could be noted there: else a line of its
    /// own has to be.
    pub fn note_again(&self, noted: Noted) -> bool {
        self.pending().add_again(noted)
    }

    fn add(self: &Arc<Self>, line: Line) -> Option<Noted> {
        let mut pending = self.pending();
        let noted = pending.add(line);
        if pending.begin_collecting() {
            tokio::spawn(Arc::clone(self).write_later());
        }
        noted
    }

    async fn write_later(self: Arc<Self>) {
        tokio::time::sleep(LATER).await;
        // Whoever reads the log may take its time. A panic there is the log's.
        let _ = tokio::task::spawn_blocking(move || self.write()).await;
    }

    /// Writes down what there is, now.
    pub fn write(&self) {
        let mut pending = self.pending();
        let (lines, left_out) = pending.take();
        drop(pending);
        for (line, seen) in lines {
            line.write(&seen);
        }
        if left_out > 0 {
            warn!(target: TARGET, times = left_out, "not written down one by one");
        }
    }

    /// What the token is called in the log. It is worked out once a token: that
    /// takes as long as a caller is served.
    fn name(&self, profile: &str, token: &AccessToken) -> String {
        let mark = self.hasher.hash_one(token.expose());
        if let Some(name) = self.pending().name(profile, mark) {
            return name;
        }
        let name = name(token);
        self.pending().set_name(profile, mark, &name);
        name
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        // Nothing that is done under it leaves half a change behind.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the log takes these lines.
fn is_wanted() -> bool {
    enabled!(target: TARGET, Level::INFO)
}

/// What is no name of a profile is not repeated: it may be of any length, and
/// hold what looks like other fields.
fn shown(profile: &str) -> String {
    match config::is_name(profile) {
        true => profile.to_owned(),
        false => NO_NAME.to_owned(),
    }
}

/// What an access token is called in the log: the hash of its `jti` (RFC 7519 §4.1.7), by which the authorization server
/// knows it too; of the token itself, where it has none.
pub fn name(token: &AccessToken) -> String {
    let mut name = match oauth::token_id(token) {
        Some(id) => digest::sha256(&[id.as_bytes()]),
        None => digest::sha256(&[token.expose().as_bytes()]),
    };
    name.truncate(NAME_LEN);
    name
}

impl Line {
    fn of(door: Door, peer: &Peer, profile: &str, outcome: Outcome) -> Self {
        Self {
            forwarded: door == Door::Forward,
            profile: shown(profile),
            uid: peer.uid,
            pid: peer.pid,
            unit: None,
            outcome,
        }
    }

    fn write(&self, seen: &Seen) {
        let Self {
            profile, uid, pid, ..
        } = self;
        let (program, times) = (seen.program.as_deref(), seen.times);
        let forwarded = self.forwarded.then_some(true);
        let unit = self.unit.as_ref().map(|it| it.name.as_str());
        let credential = self.unit.as_ref().map(|it| it.credential.as_str());
        match &self.outcome {
            Outcome::Granted(token) => info!(
                target: TARGET,
                profile, uid, pid, program, token, times, forwarded, unit, credential, "granted"
            ),
            Outcome::Refused(why) => info!(
                target: TARGET,
                profile, uid, pid, program, why, times, forwarded, unit, credential, "refused"
            ),
        }
    }
}

/// What a refusal is called in the log.
fn word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownProfile { .. } => "unknown_profile",
        Refusal::NoDefaultProfile { .. } => "no_default_profile",
        Refusal::LoginRequired { .. } => "login_required",
        Refusal::TryLater { .. } => "try_later",
        Refusal::Rejected { .. } => "rejected",
        Refusal::NotForgotten { .. } => "not_forgotten",
        Refusal::ValidityUnavailable { .. } => "validity_unavailable",
        Refusal::NotAllowed => "not_allowed",
        Refusal::Busy => "busy",
        Refusal::NotUnderstood => "not_understood",
        Refusal::ShuttingDown => "shutting_down",
        Refusal::Locked => "locked",
        Refusal::WrongPassphrase { .. } => "wrong_passphrase",
        Refusal::TooSoon { .. } => "too_soon",
        Refusal::NotUnlocked { .. } => "not_unlocked",
        Refusal::NotMapped { .. } => "not_mapped",
    }
}

#[cfg(test)]
mod tests {
    use super::pending::LINES_MAX;
    use super::*;

    fn line(profile: &str, pid: u32, token: &str) -> Line {
        Line {
            forwarded: false,
            profile: profile.to_owned(),
            uid: 1000,
            pid: Some(pid),
            unit: None,
            outcome: Outcome::Granted(token.to_owned()),
        }
    }

    fn taken(pending: &mut Pending) -> Vec<(String, Option<u32>, u64)> {
        let (lines, _) = pending.take();
        let lines = lines.into_iter();
        Vec::from_iter(lines.map(|(line, seen)| (line.profile, line.pid, seen.times)))
    }

    #[test]
    fn what_is_the_same_is_one_line_and_the_others_keep_their_order() {
        let mut pending = Pending::default();
        for (profile, pid) in [("b", 2), ("a", 1), ("b", 2), ("b", 3), ("b", 2)] {
            pending.add(line(profile, pid, "name"));
        }
        pending.add(line("a", 1, "next"));
        let expected = [("b", 2, 3), ("a", 1, 1), ("b", 3, 1), ("a", 1, 1)];
        let expected = expected.map(|(profile, pid, times)| (profile.to_owned(), Some(pid), times));
        assert_eq!(taken(&mut pending), expected);
        assert_eq!(taken(&mut pending), []);
    }

    #[test]
    fn more_lines_than_can_be_written_are_counted() {
        let mut pending = Pending::default();
        for number in 0..LINES_MAX as u32 + 3 {
            pending.add(line("a", u32::MAX - number, "name"));
        }
        pending.add(line("a", u32::MAX, "name"));
        let (lines, left_out) = pending.take();
        assert_eq!((lines.len(), left_out), (LINES_MAX, 3));
        assert_eq!(lines[0].1.times, 2, "one that has its line is not left out");
    }

    #[test]
    fn the_same_again_is_counted_on_its_line_until_that_is_written() {
        let mut pending = Pending::default();
        pending.add(line("b", 2, "name"));
        let noted = pending.add(line("a", 1, "name")).unwrap();
        assert!(pending.add_again(noted) && pending.add_again(noted));
        let expected = [("b", 2, 1), ("a", 1, 3)];
        let expected = expected.map(|(profile, pid, times)| (profile.to_owned(), Some(pid), times));
        assert_eq!(taken(&mut pending), expected);
        pending.add(line("c", 3, "name"));
        pending.add(line("d", 4, "name"));
        assert!(!pending.add_again(noted), "that line was another");
    }

    #[test]
    fn a_token_is_called_by_the_hash_of_its_id() {
        // {"jti":"f9d1"}, and no jti.
        let jwt = |payload: &str| AccessToken::new(format!("e30.{payload}.c2ln"));
        let with_id = jwt("eyJqdGkiOiJmOWQxIn0");
        assert_eq!(name(&with_id), digest::sha256(&[b"f9d1"])[..NAME_LEN]);
        for without in [jwt("e30"), AccessToken::new("opaque".to_owned())] {
            let of_all = digest::sha256(&[without.expose().as_bytes()]);
            assert_eq!(name(&without), of_all[..NAME_LEN]);
        }
    }

    #[test]
    fn what_is_no_profiles_name_is_not_repeated() {
        assert_eq!(shown("prod"), "prod");
        assert_eq!(shown(""), "?");
        assert_eq!(shown("a uid=0\n"), "?");
        assert_eq!(shown(&"a".repeat(65)), "?");
    }

    #[test]
    fn the_name_of_a_new_token_is_a_new_one() {
        let audit = Audit::default();
        let token = |text: &str| AccessToken::new(text.to_owned());
        let first = audit.name("prod", &token("one"));
        assert_eq!(audit.name("prod", &token("one")), first);
        assert_eq!(audit.name("prod", &token("two")), name(&token("two")));
        assert_ne!(audit.name("prod", &token("two")), first);
    }
}
