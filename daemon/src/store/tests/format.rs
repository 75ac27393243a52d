//! What stands in a session's file, once it is opened.

use super::*;

/// A home as no test's machine has it.
fn home() -> Home {
    Home {
        machine: Some("0a1b".to_owned()),
        file_created: Some(1_767_225_600_123_456_789),
        boot: Some("f00d".to_owned()),
    }
}

/// The hash is what `printf refresh-7 | sha256sum` prints.
const FORMAT_1: &str = concat!(
    r#"{"format":1,"generation":7,"#,
    r#""home":{"machine":"0a1b","file_created":1767225600123456789,"boot":"f00d"},"#,
    r#""refresh_token":{"token":"refresh-7","obtained_at":1767225600,"#,
    r#""session_began_at":1767139200,"lifetime_seconds":1800},"#,
    r#""intent":{"refresh_token_sha256":"70733995b14403143d062779fba8edf0e7399820ee37fa3b6bd46c7ce2895f25","sent_at":1767229000,"generation":7},"#,
    r#""access_token":{"token":"access","lifetime_seconds":3600,"expires_at":1767229200,"#,
    r#""expires_after_boot_ms":86400001},"#,
    r#""subject":"jane.doe@example.com","ended":null}"#
);

const INCONSISTENT: &str = concat!(
    r#"{"format":1,"generation":7,"home":{"machine":null,"file_created":null},"#,
    r#""refresh_token":{"token":"TOKEN","obtained_at":1767225600},"#,
    r#""intent":{"refresh_token_sha256":"TOKEN","sent_at":1767229000,"generation":7},"#,
    r#""access_token":null,"subject":null,"ended":null}"#
);

#[test]
fn the_format_on_disk_is_this() {
    let bytes = record::encode(&session(7), home());
    assert_eq!(std::str::from_utf8(&bytes).unwrap(), FORMAT_1);
    let decoded = record::decode(FORMAT_1.as_bytes()).unwrap();
    assert_eq!(decoded, (session(7), home()));
}

/// As far as anybody knows, it began with its refresh token.
fn of_unknown_beginning() -> StoredSession {
    let mut session = session(7);
    let refresh = session.refresh_token.as_mut().unwrap();
    (refresh.session_began_at, refresh.lifetime) = (refresh.obtained_at, None);
    session
}

#[test]
fn a_session_whose_beginning_was_not_written_down_began_with_its_refresh_token() {
    let absent = r#","session_began_at":1767139200,"lifetime_seconds":1800"#;
    assert!(FORMAT_1.contains(&absent[1..]));
    let text = FORMAT_1.replace(absent, "");
    let (decoded, _) = record::decode(text.as_bytes()).unwrap();
    assert_eq!(decoded, of_unknown_beginning());
}

#[test]
fn an_intent_about_another_refresh_token_or_write_is_not_believed() {
    let rig = rig();
    for (own, other) in [
        ("refresh-7", "refresh-8"),
        (
            r#"{"format":1,"generation":7"#,
            r#"{"format":1,"generation":8"#,
        ),
    ] {
        assert!(FORMAT_1.contains(own));
        let spliced = FORMAT_1.replace(own, other);
        rig.put(&spliced);
        let refusal = rig.refusal();
        let expected = "not a consistent session: its intent is about another refresh token";
        assert!(refusal.contains(expected), "{refusal}");
    }
    assert_eq!(rig.files(), ["prod.unreadable", "prod.unreadable.1"]);
}

#[test]
fn a_generation_that_nobody_has_reached_is_not_believed() {
    let rig = rig();
    rig.put(r#"{"format":1,"generation":18446744073709551615,"home":{}}"#);
    let refusal = rig.refusal();
    let expected =
        "not a consistent session: no session has been written 18446744073709551615 times";
    assert!(refusal.contains(expected), "{refusal}");
}

#[test]
fn a_session_without_anything_survives_too() {
    let empty = StoredSession {
        generation: 0,
        refresh_token: None,
        access_token: None,
        subject: None,
        ended: None,
    };
    let bytes = record::encode(&empty, Home::default());
    assert_eq!(record::decode(&bytes).unwrap(), (empty, Home::default()));
}

#[test]
fn nothing_of_an_unreadable_session_is_in_its_error() {
    let rig = rig();
    for text in [
        r#"{"format":1,"generation":"TOKEN"}"#,
        r#"{"format":1,"TOKEN":1}"#,
        r#"{"format":1,"generation":1,"refresh_token":{"token":"TOKEN","obtained_at":"TOKEN"}}"#,
        INCONSISTENT,
    ] {
        rig.put(text);
        let error = rig.store.load(PROFILE).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("TOKEN"), "{error:?}");
    }
}
