//! `[credentials]`.

use super::*;
use crate::units::Unit;

fn with(lines: &str) -> String {
    format!("[credentials]\n{lines}\n{DOMAIN}")
}

#[test]
fn units_get_tokens_by_name_and_by_what_they_call_them() {
    assert_eq!(config(DOMAIN).credentials, None);
    let written = r#"units = { "job.service" = "prod", "a@.service" = { token = "prod" } }"#;
    let credentials = config(&with(written)).credentials.unwrap();
    assert_eq!(credentials.socket, Path::new("credentials"));
    let profile = |unit: &str, credential: &str| {
        let unit = Unit {
            name: unit.to_owned(),
            credential: credential.to_owned(),
        };
        credentials.units.profile_of(&unit).map(str::to_owned)
    };
    assert_eq!(profile("job.service", "any").unwrap(), "prod");
    assert_eq!(profile("a@1.service", "token").unwrap(), "prod");
    assert_eq!(profile("a@1.service", "any"), None);
    let elsewhere = config(&with(&format!("socket = \"/run/c\"\n{written}")));
    let socket = elsewhere.credentials.unwrap().socket;
    assert_eq!(socket, Path::new("/run/c"));
}

#[test]
fn what_no_unit_could_get_is_refused() {
    for (lines, expected) in [
        (
            "",
            "1: credentials.units: missing; expected a table of units and profiles: \
             \"job.service\" = \"prod\"",
        ),
        (
            "units = {}",
            "2: credentials.units: expected a table of units and profiles: \"job.service\" = \
             \"prod\"",
        ),
        (
            "socket = \"credentials\"\nunits = { \"job.service\" = \"prod\" }",
            "2: credentials.socket: expected the absolute path of a socket",
        ),
        (
            "units = { job = \"prod\" }",
            "2: credentials.units.job: expected the whole name of a unit that runs programs\n\
             hint: it is quoted, and has its kind: \"job.service\"",
        ),
        (
            // Without quotes this is a table in a table.
            "units.job.service = \"prod\"",
            "2: credentials.units.job: expected the whole name of a unit that runs programs\n\
             hint: it is quoted, and has its kind: \"job.service\"",
        ),
        (
            "units = { \"job.service\" = \"prdo\" }",
            "2: credentials.units.\"job.service\": there is no profile \"prdo\"\n\
             hint: did you mean 'prod'?",
        ),
        (
            "units = { \"job.service\" = 1 }",
            "2: credentials.units.\"job.service\": expected a string, found an integer",
        ),
        (
            "units = { \"job.service\" = {} }",
            "2: credentials.units.\"job.service\": expected a credential and its profile: token \
             = \"prod\"",
        ),
        (
            "units = { \"job.service\" = { \"a/b\" = \"prod\" } }",
            "2: credentials.units.\"job.service\".\"a/b\": expected the name of a credential, \
             \"token\" say",
        ),
        (
            "units = { \"job.service\" = { token = \"prdo\" } }",
            "2: credentials.units.\"job.service\".token: there is no profile \"prdo\"\n\
             hint: did you mean 'prod'?",
        ),
    ] {
        check(&refusal(&with(lines)), expected);
    }
}
