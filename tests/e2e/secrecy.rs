//! Secrets stay where they belong.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{
    CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, Endpoint, Fault, JANE, PUBLIC_CLIENT, Simulator,
};

use crate::signed_in::{SignedIn, quick_domain};

/// The configuration of a confidential client of this domain.
fn confidential(domain: &Simulator, home: &Home) -> String {
    let secret = home.path("client-secret");
    std::fs::write(&secret, CONFIDENTIAL_SECRET).unwrap();
    std::fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    let public = domain.config_toml();
    let named = public.replace(PUBLIC_CLIENT, CONFIDENTIAL_CLIENT);
    format!("{named}client_secret_file = \"{}\"\n", secret.display())
}

/// Everything is logged, the domain answers in several ways, and nothing that
/// it issued is in the log, nor the client's secret in any of its forms.
#[test]
fn a_trace_log_of_login_renewal_and_logout_holds_no_secret() {
    for (format, proof) in [("text", "TRACE"), ("json", "\"level\":\"trace\"")] {
        trace_holds_no_secret(format, proof);
    }
}

fn trace_holds_no_secret(format: &str, proof: &str) {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new("");
    home.configure(&confidential(&domain, &home));
    let environment = [
        ("OIC_TOKEND_LOG", "trace"),
        ("OIC_TOKEND_LOG_FORMAT", format),
    ];
    let daemon = Daemon::start_with(&home, &environment);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    for fault in [
        Fault::WrongContentType,
        Fault::TruncatedJson,
        Fault::NoExpiresIn,
    ] {
        domain.fault(fault, 1, Endpoint::Token);
        home.oic_token(&["get", "--force"]);
    }
    home.oic_token(&["logout"]);
    let log = daemon.log();
    assert!(log.contains(proof), "the log is a trace");
    let basic = STANDARD.encode(format!("{CONFIDENTIAL_CLIENT}:{CONFIDENTIAL_SECRET}"));
    let mut secrets = domain.secrets_issued();
    secrets.extend([basic, CONFIDENTIAL_SECRET.to_owned()]);
    assert!(secrets.len() > 5, "the domain issued some");
    for secret in secrets {
        assert!(!log.contains(&secret), "a secret is in the log");
    }
}

#[test]
fn the_state_is_readable_by_its_owner_alone() {
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
