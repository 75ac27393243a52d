//! One message of every kind, under the name of its golden vector.

use std::time::Duration;

use oic_proto::message::{
    AccessTokenView, DaemonView, Finding, Handouts, Keeping, LastError, Lock, LoggedOut,
    LoginFailed, LoginPrompt, MappedToken, MappingView, Outcome, ProfileMetrics, ProfileView,
    RefreshTokenView, Refusal, Remedy, RenewalState, Revocation, Selection, SessionState, SignedIn,
    TokenView, UnixTime,
};
use oic_proto::secret::{AccessToken, Passphrase};
use oic_proto::{Request, Response};

/// The access token in [`responses`].
pub const ACCESS_TOKEN: &str = "eyJ4NXQjUzI1NiI6.c2VjcmV0.c2lnbmF0dXJl";

fn prod() -> String {
    "prod".to_owned()
}

/// Every request.
pub fn requests() -> Vec<(&'static str, Request)> {
    let requests = [
        Request::GetToken {
            profile: None,
            min_validity: Duration::from_secs(60),
            patience: Duration::from_secs(30),
            force: false,
        },
        Request::Login {
            profile: Some(prod()),
            change_user: true,
        },
        Request::Logout {
            profiles: Selection::Default,
        },
        Request::Logout {
            profiles: Selection::Named(prod()),
        },
        Request::Logout {
            profiles: Selection::All,
        },
        Request::Status { profile: None },
        Request::RejectToken {
            profile: None,
            fingerprint: AccessToken::new(ACCESS_TOKEN.to_owned()).fingerprint(),
        },
        Request::Examine {
            profile: Some(prod()),
        },
        Request::Unlock {
            passphrase: passphrase(),
        },
        Request::SetPassphrase {
            present: Some(passphrase()),
            new: Passphrase::new("another horse".to_owned()),
        },
        Request::GetTokenFor {
            url: "https://git.example.com/team/a.git".to_owned(),
            realms: vec!["staff".to_owned()],
            min_validity: Duration::from_secs(60),
            patience: Duration::from_secs(30),
        },
        Request::RejectTokenFor {
            url: "https://git.example.com/team/a.git".to_owned(),
            fingerprint: AccessToken::new(ACCESS_TOKEN.to_owned()).fingerprint(),
        },
        Request::ListMappings,
        Request::Metrics,
    ];
    requests.map(|it| (request_name(&it), it)).into()
}

/// A new request does not compile until it has a name here.
fn request_name(request: &Request) -> &'static str {
    match request {
        Request::GetToken { .. } => "request_get_token",
        Request::Login { .. } => "request_login",
        Request::Logout { profiles } => match profiles {
            Selection::Default => "request_logout_default",
            Selection::Named(_) => "request_logout_named",
            Selection::All => "request_logout_all",
        },
        Request::Status { .. } => "request_status",
        Request::RejectToken { .. } => "request_reject_token",
        Request::Examine { .. } => "request_examine",
        Request::Unlock { .. } => "request_unlock",
        Request::SetPassphrase { .. } => "request_set_passphrase",
        Request::GetTokenFor { .. } => "request_get_token_for",
        Request::RejectTokenFor { .. } => "request_reject_token_for",
        Request::ListMappings => "request_list_mappings",
        Request::Metrics => "request_metrics",
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse".to_owned())
}

/// Every response, every state that a profile may be in, every refusal.
pub fn responses() -> Vec<(&'static str, Response)> {
    let mut responses = vec![
        Response::Token(token()),
        Response::Prompt(prompt()),
        Response::SignedIn(signed_in()),
        Response::LoginFailed(login_failed()),
        Response::Daemon(daemon()),
        Response::End,
        Response::Findings(vec![finding()]),
        Response::MappedToken(MappedToken {
            token: token(),
            username: "oauth2".to_owned(),
        }),
        Response::Mapping(mapping()),
    ];
    responses.extend(revocations().map(|revocation| {
        Response::LoggedOut(LoggedOut {
            profile: prod(),
            revocation,
        })
    }));
    responses.extend(profiles().map(|it| Response::Profile(Box::new(it))));
    responses.push(Response::Metrics(Box::new(metrics())));
    responses.extend(refusals().map(Response::Refused));
    let named = responses.into_iter().map(|it| (response_name(&it), it));
    named.collect()
}

