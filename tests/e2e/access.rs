//! Callers of other users: what each gets, and what nobody learns.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oic_proto::message::Refusal;
use oic_proto::{Request, Response, frame};
use oic_tests::harness::{
    Caller, DEADLINE, Daemon, Home, OtherUser, Outcome, allow_callers, set_mode,
};
use oic_tests::simulator::{JANE, Simulator};

use ring::digest::{SHA256, digest};

use crate::profiles::config_of;
use crate::signed_in::{SignedIn, quick_domain};

const ALICE: u32 = 60_001;
const BOB: u32 = 60_002;
const OPS: u32 = 60_010;

/// More places than any other user may have.
const PLACES_MAX: usize = 2000;

/// Two profiles with Jane signed in, `one` for Alice and the group of Bob, `two`
/// for nobody but root.
struct Shared {
    home: Home,
    daemon: Daemon,
    config: String,
    _domains: [Simulator; 2],
}

impl Shared {
    fn start() -> Self {
        let domain = || Simulator::start(quick_domain().knob("auto_approve", JANE));
        let domains = [domain(), domain()];
        let (one, two) = (domains[0].config_toml(), domains[1].config_toml());
        let allow = format!("allow = {{ users = [\"{ALICE}\"], groups = [\"{OPS}\"] }}\n");
        let config = config_of(&domains[0], &domains[1])
            .replace("[profile.one]\n", &format!("[profile.one]\n{allow}"));
        assert_ne!(one, two);
        let home = Home::new(&config);
        let daemon = Daemon::start(&home);
        home.open_to_others();
        for profile in ["one", "two"] {
            home.oic_token(&["login", profile, "--no-browser"])
                .succeeded();
        }
        Self {
            home,
            daemon,
            config,
            _domains: domains,
        }
    }
}

fn get(profile: &str) -> Request {
    Request::GetToken {
        profile: Some(profile.to_owned()),
        min_validity: Duration::ZERO,
        patience: DEADLINE,
        force: false,
    }
}

/// What comes back, byte by byte, until the daemon hangs up.
fn bytes_back(home: &Home, request: &Request) -> Vec<u8> {
    let mut connection = UnixStream::connect(home.socket()).unwrap();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    // The daemon may have hung up before.
    let _ = connection.write_all(&frame::encode(request).unwrap());
    let _ = connection.shutdown(std::net::Shutdown::Write);
    let mut bytes = Vec::new();
    // So that a reset is what was read before it.
    let _ = connection.read_to_end(&mut bytes);
    bytes
}

#[test]
fn with_socket_and_folder_wide_open_another_user_gets_nothing_and_learns_of_no_profile() {
    let Some(alice) = OtherUser::new(ALICE, &[OPS]) else {
        return;
    };
    let signed_in = SignedIn::with_lifetime(3600);
    let home = &signed_in.home;
    home.open_to_others();
    set_mode(home.socket().parent().unwrap(), 0o777);
    set_mode(&home.socket(), 0o777);
    for profile in ["sim", "none"] {
        let nothing = alice.does(|| bytes_back(home, &get(profile)));
        assert_eq!(nothing, b"", "{profile}");
    }
    let said = |profile: &str| without_name(alice.does(|| home.oic_token(&["get", profile])));
    assert_eq!(said("sim"), said("none"));
    assert_eq!(said("sim").code, 6);
    assert!(!signed_in.get().is_empty(), "it goes on for others");
}

/// What a command said, but for the profile that it was told.
fn without_name(mut outcome: Outcome) -> Outcome {
    for name in ["sim", "none", "two"] {
        outcome.stderr = outcome.stderr.replace(&format!("'{name}'"), "NAME");
    }
    outcome
}

#[test]
fn users_and_groups_on_the_list_of_a_profile_get_its_tokens() {
    let (Some(alice), Some(bob)) = (OtherUser::new(ALICE, &[]), OtherUser::new(BOB, &[1, OPS]))
    else {
        return;
    };
    let shared = Shared::start();
    let token = shared.home.oic_token(&["get", "one"]).succeeded();
    for user in [alice, bob] {
        // `one` is the default profile.
        let get = user.does(|| shared.home.oic_token::<&str>(&["get"]));
        assert_eq!(get.succeeded(), token);
    }
    let stranger = OtherUser::new(BOB, &[]).unwrap();
    let get = stranger.does(|| shared.home.oic_token(&["get", "one"]));
    assert_eq!(get.code, 6, "{}", get.stderr);
}

#[test]
fn who_may_have_one_profile_learns_of_no_other_and_signs_nobody_in_or_out() {
    let Some(alice) = OtherUser::new(ALICE, &[]) else {
        return;
    };
    let shared = Shared::start();
    let home = &shared.home;
    let other = alice.does(|| bytes_back(home, &get("two")));
    assert!(!other.is_empty());
    assert_eq!(other, alice.does(|| bytes_back(home, &get("none"))));
    let run = |arguments: &[&str]| alice.does(|| home.oic_token(arguments));
    for command in ["get", "status", "inspect"] {
        let (other, none) = (run(&[command, "two"]), run(&[command, "none"]));
        assert_eq!(other.code, 6, "{command}: {}", other.stderr);
        assert_eq!(without_name(other), without_name(none));
    }
    let status = run(&["status"]).succeeded();
    assert!(
        status.contains("one") && !status.contains("two"),
        "{status}"
    );
    run(&["inspect", "one"]).succeeded();
    for command in [
        &["login", "one", "--no-browser"][..],
        &["logout", "one"],
        &["logout", "--all"],
    ] {
        assert_eq!(run(command).code, 6, "{command:?}");
    }
    run(&["get", "one"]).succeeded();
}

