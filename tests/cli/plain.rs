//! What differs from run to run, in words: places, times, tokens, numbers of
//! processes.

use regex_lite::{Captures, Regex};

/// What is put for what, in this order.
const WORDS: [(&str, &str); 17] = [
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d", "<time>"),
    (r"\b\d\d:\d\d\b", "<time>"),
    (r"\b\d+ h \d+ min\b", "<span>"),
    (r"\b\d+ (s|min|days)\b", "<span>"),
    (r"\bjust now\b", "<span> ago"),
    (r"\(now\)", "(<span> ago)"),
    (r"\becid \w+", "ecid <id>"),
    (r"^(  (jti|sid) +)\S+", "${1}<id>"),
    (r#"("(remaining_seconds|expires_in)":)\d+"#, "${1}<seconds>"),
    (r#"("pid":)\d+"#, "${1}<pid>"),
    (r"\bprocess \d+", "process <pid>"),
    (r#"("user_code":)"\w+""#, r#"${1}"<code>""#),
    (r"^(oic-token:     )[A-Z]{8}$", "${1}<code>"),
    (r#"("version":)"[\d.]+""#, r#"${1}"<version>""#),
    (r"\b(oic-tokend|oic-token) \d+\.\d+\.\d+", "${1} <version>"),
];

/// Makes plain what was heard at one stage.
pub struct Plain {
    places: Vec<(String, &'static str)>,
    words: Vec<(Regex, &'static str)>,
}

impl Plain {
    /// At a stage with these places.
    pub fn new(places: Vec<(String, &'static str)>) -> Self {
        let words = WORDS.map(|(pattern, word)| (Regex::new(pattern).unwrap(), word));
        Self {
            places,
            words: words.into(),
        }
    }

    /// What was heard, in words.
    pub fn lines(&self, heard: &str) -> Vec<String> {
        heard.lines().map(|line| self.line(line)).collect()
    }

    /// What was written, with the real places.
    pub fn played(&self, written: &str) -> String {
        let places = self.places.iter();
        places.fold(written.to_owned(), |text, (place, word)| {
            text.replace(word, place)
        })
    }

    fn line(&self, line: &str) -> String {
        let places = self.places.iter();
        let line = places.fold(line.to_owned(), |text, (place, word)| {
            text.replace(place.as_str(), word)
        });
        let words = self.words.iter();
        let line = words.fold(line, |text, (pattern, word)| {
            pattern.replace_all(&text, *word).into_owned()
        });
        // A table's columns move with what is in them.
        let column = Regex::new(r"(<(span|time)>[^<]*?)  +").unwrap();
        let line = column.replace_all(&line, |found: &Captures<'_>| format!("{}  ", &found[1]));
        line.trim_end().to_owned()
    }
}
