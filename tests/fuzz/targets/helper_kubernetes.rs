//! What kubectl says to its plugin, in the environment and in arguments.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::kubernetes;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helpers::{Asked, TOKEN, object};

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, kubernetes::parse) else {
        return;
    };
    assert_eq!(asked.not_mapped().0, "");
    match &asked.ask {
        Ask::Token { url, .. } => {
            assert!(asked.words.is_empty() || asked.words == [url.as_str()]);
            let credential = object(&asked.granted());
            assert_eq!(credential["kind"], "ExecCredential");
            let version = credential["apiVersion"].as_str().expect("a version");
            assert!(version.starts_with("client.authentication.k8s.io/v1"));
            assert_eq!(credential["status"]["token"], TOKEN);
        }
        Ask::Nothing => {}
        other => panic!("kubectl asks for {other:?}"),
    }
});
