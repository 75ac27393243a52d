//! The configuration: read once, whole, into types that hold only what is
//! good. Every refusal names file, line and key, what was expected and what
//! was found.

mod allow;
mod credentials;
mod error;
mod forward;
mod helper;
mod hooks;
pub mod keys;
mod profile;
mod secret_file;
mod table;
mod token_file;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use oic_proto::Secret;
use oic_proto::place::Environment;
use url::Url;

use crate::access::AllowList;
use crate::homes;
use crate::lifecycle::RefreshTokenExpiry;
use crate::mapping::Mapping;
use crate::store::{HAS_DPAPI, HAS_SECRET_SERVICE, KeySource};

pub use credentials::CredentialsConfig;
pub use error::Error;
pub use forward::ForwardConfig;
pub use hooks::HooksConfig;
pub(crate) use profile::is_loopback;
pub use profile::is_name;
use table::{Source, Table, Value};
pub use token_file::TokenFile;

/// Largest configuration that is read, in bytes.
const CONFIG_LEN_MAX: u64 = 1024 * 1024;

/// The variable that names the configuration.
const CONFIG_VARIABLE: &str = "OIC_TOKEND_CONFIG";

/// What the daemon is told to do.
#[derive(Debug)]
pub struct Config {
    /// The profile that is meant when none is named: the one that the file
    /// names, or the only one.
    pub default_profile: Option<String>,
    /// Certificate authorities to trust besides the system's; PEM.
    pub ca_file: Option<PathBuf>,
    /// Sessions that were copied from elsewhere are used like any other.
    pub use_copied_sessions: bool,
    /// Where the key comes from that sessions are sealed with.
    pub session_key: KeySource,
    /// The daemon fences itself in.
    pub fence: bool,
    /// What to run when something happens.
    pub hooks: HooksConfig,
    /// The second socket, for callers from elsewhere.
    pub forward: Option<ForwardConfig>,
    /// The socket from which systemd loads credentials of units.
    pub credentials: Option<CredentialsConfig>,
    /// At least one; names are unique, in any spelling of their letters.
    pub profiles: Vec<ProfileConfig>,
    /// Whose token credential helpers give to which URLs.
    pub mappings: Vec<Mapping>,
}

/// One client with its scopes at one authorization server.
#[derive(Debug, PartialEq, Eq)]
pub struct ProfileConfig {
    /// Letters, digits, `.`, `_` and `-`; also the name of its session's file.
    pub name: String,
    /// Where requests go.
    pub endpoints: Endpoints,
    /// The application that is registered there.
    pub client: Client,
    /// What to ask for, without `offline_access`; at least one.
    pub scopes: Vec<String>,
    /// Whether to ask for `offline_access` too, and so for a refresh token.
    pub offline_access: bool,
    /// How long a refresh token lives, where that is known and no answer says
    /// otherwise.
    pub refresh_token_lifetime: Option<Duration>,
    /// From when that is counted.
    pub refresh_token_expiry: RefreshTokenExpiry,
    /// Whether the client authenticates, if it has a secret, at the device
    /// authorization endpoint too. RFC 8628 §3.1 wants it; OCI IAM does not.
    pub authenticate_device_authorization: bool,
    /// Further fields of the device authorization request.
    pub device_authorization_params: Vec<(String, String)>,
    /// Further fields of every token request.
    pub token_params: Vec<(String, String)>,
    /// Whether its session is kept in memory and on no disk.
    pub memory_only: bool,
    /// The hosts that access tokens are for; none where that is not said.
    pub hosts: Vec<String>,
    /// A file that is to have the access token.
    pub file: Option<TokenFile>,
    /// The hosts on which the end user may sign in: a `domain` profile's own,
    /// and those that the file names. None: any.
    pub verification_hosts: Vec<String>,
    /// Who may have its access tokens besides our own user and root.
    pub allow: AllowList,
}

/// Where requests go: https, or plain http on the loopback interface.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The device authorization endpoint (RFC 8628 §3.1).
    pub device_authorization: Url,
    /// The token endpoint (RFC 6749 §3.2).
    pub token: Url,
    /// The revocation endpoint (RFC 7009 §2).
    pub revocation: Option<Url>,
}

/// The application that is registered at the authorization server.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    /// Its client id.
    pub id: String,
    /// Its secret; `None` makes it a public client.
    pub secret: Option<ClientSecret>,
}

/// A client secret (RFC 6749 §2.3.1).
#[derive(Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// The secret.
    pub secret: Secret<String>,
    /// The file it was read from.
    pub file: PathBuf,
}

impl ClientSecret {
    /// Whether it was read at all: [`Config::check`] may go without.
    pub fn is_seen(&self) -> bool {
        !self.secret.expose().is_empty()
    }
}

impl Config {
    /// Whether anybody but our own user and root may have anything at the first
    /// socket.
    pub fn serves_others(&self) -> bool {
        self.profiles.iter().any(|it| !it.allow.is_empty())
    }

    /// The file to read: the first of `--config`, `$OIC_TOKEND_CONFIG`,
    /// `$XDG_CONFIG_HOME/oic-tokend/config.toml` (`~/.config/...`) and
    /// `/etc/oic-tokend/config.toml` that is set; the last two have to exist.
    ///
    /// # Errors
    ///
    /// None of them is set or exists.
    pub fn locate(option: Option<PathBuf>, environment: Environment<'_>) -> Result<PathBuf, Error> {
        let told = || {
            environment(CONFIG_VARIABLE)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if let Some(path) = option.or_else(told) {
            return Ok(path);
        }
        let places = homes::configurations(environment);
        let found = places.iter().find(|path| path.exists());
        found.cloned().ok_or_else(|| Error::none_of(&places))
    }

    /// Reads the file at `path`, and the secrets that it names.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::load_with(path, false)
    }

