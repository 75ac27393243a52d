//! The JSON that scripts read. The order and names of the fields are part of
//! the contract, so they are written down as types.

use oic_proto::message::{
    AccessTokenView, DaemonView, Keeping, LastError, Lock, LoginFailed, LoginPrompt, ProfileView,
    RefreshTokenView, RenewalState, SessionState, SignedIn, TokenView, UnixTime,
};
use oic_proto::shown::is_harmful;
use serde::{Serialize, Serializer};

use crate::claims::{Claims, Object};
use crate::moment;

/// `value` on one line.
pub fn line<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value)
        .expect("serializing to a string fails only for maps with odd keys, and none has them");
    harmless(text)
}

/// The same JSON with `\u` escapes for what a terminal would act on. All of it
/// is inside strings: JSON's own characters are plain.
fn harmless(text: String) -> String {
    if !text.contains(is_harmful) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// What `get --format json` prints.
#[derive(Serialize)]
pub struct Token<'a> {
    access_token: &'a str,
    token_type: &'static str,
    #[serde(serialize_with = "rfc3339")]
    expires_at: UnixTime,
    expires_in: u64,
    profile: &'a str,
    scopes: &'a [String],
}

impl<'a> From<&'a TokenView> for Token<'a> {
    fn from(view: &'a TokenView) -> Self {
        Self {
            access_token: view.access_token.expose(),
            token_type: "Bearer",
            expires_at: view.expires_at,
            expires_in: view.expires_in.as_secs(),
            profile: &view.profile,
            scopes: &view.scopes,
        }
    }
}

/// What `login --json` prints, one a line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LoginEvent<'a> {
    /// What the end user has to do.
    Prompt {
        profile: &'a str,
        verification_uri: &'a str,
        verification_uri_complete: Option<&'a str>,
        user_code: &'a str,
        #[serde(serialize_with = "rfc3339")]
        expires_at: UnixTime,
    },
    /// The login succeeded.
    SignedIn {
        profile: &'a str,
        subject: Option<&'a str>,
        #[serde(serialize_with = "rfc3339")]
        expires_at: UnixTime,
    },
    /// The login failed.
    Failed {
        profile: &'a str,
        reason: &'a str,
        message: &'a str,
    },
}

impl<'a> From<&'a LoginPrompt> for LoginEvent<'a> {
    fn from(prompt: &'a LoginPrompt) -> Self {
        Self::Prompt {
            profile: &prompt.profile,
            verification_uri: &prompt.verification_uri,
            verification_uri_complete: prompt.verification_uri_complete.as_deref(),
            user_code: &prompt.user_code,
            expires_at: prompt.expires_at,
        }
    }
}

impl<'a> From<&'a SignedIn> for LoginEvent<'a> {
    fn from(signed_in: &'a SignedIn) -> Self {
        Self::SignedIn {
            profile: &signed_in.profile,
            subject: signed_in.subject.as_deref(),
            expires_at: signed_in.expires_at,
        }
    }
}

impl<'a> From<&'a LoginFailed> for LoginEvent<'a> {
    fn from(failed: &'a LoginFailed) -> Self {
        Self::Failed {
            profile: &failed.profile,
            reason: &failed.reason,
            message: &failed.message,
        }
    }
}

/// What `status --json` prints.
#[derive(Serialize)]
pub struct Status<'a> {
    daemon: Daemon<'a>,
    profiles: Vec<Profile<'a>>,
}

impl<'a> Status<'a> {
    /// Of this daemon and these profiles.
    pub fn new(daemon: &'a DaemonView, profiles: &'a [ProfileView]) -> Self {
        Self {
            daemon: Daemon {
                version: &daemon.version,
                pid: daemon.pid,
                started_at: daemon.started_at,
                session_key: &daemon.session_key,
                lock: lock(daemon.lock),
            },
            profiles: profiles.iter().map(Profile::from).collect(),
        }
    }
}

#[derive(Serialize)]
struct Daemon<'a> {
    version: &'a str,
    pid: u32,
    #[serde(serialize_with = "rfc3339")]
    started_at: UnixTime,
    session_key: &'a str,
    lock: Option<&'static str>,
}

