//! What a token endpoint answers, and what becomes of a session with it.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use oic_fuzz::answers::{answer, check_error, check_lifetime, check_token, memory_for};
use oic_fuzz::life::World;
use oic_fuzz::lifecycle::DeviceCode;
use oic_fuzz::oauth::{self, Answer, DeviceAuthorization, TokenGrant};
use oic_fuzz::{check_shown, within};
use oic_proto::Secret;

fuzz_target!(|bytes: &[u8]| {
    let (sent, read) = (answer(bytes), answer(bytes));
    match within(memory_for(&sent), || oauth::token_grant(Ok(read))) {
        Ok(grant) => check_grant(&sent, grant),
        Err(error) => {
            check_error(&sent, &error);
            if let Some(kept) = error.refresh_token() {
                check_token(&sent, kept.0.expose());
            }
        }
    }
});

fn check_grant(sent: &Answer, grant: TokenGrant) {
    assert!(matches!(sent.status, 200..=299), "{}", sent.status);
    check_token(sent, grant.access_token.expose());
    assert!(!grant.access_token.expose().contains(' '));
    check_lifetime(grant.lifetime);
    if let Some(refresh_token) = &grant.refresh_token {
        check_token(sent, refresh_token.0.expose());
    }
    grant.refresh_token_lifetime.map(check_lifetime);
    if let Some(subject) = &grant.subject {
        check_shown(subject, 1);
        assert!(subject.chars().count() <= 300);
    }
    let world = World {
        codes: Some(codes()),
        grant: Some(grant),
        ..World::default()
    };
    world.live();
}

/// What the login waits with for the grant.
fn codes() -> DeviceAuthorization {
    DeviceAuthorization {
        device_code: DeviceCode(Secret::new("9".to_owned())),
        user_code: "Q".to_owned(),
        verification_uri: "https://id.example.com/".to_owned(),
        verification_uri_complete: None,
        expires_in: Duration::from_secs(300),
        interval: Duration::from_secs(5),
    }
}
