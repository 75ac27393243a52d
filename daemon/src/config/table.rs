//! Reads the values of a TOML table, and knows where each one stands.

use std::ops::Range;
use std::path::{Display, Path};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Error;

/// The text of a configuration and the file it stands in.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl<'a> Source<'a> {
    pub(super) fn parse(&self) -> Result<DeTable<'a>, Error> {
        DeTable::parse(self.text)
            .map(Spanned::into_inner)
            .map_err(|error| {
                let message = error.message().lines().next().unwrap_or_default();
                Error::at(
                    self.place(error.span()),
                    None,
                    format!("not TOML: {message}"),
                )
            })
    }

    fn place(&self, span: Option<Range<usize>>) -> String {
        let file = self.path.display();
        match span.and_then(|span| self.text.get(..span.start)) {
            Some(before) => format!("{file}:{}", 1 + before.matches('\n').count()),
            None => file.to_string(),
        }
    }
}

/// A table, where it stands, and what it is called.
pub(super) struct Table<'a> {
    source: &'a Source<'a>,
    entries: &'a DeTable<'a>,
    /// Where it begins; `None` for the whole file.
    span: Option<Range<usize>>,
    /// Its whole name; empty for the whole file.
    key: String,
}

/// A value, where it stands, and what it is called.
pub(super) struct Value<'a, T> {
    pub(super) value: T,
    source: &'a Source<'a>,
    span: Range<usize>,
    key: String,
}

impl<T> Value<'_, T> {
    /// The error that says `problem` of this value.
    pub(super) fn refuse(&self, problem: impl Into<String>) -> Error {
        let place = self.source.place(Some(self.span.clone()));
        Error::at(place, Some(&self.key), problem)
    }
}

impl<'a, T> Value<'a, T> {
    /// The same place with another value.
    fn with<U>(self, value: U) -> Value<'a, U> {
        Value {
            value,
            source: self.source,
            span: self.span,
            key: self.key,
        }
    }
}

impl<'a> Value<'a, &'a DeValue<'a>> {
    fn convert<T>(
        self,
        expected: &str,
        convert: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Result<Value<'a, T>, Error> {
        match convert(self.value) {
            Some(value) => Ok(self.with(value)),
            None => Err(self.refuse(format!("expected {expected}, found {}", kind(self.value)))),
        }
    }
}

impl<'a> Value<'a, &'a DeTable<'a>> {
    fn into_table(self) -> Table<'a> {
        Table {
            source: self.source,
            entries: self.value,
            span: Some(self.span),
            key: self.key,
        }
    }
}

impl<'a> Table<'a> {
    pub(super) fn root(source: &'a Source<'a>, entries: &'a DeTable<'a>) -> Self {
        Self {
            source,
            entries,
            span: None,
            key: String::new(),
        }
    }

    /// Refuses every key but these.
    pub(super) fn allow_only(&self, known: &[&str]) -> Result<(), Error> {
        let mut keys = self.keys().into_iter();
        match keys.find(|key| !known.contains(&key.value)) {
            None => Ok(()),
            Some(key) => {
                let error = key.refuse("unknown key");
                Err(error.suggest(key.value, known.iter().copied()))
            }
        }
    }

    /// The error that says `problem` of the whole table.
    pub(super) fn refuse(&self, problem: impl Into<String>) -> Error {
        let place = self.source.place(self.span.clone());
        let key = Some(self.key.as_str()).filter(|key| !key.is_empty());
        Error::at(place, key, problem)
    }

