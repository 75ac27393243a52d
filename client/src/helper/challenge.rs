//! A server's challenge: the value of a `WWW-Authenticate` header (RFC 9110
//! §11.6.1).

/// How many realms are kept, of the headers of one answer.
const REALMS_MAX: usize = 8;

/// Longest realm that is kept, in bytes.
const REALM_LEN_MAX: usize = 256;

/// What a server wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenges {
    /// The authentication schemes, in small letters.
    pub schemes: Vec<String>,
    /// The realms that they name.
    pub realms: Vec<String>,
}

impl Challenges {
    /// Adds what the value of one header says.
    pub fn read(&mut self, header: &str) {
        for part in parts(header) {
            let (scheme, parameter) = split(part);
            if let Some(scheme) = scheme {
                self.schemes.push(scheme.to_ascii_lowercase());
            }
            let Some((name, value)) = parameter.split_once('=') else {
                continue;
            };
            let realm = unquoted(value.trim());
            let kept = self.realms.len() < REALMS_MAX && realm.len() <= REALM_LEN_MAX;
            if name.trim().eq_ignore_ascii_case("realm") && kept {
                self.realms.push(realm);
            }
        }
    }

    /// Whether the server wants a user name and a password, and says nothing
    /// of bearer tokens.
    pub fn want_a_password(&self) -> bool {
        let wants = |scheme: &str| self.schemes.iter().any(|it| it == scheme);
        wants("basic") && !wants("bearer")
    }
}

/// The parts between the commas that are not quoted.
fn parts(header: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    header.split(move |character| {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => return true,
            _ => {}
        }
        false
    })
}

/// `Bearer realm="a"`: a scheme and a parameter; or either alone.
fn split(part: &str) -> (Option<&str>, &str) {
    let part = part.trim();
    match part.split_once([' ', '\t']) {
        Some((scheme, parameter)) if !scheme.contains('=') && !parameter.starts_with('=') => {
            (Some(scheme), parameter.trim())
        }
        None if !part.contains('=') && !part.is_empty() => (Some(part), ""),
        _ => (None, part),
    }
}

fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let Some(inner) = inner else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_and_realms_are_found_wherever_they_stand() {
        for (header, schemes, realms) in [
            ("Bearer", &["bearer"][..], &[][..]),
            (r#"Basic realm="GitLab""#, &["basic"], &["GitLab"]),
            (r#"BASIC REALM=plain"#, &["basic"], &["plain"]),
            (
                r#"Bearer error="invalid_token", realm = "a, \"b\" c" , Basic realm="d""#,
                &["bearer", "basic"],
                &[r#"a, "b" c"#, "d"],
            ),
            ("Negotiate, NTLM", &["negotiate", "ntlm"], &[]),
            ("Bearer scope=\"realm=x\"", &["bearer"], &[]),
            ("", &[], &[]),
            (",,\"", &["\""], &[]),
            ("=", &[], &[]),
        ] {
            let mut challenges = Challenges::default();
            challenges.read(header);
            assert_eq!(challenges.schemes, schemes, "{header}");
            assert_eq!(challenges.realms, realms, "{header}");
        }
    }

    #[test]
    fn a_password_is_wanted_where_bearer_is_not_offered() {
        let wants = |headers: &[&str]| {
            let mut challenges = Challenges::default();
            headers.iter().for_each(|it| challenges.read(it));
            challenges.want_a_password()
        };
        assert!(wants(&["Basic realm=a"]));
        assert!(wants(&["Negotiate", "Basic realm=a"]));
        assert!(!wants(&["Basic realm=a", "Bearer"]));
        assert!(!wants(&["Negotiate"]));
        assert!(!wants(&[]));
    }

    #[test]
    fn a_server_cannot_name_realms_without_end() {
        let mut challenges = Challenges::default();
        challenges.read(&"Basic realm=a,".repeat(100));
        challenges.read(&format!("Basic realm={}", "b".repeat(300)));
        assert_eq!(challenges.realms, ["a"; REALMS_MAX]);
    }
}
