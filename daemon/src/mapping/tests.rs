use super::*;

fn mapping(pattern: &str, realm: Option<&str>) -> Mapping {
    Mapping {
        pattern: Pattern::parse(pattern).unwrap(),
        realm: realm.map(str::to_owned),
        profile: pattern.to_owned(),
        username: "oauth2".to_owned(),
    }
}

fn covers(pattern: &str, url: &str) -> bool {
    find(&[mapping(pattern, None)], url, &[]).is_some()
}

/// A pattern, what it covers, and what it does not.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const COVERED: [Row; 10] = [
    (
        "https://git.example.com",
        &[
            "https://git.example.com",
            "https://git.example.com/",
            "https://git.example.com:443/a/b?c=d",
            "https://GIT.example.com/a",
            "https://jane:pw@git.example.com/a",
            "git.example.com",
            "git.example.com:443/a",
        ],
        &[
            "http://git.example.com",
            "https://git.example.com:8443",
            "https://git.example.com.evil.com",
            "https://evilgit.example.com",
            "https://example.com",
            "https://git.example.com@evil.com/",
            "git.example.com:80",
            "ssh://git.example.com",
        ],
    ),
    (
        "https://git.example.com:8443",
        &["https://git.example.com:8443/a", "git.example.com:8443"],
        &["https://git.example.com/a", "git.example.com"],
    ),
    (
        "https://git.example.com/team",
        &[
            "https://git.example.com/team",
            "https://git.example.com/team/",
            "https://git.example.com/team/a.git/info/refs",
        ],
        &[
            "https://git.example.com",
            "https://git.example.com/",
            "https://git.example.com/teams",
            "https://git.example.com/Team/a",
            "https://git.example.com/team/../other",
            "https://git.example.com/team/%2e%2e/other",
            "https://git.example.com/team/..%2Fother",
            "https://git.example.com/team/..%5cother",
        ],
    ),
    (
        "https://git.example.com/team/*",
        &[
            "https://git.example.com/team/a",
            "https://git.example.com/team/a/b",
        ],
        &[
            "https://git.example.com/team",
            "https://git.example.com/other/a",
        ],
    ),
    (
        "https://git.example.com/*/public",
        &["https://git.example.com/a/public/b"],
        &[
            "https://git.example.com/a/b/public",
            "https://git.example.com/public",
        ],
    ),
    (
        "https://*.example.com",
        &["https://a.example.com/x", "b-c.example.com"],
        &[
            "https://example.com",
            "https://a.b.example.com",
            "https://a.example.org",
        ],
    ),
    (
        "https://a*b*c.example.com",
        &[
            "https://abc.example.com",
            "https://a1b2c.example.com",
            "https://abcbc.example.com",
        ],
        &["https://ab.example.com", "https://acb.example.com"],
    ),
    (
        "http://127.0.0.1:5000",
        &["http://127.0.0.1:5000/v2", "127.0.0.1:5000"],
        &["https://127.0.0.1:5000", "http://localhost:5000"],
    ),
    (
        "http://localhost",
        &["http://localhost/a", "localhost", "localhost:80"],
        &["localhost:8080"],
    ),
    (
        "https://[::1]:8443/a",
        &["https://[::1]:8443/a/b"],
        &["https://[::2]:8443/a"],
    ),
];

#[test]
fn a_pattern_covers_its_host_and_port_and_everything_below_its_path() {
    for (pattern, covered, others) in COVERED {
        for url in covered {
            assert!(covers(pattern, url), "{pattern} {url}");
        }
        for url in others {
            assert!(!covers(pattern, url), "{pattern} {url}");
        }
    }
}

#[test]
fn what_programs_read_in_different_ways_is_covered_by_nothing() {
    for url in [
        "",
        "https://",
        "https://git.example.com\\@evil.com/",
        "https://git.example.com\t.evil.com",
        "https://git.example.com\n",
        " https://git.example.com",
        "https://git\u{3002}example.com",
        "https:git.example.com:x",
        "file:///etc/passwd",
        "data://,x",
    ] {
        assert!(!covers("https://git.example.com", url), "{url:?}");
    }
}

