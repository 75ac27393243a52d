//! Everything about the domain that can be set: lifetimes, and one knob for
//! each behaviour of OCI IAM that nobody has documented or that differs from
//! domain to domain.
//!
//! A knob's name is its field's name in [`Knobs`]; its values are listed by
//! [`Knobs::table`]. Names are the same on the command line
//! (`--knob NAME=VALUE`), over HTTP (`POST /control/knob`) and in the library
//! ([`Simulator::set_knob`](super::Simulator::set_knob)).

pub mod value;

use std::fmt;

use value::{ErrorStatus, KnobValue, Seconds, UserName, choice};

choice! {
    /// How far the lifetime of a refresh token reaches.
    RefreshTokenExpiry {
        /// Each refresh starts the lifetime anew.
        Sliding = "sliding",
        /// The lifetime counts from the login, however often it is refreshed.
        Absolute = "absolute",
    }
}

choice! {
    /// What polling with an expired device code is answered.
    ExpiredDeviceCode {
        /// RFC 8628 §3.5.
        ExpiredToken = "expired_token",
        /// Servers that treat the code like any other bad grant.
        InvalidGrant = "invalid_grant",
    }
}

choice! {
    /// Which access tokens end with the user's browser session.
    SessionCut {
        /// None does.
        Never = "never",
        /// The one of the login.
        Login = "login",
        /// Every one; after the session's end they live for 60 seconds.
        Always = "always",
    }
}

choice! {
    /// Whether the client is registered with the refresh token grant.
    RefreshGrant {
        /// It is.
        Granted = "granted",
        /// It is not, and logins come without a refresh token.
        Omitted = "omitted",
        /// It is not, and asking for `offline_access` is refused.
        Refused = "refused",
    }
}

choice! {
    /// The type of the `aud` claim.
    AudienceForm {
        /// A string while there is one audience.
        String = "string",
        /// Always an array.
        Array = "array",
    }
}

choice! {
    /// The looks of a device code.
    DeviceCodeForm {
        /// 32 hexadecimal digits.
        Hex = "hex",
        /// A dashed UUID, 36 characters.
        Uuid = "uuid",
    }
}

choice! {
    /// The looks of a refresh token.
    RefreshTokenForm {
        /// Starts with `AgAg`.
        New = "new",
        /// Starts with `AQIDBAU`.
        Old = "old",
    }
}

choice! {
    /// The looks of `Retry-After`, RFC 9110 §10.2.3.
    RetryAfterForm {
        /// A number of seconds.
        Seconds = "seconds",
        /// A date.
        Date = "date",
    }
}

choice! {
    /// What the runtime host answers to an access token it does not take.
    Unauthorized {
        /// A JSON body with `code` and `message`.
        Json = "json",
        /// `WWW-Authenticate: Bearer error="invalid_token"` and no body.
        Challenge = "challenge",
        /// `WWW-Authenticate` and an HTML page.
        Html = "html",
        /// The bare status.
        Empty = "empty",
    }
}

choice! {
    /// The type of `active` in an introspection answer.
    ActiveForm {
        /// `true`.
        Boolean = "boolean",
        /// `"true"`.
        String = "string",
    }
}

choice! {
    /// The redirect from the runtime host to the design host.
    RedirectStatus {
        /// May turn a POST into a GET.
        Found = "302",
        /// Keeps method and body.
        Temporary = "307",
    }
}

/// Declares [`Knobs`] and its table from one list, so that the two cannot differ.
macro_rules! knobs {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty = $default:expr;)+) => {
        /// The settings of a domain and its runtime host.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Knobs { $($(#[doc = $doc])+ pub $name: $kind,)+ }

        impl Default for Knobs {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Knobs {
            /// The names of all knobs.
            pub const NAMES: &[&str] = &[$(stringify!($name)),+];

            /// Sets one knob from text.
            ///
            /// # Errors
            /// When there is no knob of that name, or it does not take that
            /// value. The message lists what there is.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), KnobRefused> {
                match name {
                    $(stringify!($name) => match <$kind as KnobValue>::parse(value) {
                        Some(value) => self.$name = value,
                        None => return Err(KnobRefused::value(name, value, <$kind as KnobValue>::expected())),
                    },)+
                    _ => return Err(KnobRefused::name(name)),
                }
                Ok(())
            }

            /// Sets one knob from `NAME=VALUE`.
            ///
            /// # Errors
            /// As [`set`](Self::set), and when there is no `=`.
            pub fn assign(&mut self, assignment: &str) -> Result<(), KnobRefused> {
                let (name, value) = assignment
                    .split_once('=')
                    .ok_or_else(|| KnobRefused::assignment(assignment))?;
                self.set(name, value)
            }

            /// Every knob with its present value, what it takes and what it does.
            pub fn table(&self) -> Vec<KnobRow> {
                vec![$(KnobRow {
                    name: stringify!($name),
                    value: KnobValue::show(&self.$name),
                    expected: <$kind as KnobValue>::expected(),
                    about: concat!($($doc),+).trim(),
                }),+]
            }
        }
    };
}

