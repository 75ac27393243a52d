//! Bytes that a peer should not have sent.

mod messages;

use messages::{ACCESS_TOKEN, requests, responses, token};
use oic_proto::frame::{
    self, Error, HEADER_LEN, Message, REQUEST_LEN_MAX, RESPONSE_LEN_MAX, VERSION,
};
use oic_proto::secret::AccessToken;
use oic_proto::{Request, Response};

/// Random bodies that are tried.
const BODIES: u64 = 100_000;

fn header(version: u16, len: u32) -> [u8; HEADER_LEN] {
    let mut header = *b"OT\0\0\0\0\0\0";
    header[2..4].copy_from_slice(&version.to_le_bytes());
    header[4..8].copy_from_slice(&len.to_le_bytes());
    header
}

/// The body of a message's frame.
fn body<M: Message>(message: &M) -> Vec<u8> {
    let frame = frame::encode(message).expect("it fits");
    frame[HEADER_LEN..].to_vec()
}

#[test]
fn the_limits_are_those_of_the_protocol_page() {
    assert_eq!(REQUEST_LEN_MAX, 4_096);
    assert_eq!(RESPONSE_LEN_MAX, 65_536);
}

#[test]
fn a_length_over_the_limit_is_refused_by_its_header_alone() {
    let lengths = [0, 1, 4096, 4097, 65_536, 65_537, u32::MAX];
    for len in lengths {
        let fits = |max: usize| match len as usize {
            len if len <= max => Ok(len),
            len => Err(Error::TooLong { len, max }),
        };
        let header = header(VERSION, len);
        assert_eq!(frame::body_len::<Request>(&header), fits(REQUEST_LEN_MAX));
        assert_eq!(frame::body_len::<Response>(&header), fits(RESPONSE_LEN_MAX));
    }
}

#[test]
fn a_strangers_bytes_are_known_by_the_first_two() {
    for bytes in [
        b"GET / HT",
        b"SSH-2.0-",
        b"\0\0\0\0\0\0\0\0",
        b"TO\x01\0\0\0\0\0",
        b"Ot\x01\0\0\0\0\0",
    ] {
        assert_eq!(frame::body_len::<Request>(bytes), Err(Error::NotOurs));
    }
}

#[test]
fn another_version_is_named_before_its_length_is_believed() {
    for theirs in [2, 3, 256, u16::MAX] {
        let header = header(theirs, u32::MAX);
        assert_eq!(
            frame::body_len::<Request>(&header),
            Err(Error::Version { theirs })
        );
    }
}

#[test]
fn a_version_refusal_is_understood_by_every_reader() {
    let refused = Err(Error::VersionRefused {
        oldest: VERSION,
        newest: VERSION,
    });
    assert_eq!(
        frame::body_len::<Response>(&frame::version_refusal()),
        refused
    );
    assert_eq!(
        frame::body_len::<Response>(b"OT\0\0\x02\0\x07\x01"),
        Err(Error::VersionRefused {
            oldest: 2,
            newest: 263
        })
    );
}

#[test]
fn a_refused_version_names_both_sides() {
    let says = |oldest, newest| Error::VersionRefused { oldest, newest }.to_string();
    assert_eq!(
        says(2, 2),
        "the daemon speaks protocol version 2, this program speaks 1"
    );
    assert_eq!(
        says(2, 4),
        "the daemon speaks protocol versions 2 to 4, this program speaks 1"
    );
}

#[test]
fn a_message_that_is_cut_off_anywhere_is_garbled() {
    for (name, request) in requests() {
        let body = body(&request);
        for end in 0..body.len() {
            let cut = frame::decode::<Request>(&body[..end]);
            assert_eq!(cut, Err(Error::Garbled), "{name} cut at {end}");
        }
    }
    for (name, response) in responses() {
        let body = body(&response);
        for end in 0..body.len() {
            let cut = frame::decode::<Response>(&body[..end]);
            assert_eq!(cut, Err(Error::Garbled), "{name} cut at {end}");
        }
    }
}

#[test]
fn bytes_after_a_message_are_not_overlooked() {
    for (name, request) in requests() {
        let mut body = body(&request);
        body.push(0);
        assert_eq!(
            frame::decode::<Request>(&body),
            Err(Error::Garbled),
            "{name}"
        );
    }
    for (name, response) in responses() {
        let mut body = body(&response);
        body.extend_from_within(..);
        assert_eq!(
            frame::decode::<Response>(&body),
            Err(Error::Garbled),
            "{name}"
        );
    }
}

