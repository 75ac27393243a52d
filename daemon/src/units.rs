//! Which profile's access token a systemd unit gets as a credential. Pure.

use std::collections::BTreeMap;
use std::fmt;

/// A unit that wants a credential (`LoadCredential=` in systemd.exec(5)).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unit {
    /// Its name: `backup.service`, `backup@home.service`.
    pub name: String,
    /// What it calls the credential.
    pub credential: String,
}

/// The profiles of all units that get a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units(pub BTreeMap<String, Granted>);

/// What one of them gets, by the name of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// The same for every credential.
    Any(String),
    /// By what it calls the credential.
    Named(BTreeMap<String, String>),
}

impl Unit {
    /// Who calls from the abstract socket of this name. systemd.exec(5): "The
    /// returned socket name is formatted as NUL RANDOM "/unit/" UNIT "/" ID";
    /// the NUL is left out here. In neither name there is a slash.
    pub fn calling_from(address: &[u8]) -> Option<Self> {
        let address = str::from_utf8(address).ok()?;
        let mut parts = address.split('/');
        let (_random, kind) = (parts.next()?, parts.next()?);
        let (name, credential) = (parts.next()?, parts.next()?);
        let good = kind == "unit" && is_unit_name(name) && is_credential_name(credential);
        (good && parts.next().is_none()).then(|| Self {
            name: name.to_owned(),
            credential: credential.to_owned(),
        })
    }

    /// The template that it is an instance of: `backup@.service`.
    fn template(&self) -> Option<String> {
        let (prefix, instance) = self.name.split_once('@')?;
        let (_, suffix) = instance.rsplit_once('.')?;
        Some(format!("{prefix}@.{suffix}"))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.credential, self.name)
    }
}

impl Units {
    /// The profile whose token `unit` gets. What is said of an instance goes
    /// before what is said of its template.
    pub fn profile_of(&self, unit: &Unit) -> Option<&str> {
        let of_template = || self.0.get(&unit.template()?);
        match self.0.get(&unit.name).or_else(of_template)? {
            Granted::Any(profile) => Some(profile),
            Granted::Named(profiles) => profiles.get(&unit.credential).map(String::as_str),
        }
    }
}

/// Kinds of units that run programs, which alone have credentials.
const KINDS: [&str; 4] = ["service", "socket", "mount", "swap"];

/// Whether a unit can be called so (systemd.unit(5)).
pub(crate) fn is_unit_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
    let Some((stem, kind)) = name.rsplit_once('.') else {
        return false;
    };
    !stem.is_empty() && KINDS.contains(&kind) && name.bytes().all(allowed)
}

/// Whether a credential can be called so: it is a file's name, and in a unit
/// ends at a colon.
pub(crate) fn is_credential_name(name: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b' '..=b'~') && !b"/:".contains(&byte);
    !matches!(name, "" | "." | "..") && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str, credential: &str) -> Unit {
        Unit {
            name: name.to_owned(),
            credential: credential.to_owned(),
        }
    }

    /// The example of systemd.exec(5), and what systemd makes of other names.
    #[test]
    fn the_address_of_a_caller_says_which_unit_wants_which_credential() {
        for (address, name, credential) in [
            (
                "adf9d86b6eda275e/unit/foobar.service/credx",
                "foobar.service",
                "credx",
            ),
            ("0/unit/a@b-c.service/t.k", "a@b-c.service", "t.k"),
            (
                "ff/unit/dev-sda\\x2d1.swap/a b",
                "dev-sda\\x2d1.swap",
                "a b",
            ),
        ] {
            let found = Unit::calling_from(address.as_bytes());
            assert_eq!(found, Some(unit(name, credential)), "{address}");
        }
    }

    #[test]
    fn any_other_address_is_no_units() {
        for address in [
            "",
            "/",
            "ff/unit/job.service",
            "ff/unit/job.service/",
            "ff/unit/job.service/token/more",
            "ff/unit//token",
            "ff/unit/job/token",
            "ff/unit/.service/token",
            "ff/unit/job.target/token",
            "ff/unit/job .service/token",
            "ff/unit/job.service/to\nken",
            "ff/unit/job.service/..",
            "ff/user/job.service/token",
        ] {
            assert_eq!(Unit::calling_from(address.as_bytes()), None, "{address}");
        }
        assert_eq!(Unit::calling_from(b"ff/unit/job.service/\xff"), None);
    }

    #[test]
    fn a_unit_gets_what_is_said_of_it_or_else_of_its_template() {
        let any = |profile: &str| Granted::Any(profile.to_owned());
        let named = BTreeMap::from([("token".to_owned(), "prod".to_owned())]);
        let units = Units(BTreeMap::from([
            ("job.service".to_owned(), any("one")),
            ("backup@.service".to_owned(), any("two")),
            ("backup@home.service".to_owned(), Granted::Named(named)),
        ]));
        for (name, credential, profile) in [
            ("job.service", "token", Some("one")),
            ("job.service", "other", Some("one")),
            ("job2.service", "token", None),
            ("backup@root.service", "token", Some("two")),
            ("backup@a@b.c.service", "token", Some("two")),
            ("backup@root.socket", "token", None),
            ("backup.service", "token", None),
            ("backup@home.service", "token", Some("prod")),
            ("backup@home.service", "other", None),
        ] {
            let found = units.profile_of(&unit(name, credential));
            assert_eq!(found, profile, "{name} {credential}");
        }
    }
}
