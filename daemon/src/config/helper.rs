//! One `[[helper]]`: whose token credential helpers give to which URLs.

use super::table::{Table, Value};
use super::{Error, ProfileConfig};
use crate::mapping::{Mapping, Pattern};

const KEYS: [&str; 4] = ["profile", "realm", "url", "username"];

/// What most servers take beside an access token, whoever is signed in.
const USERNAME_DEFAULT: &str = "oauth2";

/// All entries, in the order of the file.
pub(super) fn read_all(
    root: &Table<'_>,
    profiles: &[ProfileConfig],
    default_profile: Option<&str>,
) -> Result<Vec<Mapping>, Error> {
    let mut mappings: Vec<Mapping> = Vec::new();
    for table in root.tables("helper")? {
        table.allow_only(&KEYS)?;
        let mapping = Mapping {
            pattern: pattern(&table)?,
            realm: printable(&table, "realm")?,
            profile: profile(&table, profiles, default_profile)?,
            username: username(&table)?,
        };
        let same =
            |other: &&Mapping| (&other.pattern, &other.realm) == (&mapping.pattern, &mapping.realm);
        if mappings.iter().any(|other| same(&other)) {
            return Err(table
                .refuse("another [[helper]] has this url")
                .hint("servers that name a realm can be told apart: realm = \"NAME\""));
        }
        mappings.push(mapping);
    }
    Ok(mappings)
}

fn pattern(table: &Table<'_>) -> Result<Pattern, Error> {
    let expected = "a URL, \"https://git.example.com/team/*\" say";
    let url = table
        .string("url")?
        .ok_or_else(|| table.missing("url", expected))?;
    Pattern::parse(url.value).map_err(|problem| {
        let error = url.refuse(problem.what);
        match problem.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}

fn profile(
    table: &Table<'_>,
    profiles: &[ProfileConfig],
    default: Option<&str>,
) -> Result<String, Error> {
    match table.string("profile")? {
        Some(named) => super::known(&named, profiles),
        None => default.map(str::to_owned).ok_or_else(|| {
            table.missing("profile", "the name of a profile, as there is no default")
        }),
    }
}

/// RFC 7617 §2: in a user name there is no colon.
fn username(table: &Table<'_>) -> Result<String, Error> {
    if let Some(written) = table.string("username")?
        && written.value.contains(':')
    {
        return Err(written.refuse("expected a user name without ':'"));
    }
    let written = printable(table, "username")?;
    Ok(written.unwrap_or_else(|| USERNAME_DEFAULT.to_owned()))
}

/// A line of a credential helper's protocol ends where its line does.
fn printable(table: &Table<'_>, key: &str) -> Result<Option<String>, Error> {
    let check = |written: Value<'_, &str>| {
        let good = !written.value.is_empty() && !written.value.contains(char::is_control);
        match good {
            true => Ok(written.value.to_owned()),
            false => Err(written.refuse("expected text without control characters")),
        }
    };
    table.string(key)?.map(check).transpose()
}