    /// Likewise, of a configuration that nobody is going to use: secrets that
    /// systemd keeps for the service alone are not looked at.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn check(path: &Path) -> Result<Self, Error> {
        Self::load_with(path, true)
    }

    fn load_with(path: &Path, only_checked: bool) -> Result<Self, Error> {
        let text = read(path).map_err(|error| Error::unreadable(path, &error))?;
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from);
        Self::parse_with(&text, path, credentials.as_deref(), only_checked)
    }

    /// Reads `text` as if it stood in the file at `path`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        Self::parse_with(text, path, None, false)
    }

    fn parse_with(
        text: &str,
        path: &Path,
        credentials: Option<&Path>,
        only_checked: bool,
    ) -> Result<Self, Error> {
        let source = Source { path, text };
        let document = source.parse()?;
        let root = Table::root(&source, &document);
        root.allow_only(&keys::names(keys::TOP))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let files = secret_file::Places {
            folder,
            credentials,
            only_checked,
        };
        let profiles = profile::read_all(&root, &files)?;
        let default_profile = default_profile(&root, &profiles)?;
        Ok(Self {
            mappings: helper::read_all(&root, &profiles, default_profile.as_deref())?,
            default_profile,
            ca_file: ca_file(&root, folder)?,
            use_copied_sessions: use_copied_sessions(&root)?,
            session_key: session_key(&root)?,
            fence: root.boolean("fence")?.is_none_or(|wanted| wanted.value),
            hooks: hooks::read(&root)?,
            forward: forward::read(&root, &profiles)?,
            credentials: credentials::read(&root, &profiles)?,
            profiles,
        })
    }

    /// The files that it names.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let secrets = self
            .profiles
            .iter()
            .filter_map(|it| it.client.secret.as_ref());
        let files = secrets.map(|secret| &secret.file).chain(&self.ca_file);
        files.map(PathBuf::as_path)
    }

    /// The folders in which it wants token files.
    pub fn token_file_folders(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.profiles.iter().filter_map(|it| it.file.as_ref());
        files.filter_map(|file| file.path.parent().map(Path::to_owned))
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let mut file = File::open(path)?.take(CONFIG_LEN_MAX + 1);
    file.read_to_string(&mut text)?;
    if text.len() as u64 > CONFIG_LEN_MAX {
        return Err(io::Error::other(format!(
            "larger than {CONFIG_LEN_MAX} bytes"
        )));
    }
    Ok(text)
}

fn default_profile(root: &Table<'_>, profiles: &[ProfileConfig]) -> Result<Option<String>, Error> {
    match (root.string("default_profile")?, profiles) {
        (Some(named), _) => known(&named, profiles).map(Some),
        (None, [only]) => Ok(Some(only.name.clone())),
        (None, _) => Ok(None),
    }
}

/// The profile that is named here, which has to be one of `profiles`.
fn known(named: &Value<'_, &str>, profiles: &[ProfileConfig]) -> Result<String, Error> {
    let names = || profiles.iter().map(|profile| profile.name.as_str());
    match names().any(|name| name == named.value) {
        true => Ok(named.value.to_owned()),
        false => Err(named
            .refuse(format!("there is no profile {:?}", named.value))
            .suggest(named.value, names())),
    }
}

fn use_copied_sessions(root: &Table<'_>) -> Result<bool, Error> {
    let Some(named) = root.string("copied_sessions")? else {
        return Ok(false);
    };
    match named.value {
        "refuse" => Ok(false),
        "use" => Ok(true),
        other => Err(named.refuse(format!("expected \"refuse\" or \"use\", found {other:?}"))),
    }
}

fn session_key(root: &Table<'_>) -> Result<KeySource, Error> {
    let Some(named) = root.string("session_key")? else {
        return Ok(KeySource::default());
    };
    // systemd.exec(5): the name of a credential is that of a file.
    let is_name = |name: &str| !name.is_empty() && !name.contains('/') && !name.starts_with('.');
    match (named.value, named.value.split_once(':')) {
        ("file", _) => Ok(KeySource::File),
        ("passphrase", _) => Ok(KeySource::Passphrase),
        ("secret-service", _) if HAS_SECRET_SERVICE => Ok(KeySource::SecretService),
        ("secret-service", _) => Err(named
            .refuse("this oic-tokend was built without the Secret Service")
            .hint("build it with 'cargo install --path daemon --features secret-service'")),
        ("dpapi", _) if HAS_DPAPI => Ok(KeySource::Dpapi),
        ("dpapi", _) => Err(named.refuse("DPAPI is Windows' own, and not here")),
        (_, Some(("credential", name))) if is_name(name) => {
            Ok(KeySource::Credential(name.to_owned()))
        }
        (other, _) => Err(named.refuse(format!(
            "expected \"file\", \"passphrase\", \"secret-service\", \"dpapi\" or \
             \"credential:NAME\", found {other:?}"
        ))),
    }
}

/// Looked at here, so that `--check-config` finds it missing; read with the
/// first request.
fn ca_file(root: &Table<'_>, folder: &Path) -> Result<Option<PathBuf>, Error> {
    let Some(named) = root.string("ca_file")? else {
        return Ok(None);
    };
    let path = folder.join(named.value);
    match File::open(&path) {
        Ok(_) => Ok(Some(path)),
        Err(error) => {
            let problem = format!("cannot open {}: {error}", path.display());
            Err(named.refuse(problem).because(&error))
        }
    }
}

#[cfg(test)]
mod tests;
