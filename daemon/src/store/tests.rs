mod copies;
mod format;
#[cfg(target_os = "linux")]
mod kept;
mod keys;
mod memory_only;
mod places;
mod sealed;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use oic_proto::Secret;
use oic_proto::message::UnixTime;
use oic_proto::secret::AccessToken;

use super::*;
use crate::lifecycle::{BootTime, RefreshToken, StoredAccessToken, StoredRefreshToken};
use crate::testbed::{Scratch, in_time, mode, set_mode};

const PROFILE: &str = "prod";

fn session(generation: u64) -> StoredSession {
    StoredSession {
        generation,
        refresh_token: Some(StoredRefreshToken {
            refresh_token: RefreshToken(Secret::new(format!("refresh-{generation}"))),
            obtained_at: UnixTime(1_767_225_600),
            session_began_at: UnixTime(1_767_139_200),
            lifetime: Some(Duration::from_secs(1800)),
            sent_at: Some(UnixTime(1_767_229_000)),
        }),
        access_token: Some(StoredAccessToken {
            access_token: AccessToken::new("access".to_owned()),
            lifetime: Duration::from_secs(3600),
            expires_at: UnixTime(1_767_229_200),
            expires: Some(BootTime(Duration::from_millis(86_400_001))),
        }),
        subject: Some("jane.doe@example.com".to_owned()),
        ended: None,
    }
}

/// A store in a folder of its own, on a machine that forgets nothing.
struct Rig {
    scratch: Scratch,
    runtime: Scratch,
    store: Store,
}

/// All of them have one key, so that what one wrote the other opens.
fn rig() -> Rig {
    let (scratch, runtime) = (Scratch::new(), Scratch::new());
    scratch.file("key", &"k".repeat(seal::KEY_LEN), 0o600);
    let store = Store::open(scratch.path(), place(&runtime)).unwrap();
    Rig {
        scratch,
        runtime,
        store,
    }
}

fn place(runtime: &Scratch) -> Place {
    Place {
        machine: Some("here".to_owned()),
        boot: Some("today".to_owned()),
        runtime: Some(runtime.path().to_owned()),
        ..Place::default()
    }
}

impl Rig {
    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// The session on the disk, which must not be taken for a copy.
    #[track_caller]
    fn loaded(&self) -> Option<StoredSession> {
        let loaded = self.store.load(PROFILE).unwrap()?;
        assert_eq!(loaded.copied, None);
        Some(loaded.session)
    }

    /// Puts this, sealed, in the session's place.
    fn put(&self, text: &str) {
        let key = self.key();
        let bytes = seal::seal(&key, PROFILE, 7, [7; seal::NONCE_LEN], text.as_bytes());
        let path = self.scratch.file("prod.session", "", 0o600);
        fs::write(path, bytes).unwrap();
    }

    fn key(&self) -> Arc<Key> {
        self.store.keys().current().unwrap()
    }

    fn refusal(&self) -> String {
        self.store.load(PROFILE).unwrap_err().to_string()
    }

    /// What is in the folder besides the lock and the key.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.scratch.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let own = ["lock", "key", "key.passphrase"];
        let mut names = Vec::from_iter(names.filter(|name| !own.contains(&name.as_str())));
        names.sort();
        names
    }
}

#[test]
fn what_was_saved_is_loaded() {
    let rig = rig();
    assert_eq!(rig.loaded(), None);
    rig.store.save(PROFILE, &session(1)).unwrap();
    rig.store.save(PROFILE, &session(2)).unwrap();
    rig.store.save("other", &session(9)).unwrap();
    assert_eq!(rig.loaded(), Some(session(2)));
    assert_eq!(rig.files(), ["other.session", "prod.session"]);
}

#[test]
fn a_session_is_for_its_owner_alone() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    assert_eq!(mode(&rig.path("prod.session")), 0o600);
}

#[test]
fn what_was_forgotten_is_gone_and_can_be_forgotten_again() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    rig.store.forget(PROFILE).unwrap();
    rig.store.forget(PROFILE).unwrap();
    assert_eq!(rig.loaded(), None);
    assert_eq!(rig.files(), [""; 0]);
}

