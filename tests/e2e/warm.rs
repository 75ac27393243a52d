//! The refresh token's own life: kept going with nobody asking, and said in
//! time where it cannot be.

use serde_json::Value;

use crate::signed_in::{SignedIn, quick_domain};

impl SignedIn {
    /// What `status` says of the refresh token.
    fn refresh_token(&self) -> Value {
        let status = self.home.oic_token(&["status", "--json"]).succeeded();
        let status: Value = serde_json::from_str(&status).unwrap();
        status["profiles"][0]["refresh_token"].clone()
    }
}

#[test]
fn a_refresh_token_that_dies_of_disuse_is_kept_alive_with_nobody_asking() {
    let signed_in = SignedIn::with(quick_domain().knob("refresh_token_lifetime", "12"));
    let first = signed_in.refresh_token();
    assert!(first["renew_by"].is_string(), "{first}");
    assert_eq!(first["login_needed_by"], Value::Null);
    // Each after five seconds or a little more: the first refresh token would
    // have died by then, although its access token lives for an hour.
    signed_in.wait_for_refreshes(3);
    signed_in
        .home
        .oic_token(&["get", "--force", "--min-valid", "0"])
        .succeeded();
    assert!(!signed_in.daemon.log().contains("WARN"));
}

#[test]
fn an_end_that_no_renewal_moves_is_said_before_it_comes() {
    let options = quick_domain()
        .knob("refresh_token_lifetime", "14")
        .knob("refresh_token_expiry", "absolute")
        .knob("access_token_lifetime", "4");
    let signed_in = SignedIn::with(options);
    let end = signed_in.refresh_token()["login_needed_by"].clone();
    assert!(end.is_string(), "{end}");
    let status = signed_in.home.oic_token(&["status"]).succeeded();
    assert!(status.contains("  login needed by "), "{status}");
    signed_in.wait_for_refreshes(1);
    assert_eq!(signed_in.refresh_token()["login_needed_by"], end);

    let said = "a login is needed by ";
    let line = signed_in.daemon.wait_for_log(said);
    assert!(line.contains(end.as_str().unwrap()), "{line}");
    assert!(line.contains("WARN"), "{line}");
    signed_in.daemon.wait_for_log("Token is expired for client");
    assert_eq!(signed_in.daemon.log().matches(said).count(), 1);

    let get = signed_in.home.oic_token(&["get", "--force"]);
    assert_eq!(get.code, 3, "{}", get.stderr);
    assert!(get.stderr.contains("Token is expired"), "{}", get.stderr);
    signed_in
        .home
        .oic_token(&["login", "--no-browser"])
        .succeeded();
    let anew = signed_in.refresh_token()["login_needed_by"].clone();
    assert!(anew.as_str() > end.as_str(), "{anew} after {end}");
}
