#[cfg(unix)]
mod allow;
#[cfg(unix)]
mod client_secret_file;
mod credentials;
mod endpoints;
mod forward;
mod helper;
mod hooks;
mod hosts;
#[cfg(unix)]
mod located;
mod packaged;
mod refresh_token;
#[cfg(unix)]
mod token_file;

use super::*;

const PATH: &str = "/etc/oic-tokend/config.toml";

const DOMAIN: &str = r#"
[profile.prod]
domain    = "https://idcs-0123.identity.oraclecloud.com"
client_id = "6b0c1d2e"
scopes    = ["https://20D5.ocp.oraclecloud.com:443urn:opc:resource:consumer::all"]
"#;

const ENDPOINTS: &str = r#"
[profile.other]
device_authorization_endpoint = "https://id.example.com/device"
token_endpoint                = "https://id.example.com/token?tenant=a"
client_id                     = "tool"
scopes                        = ["api", "read"]
device_authorization_params   = { resource = "urn:example:api", audience = "b" }
token_params                  = { resource = "urn:example:api" }
"#;

fn config(text: &str) -> Config {
    Config::parse(text, Path::new(PATH)).unwrap()
}

fn refusal(text: &str) -> String {
    Config::parse(text, Path::new(PATH))
        .unwrap_err()
        .to_string()
}

/// What is said of `DOMAIN` with one line put in place of another.
fn refusal_with(line: &str, other: &str) -> String {
    assert!(DOMAIN.contains(line), "{line}");
    refusal(&DOMAIN.replace(line, other))
}

#[track_caller]
fn check(refusal: &str, expected: &str) {
    assert_eq!(refusal, format!("{PATH}:{expected}"));
}

const DOMAIN_LINE: &str = r#"domain    = "https://idcs-0123.identity.oraclecloud.com""#;
const CLIENT_LINE: &str = r#"client_id = "6b0c1d2e""#;
const SCOPES_LINE: &str =
    r#"scopes    = ["https://20D5.ocp.oraclecloud.com:443urn:opc:resource:consumer::all"]"#;

#[test]
fn the_default_profile_is_the_named_one_or_the_only_one() {
    let both = format!("{DOMAIN}{ENDPOINTS}");
    assert_eq!(config(DOMAIN).default_profile.as_deref(), Some("prod"));
    assert_eq!(config(&both).default_profile, None);
    let named = format!("default_profile = \"other\"\n{both}");
    assert_eq!(config(&named).default_profile.as_deref(), Some("other"));
    check(
        &refusal(&named.replace("\"other\"", "\"othr\"")),
        "1: default_profile: there is no profile \"othr\"\nhint: did you mean 'other'?",
    );
    check(
        &refusal(&named.replace("\"other\"", "\"staging\"")),
        "1: default_profile: there is no profile \"staging\"\nhint: known here: prod, other",
    );
}

#[test]
fn the_key_of_the_sessions_comes_from_where_it_says() {
    let with = |line: &str| config(&format!("{line}\n{DOMAIN}")).session_key;
    assert_eq!(with(""), KeySource::File);
    assert_eq!(with("session_key = \"file\""), KeySource::File);
    assert_eq!(with("session_key = \"passphrase\""), KeySource::Passphrase);
    let named = KeySource::Credential("session-key".to_owned());
    assert_eq!(with("session_key = \"credential:session-key\""), named);
    for wrong in ["tpm", "credential", "credential:", "credential:../key"] {
        check(
            &refusal(&format!("session_key = \"{wrong}\"\n{DOMAIN}")),
            &format!(
                "1: session_key: expected \"file\", \"passphrase\", \"secret-service\", \"dpapi\" or \
                 \"credential:NAME\", found {wrong:?}"
            ),
        );
    }
}

#[test]
fn a_key_that_this_program_has_no_way_to_is_refused() {
    let line = |source: &str| format!("session_key = \"{source}\"\n{DOMAIN}");
    if HAS_SECRET_SERVICE {
        let source = config(&line("secret-service")).session_key;
        assert_eq!(source, KeySource::SecretService);
    } else {
        check(
            &refusal(&line("secret-service")),
            "1: session_key: this oic-tokend was built without the Secret Service\nhint: build it \
             with 'cargo install --path daemon --features secret-service'",
        );
    }
    if !cfg!(windows) {
        check(
            &refusal(&line("dpapi")),
            "1: session_key: DPAPI is Windows' own, and not here",
        );
    }
}

