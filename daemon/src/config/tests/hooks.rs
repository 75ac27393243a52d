//! `[hooks]`.

use std::time::Duration;

use super::*;

fn with(lines: &str) -> String {
    format!("[hooks]\n{lines}\n{DOMAIN}")
}

#[test]
fn an_event_has_its_own_program_or_that_of_all() {
    assert!(config(DOMAIN).hooks.commands.is_empty());
    let one = config(&with(r#"outage = ["/bin/a", "-x", ""]"#)).hooks;
    assert_eq!(one.time_limit, Duration::from_secs(10));
    assert_eq!(Vec::from_iter(one.commands.keys()), ["outage"]);
    assert_eq!(one.commands["outage"], ["/bin/a", "-x", ""]);
    let all = config(&with(
        "on_event = [\"/bin/a\"]\nrenewed = [\"/bin/b\"]\ntime_limit = 60",
    ));
    let all = all.hooks;
    assert_eq!(all.time_limit, Duration::from_secs(60));
    assert_eq!(all.commands.len(), 6);
    assert_eq!(all.commands["recovered"], ["/bin/a"]);
    assert_eq!(all.commands["renewed"], ["/bin/b"]);
}

#[test]
fn the_desktop_is_told_unless_it_is_to_be_left_alone() {
    let desktop = |lines: &str| config(lines).hooks.desktop;
    assert!(desktop(DOMAIN));
    assert!(desktop(&with("outage = [\"/bin/a\"]")));
    assert!(!desktop(&with("desktop = false")));
}

#[test]
fn what_no_shell_could_make_sense_of_is_refused() {
    for (lines, expected) in [
        (
            "outage = \"/bin/a -x\"",
            "2: hooks.outage: expected an array of strings, found a string",
        ),
        (
            "outage = [\"notify\"]",
            "2: hooks.outage[0]: expected the absolute path of a program",
        ),
        (
            "outage = []",
            "2: hooks.outage: expected a program and its arguments",
        ),
        (
            "outages = [\"/bin/a\"]",
            "2: hooks.outages: unknown key\nhint: did you mean 'outage'?",
        ),
        (
            "outage = [\"/bin/a\"]\ntime_limit = 0",
            "3: hooks.time_limit: expected a number of seconds from 1 to 300",
        ),
    ] {
        check(&refusal(&with(lines)), expected);
    }
    assert!(refusal(&with("")).contains("expected an event and a program for it"));
}
