//! What a caller sends to the daemon.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_proto::Request;
use oic_proto::frame::RESPONSE_LEN_MAX;

/// The limit of the codec, which knows no difference between messages.
const LIES_COST: usize = RESPONSE_LEN_MAX;

fuzz_target!(|bytes: &[u8]| oic_fuzz::check_frame::<Request>(bytes, LIES_COST));