knobs! {
    /// How long an access token lives.
    access_token_lifetime: Seconds = Seconds(3600);
    /// How long a refresh token lives.
    refresh_token_lifetime: Seconds = Seconds(604_800);
    /// How long a device code lives.
    device_code_lifetime: Seconds = Seconds(300);
    /// How long the user's browser session lives, counted from the approval.
    session_lifetime: Seconds = Seconds(28_800);
    /// Which access tokens live no longer than the session.
    session_cut: SessionCut = SessionCut::Login;

    /// The `interval` of a device authorization answer; OCI IAM sends none.
    interval: Option<Seconds> = None;
    /// Whether a device authorization answer has `verification_uri_complete`.
    verification_uri_complete: bool = false;
    /// A `verification_uri` to send instead of the domain's own.
    verification_uri: Option<String> = None;
    /// The looks of device codes.
    device_code_form: DeviceCodeForm = DeviceCodeForm::Hex;
    /// Whether a device authorization request must have `response_type=device_code`.
    response_type_required: bool = true;
    /// The user who approves every device code the moment it is issued.
    auto_approve: Option<UserName> = None;
    /// Polls closer together than this are answered `slow_down`; 0 never.
    slow_down_threshold: Seconds = Seconds(0);
    /// The status of `authorization_pending`.
    pending_status: ErrorStatus = ErrorStatus(400);
    /// What polling with an expired device code is answered.
    expired_device_code: ExpiredDeviceCode = ExpiredDeviceCode::ExpiredToken;

    /// The resource app's switch "Allow token refresh".
    allow_token_refresh: bool = true;
    /// Whether the client app has the refresh token grant.
    refresh_grant: RefreshGrant = RefreshGrant::Granted;
    /// Whether the lifetime of refresh tokens is sliding or absolute.
    refresh_token_expiry: RefreshTokenExpiry = RefreshTokenExpiry::Sliding;
    /// Whether a refresh answers with a new refresh token; if not, the old one stays good.
    rotate_refresh_tokens: bool = true;
    /// For how long after its use a refresh token is accepted again.
    grace_seconds: Seconds = Seconds(0);
    /// Whether using a refresh token twice revokes its whole chain.
    reuse_revokes_chain: bool = false;
    /// Whether a login revokes earlier logins of the same user at the same client.
    second_login_revokes_first: bool = false;
    /// The looks of refresh tokens.
    refresh_token_form: RefreshTokenForm = RefreshTokenForm::New;
    /// The status of `invalid_grant` for an unknown or revoked refresh token.
    unknown_refresh_token_status: ErrorStatus = ErrorStatus(400);
    /// Whether a public client may revoke its refresh tokens.
    public_client_may_revoke: bool = true;

    /// Whether `expires_in` is sent as a string.
    expires_in_as_string: bool = false;
    /// Whether every token answer has the form for several resources, `tokenResponses`.
    multiresource_reply: bool = false;
    /// Whether asking for `openid` brings an ID token.
    id_token: bool = true;
    /// The least length of an access token.
    access_token_size: usize = 0;
    /// The issuer in tokens and metadata.
    issuer: String = "https://identity.oraclecloud.com/".into();
    /// The type of the `aud` claim.
    audience_form: AudienceForm = AudienceForm::String;
    /// Whether the domain names itself with `:443` in claims.
    port_in_urls: bool = true;

    /// Whether OAuth errors carry `ecid` in the body; the header is always there.
    ecid: bool = true;
    /// The status of `unauthorized_client`.
    unauthorized_client_status: ErrorStatus = ErrorStatus(401);
    /// The `Retry-After` of 429 and 503 answers.
    retry_after: Option<Seconds> = None;
    /// Whether `Retry-After` is a number or a date.
    retry_after_form: RetryAfterForm = RetryAfterForm::Seconds;

    /// Whether the metadata lists `device_authorization_endpoint`; OCI IAM does not.
    device_endpoint_in_metadata: bool = false;
    /// Whether the signing certificate is open to anybody.
    jwks_public: bool = false;
    /// The type of `active` in an introspection answer.
    introspection_active: ActiveForm = ActiveForm::Boolean;

    /// What the runtime host answers to a missing or bad access token.
    unauthorized: Unauthorized = Unauthorized::Json;
    /// The status when the user lacks the ServiceInvoker role.
    missing_role_status: ErrorStatus = ErrorStatus(401);
    /// The status that sends developer paths from the runtime to the design host.
    developer_redirect: RedirectStatus = RedirectStatus::Found;
}

/// One row of [`Knobs::table`].
#[derive(Debug, Clone, serde::Serialize)]
pub struct KnobRow {
    /// The name.
    pub name: &'static str,
    /// The present value, as it would be written.
    pub value: String,
    /// The values it takes.
    pub expected: String,
    /// What it does.
    pub about: &'static str,
}

/// Why a knob was not set. The message names the knobs or values there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnobRefused(String);

impl KnobRefused {
    fn name(name: &str) -> Self {
        let names = Knobs::NAMES.join(", ");
        Self(format!("no knob is named {name:?}; there are: {names}"))
    }

    fn value(name: &str, value: &str, expected: String) -> Self {
        Self(format!(
            "knob {name} does not take {value:?}; it takes {expected}"
        ))
    }

    fn assignment(text: &str) -> Self {
        Self(format!(
            "{text:?} is not NAME=VALUE, as in slow_down_threshold=5"
        ))
    }
}

impl fmt::Display for KnobRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KnobRefused {}
