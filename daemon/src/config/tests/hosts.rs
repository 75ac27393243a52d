//! The hosts that access tokens are for.

use super::*;

#[test]
fn hosts_are_names_or_all_below_one() {
    let with = |line: &str| {
        config(&format!("{DOMAIN}{line}\n"))
            .profiles
            .remove(0)
            .hosts
    };
    assert_eq!(with(""), Vec::<String>::new());
    assert_eq!(
        with(r#"hosts = ["a.example.com", "*.example.org", "127.0.0.1"]"#),
        ["a.example.com", "*.example.org", "127.0.0.1"]
    );
}

#[test]
fn what_is_no_host_is_refused() {
    check(
        &refusal(&format!("{DOMAIN}hosts = []\n")),
        "6: profile.prod.hosts: expected an array of at least one host",
    );
    for wrong in [
        "*",
        "*.com",
        "https://a.example.com",
        "a.example.com:443",
        "",
    ] {
        check(
            &refusal(&format!("{DOMAIN}hosts = [\"a.b\", \"{wrong}\"]\n")),
            &format!(
                "6: profile.prod.hosts[1]: expected \"HOST\" or \"*.DOMAIN\" without scheme and \
                 port, found {wrong:?}"
            ),
        );
    }
}
