//! What a revocation endpoint answers: its status alone says whether a refresh
//! token is revoked.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::answers::{answer, check_error, memory_for};
use oic_fuzz::{oauth, within};

fuzz_target!(|bytes: &[u8]| {
    let (sent, read) = (answer(bytes), answer(bytes));
    match within(memory_for(&sent), || oauth::revocation(Ok(read))) {
        Ok(()) => assert!(matches!(sent.status, 200..=299), "{}", sent.status),
        Err(error) => {
            assert!(!matches!(sent.status, 200..=299), "{}", sent.status);
            check_error(&sent, &error);
        }
    }
});