#[test]
fn a_second_daemon_is_refused() {
    let rig = rig();
    let error = Store::open(rig.scratch.path(), Place::default())
        .unwrap_err()
        .to_string();
    let expected = format!(
        "another oic-tokend is running as process {}: it holds ",
        std::process::id()
    );
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn a_folder_that_others_may_look_into_is_refused_with_the_repair() {
    let scratch = Scratch::new();
    set_mode(scratch.path(), 0o755);
    let error = Store::open(scratch.path(), Place::default())
        .unwrap_err()
        .to_string();
    let repair = format!("\nhint: run 'chmod 700 {}'", scratch.path().display());
    assert!(error.ends_with(&repair), "{error}");
}

#[test]
fn a_session_that_others_may_read_is_refused_with_the_repair() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let path = rig.path("prod.session");
    set_mode(&path, 0o640);
    let path = path.display();
    let expected = format!(
        "{path} is open to other users (mode 0640); run 'chmod 600 {path}' and restart, or sign in anew"
    );
    assert_eq!(rig.refusal(), expected);
    assert_eq!(rig.files(), ["prod.session"]);
}

#[test]
fn a_link_in_a_sessions_place_is_not_followed() {
    let rig = rig();
    rig.store.save("other", &session(1)).unwrap();
    let link = rig.path("prod.session");
    std::os::unix::fs::symlink(rig.path("other.session"), link).unwrap();
    assert!(rig.refusal().starts_with("cannot open "));
}

#[test]
fn a_pipe_in_a_sessions_place_does_not_hang_the_daemon() {
    let rig = rig();
    let path = rig.path("prod.session");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let refusal = in_time(move || rig.refusal());
    assert!(refusal.ends_with("is not a file of ours"), "{refusal}");
}

#[test]
fn what_cannot_be_read_is_kept_under_another_name() {
    let rig = rig();
    let write = |text: &str| rig.scratch.file("prod.session", text, 0o600);
    let path = write("precious ruins");
    let expected = format!(
        "{}: not a sealed session; kept as {}",
        path.display(),
        rig.path("prod.unreadable").display()
    );
    assert_eq!(rig.refusal(), expected);
    write("more ruins");
    assert!(rig.refusal().ends_with("prod.unreadable.1"));
    assert_eq!(rig.loaded(), None);
    assert_eq!(rig.files(), ["prod.unreadable", "prod.unreadable.1"]);
    let kept = fs::read_to_string(rig.path("prod.unreadable")).unwrap();
    assert_eq!(kept, "precious ruins");
}

#[test]
fn a_session_of_a_later_format_is_kept_and_named_so() {
    let rig = rig();
    rig.put(r#"{"format":3,"new":[]}"#);
    let refusal = rig.refusal();
    let expected = "a session of format 3, and this program reads format 1; kept as ";
    assert!(refusal.contains(expected), "{refusal}");
}

#[test]
fn a_session_longer_than_any_is_not_read() {
    let rig = rig();
    rig.scratch
        .file("prod.session", &" ".repeat(600_000), 0o600);
    assert!(rig.refusal().contains("600000 bytes is over the limit of"));
}

#[test]
fn a_session_too_long_to_be_read_again_is_not_written() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let long = StoredSession {
        subject: Some("s".repeat(600_000)),
        ..session(2)
    };
    let error = rig.store.save(PROFILE, &long).unwrap_err();
    assert!(matches!(error, Error::TooLong { .. }));
    assert_eq!(rig.loaded(), Some(session(1)));
    assert_eq!(rig.files(), ["prod.session"]);
}

/// A daemon that was killed after the write and before the rename.
fn killed_before_the_rename(generation: u64, rig: &Rig) {
    let path = rig.scratch.file(".prod.session.new", "", 0o600);
    let created = file::read(&path).unwrap().unwrap().created;
    let session = session(generation);
    let nonce = [7; seal::NONCE_LEN];
    let store = &rig.store;
    let bytes = store.sealed(&rig.key(), PROFILE, &session, created, nonce);
    fs::write(path, bytes).unwrap();
}

