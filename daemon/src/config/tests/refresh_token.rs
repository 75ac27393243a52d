use super::*;

fn life(text: &str) -> (Option<u64>, RefreshTokenExpiry) {
    let profile = config(text).profiles.remove(0);
    let lifetime = profile.refresh_token_lifetime.map(|it| it.as_secs());
    (lifetime, profile.refresh_token_expiry)
}

#[test]
fn refresh_tokens_of_a_domain_live_seven_days_from_their_last_use_unless_told() {
    let sliding = RefreshTokenExpiry::Sliding;
    assert_eq!(life(DOMAIN), (Some(604_800), sliding));
    for (line, lifetime) in [
        ("refresh_token_lifetime = 1", 1),
        ("refresh_token_lifetime = 86_400", 86_400),
        ("refresh_token_lifetime = 315360000", 315_360_000),
    ] {
        let text = format!("{DOMAIN}{line}\n");
        assert_eq!(life(&text), (Some(lifetime), sliding), "{line}");
    }
}

#[test]
fn of_any_other_server_it_is_not_known_how_long_they_live() {
    assert_eq!(life(ENDPOINTS), (None, RefreshTokenExpiry::Sliding));
    let text = format!("{ENDPOINTS}refresh_token_lifetime = 1800\n");
    assert_eq!(life(&text), (Some(1800), RefreshTokenExpiry::Sliding));
}

#[test]
fn a_lifetime_may_count_from_the_login() {
    for (line, expiry) in [
        (
            "refresh_token_expiry = \"sliding\"",
            RefreshTokenExpiry::Sliding,
        ),
        (
            "refresh_token_expiry = \"absolute\"",
            RefreshTokenExpiry::Absolute,
        ),
    ] {
        let text = format!("{DOMAIN}{line}\n");
        assert_eq!(life(&text), (Some(604_800), expiry));
    }
    // An answer may say how long.
    let text = format!("{ENDPOINTS}refresh_token_expiry = \"absolute\"\n");
    assert_eq!(life(&text), (None, RefreshTokenExpiry::Absolute));
}

#[test]
fn what_is_no_lifetime_is_refused_with_what_would_be_one() {
    let seconds = "expected a number of seconds from 1 to 315360000";
    for (value, expected) in [
        ("0", seconds),
        ("-604800", seconds),
        ("315360001", seconds),
        ("9223372036854775808", seconds),
        ("-9223372036854775809", seconds),
        ("\"7d\"", "expected an integer, found a string"),
        ("604800.0", "expected an integer, found a float"),
    ] {
        check(
            &refusal(&format!("{DOMAIN}refresh_token_lifetime = {value}\n")),
            &format!("6: profile.prod.refresh_token_lifetime: {expected}"),
        );
    }
}

#[test]
fn what_is_no_expiry_is_refused_with_both_that_are() {
    check(
        &refusal(&format!("{DOMAIN}refresh_token_expiry = \"rolling\"\n")),
        "6: profile.prod.refresh_token_expiry: expected \"sliding\" or \"absolute\", found \"rolling\"\n\
         hint: sliding: each renewal starts the lifetime anew; absolute: it counts from the login",
    );
    check(
        &refusal(&format!("{DOMAIN}refresh_token_expiry = true\n")),
        "6: profile.prod.refresh_token_expiry: expected a string, found a boolean",
    );
}
