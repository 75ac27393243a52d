//! What docker says to its helper.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::docker;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helpers::{Asked, TOKEN, object};

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, docker::parse) else {
        return;
    };
    match &asked.ask {
        Ask::Token { url, .. } => {
            assert_eq!(url, asked.text.trim());
            let credential = object(&asked.granted());
            assert_eq!(credential["ServerURL"], url.as_str());
            assert_eq!(credential["Username"], "oauth2");
            assert_eq!(credential["Secret"], TOKEN);
            let not_found = "credentials not found in native keychain\n";
            assert_eq!(asked.not_mapped(), (not_found.to_owned(), 1));
        }
        Ask::Mappings => {
            let list = object(&asked.everything());
            assert_eq!(list["https://a.example.com/team"], "oauth2");
            assert!(!list.to_string().contains('*'));
        }
        Ask::Nothing => assert!(!asked.everything().contains(TOKEN)),
        other => panic!("docker asks for {other:?}"),
    }
});
