//! What a terminal showed, screen after screen: no clock, no terminal.

use std::time::Duration;

/// Screens nearer to each other than this are one: nobody sees the first.
const GLIMPSE: Duration = Duration::from_millis(40);

/// How a piece of text looks: what `oic-token` makes of colours and weights
/// (client/src/text.rs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    Plain,
    Strong,
    Faint,
    Good,
    Warning,
    Bad,
    /// Black on white: a QR code.
    Ink,
}

/// Text of one look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    pub column: usize,
    pub text: String,
    pub look: Look,
}

/// One line of a screen.
pub type Row = Vec<Run>;

/// One screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When it was there, from the beginning.
    pub at: Duration,
    /// How many lines have left it at its top.
    pub top: usize,
    pub rows: Vec<Row>,
}

/// All of them, in order.
#[derive(Debug, Default)]
pub struct Film {
    frames: Vec<Frame>,
}

impl Film {
    /// Adds a screen, if it is another one. The first one is there from the
    /// beginning.
    pub fn add(&mut self, mut frame: Frame) {
        let Some(last) = self.frames.last() else {
            frame.at = Duration::ZERO;
            return self.frames.push(frame);
        };
        if last.top == frame.top && last.rows == frame.rows {
            return;
        }
        if frame.at - last.at < GLIMPSE {
            frame.at = last.at;
            self.frames.pop();
        }
        self.frames.push(frame);
    }

    /// Every screen that could be seen.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }
}

/// What `screen` shows, as rows of runs; empty ones at the end are left out.
pub fn rows(screen: &vt100::Screen) -> Vec<Row> {
    let (rows, columns) = screen.size();
    let mut shown = Vec::from_iter((0..rows.get()).map(|row| runs(screen, row, columns.get())));
    while shown.last().is_some_and(Vec::is_empty) {
        shown.pop();
    }
    shown
}

fn runs(screen: &vt100::Screen, row: u16, columns: u16) -> Row {
    let mut runs = Row::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        if cell.is_wide_continuation() {
            continue;
        }
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let look = look(cell);
        match runs.last_mut().filter(|run| run.look == look) {
            Some(run) => run.text.push_str(text),
            None => runs.push(Run {
                column: column.into(),
                text: text.to_owned(),
                look,
            }),
        }
    }
    if let Some(last) = runs.last_mut().filter(|run| run.look != Look::Ink) {
        last.text.truncate(last.text.trim_end().len());
    }
    runs.retain(|run| !run.text.is_empty());
    runs
}

fn look(cell: &vt100::Cell) -> Look {
    match (cell.fgcolor(), cell.bgcolor()) {
        (_, vt100::Color::Idx(231)) => Look::Ink,
        (vt100::Color::Idx(1), _) => Look::Bad,
        (vt100::Color::Idx(2), _) => Look::Good,
        (vt100::Color::Idx(3), _) => Look::Warning,
        _ if cell.bold() => Look::Strong,
        _ if cell.dim() => Look::Faint,
        _ => Look::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::parser;

    fn frame(at: u64, text: &str) -> Frame {
        let mut parser = parser(20, 3);
        parser.process(text.as_bytes());
        Frame {
            at: Duration::from_millis(at),
            top: 0,
            rows: rows(parser.screen()),
        }
    }

    #[test]
    fn a_row_is_cut_where_its_look_changes() {
        let run = |column, text: &str, look| Run {
            column,
            text: text.to_owned(),
            look,
        };
        let seen = frame(
            0,
            "a \x1b[1mb\x1b[0m  c   \r\n\r\n\x1b[38;5;16;48;5;231m ▀ ",
        );
        assert_eq!(
            seen.rows,
            [
                vec![
                    run(0, "a ", Look::Plain),
                    run(2, "b", Look::Strong),
                    run(3, "  c", Look::Plain)
                ],
                vec![],
                vec![run(0, " ▀ ", Look::Ink)],
            ]
        );
    }

    #[test]
    fn only_screens_that_differ_and_can_be_seen_are_kept() {
        let mut film = Film::default();
        for frame in [
            frame(9, "one"),
            frame(500, "one"),
            frame(1000, ""),
            frame(1010, "two"),
        ] {
            film.add(frame);
        }
        assert_eq!(film.frames(), [frame(0, "one"), frame(1000, "two")]);
    }
}
