//! How profiles are laid out: a row each while rows fit the terminal, else a
//! paragraph each; and below it what is too long for a cell.

/// A terminal narrower than this is written to as if it were this wide: words
/// would be cut to pieces.
const WIDTH_MIN: usize = 20;

/// How far what belongs to a profile stands to the right of it.
const INDENT: usize = 2;

/// One profile.
pub struct Entry<const COLUMNS: usize> {
    /// A cell a column.
    pub cells: [String; COLUMNS],
    /// Sentences below them.
    pub notes: Vec<String>,
}

/// The lines of `entries` under `heads`, for a terminal of `width` columns, or
/// for whatever takes lines of any length.
pub fn lines<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    entries: &[Entry<COLUMNS>],
    width: Option<usize>,
) -> Vec<String> {
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let cells = entries.iter().map(|entry| len(&entry.cells[column]));
        cells.chain([len(heads[column])]).max().unwrap_or(0)
    });
    let row = |cells: [&str; COLUMNS]| {
        let cells = cells.iter().zip(widths);
        let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
        Vec::from_iter(cells).join("  ").trim_end().to_owned()
    };
    let mut rows = vec![row(heads)];
    rows.extend(
        entries
            .iter()
            .map(|it| row(it.cells.each_ref().map(|it| it.as_str()))),
    );
    if rows
        .iter()
        .any(|row| width.is_some_and(|width| len(row) > width))
    {
        return paragraphs(heads, entries, width);
    }
    let mut rows = rows.into_iter();
    let mut lines = Vec::from_iter(rows.next());
    for (row, entry) in rows.zip(entries) {
        lines.push(row);
        lines.extend(notes(entry, width));
    }
    lines
}

fn paragraphs<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    entries: &[Entry<COLUMNS>],
    width: Option<usize>,
) -> Vec<String> {
    let widest = heads.iter().map(|head| len(head)).max().unwrap_or(0);
    let mut lines = Vec::new();
    for entry in entries {
        let mut fields = heads.iter().zip(&entry.cells);
        if let Some((_, name)) = fields.next() {
            lines.extend(wrap(name, width, 0));
        }
        for (head, cell) in fields {
            let field = format!("{:widest$}  {cell}", head.to_lowercase());
            lines.extend(wrap(&field, width, INDENT));
        }
        lines.extend(notes(entry, width));
    }
    lines
}

fn notes<const COLUMNS: usize>(
    entry: &Entry<COLUMNS>,
    width: Option<usize>,
) -> impl Iterator<Item = String> {
    let notes = entry.notes.iter();
    notes.flat_map(move |note| wrap(note, width, INDENT))
}

/// `text` in lines of at most `width` characters: the first is indented this
/// far, the others further. Words that are longer are cut.
pub fn wrap(text: &str, width: Option<usize>, indent: usize) -> Vec<String> {
    let Some(width) = width else {
        return vec![format!("{:indent$}{text}", "")];
    };
    let width = width.max(WIDTH_MIN);
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let (mut filled, further) = (indent, indent + INDENT);
    for word in text.split_inclusive(' ') {
        let shown = len(word.trim_end());
        if filled + shown > width && filled > further {
            lines.push(std::mem::replace(&mut line, " ".repeat(further)));
            filled = further;
        }
        for character in word.chars() {
            if filled >= width && character != ' ' {
                lines.push(std::mem::replace(&mut line, " ".repeat(further)));
                filled = further;
            }
            line.push(character);
            filled += 1;
        }
    }
    lines.push(line);
    lines.iter().map(|it| it.trim_end().to_owned()).collect()
}

fn len(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: &str = "last error, just now: unreachable: the authorization server cannot be \
                         reached: no connection to id.example.com (connection refused)";

    fn entries() -> [Entry<3>; 2] {
        let cells = |cells: [&str; 3]| cells.map(str::to_owned);
        [
            Entry {
                cells: cells(["prod", "signed in", "jane.doe@example.com"]),
                notes: vec![ERROR.to_owned()],
            },
            Entry {
                cells: cells(["staging", "signed out", "-"]),
                notes: vec![],
            },
        ]
    }

    fn laid_out(width: Option<usize>) -> String {
        lines(["PROFILE", "STATE", "USER"], &entries(), width).join("\n")
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
    fn where_rows_do_not_fit_each_profile_is_a_paragraph() {
        let expected = "\
prod
  state    signed in
  user     jane.doe@example.com
  last error, just now: unreachable: the
    authorization server cannot be
    reached: no connection to
    id.example.com (connection refused)
staging
  state    signed out
  user     -";
        assert_eq!(laid_out(Some(40)), expected);
    }

    #[test]
    fn no_line_is_longer_than_the_terminal_and_no_character_is_lost() {
        let long = format!("{} {}", "x".repeat(100), ERROR);
        for width in 20..120 {
            let lines = wrap(&long, Some(width), INDENT);
            assert!(lines.iter().all(|line| len(line) <= width), "{lines:?}");
            let bare = |text: &str| text.replace(' ', "");
            assert_eq!(bare(&lines.concat()), bare(&long));
            assert!(lines.iter().all(|line| !line.is_empty()), "{lines:?}");
        }
    }

    #[test]
    fn a_terminal_of_one_column_is_written_to_as_if_it_had_twenty() {
        let narrow = wrap(ERROR, Some(1), INDENT);
        assert_eq!(narrow, wrap(ERROR, Some(20), INDENT));
        assert!(narrow.len() < 15, "{narrow:?}");
    }
}
