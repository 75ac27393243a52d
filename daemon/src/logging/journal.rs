//! systemd's journal, where stderr leads there.

use super::Log;

/// A log with a field for everything that a line says, called `OIC_PROFILE`,
/// `OIC_UID` and so on. `None` where there is no journal, or its socket does not
/// answer.
#[cfg(target_os = "linux")]
pub fn layer() -> Option<Log> {
    use tracing_subscriber::Layer;

    if !is_at_stderr() {
        return None;
    }
    let journal = tracing_journald::layer().ok()?;
    Some(journal.with_field_prefix(Some("OIC".to_owned())).boxed())
}

#[cfg(not(target_os = "linux"))]
pub fn layer() -> Option<Log> {
    None
}

/// Whether systemd has connected stderr to it. The variable alone does not
/// tell: it is passed on to programs whose stderr is something else.
#[cfg(target_os = "linux")]
pub fn is_at_stderr() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    rustix::fs::fstat(std::io::stderr())
        .is_ok_and(|stderr| stream == format!("{}:{}", stderr.st_dev, stderr.st_ino))
}

#[cfg(not(target_os = "linux"))]
pub fn is_at_stderr() -> bool {
    false
}
