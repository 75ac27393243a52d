//! What Go says to its GOAUTH command, the head of a server's answer among it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::goauth;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helpers::{Asked, TOKEN};

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, goauth::parse) else {
        return;
    };
    assert_eq!(asked.not_mapped().0, "");
    match &asked.ask {
        Ask::Token { url, realms } => {
            assert_eq!(asked.words, [url.as_str()]);
            assert!(realms.iter().map(String::len).sum::<usize>() <= 8 * 256);
            check_block(&asked.granted(), url);
        }
        Ask::Tokens => {
            let block = asked.everything();
            check_block(&block, "https://a.example.com/team");
        }
        Ask::Nothing => assert!(!asked.everything().contains(TOKEN)),
        other => panic!("Go asks for {other:?}"),
    }
});

/// One URL, an empty line, one header, an empty line.
fn check_block(text: &str, url: &str) {
    let lines = Vec::from_iter(text.split('\n'));
    let header = format!("Authorization: Bearer {TOKEN}");
    assert_eq!(lines[1..], ["", header.as_str(), "", ""], "{text}");
    assert!(url.starts_with(lines[0]), "{text}");
}
