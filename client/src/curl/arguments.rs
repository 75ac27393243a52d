//! What the arguments of curl ask for, as far as it matters to a token: the
//! URLs, and the options that bend where a request goes.

use std::ffi::{OsStr, OsString};
use std::ops::Range;

use super::options::{self, CurlOption};

/// One request of curl, or several with the same options: what stands before
/// the first `--next`, or between two of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its words; the `--next` that begins it is in the one before.
    pub words: Range<usize>,
    /// Its URLs, as they were written.
    pub urls: Vec<OsString>,
    /// Its options, each with its argument.
    pub options: Vec<(&'static str, Option<OsString>)>,
}

impl Section {
    /// The first of these options that it has.
    pub fn first_of(&self, names: &[&str]) -> Option<&'static str> {
        let mut given = self.options.iter().map(|(name, _)| *name);
        given.find(|name| names.contains(name))
    }

    /// Whether a second run would find standard input used up: as `-` or in
    /// `@-`, or by a path that leads to it.
    pub fn reads_stdin(&self) -> bool {
        let mut arguments = self.options.iter();
        arguments.any(|(name, argument)| {
            let Some(argument) = argument.as_deref().map(OsStr::to_string_lossy) else {
                return false;
            };
            let to_stdin = ["@-", "<-", "/dev/stdin", "/dev/fd/", "/proc/"];
            match *name {
                "output" | "stderr" | "dump-header" => false,
                "upload-file" if argument == "." => true,
                _ => argument == "-" || to_stdin.iter().any(|it| argument.contains(it)),
            }
        })
    }
}

/// The word that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotUnderstood(pub String);

/// Reads `words` as curl does.
///
/// # Errors
///
/// A word that may be an option of a curl that is not known here: whether the
/// next word belongs to it cannot be told, nor what it does.
pub fn read(words: &[OsString]) -> Result<Vec<Section>, NotUnderstood> {
    let mut reader = Reader {
        words,
        next: 0,
        section: Section::default(),
        done: Vec::new(),
    };
    let mut has_options = true;
    while let Some(word) = reader.take() {
        match word.to_str() {
            Some("--") if has_options => has_options = false,
            Some(text) if has_options && text.starts_with("--") => reader.long(text)?,
            Some(text) if has_options && text.starts_with('-') => reader.letters(text)?,
            None if has_options && word.as_encoded_bytes().starts_with(b"-") => {
                return Err(NotUnderstood(word.to_string_lossy().into_owned()));
            }
            _ => reader.section.urls.push(word.clone()),
        }
    }
    Ok(reader.finish())
}

struct Reader<'a> {
    words: &'a [OsString],
    next: usize,
    section: Section,
    done: Vec<Section>,
}

impl<'a> Reader<'a> {
    fn take(&mut self) -> Option<&'a OsString> {
        let word = self.words.get(self.next)?;
        self.next += 1;
        Some(word)
    }

    fn long(&mut self, word: &str) -> Result<(), NotUnderstood> {
        let unknown = || NotUnderstood(word.to_owned());
        let option = options::by_name(&word[2..]).ok_or_else(unknown)?;
        let argument = match option.takes_argument {
            true => Some(self.take().ok_or_else(unknown)?.clone()),
            false => None,
        };
        self.add(option, argument);
        Ok(())
    }

    /// Letters of options that take no argument may share a word, and the last
    /// one may have its argument there too.
    fn letters(&mut self, word: &str) -> Result<(), NotUnderstood> {
        let unknown = || NotUnderstood(word.to_owned());
        if word == "-" {
            return Err(unknown());
        }
        let mut letters = word[1..].chars();
        while let Some(letter) = letters.next() {
            let option = options::by_letter(letter).ok_or_else(unknown)?;
            if !option.takes_argument {
                self.add(option, None);
                continue;
            }
            let argument = match letters.as_str() {
                "" => self.take().ok_or_else(unknown)?.clone(),
                rest => rest.into(),
            };
            self.add(option, Some(argument));
            return Ok(());
        }
        Ok(())
    }

    fn add(&mut self, option: CurlOption, argument: Option<OsString>) {
        match (option.name, argument) {
            ("next", _) => {
                let next = Section {
                    words: self.next..self.next,
                    ..Section::default()
                };
                let mut ended = std::mem::replace(&mut self.section, next);
                ended.words.end = self.next;
                self.done.push(ended);
            }
            ("url", Some(url)) => self.section.urls.push(url),
            (name, argument) => self.section.options.push((name, argument)),
        }
    }

    fn finish(mut self) -> Vec<Section> {
        self.section.words.end = self.words.len();
        self.done.push(self.section);
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str) -> Result<Vec<Section>, NotUnderstood> {
        read(&Vec::from_iter(line.split_whitespace().map(OsString::from)))
    }

    fn urls(line: &str) -> Vec<Vec<OsString>> {
        let sections = read_line(line).unwrap();
        sections.into_iter().map(|section| section.urls).collect()
    }

    #[test]
    fn arguments_of_options_are_no_urls() {
        for line in [
            "-s U",
            "-so f U",
            "-sof U",
            "-H a: U",
            "--data x --url U",
            "-d --next U",
            "--data -- U",
            "-sSLf --no-progress-meter U",
            "-- U",
            "U --silent",
        ] {
            assert_eq!(urls(line), [["U"]], "{line}");
        }
        assert_eq!(urls("A B --url C"), [["A", "B", "C"]]);
        assert_eq!(urls("-- -o U"), [["-o", "U"]]);
    }

    #[test]
    fn next_begins_another_section() {
        assert_eq!(urls("A --next B"), [["A"], ["B"]]);
        assert_eq!(urls("-s: B"), [Vec::<OsString>::new(), vec!["B".into()]]);
        let sections = read_line("-s A --next -d x B").unwrap();
        assert_eq!(sections[0].words, 0..3);
        assert_eq!(sections[1].words, 3..6);
        assert_eq!(sections[1].first_of(&["silent", "data"]), Some("data"));
    }

    #[test]
    fn what_curl_may_read_otherwise_is_not_understood() {
        for line in [
            "-",
            "--locat U",
            "--expand-url U",
            "--out=f U",
            "-sö U",
            "U -o",
            "U -d",
        ] {
            assert!(read_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn standard_input_is_noticed_however_it_is_named() {
        let reads = |line: &str| read_line(line).unwrap()[0].reads_stdin();
        for line in [
            "-d @- U",
            "-d@- U",
            "-T - U",
            "-T . U",
            "-F f=@- U",
            "-F f=<- U",
            "--json @/dev/stdin U",
            "-T /dev/fd/63 U",
        ] {
            assert!(reads(line), "{line}");
        }
        for line in ["-o - U", "-d a-b U", "-d @file U"] {
            assert!(!reads(line), "{line}");
        }
    }
}
