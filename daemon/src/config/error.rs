//! Why a configuration is refused.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// How many letters may differ between what was written and what is suggested.
const TYPOS_MAX: usize = 2;

/// Why a configuration is refused: where, what, and, on a line of its own, how
/// to repair it. Never holds a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    /// The file, and the line in it, from 1, where one is to blame.
    place: String,
    /// The whole key, with the tables it is in.
    key: Option<String>,
    problem: String,
    hint: Option<String>,
    /// The system did not let us read a file.
    denied: bool,
}

impl Error {
    pub(super) fn at(place: String, key: Option<&str>, problem: impl Into<String>) -> Self {
        Self {
            place,
            key: key.map(str::to_owned),
            problem: problem.into(),
            hint: None,
            denied: false,
        }
    }

    /// No file at any of `places`.
    pub(super) fn none_of(places: &[PathBuf]) -> Self {
        let places = Vec::from_iter(places.iter().map(|path| path.display().to_string()));
        let problem = format!("there is no {}", places.join(" and no "));
        Self::at("no configuration".to_owned(), None, problem)
            .hint("'oic-token setup' writes one, and '--config FILE' names one elsewhere")
    }

    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::at(path.display().to_string(), None, error.to_string()).because(error)
    }

    /// It comes of this.
    pub(super) fn because(mut self, error: &io::Error) -> Self {
        self.denied = error.kind() == io::ErrorKind::PermissionDenied;
        self
    }

    /// Whether it is that the system does not let us read a file.
    pub fn is_denied(&self) -> bool {
        self.denied
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Suggests the one of `known` that is spelled like `found`, else names
    /// them all.
    pub(super) fn suggest<'a>(self, found: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let known = Vec::from_iter(known);
        let nearest = known
            .iter()
            .map(|name| (typos(found, name), name))
            .filter(|&(typos, _)| typos <= TYPOS_MAX)
            .min();
        match nearest {
            Some((_, name)) => self.hint(format!("did you mean '{name}'?")),
            None => self.hint(format!("known here: {}", known.join(", "))),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.problem)?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// How many letters have to be put in, left out or changed to make `one` of
/// `other` (Levenshtein), letting `-` and capitals pass for `_` and small ones.
fn typos(one: &str, other: &str) -> usize {
    let fold = |letter: char| match letter {
        '-' => '_',
        letter => letter.to_ascii_lowercase(),
    };
    let other = Vec::from_iter(other.chars().map(fold));
    let mut row = Vec::from_iter(0..=other.len());
    for (i, letter) in one.chars().map(fold).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &another) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != another);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
