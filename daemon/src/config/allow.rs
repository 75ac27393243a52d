//! Who may have a profile: `allow = { users = […], groups = […] }`.

use std::collections::BTreeSet;

use super::Error;
use super::table::{Table, Value};
use crate::access::AllowList;
use crate::accounts;

/// Users, or groups, that one list may name: each is asked for by itself, at a
/// directory server maybe. A longer list is a group.
const NAMES_MAX: usize = 100;

/// What a name may be of.
struct Kind {
    word: &'static str,
    /// As `getent(1)` calls it.
    database: &'static str,
    look_up: fn(&str) -> Result<Option<u32>, String>,
}

const USER: Kind = Kind {
    word: "user",
    database: "passwd",
    look_up: accounts::user,
};

const GROUP: Kind = Kind {
    word: "group",
    database: "group",
    look_up: accounts::group,
};

/// The list of `table`, which is empty where it has none.
pub(super) fn read(table: &Table<'_>) -> Result<AllowList, Error> {
    let Some(allow) = table.table("allow")? else {
        return Ok(AllowList::default());
    };
    allow.allow_only(&["groups", "users"])?;
    Ok(AllowList {
        users: ids(&allow, "users", &USER)?,
        groups: ids(&allow, "groups", &GROUP)?,
    })
}

fn ids(allow: &Table<'_>, key: &str, kind: &Kind) -> Result<BTreeSet<u32>, Error> {
    let Some(names) = allow.strings(key)? else {
        return Ok(BTreeSet::new());
    };
    let found = names.value.len();
    if found > NAMES_MAX {
        return Err(names
            .refuse(format!("expected at most {NAMES_MAX} names, found {found}"))
            .hint("put them into one group and name that in 'groups'"));
    }
    names.value.iter().map(|name| id(name, kind)).collect()
}

fn id(name: &Value<'_, &str>, kind: &Kind) -> Result<u32, Error> {
    match (kind.look_up)(name.value) {
        Ok(Some(id)) => Ok(id),
        Ok(None) => Err(name
            .refuse(format!("there is no {} {:?}", kind.word, name.value))
            .hint(format!(
                "'getent {}' lists them; one that has no name is written as its number",
                kind.database
            ))),
        Err(why) => Err(name.refuse(format!("cannot tell who {:?} is: {why}", name.value))),
    }
}
