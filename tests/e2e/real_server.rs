//! Against an authorization server that nobody here wrote: npm's
//! `oidc-provider`, which rotates refresh tokens and revokes the whole grant
//! when one is used twice. `tests/run` installs it, and
//! `tests/run --offline-peers` leaves this out. `cargo soak` is the long form.

use std::collections::BTreeSet;

use oic_tests::harness::{Daemon, Home, RealServer};

/// Lifetime of the access tokens, in seconds.
const LIFETIME: u32 = 5;

/// Renewals that the session has to survive.
const RENEWALS: usize = 8;

/// The daemon is killed after each so many renewals.
const KILLED_EVERY: usize = 2;

#[test]
fn a_session_survives_renewals_and_kills_and_no_grant_is_revoked() {
    let server = RealServer::start(LIFETIME).unwrap();
    let home = Home::new(&server.config());
    let mut daemon = Daemon::start(&home);
    server.sign_in(&home, || ());

    let mut obtained = 1;
    let mut kills = 0;
    let mut tokens = BTreeSet::new();
    while tokens.len() < RENEWALS {
        obtained += 1;
        daemon.wait_for_log_times("access token obtained", obtained);
        // The one before has less than this left, so this is a newer one; and
        // a token that is handed out is on disk: now a kill costs nothing.
        let get = home.oic_token(&["get", "--min-valid", "3"]);
        tokens.insert(get.succeeded());
        if tokens.len() / KILLED_EVERY > kills {
            kills += 1;
            daemon.kill();
            daemon = Daemon::start(&home);
            obtained = 0;
        }
    }
    assert!(server.refreshes() >= RENEWALS);
    home.oic_token(&["get", "--min-valid", "0"]).succeeded();
    assert_eq!(server.grants_revoked(), 0);

    home.oic_token(&["logout"]).succeeded();
    assert_eq!(home.oic_token(&["get"]).code, 3);
}
