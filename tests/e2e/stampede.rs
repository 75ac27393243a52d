//! A crowd that wants the same token: one request, whatever its size.

use std::collections::BTreeSet;
use std::time::Duration;

use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE, allow_callers};
use oic_tests::simulator::{Endpoint, Fault};

use crate::signed_in::SignedIn;

/// How many callers wait at once.
const CALLERS: usize = 10_000;

/// How long the token lived that has expired.
const EXPIRED_LIFETIME: Duration = Duration::from_secs(2);

fn get(patience: Duration) -> Request {
    Request::GetToken {
        profile: None,
        min_validity: Duration::ZERO,
        patience,
        force: false,
    }
}

/// Each is a connection of its own that waits for its answer while the domain
/// takes its time.
#[test]
fn ten_thousand_callers_of_an_expired_token_cause_one_request() {
    if !allow_callers(CALLERS) {
        eprintln!("left out: the hard limit of descriptors (ulimit -Hn) is below {CALLERS}");
        return;
    }
    let signed_in = SignedIn::with_lifetime(EXPIRED_LIFETIME.as_secs() as u32);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    // Renewals are three seconds apart at least, so that by now the token has
    // expired.
    signed_in.wait_for_held_request();
    signed_in
        .domain
        .set_knob("access_token_lifetime", "3600")
        .unwrap();
    let before = signed_in.refresh_count();
    let socket = signed_in.home.socket();
    let mut callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let mut caller = Caller::connect(&socket, DEADLINE).unwrap();
            caller.ask(&get(DEADLINE)).unwrap();
            caller
        })
        .collect();
    // Whoever asks behind them all is answered behind them all.
    signed_in.home.oic_token(&["status"]).succeeded();
    signed_in.domain.release();
    let tokens: BTreeSet<_> = callers
        .iter_mut()
        .map(|caller| match caller.answer().unwrap() {
            Response::Token(view) => {
                assert!(view.expires_in > EXPIRED_LIFETIME, "it is the new token");
                view.access_token.expose().to_owned()
            }
            other => panic!("a caller got {other:?}"),
        })
        .collect();
    assert_eq!(tokens.len(), 1, "each caller has the same token");
    assert_eq!(signed_in.refresh_count(), before, "one request, no more");
    signed_in.get();
}
