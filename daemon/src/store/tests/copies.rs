//! Copies of sessions are known as such, and sessions never as copies.

use super::*;

impl Rig {
    /// Why what is on the disk is taken for a copy.
    #[track_caller]
    fn copied(&self) -> Copied {
        let loaded = self.store.load(PROFILE).unwrap().expect("a session");
        loaded.copied.expect("it was recognised")
    }

    /// The next daemon, at another place perhaps.
    pub(super) fn restart(self, place: impl FnOnce(Place) -> Place) -> Self {
        let Self {
            scratch,
            runtime,
            store,
        } = self;
        drop(store);
        let store = Store::open(scratch.path(), place(super::place(&runtime))).unwrap();
        Self {
            scratch,
            runtime,
            store,
        }
    }
}

/// Copies a file as `cp -a` does. File systems note only every few
/// milliseconds what time it is, so it is copied until it got another.
fn copy(from: &Path, to: &Path) {
    let created = |path: &Path| fs::metadata(path).unwrap().created().unwrap();
    let modified = fs::metadata(from).unwrap().modified().unwrap();
    for _ in 0..100_000 {
        let copying = to.with_extension("copying");
        fs::copy(from, &copying).unwrap();
        let copied = fs::File::options().write(true).open(&copying).unwrap();
        copied.set_modified(modified).unwrap();
        if created(&copying) != created(from) {
            return fs::rename(copying, to).unwrap();
        }
        fs::remove_file(copying).unwrap();
    }
    panic!("the clock of the file system stands still");
}

#[test]
fn a_backup_that_is_put_back_is_a_copy_and_stays_as_it_is() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let (file, backup) = (rig.path("prod.session"), rig.path("backup"));
    copy(&file, &backup);
    rig.store.save(PROFILE, &session(2)).unwrap();
    copy(&backup, &file);
    let before = fs::read(&file).unwrap();
    assert_eq!(rig.copied(), Copied::OtherFile);
    assert_eq!(rig.copied(), Copied::OtherFile, "and again");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_copied_folder_holds_copies() {
    let (first, second) = (rig(), rig());
    first.store.save(PROFILE, &session(3)).unwrap();
    copy(&first.path("prod.session"), &second.path("prod.session"));
    assert_eq!(second.copied(), Copied::OtherFile);
    assert_eq!(first.loaded(), Some(session(3)));
}

#[test]
fn a_disk_of_another_machine_holds_copies() {
    let rig = rig();
    rig.store.save(PROFILE, &session(3)).unwrap();
    let elsewhere = |place| Place {
        machine: Some("elsewhere".to_owned()),
        ..place
    };
    let rig = rig.restart(elsewhere);
    assert_eq!(rig.copied(), Copied::OtherMachine);
}

#[test]
fn an_earlier_file_that_is_moved_back_is_older() {
    let rig = rig();
    rig.store.save(PROFILE, &session(5)).unwrap();
    let (file, aside) = (rig.path("prod.session"), rig.path("aside"));
    fs::hard_link(&file, &aside).unwrap();
    rig.store.save(PROFILE, &session(9)).unwrap();
    fs::rename(&aside, &file).unwrap();
    let rig = rig.restart(|place| place);
    let older = Copied::Older {
        generation: 5,
        newest: 9,
    };
    assert_eq!(rig.copied(), older);
    // Whoever signs in now writes what is newer than all.
    let loaded = rig.store.load(PROFILE).unwrap().unwrap();
    assert_eq!(loaded.session.generation, 9);
}

#[test]
fn a_copied_session_says_what_it_is_and_what_to_do() {
    let copied = [
        Copied::OtherMachine,
        Copied::OtherFile,
        Copied::Older {
            generation: 5,
            newest: 9,
        },
    ];
    let expected = [
        "was written on another machine",
        "is a copy (a backup, or a copied folder)",
        "is older (generation 5) than what this machine had written (generation 9)",
    ];
    for (copied, expected) in copied.iter().zip(expected) {
        let text = copied.to_string();
        let beginning = format!("the stored session {expected}; ");
        assert!(text.starts_with(&beginning), "{text}");
        assert!(text.contains("copied_sessions = \"use\""), "{text}");
    }
}

#[test]
fn what_was_moved_on_purpose_is_used_where_the_configuration_says_so() {
    let rig = rig();
    rig.store.save(PROFILE, &session(3)).unwrap();
    let moved = |place| Place {
        machine: Some("elsewhere".to_owned()),
        use_copies: true,
        ..place
    };
    let rig = rig.restart(moved);
    assert_eq!(rig.loaded(), Some(session(3)));
    rig.store.save(PROFILE, &session(4)).unwrap();
    let rig = rig.restart(|place| Place {
        use_copies: false,
        ..moved(place)
    });
    assert_eq!(rig.loaded(), Some(session(4)), "it is at home here now");
}