#[test]
fn the_newer_session_of_a_killed_daemon_is_found() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    killed_before_the_rename(2, &rig);
    assert_eq!(rig.loaded(), Some(session(2)));
    assert_eq!(rig.files(), ["prod.session"]);
}

#[test]
fn the_session_of_a_killed_daemon_is_found_beside_one_that_cannot_be_read() {
    let rig = rig();
    rig.scratch.file("prod.session", "ruins", 0o600);
    killed_before_the_rename(2, &rig);
    assert_eq!(rig.loaded(), Some(session(2)));
    assert_eq!(rig.files(), ["prod.session", "prod.unreadable"]);
}

#[test]
fn the_first_session_of_a_killed_daemon_is_found() {
    let rig = rig();
    killed_before_the_rename(1, &rig);
    assert_eq!(rig.loaded(), Some(session(1)));
}

#[test]
fn an_older_or_half_written_session_does_not_replace_the_newer_one() {
    let rig = rig();
    rig.store.save(PROFILE, &session(3)).unwrap();
    killed_before_the_rename(2, &rig);
    assert_eq!(rig.loaded(), Some(session(3)));
    rig.scratch
        .file(".prod.session.new", r#"{"format":1,"generat"#, 0o600);
    assert_eq!(rig.loaded(), Some(session(3)));
    rig.store.save(PROFILE, &session(4)).unwrap();
    assert_eq!(rig.files(), ["prod.session"]);
}

#[test]
fn a_forgotten_session_does_not_come_back_from_what_a_killed_daemon_left() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    killed_before_the_rename(2, &rig);
    rig.store.forget(PROFILE).unwrap();
    assert_eq!(rig.loaded(), None);
}

#[test]
fn a_session_that_does_not_get_its_name_is_found_by_the_next_daemon() {
    let rig = rig();
    let in_the_way = rig.path("prod.session");
    fs::create_dir(&in_the_way).unwrap();
    let error = rig.store.save(PROFILE, &session(2)).unwrap_err();
    assert!(error.to_string().starts_with("cannot replace "), "{error}");
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(rig.loaded(), Some(session(2)));
}

#[test]
fn what_a_failed_write_left_is_not_in_the_way_of_the_next() {
    let rig = rig();
    killed_before_the_rename(1, &rig);
    rig.store.save(PROFILE, &session(2)).unwrap();
    assert_eq!(rig.loaded(), Some(session(2)));
    assert_eq!(rig.files(), ["prod.session"]);
}

#[test]
fn a_write_that_fails_leaves_the_old_session_whole() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    // A folder in the way of the new file, that cannot simply be removed.
    fs::create_dir(rig.path(".prod.session.new")).unwrap();
    let error = rig
        .store
        .save(PROFILE, &session(2))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("cannot remove "), "{error}");
    assert_eq!(rig.loaded(), Some(session(1)));
}

/// As the machine finds it after a reboot.
fn of_another_boot(mut session: StoredSession) -> StoredSession {
    session.forget_boot_clock();
    session
}

#[test]
fn the_boot_clock_counts_for_as_long_as_the_boot() {
    let runtime = Scratch::new();
    let scratch = Scratch::new();
    for (written_in, read_in, counts) in [
        (Some("today"), Some("today"), true),
        (Some("today"), Some("tomorrow"), false),
        (Some("today"), None, false),
        (None, Some("today"), false),
        (None, None, false),
    ] {
        let open = |boot: Option<&str>| {
            let boot = boot.map(str::to_owned);
            let place = Place {
                boot,
                ..place(&runtime)
            };
            Store::open(scratch.path(), place).unwrap()
        };
        open(written_in).save(PROFILE, &session(7)).unwrap();
        let loaded = open(read_in).load(PROFILE).unwrap().unwrap();
        let token = loaded.session.access_token.unwrap();
        assert_eq!(
            token.expires.is_some(),
            counts,
            "{written_in:?} {read_in:?}"
        );
        open(read_in).forget(PROFILE).unwrap();
    }
}
