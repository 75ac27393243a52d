//! A real shell in a terminal of our own, filmed.

use std::num::NonZeroU16;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use oic_tests::harness::{DEADLINE, Terminal};

use crate::film::{Film, Frame, rows};

/// What the shell shows when it waits for a command.
const PROMPT: &str = "$ ";

/// How long a command stands there before it is run.
const TO_BE_READ: Duration = Duration::from_millis(800);

/// How many lines a terminal remembers that have left it: more than any of
/// ours prints.
const SCROLLBACK_LEN: usize = 1000;

/// A shell.
pub struct Shell {
    child: Child,
    terminal: Terminal,
    parser: vt100::Parser,
    film: Film,
    began: Instant,
    /// How many lines had left the screen when it was last looked at; the
    /// other screen of a terminal does not know.
    top: usize,
}

impl Shell {
    /// Opens a shell of this size, in the environment of `surroundings`.
    pub fn open(surroundings: &Command, columns: u16, rows: u16) -> Self {
        // Who starts us in the background ignores Ctrl-C, and so would the
        // shell and all it starts.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT", "setsid", "--ctty", "sh", "-i"]);
        for (name, value) in surroundings.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = surroundings.get_current_dir() {
            command.current_dir(folder);
        }
        command.env("PS1", PROMPT).env("TERM", "xterm-256color");
        command.env_remove("ENV").env_remove("NO_COLOR");
        let terminal = Terminal::of(&mut command);
        terminal.resize(columns, rows);
        let child = command.spawn().expect("util-linux and a shell are there");
        drop(command);
        let mut shell = Self {
            child,
            terminal,
            parser: parser(columns, rows),
            film: Film::default(),
            began: now(),
            top: 0,
        };
        shell.wait_for_prompt();
        shell.film = Film::default();
        shell
    }

    /// Types a command and runs it.
    pub fn run(&mut self, line: &str) {
        if self.film.frames().is_empty() {
            self.began = now();
        }
        self.terminal.press(line);
        self.wait_until(|screen| screen.trim_end().ends_with(line));
        self.pause(TO_BE_READ);
        self.terminal.press("\n");
    }

    /// Presses these keys.
    pub fn press(&mut self, keys: &str) {
        self.terminal.press(keys);
    }

    /// Films until the screen shows `text`.
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(|screen| screen.contains(text));
    }

    /// Films until the shell waits for a command.
    pub fn wait_for_prompt(&mut self) {
        self.wait_until(|screen| screen.lines().next_back() == Some(PROMPT.trim_end()));
    }

    fn wait_until(&mut self, enough: impl Fn(&str) -> bool) {
        let end = now() + DEADLINE;
        while !enough(&self.screen()) {
            let left = end.saturating_duration_since(now());
            assert!(!left.is_zero(), "it still shows:\n{}", self.screen());
            self.film(left);
        }
    }

    /// Films for so long.
    pub fn pause(&mut self, length: Duration) {
        let end = now() + length;
        loop {
            let left = end.saturating_duration_since(now());
            if left.is_zero() {
                return;
            }
            self.film(left);
        }
    }

    /// The text on the screen.
    pub fn screen(&self) -> String {
        let screen = self.parser.screen();
        let (_, columns) = screen.size();
        let lines = screen.rows(0, columns.get());
        let lines = Vec::from_iter(lines.map(|line| line.trim_end().to_owned()));
        lines.join("\n").trim_end().to_owned()
    }

    /// What was filmed.
    pub fn cut(self) -> Film {
        let mut whole = self;
        std::mem::take(&mut whole.film)
    }

    /// Films what is shown next, if anything is within this time.
    fn film(&mut self, patience: Duration) {
        let Some(bytes) = self.terminal.read(patience) else {
            return;
        };
        assert!(!bytes.is_empty(), "the shell has left:\n{}", self.screen());
        self.parser.process(&bytes);
        let screen = self.parser.screen();
        if !screen.alternate_screen() {
            self.top = screen.scrollback_len();
        }
        self.film.add(Frame {
            at: now() - self.began,
            top: self.top,
            rows: rows(screen),
        });
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A terminal of this size that shows nothing yet.
pub fn parser(columns: u16, rows: u16) -> vt100::Parser {
    let size = |it| NonZeroU16::new(it).expect("a terminal has a size");
    vt100::Parser::new(size(rows), size(columns), SCROLLBACK_LEN)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only place in this program that reads a clock"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::film::Look;

    #[test]
    fn a_shell_is_filmed_while_somebody_types_and_interrupts() {
        let mut shell = Shell::open(&Command::new("sh"), 80, 5);
        // What is waited for comes from the program that is interrupted: until
        // the shell has started it, nothing would be.
        shell.run(r#"sh -c "printf '\033[31mr%s\033[0m' ed; exec cat""#);
        shell.wait_for("red");
        shell.press("\x03");
        shell.wait_for_prompt();
        assert!(shell.screen().contains("red^C"), "{}", shell.screen());
        let film = shell.cut();
        let rows = film.frames().iter().flat_map(|frame| &frame.rows);
        let mut looks = rows.flatten().map(|run| (run.text.as_str(), run.look));
        assert!(looks.any(|it| it == ("red", Look::Bad)), "{film:?}");
        assert_eq!(film.frames()[0].at, Duration::ZERO);
    }
}
