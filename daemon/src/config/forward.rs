//! `[forward]`: the second socket, for callers from elsewhere.

use std::path::PathBuf;

use super::table::{Table, Value};
use super::{Error, ProfileConfig, allow};
use crate::access::AllowList;

/// A second socket, to be passed on to other machines and into containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardConfig {
    /// Where it is made, unless systemd passes it.
    pub socket: PathBuf,
    /// Whose access tokens can be had there; at least one.
    pub profiles: Vec<String>,
    /// Who may connect besides our own user and root.
    pub allow: AllowList,
}

const EXPECTED: &str = "the absolute path of a socket";

/// What is written of it among all there is; `None`: there is no such socket.
pub(super) fn read(
    root: &Table<'_>,
    profiles: &[ProfileConfig],
) -> Result<Option<ForwardConfig>, Error> {
    let Some(table) = root.table("forward")? else {
        return Ok(None);
    };
    table.allow_only(&["allow", "profiles", "socket"])?;
    Ok(Some(ForwardConfig {
        socket: socket(&table)?,
        profiles: named(&table, profiles)?,
        allow: allow::read(&table)?,
    }))
}

fn socket(table: &Table<'_>) -> Result<PathBuf, Error> {
    let written = table
        .string("socket")?
        .ok_or_else(|| table.missing("socket", EXPECTED))?;
    absolute(&written)
}

/// The path of a socket that is in no folder of ours.
pub(super) fn absolute(written: &Value<'_, &str>) -> Result<PathBuf, Error> {
    let path = PathBuf::from(written.value);
    match path.is_absolute() {
        true => Ok(path),
        false => Err(written.refuse(format!("expected {EXPECTED}"))),
    }
}

fn named(table: &Table<'_>, profiles: &[ProfileConfig]) -> Result<Vec<String>, Error> {
    const EXPECTED: &str = "an array of at least one profile";
    let written = table
        .strings("profiles")?
        .ok_or_else(|| table.missing("profiles", EXPECTED))?;
    if written.value.is_empty() {
        return Err(written.refuse(format!("expected {EXPECTED}")));
    }
    let names = written.value.iter();
    names.map(|name| super::known(name, profiles)).collect()
}