#[test]
fn copied_sessions_are_refused_unless_they_are_to_be_used() {
    let with = |line: &str| config(&format!("{line}\n{DOMAIN}")).use_copied_sessions;
    assert!(!with(""));
    assert!(!with("copied_sessions = \"refuse\""));
    assert!(with("copied_sessions = \"use\""));
    check(
        &refusal(&format!("copied_sessions = \"yes\"\n{DOMAIN}")),
        "1: copied_sessions: expected \"refuse\" or \"use\", found \"yes\"",
    );
}

#[test]
fn a_session_is_kept_on_disk_unless_in_memory_only() {
    let with = |line: &str| config(&format!("{DOMAIN}{line}\n")).profiles[0].memory_only;
    assert!(!with(""));
    assert!(!with("store = \"disk\""));
    assert!(with("store = \"memory-only\""));
    check(
        &refusal(&format!("{DOMAIN}store = \"memory\"\n")),
        "6: profile.prod.store: expected \"disk\" or \"memory-only\", found \"memory\"\n\
         hint: memory-only: nothing of the session is written, and a restart needs a login",
    );
}

#[test]
fn offline_access_is_asked_for_unless_it_is_refused() {
    let with = |line: &str| config(&format!("{DOMAIN}{line}\n")).profiles.remove(0);
    assert!(with("").offline_access);
    assert!(with("offline_access = true").offline_access);
    assert!(!with("offline_access = false").offline_access);
}

