//! The configuration that `setup` writes: a new file, or one more profile in
//! the file that is there.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Trouble;
use crate::args::Setup;
use crate::failure::Failure;
use crate::{daemon_program, place, private, service};

/// What a profile is made of.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Its name.
    pub profile: String,
    /// The identity domain's URL.
    pub domain: String,
    /// The application's client id.
    pub client_id: String,
    /// What to ask for.
    pub scopes: Vec<String>,
    /// Where a confidential client has its secret.
    pub client_secret_file: Option<PathBuf>,
    /// The line of the configuration, not of the profile, that says whom to
    /// trust besides.
    pub ca_file: Option<String>,
}

impl Answers {
    /// Those that the command line gives, and whom `file` trusts; the others
    /// are empty.
    ///
    /// # Errors
    ///
    /// [`Trouble::File`].
    pub fn given(arguments: &Setup, file: &File) -> Result<Self, Failure> {
        // A daemon has another working directory than whoever types.
        let whole = |path: &Option<PathBuf>| {
            let whole = path.as_ref().map(|path| {
                let failed = |error| Trouble::File {
                    path: path.clone(),
                    error,
                };
                std::path::absolute(path).map_err(failed)
            });
            whole.transpose()
        };
        let ca_file = whole(&arguments.ca_file)?.map(|path| line("ca_file", &path));
        Ok(Self {
            profile: arguments.profile.clone(),
            domain: arguments.domain.clone().unwrap_or_default(),
            client_id: arguments.client_id.clone().unwrap_or_default(),
            scopes: arguments.scopes.clone(),
            client_secret_file: whole(&arguments.client_secret_file)?,
            ca_file: ca_file.or_else(|| file.ca_file().map(str::to_owned)),
        })
    }

    /// The unit by which the system service gets to the identity domain.
    pub fn egress(&self) -> String {
        let (scheme, rest) = self
            .domain
            .split_once("://")
            .unwrap_or(("https", &self.domain));
        let authority = rest
            .split('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.contains(']'));
        let server = match (has_port, scheme) {
            (true, _) => authority,
            (false, "http") => format!("{authority}:80"),
            (false, _) => format!("{authority}:443"),
        };
        format!("oic-tokend-egress@{server}.socket")
    }

    /// A whole configuration with this profile alone.
    pub fn config(&self) -> String {
        format!(
            "# The configuration of oic-tokend; 'oic-tokend --check-config' says whether it is\n\
             # good, '{}' has it read again.\n\
             \n\
             {}# The profile meant when none is named.\n\
             default_profile = {}\n\
             \n{}",
            service::RELOAD,
            self.trust(),
            quoted(&self.profile),
            self.table()
        )
    }

    /// Whom to trust, as it stands above all tables.
    fn trust(&self) -> String {
        self.ca_file.as_ref().map_or_else(String::new, |line| {
            format!("# Who is trusted besides the system's certificate authorities.\n{line}\n\n")
        })
    }

    /// The table of this profile.
    fn table(&self) -> String {
        let secret = self.client_secret_file.as_ref();
        let secret = secret.map_or_else(String::new, |path| {
            format!("{}\n", line("client_secret_file", path))
        });
        let scopes = self.scopes.iter().map(|scope| quoted(scope));
        format!(
            "[profile.{}]\n\
             # The identity domain: OCI console > Identity & Security > Domains > Domain URL.\n\
             domain    = {}\n\
             # The application with the grants 'Device code' and 'Refresh token'.\n\
             client_id = {}\n{secret}\
             # Audience and scope of the resource in one word; 'offline_access', for a refresh\n\
             # token, is added to it.\n\
             scopes    = [{}]\n",
            key(&self.profile),
            quoted(&self.domain),
            quoted(&self.client_id),
            Vec::from_iter(scopes).join(", ")
        )
    }
}

fn line(key: &str, path: &Path) -> String {
    format!("{key} = {}", quoted(&path.display().to_string()))
}

/// A key of TOML: bare where it may be.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The file to write.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    /// What is in it, if it is there.
    present: Option<String>,
}

