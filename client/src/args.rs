//! The command line. Its help text is the manual.

mod completions;
mod doctor;
mod ending;
mod helper;
pub mod plain;
mod seconds;
mod service;
mod setup;
pub mod synonym;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use completions::{Completions, Shell};
pub use doctor::Doctor;
#[cfg(test)]
pub use ending::EXIT_CODES;
pub use helper::{Helper, Install};
use seconds::seconds;
pub use service::Service;
pub use setup::Setup;

/// Asks oic-tokend for a live OAuth 2.0 access token.
///
/// The result goes to stdout; everything else goes to stderr. PROFILE is a
/// profile of oic-tokend's configuration; without it, the default profile is
/// meant.
#[derive(Debug, Parser)]
#[command(name = "oic-token", version, after_help = ending::ALL)]
pub struct Arguments {
    /// Ask the daemon at this socket
    ///
    /// Otherwise the one at $OIC_TOKEND_SOCKET, if that is set; or else the
    /// first at $XDG_RUNTIME_DIR/oic-tokend/socket,
    /// /run/user/UID/oic-tokend/socket and /run/oic-tokend/socket.
    #[arg(long, global = true, value_name = "PATH", display_order = LAST)]
    pub socket: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Below the options of a command: this one is seldom needed.
const LAST: usize = 900;

/// What to do, in the order in which people come to need it.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a configuration, start the daemon, and sign in
    ///
    /// Asks for what the options do not give, and checks it against the
    /// identity domain. Adds a profile where there is a configuration already.
    #[command(after_help = ending::SETUP)]
    Setup(Setup),

    /// Sign a user in
    ///
    /// Shows an address and a code on stderr, and waits until somebody has
    /// typed the code there and signed in (RFC 8628). Ctrl-C cancels the
    /// login.
    #[command(after_help = ending::LOGIN)]
    Login(Login),

    /// Print a live access token
    ///
    /// Prints the access token and one newline on stdout, and nothing else.
    /// Never prompts and never starts a login.
    #[command(after_help = ending::GET)]
    Get(Get),

    /// Run curl with an access token
    ///
    /// curl sends the access token in an Authorization header. It is in no
    /// argument list and no environment. It goes to the hosts of the profile
    /// alone where the configuration names them, over plain http to this
    /// machine alone, and after no redirect to another host.
    ///
    /// A request that is answered with 401 is made again once, with another
    /// access token. Not so a request that reads stdin, one of several, and
    /// one whose answer is partly printed already.
    #[command(after_help = ending::CURL)]
    Curl(Curl),

    /// Run a command with an access token
    ///
    /// The command finds the access token in the file that the variable
    /// BEARER_TOKEN_FILE names. The file is replaced by a new one while the
    /// command runs, so that the token in it is valid for as long as
    /// --min-valid says, and removed when the command has ended. The variable
    /// OIC_ACCESS_TOKEN has the token of the start, which expires.
    #[command(after_help = ending::EXEC)]
    Exec(Exec),

    /// Answer a program that asks for credentials
    ///
    /// Which URL belongs to which profile, the helper entries of
    /// oic-tokend's configuration say. Never prompts and never starts a login.
    #[command(subcommand, after_help = helper::PROGRAMS)]
    Helper(Helper),

    /// Show who is signed in, for how long, and what went wrong last
    #[command(after_help = ending::STATUS)]
    Status(Status),

    /// Show what an access token says of itself
    ///
    /// Prints the claims of a JWT (RFC 7519), not verified; never the token
    /// itself. Other access tokens are opaque, which is an error here.
    #[command(after_help = ending::INSPECT)]
    Inspect(Inspect),

    /// Revoke a refresh token and forget the session
    ///
    /// The session is forgotten on this computer even if the authorization
    /// server cannot be told; a warning says so.
    #[command(after_help = ending::LOGOUT)]
    Logout(Logout),

    /// Find what is wrong, and say how to mend it
    ///
    /// Looks at this computer, at the daemon, and has the daemon ask each
    /// authorization server whether a user could sign in. Exits with 0 where
    /// nothing is bad, with 4 where no daemon runs, else with 1.
    #[command(after_help = ending::DOCTOR)]
    Doctor(Doctor),

    /// Print what has happened, for Prometheus
    ///
    /// Renewals, their failures, hand-outs and how long they took since
    /// oic-tokend started, and how long tokens still live, in the text format
    /// 0.0.4. For node_exporter's textfile collector write it beside the file
    /// and rename: 'oic-token metrics > x.tmp && mv x.tmp oic-token.prom'.
    #[command(after_help = ending::METRICS)]
    Metrics,

    /// Report an access token that a resource refused
    ///
    /// Reads the token from stdin, as 'get' printed it. oic-tokend does not
    /// hand it out again; the next 'get' waits for another one. For a script
    /// whose request was answered with 401, as a better 'get --force': of many
    /// scripts that report the same token, only the first causes a refresh.
    #[command(after_help = ending::REJECT)]
    Reject(Reject),

