//! What pip and uv say to `keyring`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::keyring;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helpers::{Asked, TOKEN, object};

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, keyring::parse) else {
        return;
    };
    match &asked.ask {
        Ask::Token { url, .. } => {
            assert!(asked.words.contains(url));
            check_credential(&asked.granted());
            assert_eq!(asked.not_mapped(), (String::new(), 1));
        }
        Ask::Nothing => assert_eq!(asked.everything(), ""),
        other => panic!("keyring asks for {other:?}"),
    }
});

/// The token, a user name and the token, or either as JSON.
fn check_credential(text: &str) {
    if text.starts_with('{') && text != format!("{TOKEN}\n") && text.lines().count() == 1 {
        assert_eq!(object(text)["password"], TOKEN);
        return;
    }
    let lines = Vec::from_iter(text.split('\n'));
    assert!(matches!(lines[..], [TOKEN, ""] | [_, TOKEN, ""]), "{text}");
}
