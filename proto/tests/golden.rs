//! Golden frames: bytes that an earlier build wrote must decode to the same
//! message and encode back to the same bytes for as long as
//! [`VERSION`](oic_proto::frame::VERSION) stays what it is.
//!
//! A new message gets its vector by
//! `OIC_PROTO_WRITE_VECTORS=1 cargo test -p oic-proto`, which writes all of
//! them; `git diff` then shows whether an old one has changed, which it must
//! not without a new version.

mod messages;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use messages::{requests, responses};
use oic_proto::frame::{self, HEADER_LEN, Message};
use oic_proto::{Request, Response};

fn vector(name: &str) -> PathBuf {
    let vectors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    vectors.join(format!("{name}.bin"))
}

fn check<M: Message + PartialEq + std::fmt::Debug>(name: &str, message: &M) {
    let written = frame::encode(message).expect("it fits");
    if std::env::var_os("OIC_PROTO_WRITE_VECTORS").is_some() {
        fs::write(vector(name), &*written).expect("the vector can be written");
    }
    let golden = fs::read(vector(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (header, body) = golden.split_first_chunk::<HEADER_LEN>().expect(name);
    assert_eq!(frame::body_len::<M>(header), Ok(body.len()), "{name}");
    assert_eq!(frame::decode::<M>(body).as_ref(), Ok(message), "{name}");
    assert_eq!(&*written, &golden, "{name}");
}

#[test]
fn every_request_is_written_and_read_as_ever() {
    for (name, request) in requests() {
        check::<Request>(name, &request);
    }
}

#[test]
fn every_response_is_written_and_read_as_ever() {
    for (name, response) in responses() {
        check::<Response>(name, &response);
    }
}

#[test]
fn there_is_no_vector_without_a_message() {
    let names = requests().into_iter().map(|(name, _)| name.to_owned());
    let names = names.chain(responses().into_iter().map(|(name, _)| name.to_owned()));
    let expected: BTreeSet<String> = names.map(|name| format!("{name}.bin")).collect();
    let folder = vector("any").parent().expect("a folder").to_owned();
    let found = fs::read_dir(folder).expect("the vectors").map(|entry| {
        let name = entry.expect("an entry").file_name();
        name.into_string().expect("UTF-8")
    });
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn a_frame_is_laid_out_as_the_protocol_page_says() {
    let request = Request::GetToken {
        profile: Some("prod".to_owned()),
        min_validity: std::time::Duration::from_secs(60),
        patience: std::time::Duration::from_millis(1500),
        force: true,
    };
    let mut expected = b"OT\x01\x00".to_vec();
    expected.extend(42_u32.to_le_bytes());
    expected.extend(0_u32.to_le_bytes());
    expected.push(1);
    expected.extend(4_u64.to_le_bytes());
    expected.extend(b"prod");
    expected.extend(60_u64.to_le_bytes());
    expected.extend(0_u32.to_le_bytes());
    expected.extend(1_u64.to_le_bytes());
    expected.extend(500_000_000_u32.to_le_bytes());
    expected.push(1);
    assert_eq!(*frame::encode(&request).expect("it fits"), expected);
}

#[test]
fn the_version_refusal_is_the_same_eight_bytes_for_ever() {
    assert_eq!(frame::version_refusal(), *b"OT\x00\x00\x01\x00\x01\x00");
}