#[test]
fn the_longest_pattern_wins() {
    let patterns = [
        "https://*.example.com",
        "https://git.example.com",
        "https://g*t.example.com/team",
        "https://git.example.com/team",
        "https://git.example.com/team/*",
        "https://git.example.com/team/secret",
    ];
    let mappings = Vec::from_iter(patterns.map(|it| mapping(it, None)));
    for (url, winner) in [
        ("https://hub.example.com/team/secret", 0),
        ("https://git.example.com/other", 1),
        ("https://got.example.com/team/a", 2),
        ("https://git.example.com/team", 3),
        ("https://git.example.com/team/a", 4),
        ("https://git.example.com/team/secret/a", 5),
    ] {
        let found = find(&mappings, url, &[]).unwrap();
        assert_eq!(found.profile, patterns[winner], "{url}");
    }
}

#[test]
fn a_challenge_chooses_among_the_entries_that_cover_the_url_and_no_others() {
    let mut mappings = vec![
        mapping("https://git.example.com", None),
        mapping("https://git.example.com", Some("staff")),
        mapping("https://git.example.com/team", None),
        mapping("https://hub.example.com", Some("staff")),
    ];
    for (number, mapping) in mappings.iter_mut().enumerate() {
        mapping.profile = number.to_string();
    }
    let found = |url: &str, realms: &[&str]| {
        let realms = Vec::from_iter(realms.iter().map(|&it| it.to_owned()));
        find(&mappings, url, &realms).map(|it| it.profile.as_str())
    };
    assert_eq!(found("https://git.example.com", &[]), Some("0"));
    assert_eq!(found("https://git.example.com", &["guest"]), Some("0"));
    let both = &["guest", "staff"];
    assert_eq!(found("https://git.example.com", both), Some("1"));
    assert_eq!(found("https://git.example.com/team", &["staff"]), Some("2"));
    assert_eq!(found("https://hub.example.com", &["staff"]), Some("3"));
    assert_eq!(found("https://hub.example.com", &[]), None);
    assert_eq!(found("https://evil.com", &["staff"]), None);
}

#[test]
fn a_pattern_that_would_send_tokens_astray_is_refused() {
    let last_labels = "expected a host whose last 2 labels have no '*'";
    let over_http = "expected https: over plain http, which is for loopback addresses alone, \
                     anybody on the way could read the token";
    for (pattern, problem) in [
        (
            "git.example.com",
            "expected a URL: relative URL without a base",
        ),
        ("https://", "expected a URL: empty host"),
        ("https://*", last_labels),
        ("https://*.com", last_labels),
        ("https://git.*.com", last_labels),
        ("https://git.example.*", last_labels),
        ("http://git.example.com", over_http),
        ("http://*.localhost", over_http),
        ("http://127.0.0.1.example.com", over_http),
        ("ftp://git.example.com", "expected https, found ftp"),
        (
            "https://jane@git.example.com",
            "expected a URL without a user name or password",
        ),
        (
            "https://git.example.com/?a",
            "expected a URL without a query or fragment",
        ),
        (
            "https://git.example.com/#a",
            "expected a URL without a query or fragment",
        ),
    ] {
        assert_eq!(
            Pattern::parse(pattern).unwrap_err().what,
            problem,
            "{pattern}"
        );
    }
}

#[test]
fn a_url_is_shown_without_what_may_be_secret() {
    let shown_of = "https://git.example.com/a";
    assert_eq!(
        shown("https://jane:pw@git.example.com/a?token=x#y"),
        shown_of
    );
    assert_eq!(shown("git.example.com/a"), shown_of);
    assert_eq!(shown("\\"), "what is no URL");
}
