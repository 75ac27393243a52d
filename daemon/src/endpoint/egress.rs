//! The way out where the system gives the daemon no network: a socket for each
//! authorization server, behind which somebody else connects to it. TLS still
//! ends at the server. Why so: `docs/decisions/0049-no-network.md`.

use std::path::{Path, PathBuf};

use reqwest::ClientBuilder;
use url::Url;

/// Names the folder with the sockets, called HOST:PORT.
const FOLDER_VARIABLE: &str = "OIC_TOKEND_EGRESS";

/// How to get to a server. Requests that go the same way share a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    secure: bool,
    socket: Option<PathBuf>,
}

/// The folder that the environment names, if it does.
pub(super) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os(FOLDER_VARIABLE)?;
    (cfg!(unix) && !folder.is_empty()).then(|| folder.into())
}

impl Way {
    pub(super) fn to(url: &Url, egress: Option<&Path>) -> Result<Self, String> {
        let server = || {
            let host = url.host_str()?;
            Some(format!("{host}:{}", url.port_or_known_default()?))
        };
        let socket = match (egress, server()) {
            (Some(folder), Some(server)) => Some(open_to(folder, &server)?),
            _ => None,
        };
        Ok(Self {
            secure: url.scheme() != "http",
            socket,
        })
    }

    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    #[cfg(unix)]
    pub(super) fn take(&self, builder: ClientBuilder) -> ClientBuilder {
        match &self.socket {
            Some(socket) => builder.unix_socket(socket.as_path()),
            None => builder,
        }
    }

    #[cfg(not(unix))]
    pub(super) fn take(&self, builder: ClientBuilder) -> ClientBuilder {
        builder
    }
}

/// The socket for `server`. Whoever manages the system opens one, once.
fn open_to(folder: &Path, server: &str) -> Result<PathBuf, String> {
    let socket = folder.join(server);
    match socket.exists() {
        true => Ok(socket),
        false => Err(format!(
            "{server}: oic-tokend has no network, and the way there is not open; run 'systemctl \
             enable --now oic-tokend-egress@{server}.socket'"
        )),
    }
}