/// A new response does not compile until it has a name here.
fn response_name(response: &Response) -> &'static str {
    match response {
        Response::Token(_) => "response_token",
        Response::Prompt(_) => "response_prompt",
        Response::SignedIn(_) => "response_signed_in",
        Response::LoginFailed(_) => "response_login_failed",
        Response::LoggedOut(logged_out) => match logged_out.revocation {
            Revocation::NothingToRevoke => "response_logged_out_nothing_to_revoke",
            Revocation::Revoked => "response_logged_out_revoked",
            Revocation::NoEndpoint => "response_logged_out_no_endpoint",
            Revocation::Failed { .. } => "response_logged_out_failed",
        },
        Response::Daemon(_) => "response_daemon",
        Response::Profile(profile) => profile_name(profile),
        Response::End => "response_end",
        Response::Refused(refusal) => refusal_name(refusal),
        Response::Findings(_) => "response_findings",
        Response::MappedToken(_) => "response_mapped_token",
        Response::Mapping(_) => "response_mapping",
        Response::Metrics(_) => "response_metrics",
    }
}

fn profile_name(profile: &ProfileView) -> &'static str {
    match (profile.state, profile.renewal) {
        (SessionState::SignedOut, _) => "response_profile_signed_out",
        (SessionState::Authorizing, _) => "response_profile_authorizing",
        (SessionState::AwaitingUser, _) => "response_profile_awaiting_user",
        (SessionState::Locked, _) => "response_profile_locked",
        (SessionState::SignedIn, None) => "response_profile_signed_in",
        (SessionState::SignedIn, Some(renewal)) => match renewal {
            RenewalState::Due => "response_profile_due",
            RenewalState::InFlight => "response_profile_in_flight",
            RenewalState::Backoff => "response_profile_backoff",
            RenewalState::InDoubt => "response_profile_in_doubt",
        },
    }
}

fn refusal_name(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownProfile { .. } => "refusal_unknown_profile",
        Refusal::NoDefaultProfile { .. } => "refusal_no_default_profile",
        Refusal::LoginRequired { .. } => "refusal_login_required",
        Refusal::TryLater { .. } => "refusal_try_later",
        Refusal::Rejected { .. } => "refusal_rejected",
        Refusal::NotForgotten { .. } => "refusal_not_forgotten",
        Refusal::ValidityUnavailable { .. } => "refusal_validity_unavailable",
        Refusal::NotAllowed => "refusal_not_allowed",
        Refusal::Busy => "refusal_busy",
        Refusal::NotUnderstood => "refusal_not_understood",
        Refusal::ShuttingDown => "refusal_shutting_down",
        Refusal::Locked => "refusal_locked",
        Refusal::WrongPassphrase { .. } => "refusal_wrong_passphrase",
        Refusal::TooSoon { .. } => "refusal_too_soon",
        Refusal::NotUnlocked { .. } => "refusal_not_unlocked",
        Refusal::NotMapped { .. } => "refusal_not_mapped",
    }
}

/// What an hour's token looks like on its way to a caller.
pub fn token() -> TokenView {
    TokenView {
        access_token: AccessToken::new(ACCESS_TOKEN.to_owned()),
        profile: prod(),
        scopes: vec!["urn:example:api".to_owned(), "openid".to_owned()],
        expires_at: UnixTime(1_763_909_141),
        expires_in: Duration::new(3599, 250_000_000),
        hosts: vec!["*.ocp.oraclecloud.com".to_owned()],
    }
}

fn mapping() -> MappingView {
    MappingView {
        url: "https://git.example.com/team/*".to_owned(),
        realm: Some("staff".to_owned()),
        profile: prod(),
        username: "oauth2".to_owned(),
    }
}

fn prompt() -> LoginPrompt {
    LoginPrompt {
        profile: prod(),
        verification_uri: "https://id.example.com/ui/v1/device".to_owned(),
        verification_uri_complete: Some("https://id.example.com/ui/v1/device?c=Q".to_owned()),
        user_code: "QTZLMCBW".to_owned(),
        expires_at: UnixTime(1_763_905_841),
        expires_in: Duration::from_secs(300),
        trouble: Some("the authorization server cannot be reached".to_owned()),
    }
}

fn signed_in() -> SignedIn {
    SignedIn {
        profile: prod(),
        subject: Some("jane.doe@example.com".to_owned()),
        expires_at: UnixTime(1_763_909_141),
        renewable: true,
        not_stored: Some("no space left on device".to_owned()),
    }
}

