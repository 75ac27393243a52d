//! What a terminal can show, as this system tells it.

/// How many columns and rows it has, if it is one and says so.
#[cfg(unix)]
pub fn size_of(terminal: &impl std::os::fd::AsFd) -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(terminal).ok()?;
    let size = (usize::from(size.ws_col), usize::from(size.ws_row));
    Some(size).filter(|&(columns, rows)| columns > 0 && rows > 0)
}

/// Elsewhere long lines are left to the terminal.
#[cfg(not(unix))]
pub fn size_of<T>(_: &T) -> Option<(usize, usize)> {
    None
}

/// Whether characters beyond ASCII are shown as what they are (POSIX locale
/// variables; Windows and macOS always do).
pub fn speaks_utf8() -> bool {
    if cfg!(not(unix)) || cfg!(target_os = "macos") {
        return true;
    }
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
