//! A client secret in a file of its own, so that the configuration can be
//! shown, kept under version control and read by others.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use oic_proto::Secret;
use zeroize::Zeroizing;

use super::table::Value;
use super::{ClientSecret, Error};
use crate::private;

/// Longest client secret that is read, in bytes. Those of OCI IAM have 36.
const SECRET_LEN_MAX: usize = 4 * 1024;

/// Where files with secrets are looked for.
pub(super) struct Places<'a> {
    /// The configuration's own.
    pub(super) folder: &'a Path,
    /// `$CREDENTIALS_DIRECTORY`, whose files systemd has guarded.
    pub(super) credentials: Option<&'a Path>,
    /// Nobody is going to use them. One that systemd passes to the service alone,
    /// and not to `ExecReload=` or to whoever types, is not looked at.
    pub(super) only_checked: bool,
}

/// The secret in the file that `named` names.
pub(super) fn read(named: &Value<'_, &str>, places: &Places<'_>) -> Result<ClientSecret, Error> {
    let path = places
        .credentials
        .unwrap_or(places.folder)
        .join(named.value);
    let refuse = |problem: String| named.refuse(format!("{}: {problem}", path.display()));
    let guarded = places
        .credentials
        .is_some_and(|guarded| path.parent() == Some(guarded));
    let file = match File::open(&path) {
        Err(error) if places.only_checked && may_be_passed(named, places, &error) => {
            return Ok(ClientSecret {
                secret: Secret::new(String::new()),
                file: path,
            });
        }
        opened => opened.map_err(|error| refuse(error.to_string()).because(&error))?,
    };
    if !guarded
        && let Some(mode) =
            private::open_to_others(&file).map_err(|error| refuse(error.to_string()))?
    {
        return Err(refuse(format!("open to other users (mode {mode:04o})"))
            .hint(format!("run 'chmod 600 {}'", path.display())));
    }
    let text = read_bounded(file).map_err(|error| refuse(error.to_string()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    // RFC 6749 appendix A.2.
    let is_secret = !secret.is_empty() && secret.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
    if !is_secret {
        return Err(refuse(
            "expected the client secret, one line of printable ASCII, and nothing else".to_owned(),
        ));
    }
    Ok(ClientSecret {
        secret: Secret::new(secret.to_owned()),
        file: path,
    })
}

/// Whether what cannot be opened may be a credential of the service: systemd 252
/// closes their folder to others, and 257 does not name it.
fn may_be_passed(named: &Value<'_, &str>, places: &Places<'_>, error: &io::Error) -> bool {
    let is_name = Path::new(named.value).file_name() == Some(named.value.as_ref());
    let hidden = match places.credentials {
        Some(_) => ErrorKind::PermissionDenied,
        None => ErrorKind::NotFound,
    };
    is_name && error.kind() == hidden
}

fn read_bounded(file: File) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(SECRET_LEN_MAX + 2));
    file.take(SECRET_LEN_MAX as u64 + 1)
        .read_to_string(&mut text)?;
    if text.len() > SECRET_LEN_MAX {
        return Err(io::Error::other(format!(
            "larger than {SECRET_LEN_MAX} bytes"
        )));
    }
    Ok(text)
}
