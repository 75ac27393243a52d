//! What is in a session's file: read and written again as the same, and no
//! number in it stops the profile that starts with it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::life::World;
use oic_fuzz::store::record::{self, Error};
use oic_fuzz::{SECRET, check_shown, within};

fuzz_target!(|bytes: &[u8]| {
    let memory = 16 * 1024 + 16 * bytes.len();
    let (session, home) = match within(memory, || record::decode(bytes)) {
        Ok(read) => read,
        Err(error) => return check_refused(&error),
    };
    let written = record::encode(&session, home);
    let (again, home) = record::decode(&written).expect("it was written just now");
    assert_eq!(session, again);
    assert_eq!(*written, *record::encode(&again, home));
    let world = World {
        stored: Some(session),
        ..World::default()
    };
    world.live();
});

/// It says where, never what.
fn check_refused(error: &Error) {
    let message = error.to_string();
    check_shown(&message, 1);
    assert!(message.len() < 100, "{message}");
    assert!(!format!("{message} {error:?}").contains(SECRET));
}
