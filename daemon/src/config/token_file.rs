//! `[profile.NAME.file]`: a file that always has the profile's access token.

use std::path::{Path, PathBuf};

use super::Error;
use super::table::{Table, Value};
use crate::sink;

/// A file for programs that read their token from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFile {
    /// Where; absolute.
    pub path: PathBuf,
    /// Who may read it.
    pub mode: u32,
    /// Whose group it has, if not the daemon's own.
    pub group: Option<u32>,
}

const KEYS: [&str; 3] = ["group", "mode", "path"];

/// All that a mode may allow: its owner, who replaces it, and one group to
/// read it. Nobody else on the machine is to have the token.
const MODE_MAX: u32 = 0o640;

/// What the daemon itself needs, lest nobody can look what is in it.
const MODE_MIN: u32 = 0o400;

/// The groups of this machine. Those of a directory service are not in it, and
/// are named by number.
const GROUPS: &str = "/etc/group";

/// The file of the profile in `table`, if it has one.
pub(super) fn read(table: &Table<'_>) -> Result<Option<TokenFile>, Error> {
    let Some(table) = table.table("file")? else {
        return Ok(None);
    };
    table.allow_only(&KEYS)?;
    let expected = "the absolute path of a file";
    let path = table
        .string("path")?
        .ok_or_else(|| table.missing("path", expected))?;
    if !sink::IS_POSSIBLE {
        return Err(path.refuse("token files are for Unix alone"));
    }
    let parsed = Path::new(path.value);
    if !parsed.is_absolute() || parsed.file_name().is_none() || path.value.ends_with('/') {
        return Err(path.refuse(format!("expected {expected}")));
    }
    let group = table
        .string("group")?
        .map(|name| group(&name))
        .transpose()?;
    let usual = if group.is_some() { 0o640 } else { 0o600 };
    let mode = table.string("mode")?.map(|text| mode(&text)).transpose()?;
    Ok(Some(TokenFile {
        path: parsed.to_owned(),
        mode: mode.unwrap_or(usual),
        group,
    }))
}

fn mode(text: &Value<'_, &str>) -> Result<u32, Error> {
    match u32::from_str_radix(text.value, 8) {
        Ok(mode) if mode & !MODE_MAX == 0 && mode & MODE_MIN == MODE_MIN => Ok(mode),
        _ => Err(text.refuse(format!(
            "expected \"0400\", \"0440\", \"0600\" or \"0640\", found {:?}",
            text.value
        ))),
    }
}

fn group(name: &Value<'_, &str>) -> Result<u32, Error> {
    let numbered = name.value.parse().ok();
    let groups = || std::fs::read_to_string(GROUPS).unwrap_or_default();
    numbered
        .or_else(|| number(&groups(), name.value))
        .ok_or_else(|| {
            name.refuse(format!("{GROUPS} has no group {:?}", name.value))
                .hint("write its number, if it comes from a directory service")
        })
}

/// group(5): name, password, number, members.
fn number(groups: &str, name: &str) -> Option<u32> {
    let fields = groups.lines().map(|line| line.split(':'));
    fields
        .filter_map(|mut fields| (fields.next()? == name).then(|| fields.nth(1)).flatten())
        .find_map(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_whole_name() {
        let groups = "root:x:0:\napple:x:7:a,b\napp:x:1001:www\n";
        assert_eq!(number(groups, "app"), Some(1001));
        assert_eq!(number(groups, "ap"), None);
    }
}
