//! The folders that this system has for what belongs to a user, and for what
//! belongs to the machine.

use std::path::{Path, PathBuf};

use directories::BaseDirs;
use oic_proto::place::Environment;

/// Where the configuration of a system service is. None on Windows: there, who
/// comes first makes `\etc`.
const SYSTEM_CONFIG: Option<&str> = match cfg!(windows) {
    true => None,
    false => Some("/etc/oic-tokend/config.toml"),
};

/// Where configurations are looked for, the user's own before the machine's.
pub fn configurations(environment: Environment<'_>) -> Vec<PathBuf> {
    let of_user = config_home(environment).map(|home| home.join("oic-tokend").join("config.toml"));
    of_user
        .into_iter()
        .chain(SYSTEM_CONFIG.map(PathBuf::from))
        .collect()
}

fn config_home(environment: Environment<'_>) -> Option<PathBuf> {
    if let Some(home) = absolute(environment, "XDG_CONFIG_HOME") {
        return Some(home);
    }
    if cfg!(windows) {
        return Some(BaseDirs::new()?.config_dir().to_owned());
    }
    Some(home(environment)?.join(".config"))
}

/// Where programs of this user keep what is to outlive them.
pub fn state_home(environment: Environment<'_>) -> Option<PathBuf> {
    if let Some(home) = absolute(environment, "XDG_STATE_HOME") {
        return Some(home);
    }
    if cfg!(any(windows, target_os = "macos")) {
        return Some(BaseDirs::new()?.data_local_dir().to_owned());
    }
    Some(home(environment)?.join(".local/state"))
}

fn home(environment: Environment<'_>) -> Option<PathBuf> {
    absolute(environment, "HOME").or_else(|| Some(BaseDirs::new()?.home_dir().to_owned()))
}

/// The XDG base directory specification has relative paths ignored.
fn absolute(environment: Environment<'_>, name: &str) -> Option<PathBuf> {
    environment(name)
        .map(PathBuf::from)
        .filter(|path| Path::is_absolute(path))
}
