//! Outages of the way to the domain: what users are told, and that the session
//! is there when the way is.

use oic_tests::harness::{Daemon, Home, Outcome, tls::Front};
use oic_tests::simulator::{JANE, PUBLIC_CLIENT, SCOPE, Simulator};

use crate::signed_in::quick_domain;

/// A name that no name server knows (RFC 6761 §6.4).
const HOST: &str = "id.example.invalid";

/// What a way out leads through: a proxy, and TLS in front of the domain.
struct Way {
    _front: Front,
    proxy: Front,
    /// PEM.
    certificate: String,
}

impl Way {
    fn to(domain: &Simulator) -> Self {
        let (front, certificate) = Front::tls_as(HOST, &domain.url());
        let proxy = Front::proxy(&format!("https://{}", front.address()));
        Self {
            _front: front,
            proxy,
            certificate,
        }
    }

    fn address(&self) -> String {
        format!("http://{}", self.proxy.address())
    }
}

/// A profile that reaches its endpoints at [`HOST`], which only a proxy knows.
fn config(home: &Home) -> String {
    format!(
        r#"
ca_file = "{}"

[profile.sim]
device_authorization_endpoint = "https://{HOST}/oauth2/v1/device"
token_endpoint = "https://{HOST}/oauth2/v1/token"
device_authorization_params = {{ response_type = "device_code" }}
client_id = "{PUBLIC_CLIENT}"
scopes = ["{SCOPE}"]
"#,
        home.path("ca.pem").display()
    )
}

/// What `get` says once the token of two seconds, which a restart brings back,
/// has been served to its end.
fn once_expired(home: &Home) -> Outcome {
    loop {
        let get = home.oic_token(&["get", "--min-valid", "0", "--timeout", "1"]);
        if get.code != 0 {
            return get;
        }
    }
}

#[test]
fn a_way_that_is_gone_is_named_and_the_session_is_there_when_it_is_back() {
    let domain = Simulator::start(
        quick_domain()
            .knob("auto_approve", JANE)
            .knob("access_token_lifetime", "2"),
    );
    let way = Way::to(&domain);
    let home = Home::new("");
    home.configure(&config(&home));
    std::fs::write(home.path("ca.pem"), &way.certificate).unwrap();
    let mut daemon = Daemon::start_with(&home, &[("HTTPS_PROXY", &way.address())]);
    home.oic_token(&["login", "--no-browser"]).succeeded();

    let strange = Way::to(&domain);
    let gone = Way::to(&domain).address();
    for (proxy, expected) in [
        (None, "id.example.invalid: dns error: "),
        (
            Some(gone),
            "id.example.invalid: the proxy cannot be reached: ",
        ),
        (
            Some(strange.address()),
            "id.example.invalid: its certificate was not signed by the authority that it names",
        ),
    ] {
        daemon.kill();
        let environment: Vec<_> = proxy.iter().map(|it| ("HTTPS_PROXY", &**it)).collect();
        daemon = Daemon::start_with(&home, &environment);
        daemon.wait_for_log(expected);
        let get = once_expired(&home);
        assert_eq!(get.code, 5, "{}", get.stderr);
        assert_eq!(get.stdout, "");
        let told = format!("the authorization server cannot be reached: {expected}");
        assert!(get.stderr.contains(&told), "{}", get.stderr);
        assert!(
            get.stderr.contains("hint: try again later"),
            "{}",
            get.stderr
        );
    }

    daemon.kill();
    let _daemon = Daemon::start_with(&home, &[("HTTPS_PROXY", &way.address())]);
    home.oic_token(&["get", "--min-valid", "0"]).succeeded();
}
