//! A session's file from outside: only what this key has sealed opens, to the
//! last bit.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use oic_fuzz::store::seal::{self, KEY_LEN, Key, NONCE_LEN};
use oic_fuzz::{check_shown, within};
use oic_proto::Secret;
use serde_json::Value;

const PROFILE: &str = "prod";

/// Longest message about a file, in bytes: a label has at most 512.
const MESSAGE_LEN_MAX: usize = 600;

static KEY: LazyLock<Key> = LazyLock::new(|| Key::new(Secret::new([7; KEY_LEN])));

fuzz_target!(|bytes: &[u8]| {
    LazyLock::force(&KEY);
    check_file(bytes);
    check_tampered(bytes);
});

/// The input is a file.
fn check_file(file: &[u8]) {
    match within(32 * 1024 + 2 * file.len(), || {
        seal::open(&KEY, PROFILE, file)
    }) {
        Ok(session) => assert!(sealed_anew(file, &session) == file, "it opened"),
        Err(error) => {
            let message = error.to_string();
            check_shown(&message, 1);
            assert!(message.len() <= MESSAGE_LEN_MAX, "{message}");
        }
    }
}

/// What is sealed under the label of `file` with its nonce.
fn sealed_anew(file: &[u8], session: &[u8]) -> Vec<u8> {
    let end = file
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a label");
    let label: Value = serde_json::from_slice(&file[..end]).expect("a label");
    let generation = label["generation"].as_u64().expect("a generation");
    let nonce = file[end + 1..].first_chunk::<NONCE_LEN>().expect("a nonce");
    seal::seal(&KEY, PROFILE, generation, *nonce, session)
}

/// The input says what somebody changes in a good file.
fn check_tampered(edits: &[u8]) {
    let good = seal::seal(&KEY, PROFILE, 7, [9; NONCE_LEN], b"the session");
    let mut file = good.clone();
    for edit in edits.chunks_exact(3) {
        let at = usize::from(edit[1]) % (file.len() + 1);
        match edit[0] % 4 {
            0 => file.insert(at, edit[2]),
            1 => file.truncate(at),
            2 if at < file.len() => drop(file.remove(at)),
            _ if at < file.len() => file[at] ^= edit[2],
            _ => {}
        }
    }
    let opened = seal::open(&KEY, PROFILE, &file);
    assert_eq!(opened.is_ok(), file == good, "{}", file.escape_ascii());
}