    /// The file that it is in.
    pub(super) fn file(&self) -> Display<'a> {
        self.source.path.display()
    }

    /// The error that says that `key` is not there.
    pub(super) fn missing(&self, key: &str, expected: &str) -> Error {
        let place = self.source.place(self.span.clone());
        let problem = format!("missing; expected {expected}");
        Error::at(place, Some(&self.full(key)), problem)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    pub(super) fn string(&self, key: &str) -> Result<Option<Value<'a, &'a str>>, Error> {
        self.get(key, "a string", text)
    }

    pub(super) fn boolean(&self, key: &str) -> Result<Option<Value<'a, bool>>, Error> {
        self.get(key, "true or false", |value| match value {
            DeValue::Boolean(value) => Some(*value),
            _ => None,
        })
    }

    /// One that no `i64` holds becomes the nearest that does: no key takes it.
    pub(super) fn integer(&self, key: &str) -> Result<Option<Value<'a, i64>>, Error> {
        self.get(key, "an integer", |value| match value {
            DeValue::Integer(digits) => {
                let read = i64::from_str_radix(digits.as_str(), digits.radix());
                Some(read.unwrap_or(i64::MAX))
            }
            _ => None,
        })
    }

    pub(super) fn strings(
        &self,
        key: &str,
    ) -> Result<Option<Value<'a, Vec<Value<'a, &'a str>>>>, Error> {
        let array = self.get(key, "an array of strings", |value| match value {
            DeValue::Array(array) => Some(array),
            _ => None,
        })?;
        let Some(array) = array else { return Ok(None) };
        let entries = array.value.iter().enumerate().map(|(index, found)| {
            let entry = Value {
                value: found.get_ref(),
                source: self.source,
                span: found.span(),
                key: format!("{}[{index}]", array.key),
            };
            entry.convert("a string", text)
        });
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Some(array.with(entries)))
    }

    pub(super) fn table(&self, key: &str) -> Result<Option<Table<'a>>, Error> {
        let table = self.get(key, "a table", |value| match value {
            DeValue::Table(table) => Some(table),
            _ => None,
        })?;
        Ok(table.map(Value::into_table))
    }

    /// The tables of an array: `[[key]]` in the file.
    pub(super) fn tables(&self, key: &str) -> Result<Vec<Table<'a>>, Error> {
        let array = self.get(key, "an array of tables", |value| match value {
            DeValue::Array(array) => Some(array),
            _ => None,
        })?;
        let Some(array) = array else {
            return Ok(Vec::new());
        };
        let entries = array.value.iter().enumerate().map(|(index, found)| {
            let entry = Value {
                value: found.get_ref(),
                source: self.source,
                span: found.span(),
                key: format!("{}[{index}]", array.key),
            };
            let entry = entry.convert("a table", |value| match value {
                DeValue::Table(table) => Some(table),
                _ => None,
            })?;
            Ok(entry.into_table())
        });
        entries.collect()
    }

    /// The keys of the table, in the order of the file.
    pub(super) fn keys(&self) -> Vec<Value<'a, &'a str>> {
        let key = |key: &'a Spanned<DeString<'a>>| {
            let name = key.get_ref();
            Value {
                value: name.as_ref(),
                source: self.source,
                span: key.span(),
                key: self.full(name),
            }
        };
        let mut keys = Vec::from_iter(self.entries.keys().map(key));
        keys.sort_by_key(|key| key.span.start);
        keys
    }

    fn get<T>(
        &self,
        key: &str,
        expected: &str,
        convert: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Result<Option<Value<'a, T>>, Error> {
        let Some(found) = self.entries.get(key) else {
            return Ok(None);
        };
        let value = Value {
            value: found.get_ref(),
            source: self.source,
            span: found.span(),
            key: self.full(key),
        };
        value.convert(expected, convert).map(Some)
    }

    fn full(&self, key: &str) -> String {
        let key = written(key);
        if self.key.is_empty() {
            key
        } else {
            format!("{}.{key}", self.key)
        }
    }
}

/// As it would be written in the file: a quoted key may hold line ends, and
/// what steers a terminal.
fn written(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.bytes().all(bare) {
        key.to_owned()
    } else {
        format!("{key:?}")
    }
}

fn text<'a>(value: &'a DeValue<'a>) -> Option<&'a str> {
    match value {
        DeValue::String(text) => Some(text.as_ref()),
        _ => None,
    }
}

/// What a value is, without what it says: it may be a secret in the wrong
/// place.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
