//! Text as a terminal shows it: what it may hold, how wide it is, and how it
//! looks.
//!
//! Text from the daemon, and so from a server, may hold anything. Whatever
//! could move the cursor, hide or reorder text, or grow out of its line, is
//! replaced before the text is measured or shown.

use std::borrow::Cow;

use oic_proto::shown::{REPLACEMENT, is_harmful};
use unicode_width::UnicodeWidthChar;

/// Most marks that one character carries. No script needs more; piled higher
/// they cover the lines above and below.
const MARKS_MAX: usize = 4;

/// How a piece of text looks where colours are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Like any other text.
    #[default]
    Plain,
    /// A heading, or what matters most.
    Strong,
    /// What matters least.
    Faint,
    /// All is well.
    Good,
    /// It will need somebody.
    Warning,
    /// It needs somebody now.
    Bad,
    /// Black on white, whatever the terminal's own colours.
    Ink,
}

/// Text that can be shown as it is, and its looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    text: String,
    style: Style,
}

/// One line of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(pub Vec<Piece>);

impl Piece {
    /// `text`, made harmless.
    pub fn new(text: &str, style: Style) -> Self {
        let text = clean(text).into_owned();
        Self { text, style }
    }

    /// The same looks with another text.
    pub fn with(&self, text: String) -> Self {
        Self::new(&text, self.style)
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its looks.
    pub const fn style(&self) -> Style {
        self.style
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        width(&self.text)
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::new(text, Style::Plain)
    }
}

impl From<Piece> for Line {
    fn from(piece: Piece) -> Self {
        Self(vec![piece])
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Piece::from(text).into()
    }
}

/// The text alone.
impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|piece| f.write_str(piece.text()))
    }
}

/// The words of `text`, each with the space behind it. What stands in quotes is one
/// word: it may be a command that somebody wants to copy, and a shell runs what
/// stands before the end of a line.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let quoted = quoted_len(rest);
        let space = rest[quoted..].find(' ').map(|at| quoted + at + 1);
        let (word, others) = rest.split_at(space.unwrap_or(rest.len()));
        rest = others;
        Some(word).filter(|word| !word.is_empty())
    })
}

/// How long the quotation is with which `text` begins. What is at the end of a
/// word begins none, and in the middle of one it ends none: it is an apostrophe.
fn quoted_len(text: &str) -> usize {
    let Some(inside) = text.strip_prefix('\'') else {
        return 0;
    };
    let is_end = |at: usize| !inside[at + 1..].starts_with(char::is_alphanumeric);
    let mut quotes = inside.match_indices('\'').map(|(at, _)| at);
    quotes.find(|&at| is_end(at)).map_or(0, |at| at + 2)
}

/// How many columns `text` takes.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// How many columns `character` takes: two for those of East Asia, none for a
/// mark on the one before it.
pub fn char_width(character: char) -> usize {
    if is_harmful(character) {
        return 1;
    }
    character.width().unwrap_or(1)
}

/// `text` cut to this many columns, with an ellipsis where something is gone.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut filled = 1;
    let kept = text.chars().take_while(|&character| {
        filled += char_width(character);
        filled <= columns
    });
    kept.chain(['…']).collect()
}

/// `text` and as many spaces as make it this wide.
pub fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{:missing$}", "")
}

/// `text` with nothing in it that a terminal would act on.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut marks = 0;
    let shown = text.chars().map(|character| {
        if is_harmful(character) {
            return REPLACEMENT;
        }
        marks = if char_width(character) == 0 {
            marks + 1
        } else {
            0
        };
        if marks > MARKS_MAX {
            REPLACEMENT
        } else {
            character
        }
    });
    Cow::Owned(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_move_the_cursor_or_reorder_a_line() {
        for (hostile, shown) in [
            ("plain text", "plain text"),
            ("Grüße, 世界", "Grüße, 世界"),
            ("\x1b[2Jgone", "\u{fffd}[2Jgone"),
            ("over\rwritten", "over\u{fffd}written"),
            ("two\nlines", "two\u{fffd}lines"),
            ("c1 \u{9b}31m", "c1 \u{fffd}31m"),
            ("\u{202e}drowssap", "\u{fffd}drowssap"),
            ("a\u{2066}b\u{2069}", "a\u{fffd}b\u{fffd}"),
            ("in\u{200b}visible", "in\u{fffd}visible"),
            ("nul\0del\x7f", "nul\u{fffd}del\u{fffd}"),
        ] {
            assert_eq!(clean(hostile), shown);
        }
    }

    #[test]
    fn a_letter_keeps_its_marks_but_carries_no_tower_of_them() {
        let vietnamese = "ê\u{323}";
        assert_eq!(clean(vietnamese), vietnamese);
        let tower = format!("a{}b", "\u{335}".repeat(50));
        let shown = clean(&tower);
        let marks = shown.chars().filter(|&it| it == '\u{335}').count();
        assert_eq!(marks, MARKS_MAX);
        assert!(shown.starts_with('a') && shown.ends_with('b'), "{shown}");
    }

    #[test]
    fn text_is_as_wide_as_a_terminal_shows_it() {
        for (text, columns) in [
            ("jane", 4),
            ("世界", 4),
            ("e\u{301}", 1),
            ("🦀", 2),
            ("שלום", 4),
            ("\u{fffd}", 1),
            ("\x1b", 1),
        ] {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn what_is_cut_says_so_and_never_is_wider_than_it_may() {
        assert_eq!(cut("jane.doe", 8), "jane.doe");
        assert_eq!(cut("jane.doe", 7), "jane.d…");
        assert_eq!(cut("世界世界", 6), "世界…");
        assert_eq!(cut("世界世界", 4), "世…");
        assert_eq!(padded("世", 4), "世  ");
    }

    #[test]
    fn a_command_in_quotes_is_one_word() {
        for (text, expected) in [
            (
                "run 'oic-token login prod', then look",
                vec!["run ", "'oic-token login prod', ", "then ", "look"],
            ),
            (
                "'systemctl --user start oic-tokend'",
                vec!["'systemctl --user start oic-tokend'"],
            ),
            (
                "the server's and users' own",
                vec!["the ", "server's ", "and ", "users' ", "own"],
            ),
            ("'a b", vec!["'a ", "b"]),
            ("'it's one' word", vec!["'it's one' ", "word"]),
            ("", vec![]),
        ] {
            assert_eq!(Vec::from_iter(words(text)), expected);
        }
    }
}
