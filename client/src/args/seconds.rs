//! A number of seconds on a command line.

/// Reads it.
///
/// # Errors
///
/// What it should have been.
pub(super) fn seconds(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "expected a number of seconds".to_owned())
}