impl File {
    /// Where it is, or is to be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line in it that says whom to trust: above all tables, or it would be
    /// part of one.
    fn ca_file(&self) -> Option<&str> {
        let mut lines = self.present.as_deref()?.lines().map(str::trim);
        let is_it = |line: &&str| {
            let rest = line.strip_prefix("ca_file").map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with('='))
        };
        lines
            .by_ref()
            .take_while(|line| !line.starts_with('['))
            .find(is_it)
    }

    /// The one at `option`, or where the daemon looks first.
    ///
    /// # Errors
    ///
    /// [`Trouble::ProfileExists`], [`Trouble::NoPlace`], [`Trouble::File`].
    pub fn find(option: Option<PathBuf>, profile: &str) -> Result<Self, Failure> {
        let path = option.or_else(place::config).ok_or(Trouble::NoPlace)?;
        let present = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Trouble::File { path, error }.into()),
        };
        if present.as_deref().is_some_and(|text| has(text, profile)) {
            let profile = profile.to_owned();
            return Err(Trouble::ProfileExists { path, profile }.into());
        }
        Ok(Self { path, present })
    }

    /// Writes it whole; the daemon's program has to find it good first.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`], [`Trouble::File`], [`Failure::NotStarted`].
    pub fn write(self, answers: &Answers) -> Result<PathBuf, Failure> {
        let text = match &self.present {
            Some(present) => {
                let is_there = self.ca_file() == answers.ca_file.as_deref();
                let trust = if is_there {
                    String::new()
                } else {
                    answers.trust()
                };
                format!("{trust}{}\n\n{}", present.trim_end(), answers.table())
            }
            None => answers.config(),
        };
        let failed = |error| {
            let path = self.path.clone();
            Failure::from(Trouble::File { path, error })
        };
        if let Some(folder) = self.path.parent() {
            private::folder()
                .recursive(true)
                .create(folder)
                .map_err(failed)?;
        }
        let candidate = self.path.with_extension("toml.new");
        write_new(&candidate, &text)
            .and_then(|()| private::keep_readers(&self.path, &candidate))
            .map_err(failed)?;
        let good = daemon_program::check_config(Some(&candidate));
        let named = match good {
            Ok(Ok(_)) => fs::rename(&candidate, &self.path).map_err(failed),
            Ok(Err(why)) => {
                let shown = |path: &Path| path.display().to_string();
                let why = why.replace(&shown(&candidate), &shown(&self.path));
                Err(Trouble::Refused(why).into())
            }
            Err(failure) => Err(failure),
        };
        if named.is_err() {
            // It is of no use to anybody.
            let _ = fs::remove_file(&candidate);
        }
        named.map(|()| self.path)
    }
}

/// Whether the text has a table of this name: as good as a look, since the
/// daemon's program reads what becomes of it.
fn has(text: &str, profile: &str) -> bool {
    let heads = [
        format!("[profile.{profile}]"),
        format!("[profile.{}]", quoted(profile)),
    ];
    text.lines()
        .any(|line| heads.iter().any(|head| line.trim() == head))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    // One that an earlier try left behind is written over.
    let mut file = private::file().create(true).truncate(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_answered_stays_inside_its_quotes() {
        assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(quoted("a\nb\u{7f}"), r#""a\u000Ab\u007F""#);
    }

    #[test]
    fn the_way_out_is_named_after_host_and_port() {
        let egress = |domain: &str| {
            Answers {
                domain: domain.to_owned(),
                ..Answers::default()
            }
            .egress()
        };
        assert_eq!(
            egress("https://ID.example.com"),
            "oic-tokend-egress@id.example.com:443.socket"
        );
        assert_eq!(
            egress("https://id.example.com:8443/"),
            "oic-tokend-egress@id.example.com:8443.socket"
        );
        assert_eq!(
            egress("http://localhost"),
            "oic-tokend-egress@localhost:80.socket"
        );
    }

    #[test]
    fn whom_a_configuration_trusts_is_found_above_its_tables() {
        let of = |text: &str| {
            let file = File {
                path: PathBuf::new(),
                present: Some(text.to_owned()),
            };
            file.ca_file().map(str::to_owned)
        };
        assert_eq!(
            of("x = 1\n ca_file = \"/a\"\n[p]").unwrap(),
            "ca_file = \"/a\""
        );
        assert_eq!(of("# ca_file = 1\nca_files = 2\n"), None);
        assert_eq!(of("[p]\nca_file = \"/a\"\n"), None);
    }

    #[test]
    fn a_profile_that_is_there_is_found_however_it_is_written() {
        assert!(has("x = 1\n  [profile.prod]\n", "prod"));
        assert!(has("[profile.\"prod\"]", "prod"));
        assert!(!has("[profile.production]", "prod"));
    }
}