#[test]
fn a_variant_that_does_not_exist_is_garbled() {
    for variant in [100_u32, 255, u32::MAX] {
        let body = variant.to_le_bytes();
        assert_eq!(frame::decode::<Request>(&body), Err(Error::Garbled));
    }
}

#[test]
fn text_that_is_not_utf8_is_garbled() {
    let mut body = body(&Request::Status {
        profile: Some("prod".to_owned()),
    });
    let last = body.len() - 1;
    body[last] = 0xff;
    assert_eq!(frame::decode::<Request>(&body), Err(Error::Garbled));
}

#[test]
fn a_false_length_inside_a_body_is_garbled_and_nothing_is_allocated_for_it() {
    for len in [5_u64, 1 << 16, 1 << 32, 1 << 40, u64::MAX] {
        let mut body = 1_u32.to_le_bytes().to_vec();
        body.push(1);
        body.extend(len.to_le_bytes());
        body.extend(b"prod");
        assert_eq!(
            frame::decode::<Request>(&body),
            Err(Error::Garbled),
            "{len}"
        );
    }
}

#[test]
fn a_false_count_inside_a_body_is_garbled() {
    for count in [1_u64, 1 << 16, 1 << 32, 1 << 40, u64::MAX] {
        let mut body = 8_u32.to_le_bytes().to_vec();
        body.extend(1_u32.to_le_bytes());
        body.extend(count.to_le_bytes());
        assert_eq!(
            frame::decode::<Response>(&body),
            Err(Error::Garbled),
            "{count}"
        );
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random(1);
    for _ in 0..BODIES {
        let len = random.next() % 200;
        let mut body: Vec<u8> = (0..len).map(|_| random.next() as u8).collect();
        // Small variants and lengths lead further in.
        for byte in body.iter_mut().filter(|_| !random.next().is_multiple_of(4)) {
            *byte %= 12;
        }
        let _ = frame::decode::<Request>(&body);
        let _ = frame::decode::<Response>(&body);
    }
}

#[test]
fn a_message_with_a_byte_changed_never_panics() {
    let bodies = responses().into_iter().map(|(_, response)| body(&response));
    for mut body in bodies {
        for at in 0..body.len() {
            let kept = body[at];
            for changed in [0, 1, 0x7f, 0x80, 0xff, kept.wrapping_add(1)] {
                body[at] = changed;
                let _ = frame::decode::<Response>(&body);
            }
            body[at] = kept;
        }
    }
}

/// splitmix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A token answer whose access token has this length.
fn token_of(len: usize) -> Response {
    let mut token = token();
    token.access_token = AccessToken::new("a".repeat(len));
    Response::Token(token)
}

#[test]
fn the_longest_tokens_that_servers_issue_fit_a_frame() {
    for len in [16 * 1024, 48 * 1024] {
        let response = token_of(len);
        let body = body(&response);
        assert_eq!(frame::decode::<Response>(&body), Ok(response));
    }
}

#[test]
fn a_token_that_fits_no_frame_is_an_error_that_names_the_limit() {
    let Err(Error::TooLong { len, max }) = frame::encode(&token_of(64 * 1024)) else {
        panic!("it does not fit");
    };
    assert_eq!(max, RESPONSE_LEN_MAX);
    assert!(len > max);
}

#[test]
fn a_request_over_its_limit_is_not_written() {
    let named = |len: usize| Request::Status {
        profile: Some("p".repeat(len)),
    };
    let overhead = 4 + 1 + 8;
    assert!(frame::encode(&named(REQUEST_LEN_MAX - overhead)).is_ok());
    assert_eq!(
        frame::encode(&named(REQUEST_LEN_MAX - overhead + 1)).err(),
        Some(Error::TooLong {
            len: REQUEST_LEN_MAX + 1,
            max: REQUEST_LEN_MAX
        })
    );
}

#[test]
fn no_message_prints_an_access_token() {
    let mut seen = 0;
    for (name, response) in responses() {
        let printed = format!("{response:?} {response:#?}");
        assert!(!printed.contains(ACCESS_TOKEN), "{name}");
        seen += usize::from(printed.contains("REDACTED"));
    }
    assert_eq!(seen, 2, "two messages hold an access token");
}
