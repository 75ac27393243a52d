//! What Terraform says to its helper.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helper::terraform;
use oic_fuzz::helpers::{Asked, TOKEN, object};
use serde_json::json;

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, terraform::parse) else {
        return;
    };
    match &asked.ask {
        Ask::Token { url, .. } => {
            assert_eq!(asked.words.last(), Some(url));
            assert_eq!(object(&asked.granted()), json!({"token": TOKEN}));
            assert_eq!(asked.not_mapped(), ("{}\n".to_owned(), 0));
        }
        Ask::Nothing => assert_eq!(asked.everything(), ""),
        other => panic!("Terraform asks for {other:?}"),
    }
});
