//! Garbage on the socket: nobody else waits, memory stays bounded.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use crate::signed_in::SignedIn;

/// What the daemon may grow by under all of this, in KiB.
const GROWTH_MAX: u64 = 64 * 1024;

fn connect(signed_in: &SignedIn) -> UnixStream {
    UnixStream::connect(signed_in.home.socket()).expect("the daemon accepts")
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

/// Bytes that look random and are the same every run.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let step = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    (0..len).map(step).collect()
}

#[test]
fn random_bytes_are_answered_by_hanging_up() {
    let signed_in = SignedIn::with_lifetime(3600);
    for seed in 0..100 {
        let mut stranger = connect(&signed_in);
        // The daemon may hang up before everything is written.
        let _ = stranger.write_all(&noise(4096, seed));
        let _ = stranger.read_to_end(&mut Vec::new());
    }
    assert!(!signed_in.get().is_empty());
}

#[test]
fn a_length_of_four_gibibytes_is_refused_before_anything_is_allocated() {
    let signed_in = SignedIn::with_lifetime(3600);
    let before = resident_kib(signed_in.daemon.pid());
    let mut stranger = connect(&signed_in);
    stranger
        .write_all(&[b'O', b'T', 1, 0, 255, 255, 255, 255])
        .unwrap();
    // It ends by an answer and a hang-up, not by waiting for four gibibytes.
    stranger.read_to_end(&mut Vec::new()).unwrap();
    let after = resident_kib(signed_in.daemon.pid());
    assert!(after < before + GROWTH_MAX, "{before} KiB -> {after} KiB");
}

#[test]
fn another_protocol_version_is_refused_by_name() {
    let signed_in = SignedIn::with_lifetime(3600);
    let mut newer = connect(&signed_in);
    newer.write_all(&[b'O', b'T', 99, 0, 0, 0, 0, 0]).unwrap();
    let mut refusal = Vec::new();
    newer.read_to_end(&mut refusal).unwrap();
    assert_eq!(refusal, [b'O', b'T', 0, 0, 1, 0, 1, 0]);
}

#[test]
fn two_thousand_silent_connections_delay_nobody() {
    let signed_in = SignedIn::with_lifetime(3600);
    let before = resident_kib(signed_in.daemon.pid());
    let silent: Vec<_> = (0..2000)
        .map(|number| {
            let mut connection = connect(&signed_in);
            // Half of them begin a request and never finish it.
            if number % 2 == 0 {
                connection.write_all(b"OT\x01").unwrap();
            }
            connection
        })
        .collect();
    assert!(!signed_in.get().is_empty());
    let after = resident_kib(signed_in.daemon.pid());
    assert!(after < before + GROWTH_MAX, "{before} KiB -> {after} KiB");
    drop(silent);
}

#[test]
fn a_caller_that_never_reads_delays_nobody() {
    let signed_in = SignedIn::with_lifetime(3600);
    let status = oic_proto::Request::Status { profile: None };
    let request = oic_proto::frame::encode(&status).unwrap();
    let mut deaf = connect(&signed_in);
    deaf.set_nonblocking(true).unwrap();
    // Until the daemon stops reading, because nobody reads its answers.
    while deaf.write_all(&request).is_ok() {}
    assert!(!signed_in.get().is_empty());
}
