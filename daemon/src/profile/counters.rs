//! What a profile has done since its task began. Plain numbers of the one task
//! that owns them: counting takes no lock, and no look at a clock of its own.

use std::time::Duration;

use oic_proto::message::{Handouts, ProfileMetrics, ProfileView};

use crate::lifecycle::{Action, Event, RequestId};

/// The waits that hand-outs are told apart by: a live token takes less than
/// the first few, a refresh the next, an outage the last.
const WAITS: [Duration; 10] = [
    Duration::from_micros(100),
    Duration::from_micros(250),
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(25),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_millis(2500),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// The classes of failures. A server may send any code, and each would be a
/// time series of its own for whoever collects them: others are `other`.
const FAILURES: [&str; 14] = [
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "server_error",
    "slow_down",
    "throttled",
    "unanswered",
    "unauthorized_client",
    "unreachable",
    "unsupported_grant_type",
    "unusable_answer",
];

const OTHER: &str = "other";

/// The numbers.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// The refresh that is under way.
    refresh: Option<RequestId>,
    renewals: u64,
    /// Of each of [`FAILURES`], and of all others.
    failures: [u64; FAILURES.len() + 1],
    /// Within each of [`WAITS`], and longer.
    handouts: [u64; WAITS.len() + 1],
    waited: Duration,
}

impl Counters {
    /// Something is about to be done.
    pub(super) fn begun(&mut self, action: &Action) {
        if let Action::RefreshToken { request, .. } = action {
            self.refresh = Some(*request);
        }
    }

    /// Something has happened.
    pub(super) fn happened(&mut self, event: &Event) {
        let Event::TokenAnswered { request, answer } = event else {
            return;
        };
        if self.refresh.take_if(|refresh| refresh == request).is_none() {
            return;
        }
        match answer {
            Ok(_) => self.renewals += 1,
            Err(error) => {
                let class = FAILURES.iter().position(|class| *class == error.code());
                self.failures[class.unwrap_or(FAILURES.len())] += 1;
            }
        }
    }

    /// A caller was handed an access token after this wait.
    pub(super) fn handed_out(&mut self, wait: Duration) {
        let place = WAITS.iter().position(|up_to| wait <= *up_to);
        self.handouts[place.unwrap_or(WAITS.len())] += 1;
        self.waited = self.waited.saturating_add(wait);
    }

    /// So many callers were handed one that lay ready.
    pub(super) fn handed_out_at_once(&mut self, times: u64) {
        self.handouts[0] += times;
    }

    /// All of them, beside how the profile stands.
    pub(super) fn metrics(&self, view: ProfileView) -> ProfileMetrics {
        let classes = FAILURES.iter().chain([&OTHER]).zip(self.failures);
        let happened = classes.filter(|(_, count)| *count > 0);
        let waits = WAITS.iter().copied().map(Some).chain([None]);
        let handouts = waits.zip(self.handouts);
        ProfileMetrics {
            view,
            renewals: self.renewals,
            renewal_failures: happened
                .map(|(class, count)| ((*class).to_owned(), count))
                .collect(),
            handouts: handouts
                .map(|(up_to, count)| Handouts { up_to, count })
                .collect(),
            waited: self.waited,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::RefreshToken;
    use crate::oauth::{EndpointError, OAuthError};
    use oic_proto::Secret;

    fn refused(error: &str) -> EndpointError {
        EndpointError::Refused(OAuthError {
            error: error.to_owned(),
            description: None,
            ecid: None,
        })
    }

    fn failed(counters: &mut Counters, asked: u64, answered: u64, error: &str) {
        counters.begun(&Action::RefreshToken {
            request: RequestId(asked),
            refresh_token: RefreshToken(Secret::new(String::new())),
        });
        counters.happened(&Event::TokenAnswered {
            request: RequestId(answered),
            answer: Err(refused(error)),
        });
    }

    #[test]
    fn failures_are_counted_by_class_and_unknown_ones_together() {
        let mut counters = Counters::default();
        failed(&mut counters, 1, 1, "invalid_client");
        failed(&mut counters, 2, 2, "made_up_by_a_server");
        failed(&mut counters, 3, 3, "and_another");
        // The poll of a login is no renewal.
        failed(&mut counters, 4, 5, "invalid_client");
        let classes = FAILURES.iter().zip(counters.failures);
        let classes = Vec::from_iter(classes.filter(|(_, count)| *count > 0));
        assert_eq!(classes, [(&"invalid_client", 1)]);
        assert_eq!(counters.failures[FAILURES.len()], 2);
    }

    #[test]
    fn a_wait_is_counted_in_the_first_place_that_it_fits() {
        let mut counters = Counters::default();
        for micros in [0, 100, 101, 30_000_000, 30_000_001] {
            counters.handed_out(Duration::from_micros(micros));
        }
        assert_eq!(counters.handouts[..3], [2, 1, 0]);
        assert_eq!(counters.handouts[WAITS.len() - 1..], [1, 1]);
        assert_eq!(counters.waited, Duration::from_micros(60_000_202));
    }
}
