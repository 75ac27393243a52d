//! What a token says of itself, for who inspects it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::{claims, within};

fuzz_target!(|token: &str| {
    let memory = 16 * 1024 + 64 * token.len();
    let read = within(memory, || claims::decode(token));
    assert!(read.is_none() || token.matches('.').count() == 2, "{token}");
});
