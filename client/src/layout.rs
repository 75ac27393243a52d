//! Tables, fields and paragraphs for a terminal of some width, or for whatever
//! takes lines of any length.

use crate::text::{Line, Piece, Style, char_width, cut, padded, width, words};

/// A terminal narrower than this is written to as if it were this wide: words
/// would be cut to pieces.
const WIDTH_MIN: usize = 20;

/// How far what belongs to a row stands to the right of it.
pub const INDENT: usize = 2;

/// What stands between columns.
const GAP: &str = "  ";

/// To how many columns a column that may be cut is cut at most.
const CUT_MIN: usize = 16;

/// What stands in a cell that has nothing to say.
pub const NOTHING: &str = "-";

/// One row.
pub struct Entry<const COLUMNS: usize> {
    /// A cell a column.
    pub cells: [Piece; COLUMNS],
    /// Sentences below them.
    pub notes: Vec<Piece>,
}

/// The lines of `entries` under `heads`: a row each while rows fit, if need be
/// with the cells of column `elastic` cut; else a paragraph each.
pub fn table<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    entries: &[Entry<COLUMNS>],
    elastic: usize,
    width: Option<usize>,
) -> Vec<Line> {
    let Some(widths) = widths(heads, entries, elastic, width) else {
        return paragraphs(heads, entries, width);
    };
    let heads = heads.map(|head| Piece::new(head, Style::Strong));
    let mut lines = vec![row(&heads, &widths)];
    for entry in entries {
        lines.push(row(&entry.cells, &widths));
        lines.extend(notes(entry, width));
    }
    lines
}

/// How wide each column is; `None` where the rows do not fit.
fn widths<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    entries: &[Entry<COLUMNS>],
    elastic: usize,
    limit: Option<usize>,
) -> Option<[usize; COLUMNS]> {
    let mut widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let cells = entries.iter().map(|entry| entry.cells[column].width());
        cells.chain([width(heads[column])]).max().unwrap_or(0)
    });
    let whole = widths.iter().sum::<usize>() + GAP.len() * COLUMNS.saturating_sub(1);
    let excess = whole.saturating_sub(limit.unwrap_or(whole));
    if excess > 0 {
        let left = widths[elastic].saturating_sub(excess);
        widths[elastic] = Some(left).filter(|&left| left >= CUT_MIN)?;
    }
    Some(widths)
}

fn row<const COLUMNS: usize>(cells: &[Piece; COLUMNS], widths: &[usize; COLUMNS]) -> Line {
    let mut line = Line::default();
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let shown = cut(cell.text(), width);
        let is_last = column + 1 == COLUMNS;
        let gap = if is_last { "" } else { GAP };
        let room = if is_last { 0 } else { width };
        line.0.push(cell.with(shown.clone()));
        let padding = padded(&shown, room).split_off(shown.len());
        line.0.push(Piece::from(format!("{padding}{gap}").as_str()));
    }
    line
}

fn paragraphs<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    entries: &[Entry<COLUMNS>],
    width: Option<usize>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for entry in entries {
        let [title, cells @ ..] = entry.cells.as_slice() else {
            continue;
        };
        lines.extend(paragraph(title, width, 0));
        let named = heads.iter().skip(1).map(|head| head.to_lowercase());
        let said = named.zip(cells);
        let said = said.filter(|(_, cell)| cell.text() != NOTHING);
        let said = Vec::from_iter(said.map(|(head, cell)| (head, vec![cell.clone()])));
        lines.extend(fields(&said, width));
        lines.extend(notes(entry, width));
    }
    lines
}

fn notes<const COLUMNS: usize>(
    entry: &Entry<COLUMNS>,
    width: Option<usize>,
) -> impl Iterator<Item = Line> {
    let notes = entry.notes.iter();
    notes.flat_map(move |note| paragraph(note, width, INDENT))
}

/// Names and beside each what it is: a line or more for every piece, aligned;
/// below the name where there is no room beside it.
pub fn fields(fields: &[(String, Vec<Piece>)], limit: Option<usize>) -> Vec<Line> {
    let widest = fields.iter().map(|(name, _)| width(name)).max();
    let widest = widest.unwrap_or(0);
    let column = INDENT + widest + GAP.len();
    let beside = limit.is_none_or(|limit| column + WIDTH_MIN <= limit.max(WIDTH_MIN));
    let mut lines = Vec::new();
    for (name, pieces) in fields {
        let head = format!("{:INDENT$}{}{GAP}", "", padded(name, widest));
        let mut head = Some(Piece::new(&head, Style::Faint));
        if !beside {
            lines.extend(head.take().map(Line::from));
        }
        let from = if beside { column } else { 2 * INDENT };
        for piece in pieces {
            for text in wrap(piece.text(), limit, from, from) {
                let body = text.split_at(from.min(text.len())).1.to_owned();
                let margin = || Piece::from(" ".repeat(from).as_str());
                let margin = head.take().unwrap_or_else(margin);
                lines.push(Line(vec![margin, piece.with(body)]));
            }
        }
    }
    lines
}

/// `piece` as a paragraph whose first line is indented this far, the others
/// further.
pub fn paragraph(piece: &Piece, width: Option<usize>, indent: usize) -> Vec<Line> {
    let lines = wrap(piece.text(), width, indent, indent + INDENT).into_iter();
    lines.map(|line| piece.with(line).into()).collect()
}