#[test]
fn offline_access_among_the_scopes_is_said_once() {
    let scopes = r#"scopes = ["api", "offline_access"]"#;
    let text = DOMAIN.replace(SCOPES_LINE, scopes);
    let profile = config(&text).profiles.remove(0);
    assert_eq!(profile.scopes, ["api"]);
    assert!(profile.offline_access);
    check(
        &refusal(&format!("{text}offline_access = false\n")),
        "5: profile.prod.scopes[1]: contradicts offline_access = false",
    );
    check(
        &refusal_with(SCOPES_LINE, r#"scopes = ["offline_access"]"#),
        "5: profile.prod.scopes: expected an array of at least one scope besides 'offline_access'",
    );
}

#[test]
fn what_is_not_toml_is_refused_at_its_line() {
    let refusal = refusal("default_profile = \"prod\"\n[profile.prod\n");
    assert!(
        refusal.starts_with(&format!("{PATH}:2: not TOML: ")),
        "{refusal}"
    );
    assert_eq!(refusal.lines().count(), 1, "{refusal}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    check(
        &refusal(&format!("default_profil = \"prod\"\n{DOMAIN}")),
        "1: default_profil: unknown key\nhint: did you mean 'default_profile'?",
    );
    check(
        &refusal_with(CLIENT_LINE, "client-id = \"6b0c1d2e\""),
        "4: profile.prod.client-id: unknown key\nhint: did you mean 'client_id'?",
    );
    check(
        &refusal_with("[profile.prod]", "[profiles.prod]"),
        "2: profiles: unknown key\nhint: did you mean 'profile'?",
    );
    check(
        &refusal(&format!("verbose = true\n{DOMAIN}")),
        "1: verbose: unknown key\nhint: known here: default_profile, copied_sessions, session_key, fence, ca_file, hooks, helper, forward, credentials, profile",
    );
}

#[test]
fn a_key_that_has_to_be_quoted_is_quoted() {
    check(
        &refusal(&format!("{DOMAIN}\"client id\" = 1\n")),
        "6: profile.prod.\"client id\": unknown key\nhint: did you mean 'client_id'?",
    );
    let refusal = refusal("\"a\\u001b[2J\\n\" = 1");
    assert!(
        refusal.contains(r#"1: "a\u{1b}[2J\n": unknown key"#),
        "{refusal}"
    );
}

#[test]
fn a_missing_key_is_refused_at_its_profile() {
    check(
        &refusal_with(CLIENT_LINE, ""),
        "2: profile.prod.client_id: missing; expected the client id of the registered application",
    );
    check(
        &refusal_with(SCOPES_LINE, ""),
        "2: profile.prod.scopes: missing; expected an array of at least one scope",
    );
    check(
        &refusal_with(DOMAIN_LINE, ""),
        "2: profile.prod.domain: missing; expected the URL of an OCI IAM identity domain, or endpoints instead",
    );
    let line = "token_endpoint                = \"https://id.example.com/token?tenant=a\"\n";
    check(
        &refusal(&ENDPOINTS.replace(line, "")),
        "2: profile.other.token_endpoint: missing; expected a URL",
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_both_kinds() {
    for (line, other, expected) in [
        (
            CLIENT_LINE,
            "client_id = 7",
            "4: profile.prod.client_id: expected a string, found an integer",
        ),
        (
            SCOPES_LINE,
            "scopes = \"api\"",
            "5: profile.prod.scopes: expected an array of strings, found a string",
        ),
        (
            SCOPES_LINE,
            "scopes = [\n\"api\",\ntrue]",
            "7: profile.prod.scopes[1]: expected a string, found a boolean",
        ),
        (
            SCOPES_LINE,
            "scopes = [\"api\"]\noffline_access = \"no\"",
            "6: profile.prod.offline_access: expected true or false, found a string",
        ),
        (
            SCOPES_LINE,
            "scopes = [\"api\"]\ntoken_params = [\"a\"]",
            "6: profile.prod.token_params: expected a table, found an array",
        ),
        (
            SCOPES_LINE,
            "scopes = [\"api\"]\ntoken_params = { a = 1.5 }",
            "6: profile.prod.token_params.a: expected a string, found a float",
        ),
    ] {
        check(&refusal_with(line, other), expected);
    }
    check(
        &refusal("profile = 1"),
        "1: profile: expected a table, found an integer",
    );
    check(
        &refusal("[profile]\nprod = 1"),
        "2: profile.prod: expected a table, found an integer",
    );
}

#[test]
fn names_of_profiles_are_good_as_arguments_and_as_file_names() {
    let named = |name: &str| DOMAIN.replace("profile.prod", &format!("profile.\"{name}\""));
    for good in ["a", "Prod-2_x.eu", &"x".repeat(64)] {
        assert_eq!(config(&named(good)).profiles[0].name, good);
    }
    for bad in [
        "",
        "-prod",
        ".prod",
        "..",
        "a/b",
        "a b",
        "ä",
        &"x".repeat(65),
    ] {
        let refusal = refusal(&named(bad));
        let expected = "expected a name of 1 to 64 letters, digits, '.', '_' or '-'";
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn two_profiles_do_not_share_a_file_where_capitals_do_not_count() {
    let text = format!("{DOMAIN}{}", DOMAIN.replace("prod", "Prod"));
    check(
        &refusal(&text),
        "7: profile.Prod: another profile has this name, but for capitals",
    );
}

#[test]
fn scopes_are_one_word_each_and_there_once() {
    for (scopes, expected) in [
        (
            "[]",
            ": expected an array of at least one scope besides 'offline_access'",
        ),
        (
            r#"["a b"]"#,
            "[0]: expected one scope a string, found a space",
        ),
        (
            r#"["a", ""]"#,
            r#"[1]: expected a scope of printable ASCII without '"' and '\'"#,
        ),
        (
            r#"["…"]"#,
            r#"[0]: expected a scope of printable ASCII without '"' and '\'"#,
        ),
        (r#"["a", "b", "a"]"#, "[2]: this scope is there twice"),
    ] {
        let line = format!("scopes = {scopes}");
        check(
            &refusal_with(SCOPES_LINE, &line),
            &format!("5: profile.prod.scopes{expected}"),
        );
    }
}

#[test]
fn a_client_id_is_printable() {
    for id in ["", "…", "a\\n"] {
        let line = format!("client_id = \"{id}\"");
        check(
            &refusal_with(CLIENT_LINE, &line),
            "4: profile.prod.client_id: expected the client id of the registered application, in printable ASCII",
        );
    }
}

#[test]
fn form_fields_that_are_set_already_are_refused() {
    for (field, text) in [
        ("device_authorization_params.scope", DOMAIN),
        ("device_authorization_params.response_type", DOMAIN),
        ("token_params.grant_type", DOMAIN),
        ("token_params.client_secret", DOMAIN),
    ] {
        check(
            &refusal(&format!("{text}{field} = \"x\"\n")),
            &format!("6: profile.prod.{field}: this field is set by oic-tokend itself"),
        );
    }
    // Only OCI IAM's form has it already.
    let text = ENDPOINTS.replace("audience", "response_type");
    assert_eq!(
        config(&text).profiles[0].device_authorization_params.len(),
        2
    );
}

#[test]
fn a_secret_in_the_configuration_is_refused_unquoted() {
    check(
        &refusal(&format!("{DOMAIN}client_secret = \"PASSWORD\"\n")),
        "6: profile.prod.client_secret: a secret does not belong into a configuration\n\
         hint: put it into a file of mode 600 and name that: client_secret_file = \"FILE\"",
    );
}
