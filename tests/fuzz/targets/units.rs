//! The address of a caller at the socket for credentials: what is taken for a
//! unit is one, and no other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::check_shown;
use oic_fuzz::units::{Unit, Units};

fuzz_target!(|bytes: &[u8]| {
    let Some(unit) = Unit::calling_from(bytes) else {
        return;
    };
    let end = format!("/unit/{}/{}", unit.name, unit.credential);
    let random = bytes.strip_suffix(end.as_bytes()).expect("it was there");
    assert!(!random.contains(&b'/'));
    check_shown(&unit.name, 1);
    check_shown(&unit.credential, 1);
    assert_eq!(Units::default().profile_of(&unit), None);
});
