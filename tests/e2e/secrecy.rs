//! Secrets stay where they belong.

use oic_tests::harness::Daemon;
use oic_tests::simulator::{Endpoint, Fault, JANE};

use crate::signed_in::{SignedIn, quick_domain};

/// Everything is logged, the domain answers in all its ways, and nothing that
/// it issued is in the log.
#[test]
fn a_trace_log_of_login_renewal_and_logout_holds_no_secret() {
    let mut signed_in = SignedIn::signed_out(quick_domain().knob("auto_approve", JANE));
    signed_in.daemon.kill();
    signed_in.daemon = Daemon::start_with(&signed_in.home, &[("OIC_TOKEND_LOG", "trace")]);
    signed_in
        .home
        .oic_token(&["login", "--no-browser"])
        .succeeded();
    for fault in [
        Fault::WrongContentType,
        Fault::TruncatedJson,
        Fault::NoExpiresIn,
    ] {
        signed_in.domain.fault(fault, 1, Endpoint::Token);
        signed_in.home.oic_token(&["get", "--force"]);
    }
    signed_in.home.oic_token(&["logout"]);
    let log = signed_in.daemon.log();
    assert!(log.contains("TRACE"), "the log is a trace");
    for secret in signed_in.domain.secrets_issued() {
        assert!(!log.contains(&secret), "a secret is in the log");
    }
}

#[test]
fn the_state_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let signed_in = SignedIn::with_lifetime(3600);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&signed_in.home.state()), 0o700);
    for entry in std::fs::read_dir(signed_in.home.state()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(mode(&signed_in.home.socket()), 0o600);
    assert_eq!(mode(signed_in.home.socket().parent().unwrap()), 0o700);
}

/// What a process listing shows while a program runs under `exec` and `curl`.
#[test]
fn no_argument_list_holds_a_token() {
    let signed_in = SignedIn::with_lifetime(3600);
    let token = signed_in.get();
    let script = "tr '\\0' ' ' < /proc/$PPID/cmdline; tr '\\0' ' ' < /proc/self/cmdline; \
                  test -s \"$BEARER_TOKEN_FILE\"";
    let seen = signed_in
        .home
        .oic_token(&["exec", "--", "sh", "-c", script])
        .succeeded();
    assert!(seen.contains("exec"), "{seen}");
    assert!(!seen.contains(&token));
}
