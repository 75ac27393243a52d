use std::ffi::OsString;
use std::fs;

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
fn a_domain_gives_its_endpoints_and_its_form_field() {
    let config = config(DOMAIN);
    let [profile] = config.profiles.as_slice() else {
        panic!("one profile")
    };
    let base = "https://idcs-0123.identity.oraclecloud.com/oauth2/v1";
    let endpoints = &profile.endpoints;
    let url = endpoints.device_authorization.as_str();
    assert_eq!(url, format!("{base}/device"));
    assert_eq!(endpoints.token.as_str(), format!("{base}/token"));
    let revocation = endpoints.revocation.as_ref().unwrap();
    assert_eq!(revocation.as_str(), format!("{base}/revoke"));
    let oracle = [("response_type".to_owned(), "device_code".to_owned())];
    assert_eq!(profile.device_authorization_params, oracle);
    let host = profile.verification_host.as_deref();
    assert_eq!(host, Some("idcs-0123.identity.oraclecloud.com"));
    assert_eq!(profile.name, "prod");
    assert_eq!(profile.client.id, "6b0c1d2e");
    assert!(profile.client.secret.is_none() && profile.offline_access);
    assert!(profile.token_params.is_empty());
}

#[test]
fn a_domain_may_be_written_with_its_port_and_a_slash() {
    for domain in [
        "https://idcs.example.com/",
        "https://idcs.example.com:443",
        "https://IDCS.example.com:443/",
    ] {
        let text = DOMAIN.replace("https://idcs-0123.identity.oraclecloud.com", domain);
        let token = &config(&text).profiles[0].endpoints.token;
        assert_eq!(token.as_str(), "https://idcs.example.com/oauth2/v1/token");
    }
}

