//! The command lines that programs give all day, understood without clap,
//! which takes longer to begin than the whole of a `get` (see
//! `docs/decisions/0034-start.md`). Whatever is not known here to the letter is
//! clap's: help, errors, and every other way to say the same.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;

use super::{
    Arguments, Command, Format, Freshness, Get, Helper, MIN_VALID_DEFAULT, TIMEOUT_DEFAULT,
};

/// What clap would make of these words, those behind the program's name; `None`
/// where it has to be asked.
pub fn parse(words: &[OsString]) -> Option<Arguments> {
    let mut socket = None;
    let words = match words {
        [option, path, rest @ ..] if option == "--socket" => {
            socket = Some(value(path.to_str()?)?.into());
            rest
        }
        _ => words,
    };
    let (name, rest) = words.split_first()?;
    match name.to_str()? {
        "get" => get(socket, rest),
        "helper" => helper(socket, rest),
        _ => None,
    }
}

fn get(mut socket: Option<PathBuf>, words: &[OsString]) -> Option<Arguments> {
    let (mut profile, mut min_valid, mut timeout) = (None, None, None);
    let (mut force, mut format) = (None, None);
    let mut words = words.iter().map(|word| word.to_str());
    while let Some(word) = words.next() {
        let word = word?;
        let (name, joined) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (word, None),
        };
        let mut next = || value(joined.or_else(|| words.next()?)?);
        match name {
            "--force" if joined.is_none() => once(&mut force, true),
            "--min-valid" => once(&mut min_valid, next()?.parse().ok()?),
            "--timeout" => once(&mut timeout, next()?.parse().ok()?),
            "--format" => once(&mut format, Format::from_str(next()?, false).ok()?),
            "--socket" => once(&mut socket, next()?.into()),
            _ => once(&mut profile, value(word)?.to_owned()),
        }?;
    }
    let freshness = Freshness {
        min_valid: min_valid.unwrap_or(MIN_VALID_DEFAULT),
        timeout: timeout.unwrap_or(TIMEOUT_DEFAULT),
    };
    let command = Command::Get(Get {
        profile,
        freshness,
        force: force.unwrap_or_default(),
        format: format.unwrap_or(Format::Token),
    });
    Some(Arguments { socket, command })
}

/// A helper takes every word behind its name as it is.
fn helper(socket: Option<PathBuf>, words: &[OsString]) -> Option<Arguments> {
    crate::Helper::named(words.first()?).ok()?;
    let command = Command::Helper(Helper::Answer(words.to_vec()));
    Some(Arguments { socket, command })
}

/// A word that can only be a value.
fn value(word: &str) -> Option<&str> {
    (!word.is_empty() && !word.starts_with('-')).then_some(word)
}

/// What is given twice is clap's to refuse.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}
