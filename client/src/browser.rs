//! Opens a page in the end user's browser, where there is a desktop.

use std::process::{Command, Stdio};

use oic_proto::memory;

/// Opens `uri`, and says whether that was tried. The browser is left to
/// itself: not waited for, and with nothing of our terminal.
pub fn open(uri: &str) -> bool {
    is_web_page(uri)
        && opener().is_some_and(|mut opener| {
            opener
                .arg(uri)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            memory::starting(|| opener.spawn()).is_ok()
        })
}

/// A server's text decides which program a desktop opens by its scheme, and
/// an opener may read a leading `-` as an option.
fn is_web_page(uri: &str) -> bool {
    let is_web = ["https://", "http://"]
        .iter()
        .any(|scheme| uri.starts_with(scheme));
    is_web && uri.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(windows)]
fn opener() -> Option<Command> {
    // Not `cmd /c start`: it would run what stands behind an `&` in the URI.
    let mut command = Command::new("rundll32");
    command.arg("url.dll,FileProtocolHandler");
    Some(command)
}

#[cfg(target_os = "macos")]
fn opener() -> Option<Command> {
    Some(of_its_own("open"))
}

#[cfg(all(unix, not(target_os = "macos")))]
fn opener() -> Option<Command> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_desktop = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    has_desktop.then(|| of_its_own("xdg-open"))
}

/// A program that Ctrl-C at our terminal does not reach.
#[cfg(unix)]
fn of_its_own(program: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.process_group(0);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_pages_are_opened() {
        for uri in [
            "https://id.example.com/device?user_code=AB-CD",
            "http://127.0.0.1:9/x",
        ] {
            assert!(is_web_page(uri));
        }
        for uri in [
            "file:///etc/passwd",
            "--help",
            "https://a b",
            "https://a\n",
            "javascript:x",
        ] {
            assert!(!is_web_page(uri));
        }
    }
}
