//! What a login shows, to people on stderr or to a script on stdout.

use std::time::{Duration, Instant};

use oic_proto::message::{LoginFailed, LoginPrompt, RefreshTokenView, SignedIn};

use super::qr;
use crate::args::Login;
use crate::failure::Failure;
use crate::json::{self, LoginEvent};
use crate::moment::{self, Present};
use crate::start::ExitCode;
use crate::text::{self, Line, Piece, Style};
use crate::{browser, clock, terminal};

/// Who reads along.
#[derive(Clone, Copy, Debug)]
pub enum View {
    /// People, on stderr.
    People {
        /// Whether to open a browser for them.
        browser: bool,
        /// Whether to show them a QR code.
        qr: bool,
    },
    /// A script, on stdout.
    Script,
}

impl View {
    /// For whoever gave these arguments.
    pub const fn new(arguments: &Login) -> Self {
        if arguments.json {
            Self::Script
        } else {
            Self::People {
                browser: !arguments.no_browser,
                qr: !arguments.no_qr,
            }
        }
    }

    /// What the end user has to do.
    pub fn prompt(self, prompt: &LoginPrompt) -> Result<(), Failure> {
        let (browser, qr) = match self {
            Self::People { browser, qr } => (browser, qr),
            Self::Script => return event(&LoginEvent::from(prompt)),
        };
        let (instructions, code) = (instructions(prompt), user_code(&prompt.user_code));
        let above = instructions.iter().map(|line| terminal::rows_of(line));
        let beside = above.sum::<usize>() + code.len() + usize::from(browser);
        for line in instructions {
            terminal::say(&line);
        }
        for line in code {
            terminal::say_styled(&line);
        }
        let complete = prompt.verification_uri_complete.as_ref();
        let uri = complete.unwrap_or(&prompt.verification_uri);
        if qr {
            show_qr(uri, beside);
        }
        if browser && browser::open(uri) {
            terminal::say("opening the page in your browser");
        }
        if !terminal::is_stderr_interactive() {
            let until = clock::present().local(prompt.expires_at);
            terminal::say(&format!("the code is good until {until}; waiting"));
        }
        Ok(())
    }

    /// How long the end user still has; the code stays in sight where what
    /// came after has pushed it off the screen.
    pub fn tick(self, prompt: &LoginPrompt, code_expires: Instant) {
        if matches!(self, Self::People { .. }) && terminal::is_stderr_interactive() {
            let left = moment::countdown(clock::left_until(code_expires));
            terminal::say_for_now(&waiting(prompt, &left, terminal::room_for_now()));
        }
    }

    /// Nobody waits any more.
    pub fn end_ticks(self) {
        if matches!(self, Self::People { .. }) && terminal::is_stderr_interactive() {
            terminal::retract();
        }
    }

