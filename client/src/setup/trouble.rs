//! What keeps `setup` from its end.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::failure::{Exit, Failure};
use crate::service::{ELSEWHERE, LOG};

/// What keeps `setup` from its end.
#[derive(Debug)]
pub enum Trouble {
    /// Nobody can be asked, and this option does not answer either.
    NotGiven(&'static str),
    /// Nobody can be asked again.
    Disagreed,
    /// Stdin ended where an answer should be.
    NoAnswer,
    /// The configuration has a profile of this name.
    ProfileExists {
        /// The configuration.
        path: PathBuf,
        /// The name.
        profile: String,
    },
    /// There is no place for the configuration.
    NoPlace,
    /// A file cannot be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// `oic-tokend` refuses a configuration with these answers.
    Refused(String),
    /// A daemon runs, and does not come to know this profile.
    NotTaken(String),
    /// The service would listen elsewhere than callers look.
    Elsewhere {
        /// Where these were told to look.
        told: PathBuf,
        /// Where it would listen.
        listens: PathBuf,
    },
    /// A daemon was started, and nobody answers.
    NotUp,
    /// There is no service manager.
    NoManager,
    /// The service manager refuses.
    Service {
        /// What it was told.
        command: String,
        /// What it said.
        why: String,
    },
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Setup(trouble)
    }
}

impl Trouble {
    /// What the exit code says of it.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::NotGiven(_) | Self::Elsewhere { .. } => Exit::Usage,
            _ => Exit::Failure,
        }
    }

    /// What helps.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotGiven(option) => format!(
                "give it as '{option} …', or run 'oic-token setup' in a terminal, which asks"
            ),
            Self::Disagreed => "mend that and run the same command again; '--no-check' writes the \
                                configuration all the same"
                .to_owned(),
            Self::ProfileExists { path, .. } => format!(
                "take another name, 'oic-token setup NAME', or remove it from {}",
                path.display()
            ),
            Self::NoPlace => "name one with '--config FILE'".to_owned(),
            Self::Service { command, .. } => format!(
                "{LOG} may say more; once that is mended, run '{command}' and 'oic-token login'"
            ),
            Self::NotTaken(_) => format!(
                "its log says which it reads: {LOG} for a service; 'oic-tokend --config FILE' \
                 reads another"
            ),
            Self::Elsewhere { told, .. } => format!(
                "leave out '--socket' and OIC_TOKEND_SOCKET, or give '--no-service' and run \
                 'oic-tokend --socket {}' yourself",
                told.display()
            ),
            Self::NotUp => format!("its log says why: {LOG}"),
            Self::NoManager => ELSEWHERE.to_owned(),
            Self::Refused(why) => return why.split_once("\nhint: ").map(|(_, it)| it.to_owned()),
            Self::NoAnswer | Self::File { .. } => return None,
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven(option) => write!(f, "'{option}' is missing"),
            Self::Disagreed => f.write_str("nobody could sign in with this"),
            Self::NoAnswer => f.write_str("the questions were not answered; nothing was written"),
            Self::ProfileExists { path, profile } => {
                write!(f, "{} has a profile '{profile}' already", path.display())
            }
            Self::NoPlace => f.write_str("there is no home directory for the configuration"),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Refused(why) => {
                let why = why
                    .split_once("\nhint: ")
                    .map_or(why.as_str(), |(it, _)| it);
                write!(f, "oic-tokend refuses this configuration: {why}")
            }
            Self::NotTaken(profile) => write!(
                f,
                "the oic-tokend that runs does not know profile '{profile}': it reads another \
                 configuration, or refuses this one"
            ),
            Self::Elsewhere { told, listens } => write!(
                f,
                "the user service listens at {}, not at {}; nothing was changed",
                listens.display(),
                told.display()
            ),
            Self::NotUp => f.write_str("oic-tokend was started, and does not answer"),
            Self::NoManager => f.write_str("this user has no systemd here"),
            Self::Service { command, why } => write!(f, "'{command}' failed: {why}"),
        }
    }
}