#[test]
fn a_list_that_changes_holds_for_those_who_are_connected_already() {
    let Some(alice) = OtherUser::new(ALICE, &[]) else {
        return;
    };
    let shared = Shared::start();
    let socket = shared.home.socket();
    let mut caller = alice.does(|| Caller::connect(&socket, DEADLINE)).unwrap();
    let mut ask = || {
        caller.ask(&get("one")).unwrap();
        caller.answer().unwrap()
    };
    assert!(matches!(ask(), Response::Token(_)));
    let of_bob = shared.config.replace(&ALICE.to_string(), &BOB.to_string());
    shared.home.configure(&of_bob);
    shared.daemon.reload();
    let refused = Response::Refused(Refusal::NotAllowed);
    assert_eq!(ask(), refused);
    let bob = OtherUser::new(BOB, &[]).unwrap();
    bob.does(|| shared.home.oic_token(&["get", "one"]))
        .succeeded();
}

#[test]
fn the_first_list_opens_the_socket_and_the_last_one_closes_it() {
    let shared = Shared::start();
    let mode = || {
        use std::os::unix::fs::PermissionsExt;
        shared
            .home
            .socket()
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(), 0o666);
    let without = Vec::from_iter(shared.config.lines().filter(|it| !it.starts_with("allow")));
    shared.home.configure(&without.join("\n"));
    shared.daemon.reload();
    assert_eq!(mode(), 0o600);
    shared.home.configure(&shared.config);
    shared.daemon.reload();
    assert_eq!(mode(), 0o666);
    // It did, as the folder was made for its owner alone.
    shared.daemon.wait_for_log("run 'chmod go+x ");
}

#[test]
fn the_daemon_of_a_stranger_is_asked_for_nothing() {
    let (Some(stranger), Some(alice)) = (OtherUser::new(BOB, &[]), OtherUser::new(ALICE, &[]))
    else {
        return;
    };
    let domain = Simulator::start(quick_domain());
    let home = Home::new(&domain.config_toml());
    home.give_to(&stranger);
    let _daemon = stranger.does(|| Daemon::start(&home));
    home.open_to_others();
    set_mode(&home.socket(), 0o777);
    let get = alice.does(|| home.oic_token(&["get"]));
    assert_eq!(get.code, 1, "{}", get.stderr);
    assert!(
        get.stderr.contains(&format!("user {BOB}")),
        "{}",
        get.stderr
    );
    assert_eq!(get.stdout, "");
}

/// The places of one user end where those of another begin.
#[test]
fn one_who_holds_all_its_places_keeps_nobody_else_out() {
    let (Some(alice), Some(bob)) = (OtherUser::new(ALICE, &[]), OtherUser::new(BOB, &[OPS])) else {
        return;
    };
    if !allow_callers(PLACES_MAX) {
        eprintln!("left out: the hard limit of descriptors (ulimit -Hn) is below {PLACES_MAX}");
        return;
    }
    let shared = Shared::start();
    let socket = shared.home.socket();
    let mut held = Vec::new();
    let busy = Response::Refused(Refusal::Busy);
    let surplus = alice.does(|| {
        loop {
            let mut caller = Caller::connect(&socket, DEADLINE).unwrap();
            // One that has its place is silent until it is asked.
            let _ = caller.ask(&get("one"));
            match caller.answer().unwrap() {
                Response::Token(_) => held.push(caller),
                other => return other,
            }
            assert!(held.len() <= PLACES_MAX, "there is no end to it");
        }
    });
    assert_eq!(surplus, busy);
    let get = alice.does(|| shared.home.oic_token(&["get", "one"]));
    assert_eq!(get.code, 5, "{}", get.stderr);
    assert!(get.stderr.contains("too many"), "{}", get.stderr);
    bob.does(|| shared.home.oic_token(&["get", "one"]))
        .succeeded();
    shared.home.oic_token(&["get", "one"]).succeeded();
    shared.daemon.wait_for_log("why=\"too_many_connections\"");
    drop(held);
    alice
        .does(|| shared.home.oic_token(&["get", "one"]))
        .succeeded();
}

#[test]
fn every_hand_out_is_one_line_that_names_who_got_what_and_no_token() {
    let Some(alice) = OtherUser::new(ALICE, &[]) else {
        return;
    };
    let shared = Shared::start();
    let run = |profile: &str| alice.does(|| shared.home.oic_token(&["get", profile]));
    let token = run("one").succeeded();
    assert_eq!(run("two").code, 6);
    let who = format!("uid={ALICE} pid=");
    let granted = shared
        .daemon
        .wait_for_log(&format!("granted profile=\"one\" {who}"));
    assert!(granted.contains(" oic_tokend::audit: "), "{granted}");
    assert!(granted.contains("program=\"oic-token\""), "{granted}");
    assert!(
        granted.contains(&format!("token=\"{}\"", id_hash(&token))),
        "{granted}"
    );
    let refused = shared
        .daemon
        .wait_for_log(&format!("refused profile=\"two\" {who}"));
    assert!(refused.contains("why=\"not_allowed\""), "{refused}");
    assert!(!shared.daemon.log().contains(&token));
}

/// What a token is called in the log: the hash of its `jti`.
fn id_hash(token: &str) -> String {
    let payload = token.split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let hash = digest(&SHA256, claims["jti"].as_str().unwrap().as_bytes());
    let bytes = &hash.as_ref()[..8];
    Vec::from_iter(bytes.iter().map(|byte| format!("{byte:02x}"))).concat()
}