#[test]
fn any_authorization_server_is_named_endpoint_by_endpoint() {
    let config = config(ENDPOINTS);
    let profile = &config.profiles[0];
    let token = profile.endpoints.token.as_str();
    assert_eq!(token, "https://id.example.com/token?tenant=a");
    assert_eq!(profile.endpoints.revocation, None);
    assert_eq!(profile.verification_host, None);
    assert_eq!(profile.scopes, ["api", "read"]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let resource = pair("resource", "urn:example:api");
    let audience = pair("audience", "b");
    assert_eq!(
        profile.device_authorization_params,
        [resource.clone(), audience]
    );
    assert_eq!(profile.token_params, [resource]);
}

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
        "1: verbose: unknown key\nhint: known here: ca_file, default_profile, profile",
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
fn without_a_profile_there_is_nothing_to_do() {
    let hint = "hint: a profile is a table [profile.NAME] with 'domain', 'client_id' and 'scopes'";
    assert_eq!(refusal(""), format!("{PATH}: no profile\n{hint}"));
    assert_eq!(
        refusal("[profile]\n"),
        format!("{PATH}: no profile\n{hint}")
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
fn a_domain_and_endpoints_together_are_refused() {
    check(
        &refusal_with(
            CLIENT_LINE,
            "token_endpoint = \"https://id.example.com/token\"",
        ),
        "3: profile.prod.domain: expected 'domain' or endpoints, found both: a domain has its own token_endpoint",
    );
}

#[test]
fn a_domain_with_a_path_is_refused_with_the_one_without() {
    for path in ["/oauth2/v1", "/?a=b"] {
        let line = format!("domain = \"https://idcs.example.com:8443{path}\"");
        check(
            &refusal_with(DOMAIN_LINE, &line),
            "3: profile.prod.domain: expected a URL without a path\nhint: write \"https://idcs.example.com:8443\"",
        );
    }
}

#[test]
fn plain_http_is_for_loopback_addresses_alone() {
    let with = |url: &str| DOMAIN.replace("https://idcs-0123.identity.oraclecloud.com", url);
    for loopback in [
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://localhost:8080",
    ] {
        let config = config(&with(loopback));
        assert_eq!(config.profiles[0].endpoints.token.scheme(), "http");
    }
    for remote in [
        "http://idcs.example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://[::ffff:127.0.0.1]",
    ] {
        let refusal = refusal(&with(remote));
        let expected = "3: profile.prod.domain: expected https: over plain http";
        assert!(refusal.contains(expected), "{remote}: {refusal}");
    }
}

#[test]
fn urls_that_a_form_with_secrets_must_not_go_to_are_refused_unquoted() {
    for (url, expected) in [
        (
            "https://jane:PASSWORD@id.example.com",
            "expected a URL without a user name or password",
        ),
        (
            "https://jane@id.example.com",
            "expected a URL without a user name or password",
        ),
        (
            "https://id.example.com/#top",
            "expected a URL without a fragment (RFC 6749 §3.1)",
        ),
        ("ftp://id.example.com", "expected https, found ftp"),
        (
            "id.example.com",
            "expected a URL: relative URL without a base\nhint: write it whole, with 'https://' in front",
        ),
        (
            "https://",
            "expected a URL: empty host\nhint: write it whole, with 'https://' in front",
        ),
    ] {
        let line = format!("domain = \"{url}\"");
        check(
            &refusal_with(DOMAIN_LINE, &line),
            &format!("3: profile.prod.domain: {expected}"),
        );
    }
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

#[cfg(unix)]
mod client_secret_file {
    use super::*;
    use crate::testbed::Scratch;

    /// Reads a configuration in `scratch` that names `file`.
    fn load(scratch: &Scratch, file: &str, credentials: Option<&Path>) -> Result<String, String> {
        let text = format!("{DOMAIN}client_secret_file = {file:?}\n");
        let path = scratch.path().join("config.toml");
        let config = Config::parse_with(&text, &path, credentials);
        let mut config = config.map_err(|error| error.to_string())?;
        let secret = config.profiles.remove(0).client.secret.unwrap();
        Ok(secret.0.expose().to_owned())
    }

    #[test]
    fn is_read_without_the_end_of_its_line() {
        let scratch = Scratch::new();
        for text in ["sim-secret", "sim-secret\n", "sim-secret\r\n"] {
            let absolute = scratch.file("secret", text, 0o600);
            assert_eq!(load(&scratch, "secret", None).unwrap(), "sim-secret");
            let absolute = absolute.to_str().unwrap();
            assert_eq!(load(&scratch, absolute, None).unwrap(), "sim-secret");
        }
    }

    #[test]
    fn is_refused_while_others_can_read_it() {
        let scratch = Scratch::new();
        let file = scratch.file("secret", "PASSWORD", 0o640);
        let expected = format!(
            "{}:6: profile.prod.client_secret_file: {file}: open to other users (mode 0640)\n\
             hint: run 'chmod 600 {file}'",
            scratch.path().join("config.toml").display(),
            file = file.display()
        );
        assert_eq!(load(&scratch, "secret", None), Err(expected));
    }

    #[test]
    fn is_looked_for_where_systemd_puts_credentials() {
        let scratch = Scratch::new();
        let credentials = scratch.path().join("credentials");
        fs::create_dir(&credentials).unwrap();
        // systemd gives credentials the mode 0440 and guards their folder.
        scratch.file("credentials/secret", "sim-secret", 0o440);
        let found = load(&scratch, "secret", Some(&credentials));
        assert_eq!(found.unwrap(), "sim-secret");
        let outside = scratch.file("secret", "sim-secret", 0o440);
        for elsewhere in ["credentials/../secret", "secret"] {
            let path = scratch.path().join(elsewhere);
            let refusal = load(&scratch, path.to_str().unwrap(), Some(&credentials));
            assert!(refusal.unwrap_err().contains("open to other users"));
        }
        assert!(outside.exists());
    }

    #[test]
    fn holds_one_line_of_bounded_length() {
        let scratch = Scratch::new();
        let one_line = "expected the client secret, one line of printable ASCII, and nothing else";
        for (text, expected) in [
            ("", one_line),
            ("\n", one_line),
            ("PASSWORD\nPASSWORD\n", one_line),
            ("PASSWÖRD", one_line),
            (&"P".repeat(5000), "larger than 4096 bytes"),
        ] {
            scratch.file("secret", text, 0o600);
            let refusal = load(&scratch, "secret", None).unwrap_err();
            assert!(refusal.ends_with(expected), "{refusal}");
            assert!(!refusal.contains("PASSW"), "{refusal}");
        }
    }

    #[test]
    fn that_is_not_there_is_named() {
        let scratch = Scratch::new();
        let refusal = load(&scratch, "secret", None).unwrap_err();
        let path = scratch.path().join("secret");
        assert!(refusal.contains(&format!("client_secret_file: {}: ", path.display())));
    }
}

#[cfg(unix)]
#[test]
fn the_file_of_authorities_lies_beside_the_configuration_and_exists() {
    let scratch = crate::testbed::Scratch::new();
    let path = scratch.path().join("config.toml");
    let text = format!("ca_file = \"ca.pem\"\n{DOMAIN}");
    let refusal = Config::parse(&text, &path).unwrap_err().to_string();
    let ca_file = scratch.path().join("ca.pem");
    let expected = format!(":1: ca_file: cannot open {}: ", ca_file.display());
    assert!(refusal.contains(&expected), "{refusal}");
    fs::write(&ca_file, "").unwrap();
    let config = Config::parse(&text, &path).unwrap();
    assert_eq!(config.ca_file, Some(ca_file));
}

#[cfg(unix)]
#[test]
fn a_file_that_is_no_configuration_is_refused_by_name() {
    let scratch = crate::testbed::Scratch::new();
    let missing = scratch.path().join("missing.toml");
    let refusal = Config::load(&missing).unwrap_err().to_string();
    let expected = format!("{}: No such file or directory", missing.display());
    assert!(refusal.starts_with(&expected), "{refusal}");
    let large = scratch.file("large.toml", &"#".repeat(1024 * 1024 + 1), 0o600);
    let refusal = Config::load(&large).unwrap_err().to_string();
    assert_eq!(
        refusal,
        format!("{}: larger than 1048576 bytes", large.display())
    );
}

#[cfg(unix)]
mod located {
    use super::*;
    use crate::testbed::Scratch;

    fn locate(option: Option<&str>, set: &[(&str, &Path)]) -> Result<PathBuf, Error> {
        let environment = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value.as_os_str()))
        };
        Config::locate(option.map(PathBuf::from), &environment)
    }

    #[test]
    fn by_the_option_and_by_the_variable_before_all() {
        let told = ("OIC_TOKEND_CONFIG", Path::new("/b"));
        assert_eq!(locate(Some("/a"), &[told]).unwrap(), Path::new("/a"));
        assert_eq!(locate(None, &[told]).unwrap(), Path::new("/b"));
    }

    #[test]
    fn in_the_users_folder_where_there_is_one() {
        let scratch = Scratch::new();
        let home = scratch.path();
        let folder = home.join(".config/oic-tokend");
        fs::create_dir_all(&folder).unwrap();
        let file = scratch.file(".config/oic-tokend/config.toml", "", 0o600);
        let config_home = home.join(".config");
        assert_eq!(locate(None, &[("HOME", home)]).unwrap(), file);
        let by_xdg = [("HOME", Path::new("/x")), ("XDG_CONFIG_HOME", &config_home)];
        assert_eq!(locate(None, &by_xdg).unwrap(), file);
    }

    #[test]
    fn nowhere_is_an_error_that_names_every_place() {
        let nobody = ("HOME", Path::new("/nonexistent"));
        // Unless this machine has one.
        let Err(error) = locate(None, &[nobody]) else {
            return;
        };
        let expected = "no configuration: there is no \
             /nonexistent/.config/oic-tokend/config.toml and no /etc/oic-tokend/config.toml\n\
             hint: write one there, or name it with '--config FILE'";
        assert_eq!(error.to_string(), expected);
    }
}
