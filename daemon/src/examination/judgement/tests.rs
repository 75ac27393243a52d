use std::path::Path;

use oic_proto::message::{Keeping, LastError, RefreshTokenView};

use super::*;
use crate::config::Config;
use crate::oauth::OAuthError;

const SCOPE: &str =
    "https://0A.integration.us-ashburn-1.ocp.oraclecloud.com:443urn:opc:resource:consumer::all";

fn profile(scope: &str) -> ProfileConfig {
    let text = format!(
        "[profile.prod]\ndomain = \"https://idcs-1.identity.oraclecloud.com\"\n\
         client_id = \"c\"\nscopes = [\"{scope}\"]\n"
    );
    let mut config = Config::parse(&text, Path::new("config.toml")).unwrap();
    config.profiles.remove(0)
}

fn refused(error: &str, description: &str) -> EndpointError {
    EndpointError::Refused(OAuthError {
        error: error.to_owned(),
        description: Some(description.to_owned()),
        ecid: None,
    })
}

fn remedy(finding: &Finding) -> &str {
    finding.remedy.as_deref().unwrap_or_default()
}

#[test]
fn each_refusal_names_the_switch_that_mends_it() {
    for (error, description, outcome, switch) in [
        (
            "unauthorized_client",
            "The resource does not support offline access",
            Outcome::Bad,
            "'Allow token refresh'",
        ),
        (
            "unauthorized_client",
            "x",
            Outcome::Bad,
            "'Device code' and 'Refresh token'",
        ),
        ("unsupported_grant_type", "x", Outcome::Bad, "'Device code'"),
        ("invalid_client", "x", Outcome::Bad, "compare client_id"),
        ("invalid_scope", "x", Outcome::Bad, "copy the scope"),
        ("invalid_request", "x", Outcome::Bad, "'domain'"),
    ] {
        let found = device_authorization(&profile(SCOPE), &Err(refused(error, description)));
        assert_eq!(found.outcome, outcome, "{error}");
        assert!(remedy(&found).contains(switch), "{error}: {found:?}");
        assert!(
            found.message.contains(description),
            "the server's words are kept"
        );
    }
}

#[test]
fn a_domain_without_a_device_endpoint_is_no_domain() {
    let absent = EndpointError::Unavailable {
        status: 404,
        why: "a body of type text/html".to_owned(),
        retry_after: None,
    };
    let found = device_authorization(&profile(SCOPE), &Err(absent));
    assert_eq!(
        (found.check.as_str(), found.outcome),
        ("endpoint", Outcome::Bad)
    );
    assert!(remedy(&found).contains("identity domain's URL"));
}

#[test]
fn a_user_who_has_not_answered_is_what_a_good_client_hears_of() {
    for pending in ["authorization_pending", "slow_down"] {
        let found = poll(&profile(SCOPE), &Err(refused(pending, "x")));
        assert_eq!(found.outcome, Outcome::Good, "{pending}");
    }
    let found = poll(&profile(SCOPE), &Err(refused("invalid_client", "x")));
    assert_eq!(found.outcome, Outcome::Bad);
    assert!(remedy(&found).contains("client_secret_file"));
}

#[test]
fn a_way_that_leads_nowhere_is_told_by_its_cause() {
    for (why, advice) in [
        (
            "dns error: failed to lookup address information",
            "compare 'domain'",
        ),
        (
            "nobody whom this computer trusts vouches for its certificate",
            "'ca_file'",
        ),
        (
            "its certificate expired 3 days ago, by this computer's clock",
            "timedatectl",
        ),
        (
            "its certificate is for another host, a.example",
            "do not sign in",
        ),
        ("the answer is larger than 262144 bytes", "between"),
        ("the proxy cannot be reached", "HTTPS_PROXY and NO_PROXY"),
        ("what answers there speaks no TLS", "compare the port"),
        (
            "tcp connect error: Connection refused (os error 111)",
            "firewall",
        ),
    ] {
        let found = unreached(why, None);
        assert_eq!(found.outcome, Outcome::Bad);
        assert!(remedy(&found).contains(advice), "{why}: {found:?}");
    }
    let shown = ShownCertificate {
        subject: "CN=id.example.com".to_owned(),
        issuer: "CN=Proxy".to_owned(),
    };
    let found = unreached("its certificate vouches for itself", Some(&shown));
    assert!(
        found
            .message
            .ends_with("is of CN=id.example.com, issued by CN=Proxy")
    );
}

#[test]
fn a_clock_that_is_off_is_told_with_the_way_it_is_off() {
    let url = Url::parse("https://id.example.com/device").unwrap();
    let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
    let theirs = 784_111_777;
    for (wall, said) in [
        (theirs, "within 60 s"),
        (theirs + 60, "within 60 s"),
        (theirs + 61, "61 s ahead of"),
        (theirs - 600, "600 s behind"),
    ] {
        let found = reached(&url, date, UnixTime(wall));
        assert!(found[1].message.contains(said), "{found:?}");
    }
    assert_eq!(reached(&url, None, UnixTime(theirs)).len(), 1);
    assert_eq!(reached(&url, Some("yesterday"), UnixTime(theirs)).len(), 1);
}

#[test]
fn a_scope_without_its_audience_or_resource_is_doubted() {
    assert_eq!(scopes(&profile(SCOPE)), []);
    for scope in ["urn:opc:resource:consumer::all", "openid"] {
        let found = scopes(&profile(scope));
        assert_eq!(found[0].outcome, Outcome::Doubtful, "{scope}");
    }
}

fn view(state: SessionState) -> ProfileView {
    ProfileView {
        name: "prod".to_owned(),
        state,
        renewal: None,
        subject: Some("jane.doe@example.com".to_owned()),
        access_token: None,
        refresh_token: Some(RefreshTokenView {
            obtained_at: UnixTime(0),
            renew_by: None,
            login_needed_by: None,
        }),
        next_renewal_at: None,
        failures: 0,
        last_error: None,
        keeping: Keeping::Disk,
    }
}

#[test]
fn a_session_says_what_the_user_has_to_do() {
    assert_eq!(
        session(&view(SessionState::SignedIn))[0].outcome,
        Outcome::Good
    );
    let found = session(&view(SessionState::SignedOut));
    assert_eq!(remedy(&found[0]), "run 'oic-token login prod'");
    let ends = ProfileView {
        refresh_token: None,
        ..view(SessionState::SignedIn)
    };
    assert!(remedy(&session(&ends)[0]).contains("'Allow token refresh'"));
    let consumed = ProfileView {
        last_error: Some(LastError {
            code: "invalid_grant".to_owned(),
            message: "The token has already been consumed".to_owned(),
            at: UnixTime(0),
        }),
        ..view(SessionState::SignedOut)
    };
    let found = session(&consumed);
    assert_eq!(found[1].outcome, Outcome::Bad);
    assert!(remedy(&found[1]).contains("something else used this refresh token"));
}
