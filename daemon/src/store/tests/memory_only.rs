//! A session that is kept in memory from now on.

use super::*;

#[test]
fn a_session_that_is_taken_over_is_on_the_disk_no_more() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let taken = rig.store.take_over(PROFILE).unwrap().unwrap();
    assert_eq!((taken.session, taken.copied), (session(1), None));
    assert_eq!(rig.files(), [""; 0]);
    assert_eq!(rig.store.take_over(PROFILE).unwrap(), None);
}

#[test]
fn a_copy_that_is_taken_over_stays_where_it_was() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let (file, backup) = (rig.path("prod.session"), rig.path("backup"));
    fs::copy(&file, &backup).unwrap();
    fs::rename(&backup, &file).unwrap();
    let taken = rig.store.take_over(PROFILE).unwrap().unwrap();
    assert_eq!(taken.copied, Some(Copied::OtherFile));
    assert!(file.exists());
}

#[test]
fn what_was_written_before_is_removed_and_half_written_too() {
    let rig = rig();
    for left in ["prod.session", ".prod.session.new"] {
        rig.scratch.file(left, "left", 0o600);
        rig.store.keep_off(PROFILE).unwrap();
        assert_eq!(rig.files(), [""; 0]);
    }
    rig.store.keep_off(PROFILE).unwrap();
}
