//! What something at the daemon's socket sends to a caller.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_proto::Response;
use oic_proto::frame::RESPONSE_LEN_MAX;

/// What serde reserves at most for a list on the word of its count, besides the
/// limit of the codec. Only a daemon that the caller trusts gets that far.
const LIES_COST: usize = 1024 * 1024 + RESPONSE_LEN_MAX;

fuzz_target!(|bytes: &[u8]| oic_fuzz::check_frame::<Response>(bytes, LIES_COST));
