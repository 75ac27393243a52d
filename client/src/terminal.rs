//! What goes where, and the only functions that print.
//!
//! Stdout is for the result. Everything else goes to stderr, each line with
//! the program's name in front. What a terminal would act on is replaced on
//! the way out, for every line alike (see [`crate::text`]).

mod help;
mod screen;
mod system;
mod usage;

use std::io::{self, BufRead, IsTerminal, Read, Write};

use oic_proto::Secret;

use crate::failure::Failure;
use crate::text::{self, Line, Piece, Style, clean, cut};

pub use help::folded;
pub use screen::Screen;
use system::size_of;
pub use system::speaks_utf8;
pub use usage::usage;

const PREFIX: &str = "oic-token: ";

/// To the start of the line, and erase it.
const LINE_ANEW: &str = "\r\x1b[K";

/// Longest answer to a question, in bytes: a few scopes of 200.
const ANSWER_LEN_MAX: u64 = 4096;

/// Ends every look.
const PLAIN: &str = "\x1b[0m";

/// Prints these lines of the result, as programs read them.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn print<L: AsRef<str>>(lines: &[L]) -> Result<(), Failure> {
    write_stdout(joined(lines).as_bytes())
}

/// Shows these lines of the result; in colours, if a terminal shows them.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn show(lines: &[Line]) -> Result<(), Failure> {
    let colours = are_colours_shown(&io::stdout());
    let lines = lines.iter().map(|line| painted(line, colours) + "\n");
    write_stdout(String::from_iter(lines).as_bytes())
}

/// Prints a script of ours, as it is.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn print_script(script: &[u8]) -> Result<(), Failure> {
    write_stdout(script)
}

/// Prints a result that holds an access token, as it is: the caller has
/// checked the token.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn print_secret(line: &Secret<String>) -> Result<(), Failure> {
    write_stdout(line.expose().as_bytes())
}

/// Whether a result printed now would be seen on a terminal that can redraw.
pub fn is_stdout_interactive() -> bool {
    io::stdout().is_terminal() && is_capable()
}

/// How many columns and rows the terminal has on which a result printed now
/// would be seen, if it is one and says so.
pub fn size() -> Option<(usize, usize)> {
    size_of(&io::stdout())
}

/// How many columns it has.
pub fn width() -> Option<usize> {
    size().map(|(columns, _)| columns)
}

/// How many columns a line has that is said on a terminal.
pub fn room() -> Option<usize> {
    let (columns, _) = size_of(&io::stderr())?;
    Some(columns.saturating_sub(PREFIX.len()))
}

/// Says a line on stderr; on a terminal in as many rows as it takes.
pub fn say(line: &str) {
    say_piece(&line.into());
}

/// The same; in colours, if a terminal shows them.
pub fn say_piece(piece: &Piece) {
    let colours = are_colours_shown(&io::stderr());
    let rows = rows(piece.text(), stderr_columns().unwrap_or(usize::MAX));
    let rows = rows.iter().map(|row| piece.with(row.clone()));
    let rows = Vec::from_iter(rows.map(|row| painted_piece(&row, colours)));
    write_stderr(format!("{PREFIX}{}", rows.join("\n")).trim_end(), "\n");
}

/// `line` in the rows of a terminal with so many columns, broken between words;
/// the first one stands behind the prefix, the others below it. A word is never
/// cut, as it may be an address or a command that somebody wants to copy: one that
/// is longer than that has a row of its own, from the very left.
fn rows(line: &str, columns: usize) -> Vec<String> {
    let margin = PREFIX.len();
    let room = columns.saturating_sub(margin);
    let mut rows = Vec::new();
    let (mut row, mut filled) = (String::new(), 0);
    for word in text::words(line) {
        let length = text::width(word.trim_end());
        if filled > 0 && filled + length > room {
            rows.push(std::mem::take(&mut row));
            filled = 0;
        }
        if filled == 0 && !rows.is_empty() && length <= room {
            row.push_str(&" ".repeat(margin));
        }
        row.push_str(word);
        filled += text::width(word);
    }
    rows.push(row);
    rows.iter().map(|row| row.trim_end().to_owned()).collect()
}

fn stderr_columns() -> Option<usize> {
    size_of(&io::stderr()).map(|(columns, _)| columns)
}

/// Says a line on stderr; in colours, if a terminal shows them.
pub fn say_styled(line: &Line) {
    let line = painted(line, are_colours_shown(&io::stderr()));
    write_stderr(format!("{PREFIX}{line}").trim_end(), "\n");
}

/// Says a line on stderr that [`retract`] or the next one replaces; only for
/// a terminal. It is cut to one row, as no more than that can be taken back.
pub fn say_for_now(line: &str) {
    let line = cut(&clean(line), room_for_now());
    write_stderr(&format!("{LINE_ANEW}{PREFIX}{line}"), "");
}

/// How many columns such a line has, with room for the `^C` that a terminal
/// adds.
pub fn room_for_now() -> usize {
    let columns = stderr_columns().unwrap_or(usize::MAX);
    columns.saturating_sub(PREFIX.len() + 3)
}