/// `text` in lines of at most `limit` columns: the first begins at column
/// `first`, the others at `further`. Words that are longer are cut, and what stands
/// in quotes is then no word any more.
fn wrap(text: &str, limit: Option<usize>, first: usize, further: usize) -> Vec<String> {
    let Some(limit) = limit else {
        return vec![format!("{:first$}{text}", "")];
    };
    let limit = limit.max(WIDTH_MIN);
    let mut lines = Vec::new();
    let (mut line, mut filled) = (" ".repeat(first), first);
    let room = limit.saturating_sub(further);
    for word in words(text).flat_map(|word| parts(word, room)) {
        if filled + width(word.trim_end()) > limit && filled > further {
            lines.push(std::mem::replace(&mut line, " ".repeat(further)));
            filled = further;
        }
        for character in word.chars() {
            let wide = char_width(character);
            if filled + wide > limit && character != ' ' {
                lines.push(std::mem::replace(&mut line, " ".repeat(further)));
                filled = further;
            }
            line.push(character);
            filled += wide;
        }
    }
    lines.push(line);
    lines.iter().map(|it| it.trim_end().to_owned()).collect()
}

/// `word` whole where there is room for it, else the words in it.
fn parts(word: &str, room: usize) -> Vec<&str> {
    match width(word.trim_end()) > room {
        true => word.split_inclusive(' ').collect(),
        false => vec![word],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: &str = "last error, just now: unreachable: the authorization server cannot be \
                         reached: no connection to id.example.com (connection refused)";

    fn entries() -> [Entry<3>; 2] {
        let cells = |cells: [&str; 3]| cells.map(Piece::from);
        [
            Entry {
                cells: cells(["prod", "signed in", "jane.doe@example.com"]),
                notes: vec![Piece::from(ERROR)],
            },
            Entry {
                cells: cells(["staging", "signed out", NOTHING]),
                notes: vec![],
            },
        ]
    }

    fn shown(lines: &[Line]) -> String {
        let lines = lines.iter().map(|line| line.to_string());
        Vec::from_iter(lines.map(|line| line.trim_end().to_owned())).join("\n")
    }

    fn laid_out(width: Option<usize>) -> String {
        shown(&table(["PROFILE", "STATE", "USER"], &entries(), 2, width))
    }

    #[test]
    fn what_takes_any_length_gets_a_line_a_row_and_a_line_a_note() {
        let expected = format!(
            "PROFILE  STATE       USER\n\
             prod     signed in   jane.doe@example.com\n  {ERROR}\n\
             staging  signed out  -"
        );
        assert_eq!(laid_out(None), expected);
    }

    #[test]
    fn long_notes_are_wrapped_below_their_row() {
        let expected = "\
PROFILE  STATE       USER
prod     signed in   jane.doe@example.com
  last error, just now: unreachable: the
    authorization server cannot be reached: no
    connection to id.example.com (connection
    refused)
staging  signed out  -";
        assert_eq!(laid_out(Some(48)), expected);
    }

    #[test]
    fn a_column_that_may_be_cut_is_cut_before_the_table_falls_apart() {
        let whole = laid_out(Some(38));
        let expected = "prod     signed in   jane.doe@example…";
        assert_eq!(whole.lines().nth(1).unwrap(), expected);
    }

    #[test]
    fn where_rows_do_not_fit_each_profile_is_a_paragraph() {
        let expected = "\
prod
  state  signed in
  user   jane.doe@example.com
  last error, just now: unreachable:
    the authorization server cannot
    be reached: no connection to
    id.example.com (connection
    refused)
staging
  state  signed out";
        assert_eq!(laid_out(Some(36)), expected);
    }

    #[test]
    fn a_field_goes_on_below_where_it_began() {
        let aud = vec![
            Piece::from("urn:a"),
            Piece::from("one two three four five six"),
        ];
        let said = [("aud".to_owned(), aud)];
        let expected = "  aud  urn:a\n       one two three four\n       five six";
        assert_eq!(shown(&fields(&said, Some(27))), expected);
        let expected = "  aud\n    urn:a\n    one two three\n    four five six";
        assert_eq!(shown(&fields(&said, Some(20))), expected);
    }

    #[test]
    fn wide_characters_and_marks_leave_the_columns_aligned() {
        let entry = |name: &str| Entry {
            cells: [name, "x"].map(Piece::from),
            notes: vec![],
        };
        let entries = ["世界", "e\u{301}e\u{301}", "abcdef", "\x1b[2J"].map(entry);
        let lines = table(["NAME", "X"], &entries, 0, None);
        let before_x =
            |line: &Line| width(line.to_string().to_lowercase().rsplit_once('x').unwrap().0);
        assert!(lines.iter().all(|line| before_x(line) == 8), "{lines:?}");
    }

    #[test]
    fn no_line_is_longer_than_the_terminal_and_no_character_is_lost() {
        for long in [
            format!("{} {ERROR}", "x".repeat(100)),
            format!("{} {ERROR}", "世界".repeat(50)),
            format!("{ERROR} {}", "e\u{301}".repeat(100)),
        ] {
            for limit in 20..120 {
                let lines = wrap(&long, Some(limit), INDENT, 2 * INDENT);
                assert!(lines.iter().all(|line| width(line) <= limit), "{lines:?}");
                let bare = |text: &str| text.replace(' ', "");
                assert_eq!(bare(&lines.concat()), bare(&long));
                assert!(lines.iter().all(|line| !line.is_empty()), "{lines:?}");
            }
        }
    }

    #[test]
    fn a_terminal_of_one_column_is_written_to_as_if_it_had_twenty() {
        let narrow = wrap(ERROR, Some(1), INDENT, 2 * INDENT);
        assert_eq!(narrow, wrap(ERROR, Some(20), INDENT, 2 * INDENT));
        assert!(narrow.len() < 15, "{narrow:?}");
    }
}
