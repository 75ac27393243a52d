//! Where this caller looks for the daemon, by the rules of `oic_proto`, and
//! where a daemon of this user looks for its configuration.

use std::path::{Path, PathBuf};

use oic_proto::place;

/// Whether there is one place, which a daemon knows as well, and no other.
pub const IS_SINGLE: bool = cfg!(windows);

/// The places to try, in order.
#[cfg(unix)]
pub fn places(option: Option<PathBuf>) -> Vec<PathBuf> {
    let uid = rustix::process::getuid().as_raw();
    place::of_caller(option, &|name| std::env::var_os(name), uid)
}

/// The pipe to try.
#[cfg(windows)]
pub fn places(option: Option<PathBuf>) -> Vec<PathBuf> {
    // Of a user without an identifier no pipe has the name.
    let sid = oic_proto::sid::of_user().map(|sid| sid.to_string());
    let sid = sid.unwrap_or_default();
    vec![place::of_pipe(option, &|name| std::env::var_os(name), sid)]
}

/// The configuration that a daemon reads which is started as this program is.
pub fn config() -> Option<PathBuf> {
    let told = set("OIC_TOKEND_CONFIG").filter(|path| !path.as_os_str().is_empty());
    let home = || set("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    told.or_else(|| home().map(in_home)).or_else(usual_config)
}

/// Whether a service would look elsewhere: it has none of the variables by
/// which this program found the configuration.
pub fn is_unusual(config: &Path) -> bool {
    usual_config().as_deref() != Some(config)
}

fn usual_config() -> Option<PathBuf> {
    #[cfg(unix)]
    let home = set("HOME")?.join(".config");
    #[cfg(windows)]
    let home = set("APPDATA")?;
    Some(in_home(home))
}

fn in_home(home: PathBuf) -> PathBuf {
    home.join("oic-tokend").join("config.toml")
}

fn set(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}
