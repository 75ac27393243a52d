//! What a process calls itself: for the log, and a hint at best, since it may
//! call itself what it likes.

/// Longest name that is read, in bytes; the kernel keeps 15.
#[cfg(target_os = "linux")]
const NAME_LEN_MAX: u64 = 32;

/// The name of this process, where it can be seen: one of another user cannot
/// where `/proc` is hidden. Without the program's path, which only its own user
/// may look at.
#[cfg(target_os = "linux")]
pub fn name(pid: u32) -> Option<String> {
    use std::fs::File;
    use std::io::Read;

    let mut name = Vec::new();
    let file = File::open(format!("/proc/{pid}/comm")).ok()?;
    file.take(NAME_LEN_MAX).read_to_end(&mut name).ok()?;
    let name = String::from_utf8_lossy(&name);
    Some(shown(name.trim_end_matches('\n')))
}

/// Nothing says it elsewhere.
#[cfg(not(target_os = "linux"))]
pub fn name(_: u32) -> Option<String> {
    None
}

/// With a mark for what would disturb a terminal, or look like another field.
#[cfg(target_os = "linux")]
fn shown(name: &str) -> String {
    let harmless = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '=' | '\\');
    let mark = |letter| if harmless(letter) { letter } else { '?' };
    name.chars().map(mark).collect()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_runs_has_a_name_and_one_that_is_gone_has_none() {
        assert!(!name(std::process::id()).unwrap().is_empty());
        assert_eq!(name(u32::MAX), None);
    }

    #[test]
    fn a_name_cannot_pass_for_more_than_a_name() {
        assert_eq!(shown("oic-token"), "oic-token");
        assert_eq!(shown("a uid=0\n\u{1b}[2Jb"), "a?uid?0??[2Jb");
        assert_eq!(shown("\u{202e}gpj"), "?gpj");
    }
}