fn login_failed() -> LoginFailed {
    LoginFailed {
        profile: prod(),
        reason: "access_denied".to_owned(),
        message: "the request was denied in the browser".to_owned(),
        remedy: Remedy::SignInAgain,
    }
}

fn finding() -> Finding {
    Finding {
        profile: Some(prod()),
        check: "clock".to_owned(),
        outcome: Outcome::Doubtful,
        message: "this computer's clock is 90 s behind the server's".to_owned(),
        remedy: Some("set the clock".to_owned()),
    }
}

fn revocations() -> [Revocation; 4] {
    [
        Revocation::NothingToRevoke,
        Revocation::Revoked,
        Revocation::NoEndpoint,
        Revocation::Failed {
            message: "timed out".to_owned(),
        },
    ]
}

fn daemon() -> DaemonView {
    DaemonView {
        version: "0.1.0".to_owned(),
        pid: 4711,
        started_at: UnixTime(1_763_905_541),
        session_key: "the key file".to_owned(),
        lock: Lock::Unlocked,
    }
}

fn profiles() -> [ProfileView; 9] {
    [
        profile(SessionState::SignedOut, None),
        profile(SessionState::Authorizing, None),
        profile(SessionState::AwaitingUser, None),
        profile(SessionState::SignedIn, None),
        profile(SessionState::SignedIn, Some(RenewalState::Due)),
        profile(SessionState::SignedIn, Some(RenewalState::InFlight)),
        profile(SessionState::SignedIn, Some(RenewalState::Backoff)),
        profile(SessionState::SignedIn, Some(RenewalState::InDoubt)),
        profile(SessionState::Locked, None),
    ]
}

fn profile(state: SessionState, renewal: Option<RenewalState>) -> ProfileView {
    ProfileView {
        name: prod(),
        state,
        renewal,
        subject: Some("jane.doe@example.com".to_owned()),
        access_token: Some(AccessTokenView {
            expires_at: UnixTime(1_763_909_141),
            remaining: Duration::from_millis(1_234_567),
        }),
        refresh_token: Some(RefreshTokenView {
            obtained_at: UnixTime(1_763_905_541),
            renew_by: Some(UnixTime(1_764_510_341)),
            login_needed_by: Some(UnixTime(1_766_497_541)),
        }),
        next_renewal_at: Some(UnixTime(1_763_908_241)),
        failures: 3,
        last_error: Some(LastError {
            code: "throttled".to_owned(),
            message: "Too many requests".to_owned(),
            at: UnixTime(-1),
        }),
        keeping: Keeping::Memory,
    }
}

fn metrics() -> ProfileMetrics {
    ProfileMetrics {
        view: profile(SessionState::SignedIn, Some(RenewalState::Due)),
        renewals: 3,
        renewal_failures: vec![("throttled".to_owned(), 2)],
        handouts: vec![
            Handouts {
                up_to: Some(Duration::from_millis(1)),
                count: 5,
            },
            Handouts {
                up_to: None,
                count: 1,
            },
        ],
        waited: Duration::from_millis(31_250),
    }
}

fn refusals() -> [Refusal; 16] {
    let why = || "nobody has signed in yet".to_owned();
    [
        Refusal::UnknownProfile {
            profile: "prd".to_owned(),
            known: vec![prod(), "test".to_owned()],
        },
        Refusal::NoDefaultProfile { known: Vec::new() },
        Refusal::LoginRequired {
            profile: prod(),
            why: why(),
        },
        Refusal::TryLater {
            profile: prod(),
            retry_in: Some(Duration::from_secs(17)),
            why: why(),
        },
        Refusal::Rejected {
            profile: prod(),
            why: why(),
        },
        Refusal::NotForgotten {
            profile: prod(),
            why: why(),
        },
        Refusal::ValidityUnavailable {
            profile: prod(),
            remaining: Duration::from_secs(1200),
            lifetime: Duration::from_secs(3600),
        },
        Refusal::NotAllowed,
        Refusal::Busy,
        Refusal::NotUnderstood,
        Refusal::ShuttingDown,
        Refusal::Locked,
        Refusal::WrongPassphrase {
            retry_in: Duration::from_secs(1),
        },
        Refusal::TooSoon {
            retry_in: Duration::from_millis(500),
        },
        Refusal::NotUnlocked { why: why() },
        Refusal::NotMapped {
            url: "https://hub.example.com/".to_owned(),
        },
    ]
}
