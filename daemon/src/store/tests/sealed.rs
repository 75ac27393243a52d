//! What is on the disk, for whom, and what opens it.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::testbed::{alone, is_alone};

/// Every byte in the folder.
fn all_bytes(rig: &Rig) -> Vec<u8> {
    let entries = fs::read_dir(rig.scratch.path()).unwrap();
    let bytes = entries.flat_map(|entry| fs::read(entry.unwrap().path()).unwrap());
    bytes.collect()
}

fn credentials(key: &[u8]) -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("session-key"), key).unwrap();
    scratch
}

/// The same folder under a daemon that is told to take its key from `name`.
fn with_credential(rig: Rig, name: &str, credentials: &Scratch) -> Result<Rig, Error> {
    let Rig {
        scratch,
        runtime,
        store,
    } = rig;
    drop(store);
    let place = Place {
        key: KeySource::Credential(name.to_owned()),
        credentials: Some(credentials.path().into()),
        ..place(&runtime)
    };
    let store = Store::open(scratch.path(), place)?;
    Ok(Rig {
        scratch,
        runtime,
        store,
    })
}

fn restarted(rig: Rig) -> Rig {
    let Rig {
        scratch,
        runtime,
        store,
    } = rig;
    drop(store);
    let store = Store::open(scratch.path(), place(&runtime)).unwrap();
    Rig {
        scratch,
        runtime,
        store,
    }
}

#[test]
fn nothing_of_a_session_is_readable_on_the_disk() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let bytes = all_bytes(&rig);
    for secret in ["refresh-1", "access", "jane.doe"] {
        let found = bytes
            .windows(secret.len())
            .any(|it| it == secret.as_bytes());
        assert!(!found, "{secret}");
    }
}

/// Looks into the folder whenever the store says that it has done a step.
#[derive(Clone)]
struct Onlooker {
    folder: PathBuf,
    steps: Arc<AtomicUsize>,
}

impl Onlooker {
    fn of(rig: &Rig) -> Self {
        Self {
            folder: rig.scratch.path().to_owned(),
            steps: Arc::default(),
        }
    }
}

impl io::Write for Onlooker {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.steps.fetch_add(1, Ordering::SeqCst);
        for entry in fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let is_in = |secret: &str| {
                let mut parts = bytes.windows(secret.len());
                parts.any(|it| it == secret.as_bytes())
            };
            for secret in ["refresh-", "access", "jane.doe"] {
                assert!(!is_in(secret), "{secret} in {}", path.display());
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// In a process of its own: what other tests log decides which lines tracing
/// passes on anywhere in a process.
#[test]
fn at_no_step_of_a_write_is_anything_readable() {
    let mut watched = alone("store::tests::sealed::is_watched_at_each_step");
    let output = watched.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[test]
#[ignore = "run alone by the test above"]
fn is_watched_at_each_step() {
    if !is_alone() {
        return;
    }
    let rig = rig();
    let onlooker = Onlooker::of(&rig);
    let steps = Arc::clone(&onlooker.steps);
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || onlooker.clone())
        .finish();
    tracing::subscriber::with_default(log, || {
        rig.store.save(PROFILE, &session(1)).unwrap();
        rig.store.save(PROFILE, &session(2)).unwrap();
    });
    // Written, synced, renamed, folder synced; twice.
    assert_eq!(steps.load(Ordering::SeqCst), 8);
}

#[test]
fn the_key_file_is_made_once_and_for_its_owner_alone() {
    let keys = [Scratch::new(), Scratch::new()].map(|scratch| {
        let path = scratch.path().join("key");
        let open = || drop(Store::open(scratch.path(), Place::default()).unwrap());
        open();
        let key = fs::read(&path).unwrap();
        assert_eq!((key.len(), mode(&path)), (32, 0o600));
        open();
        assert_eq!(fs::read(&path).unwrap(), key, "a restart keeps it");
        key
    });
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_key_file_that_others_may_read_is_refused_with_the_repair() {
    let rig = rig();
    set_mode(&rig.path("key"), 0o644);
    let Rig { scratch, store, .. } = rig;
    drop(store);
    let refusal = Store::open(scratch.path(), Place::default()).unwrap_err();
    let path = scratch.path().join("key");
    let repair = format!("run 'chmod 600 {}'", path.display());
    assert!(refusal.to_string().contains(&repair), "{refusal}");
}

#[test]
fn a_session_without_its_key_is_named_and_left_where_it_is() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let aside = rig.path("key.aside");
    fs::rename(rig.path("key"), &aside).unwrap();
    let rig = restarted(rig);
    let refusal = rig.refusal();
    assert!(
        refusal.contains("put that key back and restart"),
        "{refusal}"
    );
    fs::rename(&aside, rig.path("key")).unwrap();
    assert_eq!(restarted(rig).loaded(), Some(session(1)));
}

#[test]
fn the_session_of_another_profile_does_not_open_under_this_name() {
    let rig = rig();
    rig.store.save("other", &session(1)).unwrap();
    fs::rename(rig.path("other.session"), rig.path("prod.session")).unwrap();
    let refusal = rig.refusal();
    let expected = "it is the session of profile 'other'; kept as ";
    assert!(refusal.contains(expected), "{refusal}");
}

#[test]
fn a_session_moves_to_the_key_that_the_configuration_names() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let before = fs::read(rig.path("prod.session")).unwrap();
    let credentials = credentials(&[42; 32]);
    let rig = with_credential(rig, "session-key", &credentials).unwrap();
    assert_eq!(rig.loaded(), Some(session(1)));
    assert_ne!(fs::read(rig.path("prod.session")).unwrap(), before);
    // From now on the key file is good for nothing.
    fs::remove_file(rig.path("key")).unwrap();
    let rig = with_credential(rig, "session-key", &credentials).unwrap();
    assert_eq!(rig.loaded(), Some(session(1)));
}

#[test]
fn a_copy_is_not_sealed_anew() {
    let rig = rig();
    rig.store.save(PROFILE, &session(1)).unwrap();
    let (file, backup) = (rig.path("prod.session"), rig.path("backup"));
    fs::copy(&file, &backup).unwrap();
    fs::rename(&backup, &file).unwrap();
    let before = fs::read(&file).unwrap();
    let rig = with_credential(rig, "session-key", &credentials(&[42; 32])).unwrap();
    let loaded = rig.store.load(PROFILE).unwrap().unwrap();
    assert_eq!(loaded.copied, Some(Copied::OtherFile));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_credential_that_is_missing_or_too_short_is_refused() {
    let refusal = |name: &str, key: &[u8]| {
        let refused = with_credential(rig(), name, &credentials(key));
        refused.err().expect("it is refused").to_string()
    };
    let missing = refusal("other-key", &[42; 32]);
    assert!(
        missing.contains("LoadCredentialEncrypted=other-key"),
        "{missing}"
    );
    let short = refusal("session-key", &[42; 31]);
    assert!(
        short.contains("is not a key: it has to have 32 bytes"),
        "{short}"
    );
}
