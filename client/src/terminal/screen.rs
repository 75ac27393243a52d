//! The terminal's other screen, for what is drawn anew again and again: it
//! leaves the lines above the prompt alone. What was seen last stays when it
//! is over.

use std::sync::{Arc, Mutex, PoisonError};

use super::{are_colours_shown, painted, size, write_stdout};
use crate::failure::Failure;
use crate::interrupt::{self, Moment};
use crate::text::{Line, Piece, Style};

/// To the other screen, and no cursor on it.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";

/// Back, with the cursor.
const LEAVE: &str = "\x1b[?1049l\x1b[?25h";

/// To the top left.
const HOME: &str = "\x1b[H";

/// Erases the rest of the line. Lines are erased one by one, and not the
/// screen at once, so that nothing flickers.
const ERASE_LINE: &str = "\x1b[K";

/// Erases everything below.
const ERASE_BELOW: &str = "\x1b[J";

/// The other screen; the terminal is as before when this is dropped, and when
/// a signal ends the program.
pub struct Screen {
    /// What it shows.
    shown: Arc<Mutex<String>>,
}

impl Screen {
    /// Turns to it.
    ///
    /// # Errors
    ///
    /// [`Failure::OutputClosed`] and [`Failure::Output`].
    pub fn open() -> Result<Self, Failure> {
        let screen = Self {
            shown: Arc::default(),
        };
        let shown = Arc::clone(&screen.shown);
        write_stdout(ENTER.as_bytes())?;
        interrupt::hear(move |moment| match moment {
            Moment::Ending | Moment::Stopping => leave(&shown),
            // Where that fails, the next drawing says so.
            Moment::Resumed => drop(write_stdout(ENTER.as_bytes())),
        });
        Ok(screen)
    }

    /// Shows these lines, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Failure::OutputClosed`] and [`Failure::Output`].
    pub fn draw(&self, lines: &[Line]) -> Result<(), Failure> {
        let colours = are_colours_shown(&std::io::stdout());
        let rows = size().map_or(usize::MAX, |(_, rows)| rows);
        let fitting = fitting(lines, rows);
        let text = Vec::from_iter(fitting.iter().map(|line| painted(line, colours)));
        let end_of_line = format!("{ERASE_LINE}\r\n");
        let text = text.join(&end_of_line);
        let whole = Vec::from_iter(lines.iter().map(|line| painted(line, colours) + "\n"));
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = whole.concat();
        write_stdout(format!("{HOME}{text}{ERASE_LINE}{ERASE_BELOW}").as_bytes())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave(&self.shown);
    }
}

fn leave(shown: &Mutex<String>) {
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    // A terminal that is gone needs nothing put right.
    let _ = write_stdout(format!("{LEAVE}{shown}").as_bytes());
}

/// As many of `lines` as there are rows; a last one says how many more there
/// are.
fn fitting(lines: &[Line], rows: usize) -> Vec<Line> {
    if lines.len() <= rows {
        return lines.to_vec();
    }
    let kept = rows.saturating_sub(1);
    let more = format!("… {} more lines", lines.len() - kept);
    let more = Line::from(Piece::new(&more, Style::Faint));
    lines[..kept].iter().cloned().chain([more]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_the_screen_is_counted() {
        let lines = ["a", "b", "c"].map(Line::from);
        let shown = |rows| {
            let fitting = fitting(&lines, rows);
            Vec::from_iter(fitting.iter().map(Line::to_string)).join("|")
        };
        assert_eq!(shown(3), "a|b|c");
        assert_eq!(shown(2), "a|… 2 more lines");
        assert_eq!(shown(0), "… 3 more lines");
    }
}