    /// Give the passphrase that the stored sessions are locked with
    ///
    /// Where the configuration has session_key = "passphrase", oic-tokend
    /// starts locked. The passphrase is asked for on a terminal, without an
    /// echo, or else read from stdin, one line. The first time it is asked for
    /// twice, and is the one that counts from then on.
    #[command(after_help = ending::UNLOCK)]
    Unlock(Unlock),

    /// Run oic-tokend in the background, from login on
    #[command(subcommand, after_help = ending::SERVICE)]
    Service(Service),

    /// Print a script that completes command lines at TAB
    #[command(long_about = completions::ABOUT)]
    Completions(Completions),
}

/// How fresh an access token must be, and how long it may take to get it.
#[derive(Clone, Copy, Debug, Args)]
pub struct Freshness {
    /// How long the access token must still be valid, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value_t = MIN_VALID_DEFAULT)]
    pub min_valid: u32,

    /// How long to wait for a renewal, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value_t = TIMEOUT_DEFAULT)]
    pub timeout: u32,
}

/// What `get` asks for unless told otherwise, in seconds.
pub const MIN_VALID_DEFAULT: u32 = 60;

/// How long `get` waits unless told otherwise, in seconds.
pub const TIMEOUT_DEFAULT: u32 = 30;

/// `oic-token get`.
#[derive(Debug, Args)]
pub struct Get {
    /// Whose access token [default: the default profile's]
    pub profile: Option<String>,

    /// How fresh.
    #[command(flatten)]
    pub freshness: Freshness,

    /// Refresh first, even if the present access token is still valid
    #[arg(long)]
    pub force: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Token)]
    pub format: Format,
}

/// How `get` prints the access token: one line on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// the access token
    Token,
    /// Authorization: Bearer TOKEN (for 'curl -H @-')
    Header,
    /// a JSON object: access_token, token_type, expires_at, expires_in,
    /// profile, scopes
    Json,
    /// header = "Authorization: Bearer TOKEN" (for 'curl -K -')
    Curl,
    /// OIC_ACCESS_TOKEN=TOKEN
    Env,
}

/// `oic-token login`.
#[derive(Debug, Default, Args)]
pub struct Login {
    /// Which profile to sign in [default: the default profile]
    pub profile: Option<String>,

    /// Do not open a browser
    #[arg(long)]
    pub no_browser: bool,

    /// Show no QR code; one is shown where the terminal has room and colours
    /// for it
    #[arg(long)]
    pub no_qr: bool,

    /// Sign in every profile that nobody is signed in for, one after the
    /// other
    #[arg(long, conflicts_with = "profile")]
    pub all: bool,

    /// Let the profile change hands: accept another user than the one it
    /// belongs to since its first login
    #[arg(long)]
    pub change_user: bool,

    /// How long to wait for the user, in seconds [default: until the code
    /// expires]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<u32>,

    /// Print one JSON object a line on stdout, a prompt and how it ended;
    /// opens no browser
    #[arg(long)]
    pub json: bool,
}

/// `oic-token logout`.
#[derive(Debug, Args)]
pub struct Logout {
    /// Which profile to log out [default: the default profile]
    pub profile: Option<String>,

    /// Log out every profile
    #[arg(long, conflicts_with = "profile")]
    pub all: bool,
}

/// `oic-token reject`.
#[derive(Debug, Args)]
pub struct Reject {
    /// Whose access token [default: the default profile's]
    pub profile: Option<String>,
}

/// `oic-token unlock`.
#[derive(Debug, Args)]
pub struct Unlock {
    /// Set another passphrase; from stdin, the present one is the first line
    /// and the new one the second
    #[arg(long)]
    pub change: bool,
}

/// `oic-token status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Only this profile [default: all]
    pub profile: Option<String>,

    /// Print one JSON object; never holds a token
    #[arg(long)]
    pub json: bool,

    /// Say by the exit code whether every profile shown can hand out an
    /// access token: 0, or what 'get' exits with; waits, like it, up to 30 s
    /// for renewals
    #[arg(long)]
    pub check: bool,

    /// Show it anew every second, until Ctrl-C, on the other screen of the
    /// terminal; needs one
    #[arg(long, conflicts_with_all = ["json", "check"])]
    pub watch: bool,
}

/// `oic-token inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// Whose access token [default: the default profile's]
    pub profile: Option<String>,

    /// Print one JSON object: verified, header, claims
    #[arg(long)]
    pub json: bool,
}

/// `oic-token curl`.
#[derive(Debug, Args)]
pub struct Curl {
    /// Whose access token [default: the default profile's]
    pub profile: Option<String>,

    /// How fresh.
    #[command(flatten)]
    pub freshness: Freshness,

    /// What curl is to do
    #[arg(last = true, required = true, value_name = "CURL-ARGUMENTS")]
    pub arguments: Vec<OsString>,
}

/// `oic-token exec`.
#[derive(Debug, Args)]
pub struct Exec {
    /// Whose access token [default: the default profile's]
    pub profile: Option<String>,

    /// How fresh.
    #[command(flatten)]
    pub freshness: Freshness,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

impl Freshness {
    /// How long the access token must still be valid.
    pub fn min_validity(self) -> Duration {
        Duration::from_secs(self.min_valid.into())
    }

    /// How long to wait for a renewal.
    pub fn patience(self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}

#[cfg(test)]
mod tests;
