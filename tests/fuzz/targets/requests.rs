//! What a caller sends to the daemon.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_proto::Request;
use oic_proto::frame::RESPONSE_LEN_MAX;

/// What serde reserves at most for a list, here the realms of a challenge, on
/// the word of its count, besides the limit of the codec, which knows no
/// difference between messages. Only a caller that is served gets that far.
const LIES_COST: usize = 1024 * 1024 + RESPONSE_LEN_MAX;

fuzz_target!(|bytes: &[u8]| oic_fuzz::check_frame::<Request>(bytes, LIES_COST));
