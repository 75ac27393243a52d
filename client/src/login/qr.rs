//! The verification URI as a QR code (ISO/IEC 18004) of half blocks, two
//! modules to a character. Pure.

use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};

/// The margin without which scanners do not find a code, in modules.
const QUIET_ZONE: usize = 4;

/// The lines of the code that says `text`, all of one width; `None` where it
/// is too long for any.
pub fn lines(text: &str) -> Option<Vec<String>> {
    // A screen is clean: the smallest code is the easiest to scan.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let side = width + 2 * QUIET_ZONE;
    let is_dark = |row: usize, column: usize| {
        let inside = |at: usize| at.checked_sub(QUIET_ZONE).filter(|&at| at < width);
        match (inside(row), inside(column)) {
            (Some(row), Some(column)) => code[(column, row)] == Color::Dark,
            _ => false,
        }
    };
    let line = |row: usize| {
        let columns = (0..side).map(|column| block(is_dark(row, column), is_dark(row + 1, column)));
        String::from_iter(columns)
    };
    Some((0..side).step_by(2).map(line).collect())
}

const fn block(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_corners_and_its_margin() {
        let lines = lines("https://id.example.com/device").unwrap();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines[0].trim().is_empty() && lines[1].trim().is_empty());
        // The finder patterns, upper halves.
        let corners = lines[2].trim();
        assert!(corners.starts_with("█▀▀▀▀▀█ ") && corners.ends_with(" █▀▀▀▀▀█"));
        assert!(
            lines
                .iter()
                .all(|line| line.starts_with("    ") && line.ends_with("    "))
        );
    }

    #[test]
    fn what_no_code_can_hold_has_none() {
        assert_eq!(lines(&"x".repeat(4000)), None);
    }
}