#[derive(Serialize)]
struct Profile<'a> {
    name: &'a str,
    state: &'static str,
    renewal: Option<&'static str>,
    subject: Option<&'a str>,
    access_token: Option<AccessToken>,
    refresh_token: Option<RefreshToken>,
    #[serde(serialize_with = "rfc3339_or_null")]
    next_renewal_at: Option<UnixTime>,
    failures: u32,
    last_error: Option<Error<'a>>,
    store: &'static str,
}

impl<'a> From<&'a ProfileView> for Profile<'a> {
    fn from(view: &'a ProfileView) -> Self {
        Self {
            name: &view.name,
            state: state(view.state),
            renewal: view.renewal.map(renewal),
            subject: view.subject.as_deref(),
            access_token: view.access_token.as_ref().map(AccessToken::from),
            refresh_token: view.refresh_token.as_ref().map(RefreshToken::from),
            next_renewal_at: view.next_renewal_at,
            failures: view.failures,
            last_error: view.last_error.as_ref().map(Error::from),
            store: match view.keeping {
                Keeping::Disk => "disk",
                Keeping::Memory | Keeping::Manager | Keeping::PerhapsManager => "memory-only",
            },
        }
    }
}

#[derive(Serialize)]
struct AccessToken {
    #[serde(serialize_with = "rfc3339")]
    expires_at: UnixTime,
    remaining_seconds: u64,
}

impl From<&AccessTokenView> for AccessToken {
    fn from(view: &AccessTokenView) -> Self {
        Self {
            expires_at: view.expires_at,
            remaining_seconds: view.remaining.as_secs(),
        }
    }
}

#[derive(Serialize)]
struct RefreshToken {
    #[serde(serialize_with = "rfc3339")]
    obtained_at: UnixTime,
    #[serde(serialize_with = "rfc3339_or_null")]
    renew_by: Option<UnixTime>,
    #[serde(serialize_with = "rfc3339_or_null")]
    login_needed_by: Option<UnixTime>,
}

impl From<&RefreshTokenView> for RefreshToken {
    fn from(view: &RefreshTokenView) -> Self {
        Self {
            obtained_at: view.obtained_at,
            renew_by: view.renew_by,
            login_needed_by: view.login_needed_by,
        }
    }
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(serialize_with = "rfc3339")]
    at: UnixTime,
}

impl<'a> From<&'a LastError> for Error<'a> {
    fn from(error: &'a LastError) -> Self {
        Self {
            code: &error.code,
            message: &error.message,
            at: error.at,
        }
    }
}

/// What `inspect --json` prints.
#[derive(Serialize)]
pub struct Inspected<'a> {
    verified: bool,
    header: &'a Object,
    claims: &'a Object,
}

impl<'a> From<&'a Claims> for Inspected<'a> {
    fn from(claims: &'a Claims) -> Self {
        Self {
            verified: false,
            header: &claims.header,
            claims: &claims.claims,
        }
    }
}

const fn lock(lock: Lock) -> Option<&'static str> {
    match lock {
        Lock::None => None,
        Lock::Unset => Some("unset"),
        Lock::Locked => Some("locked"),
        Lock::Unlocked => Some("unlocked"),
    }
}

const fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::SignedOut => "signed_out",
        SessionState::Authorizing => "authorizing",
        SessionState::AwaitingUser => "awaiting_user",
        SessionState::SignedIn => "signed_in",
        SessionState::Locked => "locked",
    }
}

const fn renewal(renewal: RenewalState) -> &'static str {
    match renewal {
        RenewalState::Due => "due",
        RenewalState::InFlight => "in_flight",
        RenewalState::Backoff => "backoff",
        RenewalState::InDoubt => "in_doubt",
    }
}

fn rfc3339<S: Serializer>(at: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment::rfc3339(*at))
}

fn rfc3339_or_null<S: Serializer>(at: &Option<UnixTime>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(moment::rfc3339).serialize(serializer)
}
