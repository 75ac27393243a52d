//! A session moves from one source of keys to another.

use oic_proto::message::Lock;
use oic_proto::secret::Passphrase;

use super::*;

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple".to_owned())
}

fn credential(name: &str) -> KeySource {
    KeySource::Credential(name.to_owned())
}

/// Two credentials, as the service manager passes them.
fn credentials() -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("one"), [41; 32]).unwrap();
    fs::write(scratch.path().join("two"), [42; 64]).unwrap();
    fs::write(scratch.path().join("short"), [43; 8]).unwrap();
    scratch
}

/// The same folder under a daemon that takes its key from `source`.
fn under(rig: Rig, source: KeySource, credentials: &Scratch) -> Rig {
    let Rig {
        scratch,
        runtime,
        store,
    } = rig;
    drop(store);
    let place = Place {
        key: source,
        credentials: Some(credentials.path().into()),
        ..place(&runtime)
    };
    let store = Store::open(scratch.path(), place).unwrap();
    Rig {
        scratch,
        runtime,
        store,
    }
}

/// Gives the passphrase where one is missing, the first one too.
fn unlock(rig: &Rig) {
    match rig.store.lock() {
        Lock::None | Lock::Unlocked => {}
        Lock::Unset => rig.store.set_passphrase(None, &passphrase()).unwrap(),
        Lock::Locked => rig.store.unlock(&passphrase()).unwrap(),
    }
    assert!(!rig.store.is_locked());
}

#[test]
fn a_session_moves_from_every_source_to_every_other() {
    let credentials = credentials();
    let sources = [KeySource::File, KeySource::Passphrase, credential("one")];
    let pairs = sources
        .iter()
        .flat_map(|from| sources.iter().map(move |to| (from, to)));
    let another = credential("two");
    let pairs = pairs.chain([(&sources[2], &another)]);
    for (from, to) in pairs.filter(|(from, to)| from != to) {
        let rig = under(rig(), from.clone(), &credentials);
        unlock(&rig);
        rig.store.save(PROFILE, &session(1)).unwrap();
        let before = fs::read(rig.path("prod.session")).unwrap();
        let rig = under(rig, to.clone(), &credentials);
        unlock(&rig);
        assert_eq!(rig.loaded(), Some(session(1)), "{from} to {to}");
        let after = fs::read(rig.path("prod.session")).unwrap();
        assert_ne!(after, before, "{from} to {to}");
        // Nothing but the new source is needed from now on.
        let kept = match to {
            KeySource::File => "key",
            KeySource::Passphrase => "key.passphrase",
            _ => "",
        };
        for name in ["key", "key.passphrase"].iter().filter(|it| **it != kept) {
            let _ = fs::remove_file(rig.path(name));
        }
        let rig = under(rig, to.clone(), &credentials);
        unlock(&rig);
        assert_eq!(rig.loaded(), Some(session(1)), "{from} to {to}");
        assert_eq!(fs::read(rig.path("prod.session")).unwrap(), after);
    }
}

#[test]
fn until_the_passphrase_is_given_no_session_is_read_or_written() {
    let rig = under(rig(), KeySource::Passphrase, &credentials());
    assert_eq!(rig.store.lock(), Lock::Unset);
    let refused = rig.store.save(PROFILE, &session(1)).unwrap_err();
    assert!(matches!(refused, Error::Locked), "{refused}");
    unlock(&rig);
    rig.store.save(PROFILE, &session(1)).unwrap();
    assert_eq!(mode(&rig.path("key.passphrase")), 0o600);
    let rig = under(rig, KeySource::Passphrase, &credentials());
    assert_eq!(rig.store.lock(), Lock::Locked);
    let other = Passphrase::new("correct horse".to_owned());
    let wrong = rig.store.unlock(&other).unwrap_err();
    assert!(
        wrong.to_string().ends_with("the passphrase is wrong"),
        "{wrong}"
    );
    assert!(rig.store.is_locked());
    unlock(&rig);
    assert_eq!(rig.loaded(), Some(session(1)));
}

#[test]
fn another_passphrase_changes_no_session() {
    let rig = under(rig(), KeySource::Passphrase, &credentials());
    unlock(&rig);
    rig.store.save(PROFILE, &session(1)).unwrap();
    let before = fs::read(rig.path("prod.session")).unwrap();
    let other = Passphrase::new("battery staple".to_owned());
    for wrong in [None, Some(&other)] {
        let refused = rig.store.set_passphrase(wrong, &other).unwrap_err();
        assert!(matches!(refused, Error::Passphrase { .. }), "{refused}");
    }
    rig.store
        .set_passphrase(Some(&passphrase()), &other)
        .unwrap();
    assert_eq!(fs::read(rig.path("prod.session")).unwrap(), before);
    let rig = under(rig, KeySource::Passphrase, &credentials());
    assert!(rig.store.unlock(&passphrase()).is_err());
    rig.store.unlock(&other).unwrap();
    assert_eq!(rig.loaded(), Some(session(1)));
}

#[test]
fn a_daemon_whose_sessions_need_no_passphrase_any_more_starts_unlocked() {
    let rig = under(rig(), KeySource::Passphrase, &credentials());
    unlock(&rig);
    rig.store.save(PROFILE, &session(1)).unwrap();
    let rig = under(rig, KeySource::File, &credentials());
    assert_eq!(rig.store.lock(), Lock::Locked);
    unlock(&rig);
    assert_eq!(rig.loaded(), Some(session(1)));
    let rig = under(rig, KeySource::File, &credentials());
    assert_eq!(rig.store.lock(), Lock::None);
    assert_eq!(rig.loaded(), Some(session(1)));
    let refused = rig.store.set_passphrase(None, &passphrase()).unwrap_err();
    assert!(matches!(refused, Error::NotByPassphrase(_)), "{refused}");
}

#[test]
fn a_file_that_no_passphrase_can_open_is_said_to_be_so_at_the_start() {
    let Rig { scratch, store, .. } = rig();
    drop(store);
    scratch.file("key.passphrase", "rubbish", 0o600);
    let place = Place {
        key: KeySource::Passphrase,
        ..Place::default()
    };
    let refused = Store::open(scratch.path(), place).unwrap_err().to_string();
    let path = scratch.path().join("key.passphrase");
    let expected = format!(
        "{}: not a key under a passphrase that this program can read",
        path.display()
    );
    assert_eq!(refused, expected);
}
