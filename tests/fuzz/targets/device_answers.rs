//! What a device authorization endpoint answers: the end user is sent to the
//! domain's own host, and nowhere else.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use oic_fuzz::answers::{PROFILE, answer, check_error, memory_for};
use oic_fuzz::life::World;
use oic_fuzz::oauth::{self, DeviceAuthorization};
use oic_fuzz::{check_shown, within};

fuzz_target!(|bytes: &[u8]| {
    LazyLock::force(&PROFILE);
    let (sent, read) = (answer(bytes), answer(bytes));
    match within(memory_for(&sent), || {
        oauth::device_authorization(&PROFILE, Ok(read))
    }) {
        Ok(codes) => {
            check_codes(&codes);
            let world = World {
                codes: Some(codes),
                ..World::default()
            };
            world.live();
        }
        Err(error) => {
            check_error(&sent, &error);
            assert_eq!(error.refresh_token(), None);
        }
    }
});

fn check_codes(codes: &DeviceAuthorization) {
    check_shown(&codes.user_code, 1);
    assert!(!codes.device_code.0.expose().is_empty());
    check_uri(&codes.verification_uri);
    codes.verification_uri_complete.as_deref().map(check_uri);
    assert!(codes.expires_in <= Duration::from_secs(3600));
    assert!(codes.interval <= Duration::from_secs(366 * 24 * 3600));
}

/// By its letters, as somebody would read it who does not know what programs
/// make of a URL.
fn check_uri(uri: &str) {
    check_shown(uri, 1);
    let own = "https://id.example.com";
    let (start, rest) = uri.split_at_checked(own.len()).expect("a whole URI");
    assert!(start.eq_ignore_ascii_case(own), "{uri}");
    assert!(
        rest.is_empty() || rest.starts_with(['/', '?', '#', ':']),
        "{uri}"
    );
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.strip_prefix(':').unwrap_or(authority);
    assert!(port.bytes().all(|byte| byte.is_ascii_digit()), "{uri}");
}