/// Takes back what was said for now.
pub fn retract() {
    write_stderr(LINE_ANEW, "");
}

/// Whether a person can be asked: types on stdin and sees stderr.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on stderr; the line that was typed, or `None` where there is none any
/// more.
pub fn ask(question: &str) -> Option<String> {
    write_stderr(&format!("{PREFIX}{}: ", clean(question)), "");
    let mut line = Vec::new();
    let mut stdin = io::stdin().lock().take(ANSWER_LEN_MAX);
    let read = stdin.read_until(b'\n', &mut line).ok()?;
    (read > 0).then(|| String::from_utf8_lossy(&line).into_owned())
}

/// Says on a terminal that something takes a while, until it is dropped.
pub fn patience(doing: &str) -> Patience {
    if is_stderr_interactive() {
        say_for_now(&format!("{doing} …"));
    }
    Patience(())
}

/// What was said for now is taken back when this is dropped.
#[derive(Debug)]
pub struct Patience(());

impl Drop for Patience {
    fn drop(&mut self) {
        if is_stderr_interactive() {
            retract();
        }
    }
}

/// Whether what is said now would be seen on a terminal that can redraw.
pub fn is_stderr_interactive() -> bool {
    io::stderr().is_terminal() && is_capable()
}

/// Whether a picture of so many columns can be said, in colours.
pub fn has_columns_for(columns: usize) -> bool {
    let fits = |width| PREFIX.len() + columns <= width;
    are_colours_shown(&io::stderr()) && stderr_columns().is_some_and(fits)
}

/// Whether so many rows are seen at once of what is said.
pub fn has_rows_for(rows: usize) -> bool {
    size_of(&io::stderr()).is_some_and(|(_, height)| rows <= height)
}

/// How many rows of the terminal [`say`] fills with a line: an address that is
/// wider than all of it goes on in the next.
pub fn rows_of(line: &str) -> usize {
    let columns = stderr_columns().unwrap_or(usize::MAX);
    let rows = rows(&clean(line), columns);
    let filled = |row: &String| (PREFIX.len() + text::width(row)).div_ceil(columns);
    rows.iter().map(filled).sum()
}

fn joined<L: AsRef<str>>(lines: &[L]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&clean(line.as_ref()));
        text.push('\n');
    }
    text
}

fn is_capable() -> bool {
    std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Whether it is a terminal that shows colours, and nobody minds them
/// (<https://no-color.org>).
fn are_colours_shown(output: &impl IsTerminal) -> bool {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    output.is_terminal() && is_capable() && !is_unwanted
}

/// `line` with its looks, if `colours` are shown, and with nothing else that a
/// terminal acts on.
fn painted(line: &Line, colours: bool) -> String {
    line.0
        .iter()
        .map(|piece| painted_piece(piece, colours))
        .collect()
}

/// The colours that every terminal has and its user has chosen, but for ink.
fn painted_piece(piece: &Piece, colours: bool) -> String {
    let text = clean(piece.text());
    let look = match piece.style() {
        Style::Plain => return text.into_owned(),
        Style::Strong => "\x1b[1m",
        Style::Faint => "\x1b[2m",
        Style::Good => "\x1b[32m",
        Style::Warning => "\x1b[33m",
        Style::Bad => "\x1b[31m",
        Style::Ink => "\x1b[38;5;16;48;5;231m",
    };
    if colours && !text.is_empty() {
        format!("{look}{text}{PLAIN}")
    } else {
        text.into_owned()
    }
}

/// Writes this to stdout as it is, and out.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn write_stdout(text: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::Output(error),
    })
}

/// In one write, so that lines of several programs do not mix.
fn write_stderr(line: &str, end: &str) {
    // Where stderr is closed or full there is nobody left to tell.
    let _ = io::stderr().write_all(format!("{line}{end}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words_and_an_address_never() {
        let line = "open https://id.example.com/device?user_code=AB-CD and enter the code";
        let expected = [
            "open",
            "https://id.example.com/device?user_code=AB-CD",
            "           and enter the",
            "           code",
        ];
        assert_eq!(rows(line, 24), expected);
        assert_eq!(rows(line, usize::MAX), [line]);
        assert_eq!(rows("    ABCD", 24), ["    ABCD"]);
        assert_eq!(
            rows("https://id.example.com", 24),
            ["https://id.example.com"]
        );
        assert_eq!(rows("", 24), [""]);
        let line = "hint: run 'systemctl --user restart oic-tokend' once";
        let expected = [
            "hint: run",
            "'systemctl --user restart oic-tokend'",
            "           once",
        ];
        assert_eq!(rows(line, 40), expected);
    }

    #[test]
    fn looks_are_only_where_colours_are_shown() {
        let bad = Piece::new("error\x1b[0m", Style::Bad);
        let line = Line(vec![Piece::from("a "), bad, Piece::new("", Style::Good)]);
        assert_eq!(painted(&line, false), "a error\u{fffd}[0m");
        let expected = "a \x1b[31merror\u{fffd}[0m\x1b[0m";
        assert_eq!(painted(&line, true), expected);
    }
}
