//! `[credentials]`: a socket from which systemd loads credentials of units.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::table::{Table, Value};
use super::{Error, ProfileConfig};
use crate::units::{Granted, Units, is_credential_name, is_unit_name};

/// A socket for `LoadCredential=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsConfig {
    /// Where it is made, unless systemd passes it: a path, or a name beside the
    /// first socket.
    pub socket: PathBuf,
    /// Which unit gets which token; at least one.
    pub units: Units,
}

/// What it is called unless told otherwise.
const SOCKET_DEFAULT: &str = "credentials";

const EXPECTED: &str = "a table of units and profiles: \"job.service\" = \"prod\"";

/// What is written of it among all there is; `None`: there is no such socket.
pub(super) fn read(
    root: &Table<'_>,
    profiles: &[ProfileConfig],
) -> Result<Option<CredentialsConfig>, Error> {
    let Some(table) = root.table("credentials")? else {
        return Ok(None);
    };
    table.allow_only(&["socket", "units"])?;
    let units = table
        .table("units")?
        .ok_or_else(|| table.missing("units", EXPECTED))?;
    Ok(Some(CredentialsConfig {
        socket: match table.string("socket")? {
            Some(written) => super::forward::absolute(&written)?,
            None => SOCKET_DEFAULT.into(),
        },
        units: read_units(&units, profiles)?,
    }))
}

fn read_units(table: &Table<'_>, profiles: &[ProfileConfig]) -> Result<Units, Error> {
    let mut units = BTreeMap::new();
    for unit in table.keys() {
        if !is_unit_name(unit.value) {
            let error = unit.refuse("expected the whole name of a unit that runs programs");
            return Err(error.hint("it is quoted, and has its kind: \"job.service\""));
        }
        let granted = match table.table(unit.value) {
            Ok(Some(credentials)) => Granted::Named(by_credential(&credentials, profiles)?),
            _ => Granted::Any(profile(table, &unit, profiles)?),
        };
        units.insert(unit.value.to_owned(), granted);
    }
    if units.is_empty() {
        return Err(table.refuse(format!("expected {EXPECTED}")));
    }
    Ok(Units(units))
}

fn by_credential(
    table: &Table<'_>,
    profiles: &[ProfileConfig],
) -> Result<BTreeMap<String, String>, Error> {
    let mut granted = BTreeMap::new();
    for credential in table.keys() {
        if !is_credential_name(credential.value) {
            return Err(credential.refuse("expected the name of a credential, \"token\" say"));
        }
        let profile = profile(table, &credential, profiles)?;
        granted.insert(credential.value.to_owned(), profile);
    }
    match granted.is_empty() {
        true => Err(table.refuse("expected a credential and its profile: token = \"prod\"")),
        false => Ok(granted),
    }
}

/// The profile that `key` names, which is in `table`.
fn profile(
    table: &Table<'_>,
    key: &Value<'_, &str>,
    profiles: &[ProfileConfig],
) -> Result<String, Error> {
    let named = table.string(key.value)?;
    named.map_or_else(
        || Err(key.refuse("expected a profile")),
        |named| super::known(&named, profiles),
    )
}
