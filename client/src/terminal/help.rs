//! Help, for a terminal that is narrower than it was written for.

use crate::text::{width, words};

/// Between the columns of a table.
const GAP: &str = "  ";

/// Where a line goes on that has a second column too far to the right for
/// that: where long help has its text.
const BELOW: usize = 10;

/// How far lines are indented that are for copying, and nothing else is.
const FOR_COPYING: usize = 4;

/// `text` with no line longer than `columns`, as far as words allow: each is
/// broken between words, and goes on below where its own text began.
pub fn folded(text: &str, columns: usize) -> String {
    let mut whole = Vec::<(String, usize)>::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match whole.last_mut() {
            // The table was broken by hand already, for a wider terminal.
            Some((row, hang)) if is_row(row, *hang) && indent == *hang && indent < line.len() => {
                if width(row) + 1 + width(line.trim()) > columns {
                    row.push(' ');
                    row.push_str(line.trim());
                } else {
                    whole.push((line.to_owned(), indent));
                }
            }
            _ => whole.push((line.to_owned(), hang_of(line))),
        }
    }
    let mut folded = String::new();
    for (line, hang) in whole {
        let hang = if 2 * hang > columns { BELOW } else { hang };
        fold(&line, hang, columns, &mut folded);
    }
    folded
}

/// Whether it has a second column.
fn is_row(row: &str, hang: usize) -> bool {
    hang > row.len() - row.trim_start().len()
}

/// Where the second column of a line begins; where its text does, if there is
/// none.
fn hang_of(line: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    let Some(gap) = line[indent..].find(GAP).map(|at| indent + at) else {
        return indent;
    };
    let second = line[gap..].trim_start();
    line.len() - second.len()
}

/// A command that is broken is another command. The terminal joins again what it
/// broke itself.
fn is_for_copying(line: &str) -> bool {
    line.len() - line.trim_start().len() == FOR_COPYING
}

fn fold(line: &str, hang: usize, columns: usize, folded: &mut String) {
    if width(line) <= columns || is_for_copying(line) {
        folded.push_str(line);
        folded.push('\n');
        return;
    }
    let indent = line.len() - line.trim_start().len();
    let mut row = line[..indent].to_owned();
    let mut is_empty = true;
    for word in words(&line[indent..]) {
        if !is_empty && width(&row) + width(word.trim_end()) > columns {
            folded.push_str(row.trim_end());
            folded.push('\n');
            row = " ".repeat(hang);
            is_empty = true;
        }
        // What stands between columns is nothing at the start of a row.
        if !(is_empty && word.trim().is_empty()) {
            row.push_str(word);
            is_empty = false;
        }
    }
    folded.push_str(row.trim_end());
    folded.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "\
Asks oic-tokend for a live token

Usage: oic-token [OPTIONS] <COMMAND>

Commands:
  get     Print a live access token
  logout  Revoke a refresh token and forget the session

Options:
      --socket <PATH>  Ask the daemon at this socket
  -h, --help           Print help

Exit codes:
  5  try again later: no valid access token, and the server is
     unreachable
  6  this caller may not
";

    #[test]
    fn what_fits_stays_as_it_was_written() {
        assert_eq!(folded(HELP, 80), HELP);
    }

    #[test]
    fn a_narrow_terminal_breaks_between_words_and_keeps_columns() {
        let expected = "\
Asks oic-tokend for a live
token

Usage: oic-token [OPTIONS]
<COMMAND>

Commands:
  get     Print a live
          access token
  logout  Revoke a refresh
          token and forget
          the session

Options:
      --socket <PATH>  Ask
          the daemon at this
          socket
  -h, --help           Print
          help

Exit codes:
  5  try again later: no
     valid access token, and
     the server is
     unreachable
  6  this caller may not
";
        assert_eq!(folded(HELP, 28), expected);
    }

    #[test]
    fn a_line_for_copying_is_never_broken() {
        let line = "    source <(oic-token completions bash)\n";
        assert_eq!(folded(line, 28), line);
    }
}
