//! What the service manager has kept beside the disk.

use super::*;
use crate::fd_store::Memory;

/// A store like `rig`'s, to which the service manager passes `session`.
fn rig_with_kept(kept: &StoredSession) -> Rig {
    let rig = rig();
    let sealed = rig.store.sealed_to_keep(PROFILE, kept).unwrap();
    let name = format!("session.{PROFILE}.{}", kept.generation);
    let passed = vec![(name, Memory::of(&sealed).unwrap())];
    rig.restart(|place| Place {
        kept: FdStore::new(passed),
        ..place
    })
}

#[test]
fn what_is_kept_is_found_where_the_disk_holds_nothing_and_written_there() {
    let rig = rig_with_kept(&session(3));
    let loaded = rig.store.load(PROFILE).unwrap().unwrap();
    assert_eq!((loaded.session, loaded.copied), (session(3), None));
    assert_eq!(rig.files(), ["prod.session"]);
}

#[test]
fn the_higher_generation_wins_wherever_it_is() {
    for (on_disk, newest) in [(2, 3), (3, 3), (4, 4)] {
        let rig = rig_with_kept(&session(3));
        rig.store.save(PROFILE, &session(on_disk)).unwrap();
        let loaded = rig.store.load(PROFILE).unwrap().unwrap();
        assert_eq!(loaded.session.generation, newest, "{on_disk} on disk");
    }
}

#[test]
fn what_is_kept_of_a_session_in_memory_stays_off_the_disk() {
    let rig = rig_with_kept(&session(3));
    let taken = rig.store.take_over(PROFILE).unwrap().unwrap();
    assert_eq!(taken.session, session(3));
    assert_eq!(rig.files(), [""; 0]);
}

#[test]
fn a_file_that_cannot_be_read_is_made_up_for() {
    let rig = rig_with_kept(&session(3));
    rig.scratch.file("prod.session", "damaged", 0o600);
    let loaded = rig.store.load(PROFILE).unwrap().unwrap();
    assert_eq!(loaded.session, session(3));
}

#[test]
fn what_is_kept_under_the_name_of_another_profile_is_left() {
    let rig = rig();
    let sealed = rig.store.sealed_to_keep("other", &session(3)).unwrap();
    let passed = vec![(format!("session.{PROFILE}.3"), Memory::of(&sealed).unwrap())];
    let rig = rig.restart(|place| Place {
        kept: FdStore::new(passed),
        ..place
    });
    assert_eq!(rig.store.load(PROFILE).unwrap(), None);
}
