//! The configuration that a package brings: good for nothing but to say so.

use super::{check, config, refusal};

const PACKAGED: &str = include_str!("../../../../packaging/etc/config.toml");

#[test]
fn the_profile_that_the_packaged_configuration_shows_is_a_good_one() {
    let (_, shown) = PACKAGED.split_once("looks like this:\n#\n").unwrap();
    let lines = shown.lines().map(|line| line.trim_start_matches("# "));
    // Whether there is such a user is the machine's to say.
    let lines = lines.filter(|line| !line.starts_with("allow"));
    assert_eq!(
        config(&Vec::from_iter(lines).join("\n")).profiles[0].name,
        "prod"
    );
}

#[test]
fn without_a_profile_there_is_nothing_to_do() {
    for nothing in ["", "[profile]\n", PACKAGED] {
        check(
            &refusal(nothing),
            " no profile\n\
             hint: 'oic-token setup' writes one into your own configuration, and with \
             '--config /etc/oic-tokend/config.toml' into this one; it is a table \
             [profile.NAME] with 'domain', 'client_id' and 'scopes'",
        );
    }
}
