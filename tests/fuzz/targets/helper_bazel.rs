//! What Bazel says to its helper.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::bazel;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helpers::{Asked, TOKEN, object};

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, bazel::parse) else {
        return;
    };
    assert_eq!(asked.not_mapped().0, "");
    match &asked.ask {
        Ask::Token { url, .. } => {
            let request: serde_json::Value = serde_json::from_str(&asked.text).expect("JSON");
            assert_eq!(request["uri"], url.as_str());
            let headers = object(&asked.granted())["headers"].take();
            assert_eq!(headers["Authorization"][0], format!("Bearer {TOKEN}"));
        }
        Ask::Nothing => {}
        other => panic!("Bazel asks for {other:?}"),
    }
});
