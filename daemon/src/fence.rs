//! The fence (Linux): once everything is open, the kernel takes away for good
//! what the daemon never needs again. Whoever takes the daemon over, by what a
//! caller or a server sends, starts no program with it, writes nowhere but in
//! its own folders, and reads nobody's private files.
//!
//! `files` says which files stay within reach, `calls` which system calls
//! do not. Why so, and why no more: `docs/decisions/0014-fence.md`.

// Filters are written for these, and no other.
#[cfg(target_os = "linux")]
#[cfg(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64"
))]
mod calls;
#[cfg(target_os = "linux")]
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64"
)))]
mod calls {
    pub(super) fn restrict() -> Result<(), &'static str> {
        Err("there is no filter for this processor")
    }
}
#[cfg(target_os = "linux")]
mod files;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

use std::path::{Path, PathBuf};

use oic_proto::place::Environment;

use crate::config::Config;

/// What stays within reach. What the daemon comes to read or write elsewhere has
/// to be added here.
#[derive(Debug, Default)]
pub struct Needs {
    /// Folders that are read, with all that is below.
    pub read: Vec<PathBuf>,
    /// Folders that are read and written.
    pub write: Vec<PathBuf>,
    /// Folders from which files are removed.
    pub remove: Vec<PathBuf>,
    /// Sockets without a file are connected to.
    pub abstract_sockets: bool,
}

/// What the system's libraries read: themselves, the name service, the trust
/// roots, and where these come from on systems that keep them apart.
const SYSTEM: [&str; 14] = [
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/opt/etc/ssl",
    "/run",
    "/proc",
    "/dev/null",
    "/dev/urandom",
    "/var/lib/ca-certificates",
    "/var/lib/sss",
    "/var/ssl",
    // NixOS and Guix have the libraries there.
    "/nix/store",
    "/gnu/store",
];

/// Whoever manages the network may keep this one anywhere, and replaces it.
const RESOLVER: &str = "/etc/resolv.conf";

impl Needs {
    /// What it takes to read the configuration at `path` again, as well as the
    /// files that `config` and `environment` name, and to reach servers and the
    /// service manager.
    ///
    /// Always the folder of a file: whoever changes a file puts another one in
    /// its place, and that one has to be readable too.
    pub fn of(config: &Config, path: &Path, environment: Environment<'_>) -> Self {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let folders =
            |name: &str| set(name).map(|list| Vec::from_iter(std::env::split_paths(&list)));
        let files = [path.to_owned(), PathBuf::from(RESOLVER)]
            .into_iter()
            .chain(config.files().map(Path::to_owned))
            .chain(set("SSL_CERT_FILE").map(PathBuf::from));
        let mut read = Vec::from_iter(SYSTEM.map(PathBuf::from));
        read.extend(files.flat_map(|file| folders_of(&file)));
        read.extend(folders("SSL_CERT_DIR").unwrap_or_default());
        read.extend(set("CREDENTIALS_DIRECTORY").map(PathBuf::from));
        let names_abstract = |name: &str, sign: &str| {
            set(name).is_some_and(|place| place.to_string_lossy().contains(sign))
        };
        Self {
            read,
            abstract_sockets: names_abstract("NOTIFY_SOCKET", "@")
                || names_abstract("DBUS_SESSION_BUS_ADDRESS", "abstract="),
            ..Self::default()
        }
    }
}

/// The folder a file is said to be in, and, where it is a link, the one in
/// which it is.
fn folders_of(file: &Path) -> Vec<PathBuf> {
    let folder = |file: &Path| {
        let folder = file.parent().unwrap_or(Path::new(""));
        // Of a name alone, it is the folder we run in.
        match folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => folder.to_owned(),
        }
    };
    let real = file.canonicalize().ok();
    let mut folders = vec![folder(file)];
    folders.extend(real.map(|real| folder(&real)));
    folders
}

/// Puts the fence up, for good, around this process and whatever it starts. To
/// be called while there is one thread: others would be left outside. Where
/// the kernel has no such thing, or refuses, the log says so and the daemon
/// goes on without: it has as many rights then as any program of its user.
#[cfg(target_os = "linux")]
pub fn put_up(needs: &Needs) {
    use tracing::{debug, info, warn};

    match files::restrict(needs) {
        Ok(true) => debug!("files are fenced"),
        Ok(false) => info!("files are not fenced: this kernel has no Landlock, or not switched on"),
        Err(error) => warn!("files are not fenced: {error}"),
    }
    match calls::restrict() {
        Ok(()) => debug!("system calls are fenced"),
        Err(error) => warn!("system calls are not fenced: {error}"),
    }
}

/// There is none elsewhere yet.
#[cfg(not(target_os = "linux"))]
pub fn put_up(_: &Needs) {}
