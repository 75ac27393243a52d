//! What callers, users and the world see of a core, in words.

use std::time::Duration;

use oic_proto::message::{RenewalState, SessionState};

use super::super::super::{Action, Ask, Event, LoginProgress, Lookup, Notice};
use super::super::answers::seconds;
use super::Sim;

/// How long a caller waits, as `oic-token get` does unless told otherwise.
const PATIENCE: u64 = 30;

impl Sim {
    /// What a caller gets now that asks for a token with this many seconds
    /// left: the token, or why not.
    pub(in super::super) fn get(&mut self, min_validity: u64) -> String {
        self.get_within(min_validity, PATIENCE)
    }

    pub(in super::super) fn get_within(&mut self, min_validity: u64, patience: u64) -> String {
        let ask = Ask {
            min_validity: seconds(min_validity),
            newer_than: None,
            deadline: self.now.boot.after(seconds(patience)),
        };
        self.want(ask)
    }

    /// What a caller with `--force` gets now; returns the ask too, to look
    /// again with [`look_up`](Self::look_up).
    pub(in super::super) fn force(&mut self) -> (String, Ask) {
        let ask = Ask {
            min_validity: Duration::ZERO,
            newer_than: Some(self.now.boot),
            deadline: self.now.boot.after(seconds(PATIENCE)),
        };
        (self.want(ask), ask)
    }

    /// As the driver does it: tell the core, then look.
    pub(in super::super) fn want(&mut self, ask: Ask) -> String {
        self.handle(Event::TokenWanted(ask));
        self.look_up(&ask)
    }

    /// What a caller that waits already is told now.
    pub(in super::super) fn look_up(&self, ask: &Ask) -> String {
        match self.core.access_token(ask, self.now) {
            Lookup::Fresh(token) => token.access_token.expose().to_owned(),
            Lookup::Wait => "wait".to_owned(),
            Lookup::LoginRequired(why) => format!("login required: {why}"),
            Lookup::Unavailable { retry_at, .. } => match retry_at {
                Some(_) => "unavailable, will try again".to_owned(),
                None => "unavailable".to_owned(),
            },
            Lookup::Rejected(_) => "rejected".to_owned(),
            Lookup::TooShort {
                remaining,
                lifetime,
            } => format!("{} s left of {} s", remaining.as_secs(), lifetime.as_secs()),
        }
    }

    /// The token that any caller would be given now, without asking for one.
    pub(in super::super) fn served(&self) -> Option<String> {
        let ask = Ask {
            min_validity: Duration::ZERO,
            newer_than: None,
            deadline: self.now.boot,
        };
        match self.core.access_token(&ask, self.now) {
            Lookup::Fresh(token) => Some(token.access_token.expose().to_owned()),
            _ => None,
        }
    }

    /// The token that stands in the file for those who cannot ask.
    pub(in super::super) fn in_the_file(&self) -> Option<String> {
        let token = self.core.served(self.now)?;
        Some(token.access_token.expose().to_owned())
    }

    /// What `status` says, in words: "signed in, due".
    pub(in super::super) fn stands(&self) -> String {
        let view = self.core.view(self.now);
        let state = match view.state {
            SessionState::SignedOut => "signed out",
            SessionState::Authorizing => "authorizing",
            SessionState::AwaitingUser => "awaiting the user",
            SessionState::SignedIn => "signed in",
            SessionState::Locked => "locked",
        };
        let renewal = match view.renewal {
            None => "",
            Some(RenewalState::Due) => ", due",
            Some(RenewalState::InFlight) => ", in flight",
            Some(RenewalState::Backoff) => ", backoff",
            Some(RenewalState::InDoubt) => ", in doubt",
        };
        format!("{state}{renewal}")
    }

    /// The code of what `status` says went wrong last.
    pub(in super::super) fn error(&self) -> Option<String> {
        self.core.view(self.now).last_error.map(|error| error.code)
    }

    /// What a caller of `login` is told: "prompt QTZLMCBW", "signed in",
    /// "failed: access_denied".
    pub(in super::super) fn login_stands(&self) -> String {
        match self.core.login_progress(self.now) {
            LoginProgress::Preparing => "preparing".to_owned(),
            LoginProgress::Prompt(prompt) => format!("prompt {}", prompt.user_code),
            LoginProgress::Ended(Ok(_)) => "signed in".to_owned(),
            LoginProgress::Ended(Err(failed)) => format!("failed: {}", failed.reason),
        }
    }

    /// How many seconds from now the core wants to be woken.
    #[track_caller]
    pub(in super::super) fn wakes_in(&self) -> f64 {
        let deadline = self.core.poll_timeout().expect("the core waits for a time");
        deadline.since(self.now.boot).as_secs_f64()
    }

    /// Where the profile stands, and what the core wanted since the last look.
    #[track_caller]
    pub(in super::super) fn check(&mut self, stands: &str, wanted: &[&str]) {
        assert_eq!(std::mem::take(&mut self.wanted), wanted, "what is wanted");
        assert_eq!(self.stands(), stands, "where it stands");
    }

    /// What the core wanted since the last look.
    pub(in super::super) fn wanted(&mut self) -> Vec<String> {
        std::mem::take(&mut self.wanted)
    }

    /// What users have heard without asking since the last look, but for how
    /// the profile stands; see [`changes`](Self::changes).
    pub(in super::super) fn notices(&mut self) -> Vec<Notice> {
        let mut notices = std::mem::take(&mut self.notices);
        notices.retain(|it| !is_change(it));
        notices
    }

    /// Where the profile has come to stand since the last look, and `renewed`.
    pub(in super::super) fn changes(&mut self) -> String {
        let notices = std::mem::take(&mut self.notices);
        let words = notices
            .iter()
            .filter(|it| is_change(it))
            .map(|it| match it {
                Notice::Stands { now, .. } => format!("{now:?}"),
                _ => "renewed".to_owned(),
            });
        Vec::from_iter(words).join(" ")
    }

    /// How many refreshes are under way.
    pub(in super::super) fn refreshes(&self) -> usize {
        let refresh = |it: &&Action| matches!(it, Action::RefreshToken { .. });
        self.unanswered.iter().filter(refresh).count()
    }
}

fn is_change(notice: &Notice) -> bool {
    matches!(notice, Notice::Stands { .. } | Notice::Renewed)
}
