use std::fs;

use super::*;
use crate::testbed::Scratch;

/// Reads a configuration in `scratch` that names `file`.
fn load(scratch: &Scratch, file: &str, credentials: Option<&Path>) -> Result<String, String> {
    let text = format!("{DOMAIN}client_secret_file = {file:?}\n");
    let path = scratch.path().join("config.toml");
    let config = Config::parse_with(&text, &path, credentials, false);
    let mut config = config.map_err(|error| error.to_string())?;
    let secret = config.profiles.remove(0).client.secret.unwrap();
    Ok(secret.secret.expose().to_owned())
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

/// Whoever checks a configuration is not the service that has it.
#[test]
fn may_be_passed_to_the_service_alone() {
    let scratch = Scratch::new();
    let check = |file: &str| {
        let text = format!("{DOMAIN}client_secret_file = {file:?}\n");
        Config::parse_with(&text, &scratch.path().join("config.toml"), None, true)
    };
    let config = check("oic-tokend.client-secret").unwrap();
    let secret = config.profiles[0].client.secret.as_ref().unwrap();
    assert!(!secret.is_seen());
    for path in ["/nowhere/secret", "nowhere/secret"] {
        assert!(check(path).is_err(), "a credential has a name, and no path");
    }
    scratch.file("secret", "", 0o600);
    assert!(check("secret").is_err(), "what is there is looked at");
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
