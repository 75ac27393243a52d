//! What Cargo says to its credential provider, the headers of a registry's
//! answer among it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::cargo;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helpers::{Asked, TOKEN, object};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, cargo::parse) else {
        return;
    };
    match &asked.ask {
        Ask::Token { realms, .. } => {
            assert!(realms.iter().map(String::len).sum::<usize>() <= 8 * 256);
            let answer = object(&asked.granted());
            let request: Value = serde_json::from_str(&asked.text).expect("JSON");
            if request["kind"] == "get" {
                assert_eq!(answer["Ok"]["token"], format!("Bearer {TOKEN}"));
                assert_eq!(answer["Ok"]["cache"], "expires");
            } else {
                assert_eq!(answer["Err"]["kind"], "operation-not-supported");
            }
            let (not_mapped, exit) = asked.not_mapped();
            assert_eq!(object(&not_mapped)["Err"]["kind"], "url-not-supported");
            assert_eq!(exit, 0);
        }
        Ask::Nothing if asked.words.iter().any(|word| word == "--cargo-plugin") => {
            assert_eq!(object(&asked.everything())["Err"]["kind"], "other");
        }
        Ask::Nothing => assert_eq!(asked.everything(), ""),
        other => panic!("Cargo asks for {other:?}"),
    }
});