#[test]
fn a_machine_without_a_name_or_notes_takes_its_own_session_for_no_copy() {
    let rig = rig().restart(|_| Place::default());
    rig.store.save(PROFILE, &session(3)).unwrap();
    let as_found = of_another_boot(session(3));
    assert_eq!(rig.loaded(), Some(as_found.clone()));
    // A name that is given later, as to an image at its first boot.
    let rig = rig.restart(|place| place);
    assert_eq!(rig.loaded(), Some(as_found));
}

#[test]
fn a_folder_that_is_moved_keeps_its_sessions() {
    let rig = rig();
    rig.store.save(PROFILE, &session(3)).unwrap();
    let Rig {
        scratch,
        runtime,
        store,
    } = rig;
    drop(store);
    let moved = Scratch::new();
    fs::rename(scratch.path(), moved.path()).unwrap();
    let store = Store::open(moved.path(), place(&runtime)).unwrap();
    let loaded = store.load(PROFILE).unwrap().unwrap();
    assert_eq!(loaded.copied, None);
}

#[test]
fn the_session_of_a_killed_daemon_is_preferred_to_a_copy() {
    let rig = rig();
    let other = super::rig();
    other.store.save(PROFILE, &session(9)).unwrap();
    copy(&other.path("prod.session"), &rig.path("prod.session"));
    killed_before_the_rename(7, &rig);
    assert_eq!(rig.loaded(), Some(session(7)));
}

#[test]
fn a_copy_of_what_a_killed_daemon_left_is_not_given_the_name() {
    let (killed, rig) = (rig(), rig());
    killed_before_the_rename(2, &killed);
    let name = ".prod.session.new";
    copy(&killed.path(name), &rig.path(name));
    assert_eq!(rig.copied(), Copied::OtherFile);
    assert_eq!(rig.files(), [name]);
    rig.store.save(PROFILE, &session(1)).unwrap();
    assert_eq!(rig.loaded(), Some(session(1)));
    assert_eq!(killed.loaded(), Some(session(2)));
}

#[test]
fn after_a_logout_generations_may_start_anew() {
    let rig = rig();
    rig.store.save(PROFILE, &session(9)).unwrap();
    rig.store.forget(PROFILE).unwrap();
    rig.store.save(PROFILE, &session(1)).unwrap();
    assert_eq!(rig.loaded(), Some(session(1)));
}

#[test]
fn a_logout_forgets_the_newest_generation_before_the_session() {
    let rig = rig();
    rig.store.save(PROFILE, &session(9)).unwrap();
    // The disk fails, so that the session stays.
    fs::create_dir(rig.path(".prod.session.new")).unwrap();
    rig.store.forget(PROFILE).unwrap_err();
    assert_eq!(rig.store.witness.newest(PROFILE), None);
}

#[test]
fn a_session_that_somebody_removed_leaves_no_generation_behind() {
    let rig = rig();
    rig.store.save(PROFILE, &session(9)).unwrap();
    fs::remove_file(rig.path("prod.session")).unwrap();
    assert_eq!(rig.loaded(), None);
    assert_eq!(rig.store.witness.newest(PROFILE), None);
}

#[test]
fn a_session_that_cannot_be_read_leaves_no_generation_behind() {
    let rig = rig();
    rig.store.save(PROFILE, &session(9)).unwrap();
    rig.scratch.file("prod.session", "ruins", 0o600);
    rig.refusal();
    rig.store.save(PROFILE, &session(1)).unwrap();
    assert_eq!(rig.store.witness.newest(PROFILE), Some(1));
    rig.scratch.file("prod.session", "ruins", 0o600);
    rig.refusal();
    assert_eq!(rig.store.witness.newest(PROFILE), None);
}

#[test]
fn a_note_of_a_generation_that_nobody_has_reached_is_not_believed() {
    let rig = rig();
    rig.store.save(PROFILE, &session(3)).unwrap();
    rig.store.witness.note(PROFILE, u64::MAX);
    assert_eq!(rig.loaded(), Some(session(3)));
}

#[test]
fn profiles_and_folders_have_generations_of_their_own() {
    let rig = rig();
    rig.store.save("other", &session(9)).unwrap();
    rig.store.save(PROFILE, &session(1)).unwrap();
    assert_eq!(rig.loaded(), Some(session(1)));
    let elsewhere = Scratch::new();
    let store = Store::open(elsewhere.path(), place(&rig.runtime)).unwrap();
    store.save("other", &session(2)).unwrap();
    assert_eq!(store.load("other").unwrap().unwrap().copied, None);
}

#[test]
fn where_nothing_can_be_noted_sessions_are_kept_all_the_same() {
    let rig = rig();
    let file = rig.runtime.file("in-the-way", "", 0o600);
    let rig = rig.restart(|place| Place {
        runtime: Some(file.clone()),
        ..place
    });
    rig.store.save(PROFILE, &session(3)).unwrap();
    assert_eq!(rig.loaded(), Some(session(3)));
}