    /// The login succeeded; the session's refresh token lives so long.
    pub fn signed_in(
        self,
        signed_in: &SignedIn,
        refresh_token: Option<&RefreshTokenView>,
    ) -> Result<ExitCode, Failure> {
        let present = clock::present();
        match self {
            Self::People { .. } => {
                for line in success(signed_in, refresh_token, &present) {
                    terminal::say_piece(&line);
                }
            }
            Self::Script => event(&LoginEvent::from(signed_in))?,
        }
        if let Some(why) = &signed_in.not_stored {
            terminal::say(&format!(
                "warning: the session is not on disk, and a restart of oic-tokend loses it: {why}"
            ));
        }
        if !signed_in.renewable {
            let until = present.local(signed_in.expires_at);
            terminal::say(&format!(
                "warning: there is no refresh token: this session ends at {until}"
            ));
            terminal::say(NOT_RENEWABLE_HINT);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The login failed.
    pub fn failed(self, failed: LoginFailed) -> Result<ExitCode, Failure> {
        if matches!(self, Self::Script) {
            event(&LoginEvent::from(&failed))?;
        }
        Err(Failure::LoginFailed(failed))
    }

    /// A script that has heard of a prompt hears of its end, whatever it is.
    pub fn gave_up(self, prompt: &LoginPrompt, failure: Failure) -> Failure {
        if matches!(self, Self::People { .. }) {
            return failure;
        }
        let said = failure.to_string();
        let (reason, message) = match failure {
            Failure::LoginTimedOut { .. } => ("cancelled", TIMED_OUT),
            _ => ("no_answer", said.as_str()),
        };
        let ended = event(&LoginEvent::Failed {
            profile: &prompt.profile,
            reason,
            message,
        });
        ended.err().unwrap_or(failure)
    }

    /// Ctrl-C ends the program at this moment, and with it the login.
    pub fn interrupted(self, prompt: Option<&LoginPrompt>) {
        self.end_ticks();
        if let (Self::Script, Some(prompt)) = (self, prompt) {
            // Whoever read our output may have gone first.
            let _ = event(&LoginEvent::Failed {
                profile: &prompt.profile,
                reason: "cancelled",
                message: INTERRUPTED,
            });
        }
        terminal::say(&format!("login cancelled: {INTERRUPTED}"));
    }
}

const TIMED_OUT: &str = "nobody has signed in within the time given by --timeout";

const INTERRUPTED: &str = "the code is not waited for any more, and nothing has changed";

/// The three switches that a refresh token depends on at OCI IAM; any other
/// server has the first two.
const NOT_RENEWABLE_HINT: &str = "hint: a refresh token needs 'offline_access' among the scopes, \
                                  the grant 'Refresh token' in the client application, and \
                                  'Allow token refresh' in the resource application";

/// The first line is there against RFC 8628 §5.4: a user who did not start
/// this must not type the code.
fn instructions(prompt: &LoginPrompt) -> [String; 3] {
    [
        format!(
            "oic-token on this computer wants to sign in profile '{}'; only continue if you \
             started this",
            prompt.profile
        ),
        format!("open {}", prompt.verification_uri),
        "and enter the code".to_owned(),
    ]
}

/// What is waited for, in so many columns. Where the code does not fit beside
/// the rest it is still in sight: there was no room for a QR code either.
fn waiting(prompt: &LoginPrompt, left: &str, room: usize) -> String {
    let state = prompt.trouble.as_deref().unwrap_or("Ctrl-C cancels");
    let with_code = format!("{left} left for code {}; {state}", prompt.user_code);
    if text::width(&with_code) <= room {
        with_code
    } else {
        format!("{left} left; {state}")
    }
}

/// The user code, to be read across a desk and still to be copied.
fn user_code(code: &str) -> Vec<Line> {
    let strong = |text: String| Line::from(Piece::new(&format!("    {text}"), Style::Strong));
    let empty = Line::default;
    if !(terminal::is_stderr_interactive() && terminal::speaks_utf8()) {
        return vec![empty(), strong(code.to_owned()), empty()];
    }
    let code = Piece::from(code);
    let bar = "━".repeat(code.width() + 4);
    vec![
        strong(format!("┏{bar}┓")),
        strong(format!("┃  {}  ┃", code.text())),
        strong(format!("┗{bar}┛")),
    ]
}

/// Where the terminal has room for it with so many rows `beside` it, which are for
/// those who cannot scan. Its colours are its own: on some backgrounds the
/// terminal's would make a code that scanners do not read, so one who wants no
/// colours gets none.
fn show_qr(uri: &str, beside: usize) {
    let Some(lines) = qr::lines(uri) else { return };
    let columns = lines.first().map_or(0, |line| line.chars().count());
    if !terminal::speaks_utf8() || !terminal::has_columns_for(columns) {
        return;
    }
    // And "or scan", and what is waited for.
    let rows = beside + lines.len() + 2;
    if !terminal::has_rows_for(rows) {
        terminal::say(&format!(
            "a terminal of {rows} rows shows a QR code to scan"
        ));
        return;
    }
    terminal::say("or scan");
    for line in lines {
        terminal::say_styled(&Piece::new(&line, Style::Ink).into());
    }
}

/// Who signed in, and until when nobody has to do anything.
fn success(
    signed_in: &SignedIn,
    refresh_token: Option<&RefreshTokenView>,
    present: &Present,
) -> Vec<Piece> {
    let profile = &signed_in.profile;
    let who = match &signed_in.subject {
        Some(subject) => format!("signed in as {subject} for profile '{profile}'"),
        None => format!("signed in for profile '{profile}'"),
    };
    let moment = |at| format!("{} ({})", present.local(at), present.relative(at));
    let until = format!("access token until {}", moment(signed_in.expires_at));
    let next = signed_in.renewable.then(|| {
        let absolute = refresh_token.and_then(|token| token.login_needed_by);
        let sliding = refresh_token.and_then(|token| token.renew_by);
        match (absolute, sliding) {
            (Some(by), _) => format!("next login by {}", moment(by)),
            (None, Some(by)) => {
                let left = u64::try_from(by.0 - present.now.0).unwrap_or(0);
                let within = moment::span(Duration::from_secs(left));
                format!("next login when oic-tokend has not run for {within}")
            }
            (None, None) => "next login when 'oic-token status' says so".to_owned(),
        }
    });
    let lines = [Some(who), Some(until), next].into_iter().flatten();
    let styles = [Style::Good, Style::Plain, Style::Plain];
    let pieces = lines.zip(styles);
    pieces
        .map(|(line, style)| Piece::new(&line, style))
        .collect()
}

fn event(event: &LoginEvent<'_>) -> Result<(), Failure> {
    terminal::print(&[json::line(event)])
}

#[cfg(test)]
mod tests {
    use oic_proto::message::UnixTime;

    use super::*;

    #[test]
    fn a_narrow_terminal_shows_what_is_waited_for_and_not_the_code_once_more() {
        let mut prompt = LoginPrompt {
            profile: "sim".to_owned(),
            user_code: "MRBRWSGK".to_owned(),
            verification_uri: "https://id.example.com/device".to_owned(),
            verification_uri_complete: None,
            expires_in: Duration::from_secs(300),
            expires_at: UnixTime(0),
            trouble: None,
        };
        let whole = "4:59 left for code MRBRWSGK; Ctrl-C cancels";
        assert_eq!(waiting(&prompt, "4:59", whole.len()), whole);
        assert_eq!(waiting(&prompt, "4:59", 26), "4:59 left; Ctrl-C cancels");
        prompt.trouble = Some("the server is unreachable".to_owned());
        let expected = "4:59 left; the server is unreachable";
        assert_eq!(waiting(&prompt, "4:59", 40), expected);
    }
}
