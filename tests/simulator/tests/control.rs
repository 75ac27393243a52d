//! Steering the simulator over HTTP, the log, and the library's own promises.

use super::*;

fn control(simulator: &Simulator, command: &str, fields: &[(&str, &str)]) -> Reply {
    post(&simulator.url(), &format!("/control/{command}"), fields).unwrap()
}

#[test]
fn control_plays_the_user() {
    let simulator = simulator(&[]);
    for (command, outcome) in [
        ("approve", ""),
        ("deny", "access_denied"),
        ("expire", "expired_token"),
    ] {
        let authorization = ask(&simulator).unwrap().json();
        let code = [("user_code", text(&authorization["user_code"]))];
        assert_eq!(control(&simulator, command, &code).status, 200);
        let reply = poll(&simulator, text(&authorization["device_code"])).unwrap();
        assert_eq!(reply.error(), outcome);
    }
    assert_eq!(control(&simulator, "approve", &[]).status, 400);
}

#[test]
fn control_moves_the_clock() {
    let simulator = simulator(&[]);
    let authorization = ask(&simulator).unwrap().json();
    control(&simulator, "advance", &[("seconds", "300")]);
    let reply = poll(&simulator, text(&authorization["device_code"])).unwrap();
    assert_eq!(reply.error(), "expired_token");
    assert_eq!(
        control(&simulator, "advance", &[("seconds", "soon")]).status,
        400
    );
}

#[test]
fn control_plans_faults_and_lists_those_there_are() {
    let simulator = simulator(&[]);
    control(
        &simulator,
        "fault",
        &[("fault", "empty_500"), ("times", "2")],
    );
    for status in [500, 500, 400] {
        assert_eq!(refresh(&simulator, "any").unwrap().status, status);
    }
    control(
        &simulator,
        "fault",
        &[("fault", "html_200"), ("endpoint", "device")],
    );
    assert!(ask(&simulator).unwrap().body.contains("Guest network"));
    for (refused, hint) in [
        (("fault", "unheard_of"), "reset_after_rotation"),
        (("endpoint", "nowhere"), "revoke"),
        (("times", "0"), "from 1 on"),
    ] {
        let mut fields = vec![refused];
        if refused.0 != "fault" {
            fields.push(("fault", "reset"));
        }
        let reply = control(&simulator, "fault", &fields);
        assert_eq!(reply.status, 400);
        assert!(reply.error().contains(hint), "{}", reply.error());
    }
}

#[test]
fn control_releases_what_is_held() {
    let simulator = simulator(&[]);
    control(&simulator, "fault", &[("fault", "hold")]);
    std::thread::scope(|scope| {
        let reply = scope.spawn(|| refresh(&simulator, "any").unwrap());
        let held = |log: &[LogEntry]| log.iter().any(|entry| entry.outcome == Outcome::Held);
        simulator.wait_for_requests(held, DEADLINE).unwrap();
        control(&simulator, "release", &[]);
        assert_eq!(reply.join().unwrap().status, 400);
    });
}

#[test]
fn control_turns_knobs_and_lists_those_there_are() {
    let simulator = simulator(&[]);
    let set = [("name", "interval"), ("value", "9")];
    assert_eq!(control(&simulator, "knob", &set).status, 200);
    assert_eq!(ask(&simulator).unwrap().json()["interval"], 9);
    let unknown = control(&simulator, "knob", &[("name", "intervall"), ("value", "9")]);
    assert_eq!(unknown.status, 400);
    assert!(unknown.error().contains("slow_down_threshold"));
    let unfit = control(
        &simulator,
        "knob",
        &[("name", "interval"), ("value", "often")],
    );
    assert!(unfit.error().contains("absent or a number of seconds"));
    let table = get(&simulator.url(), "/control/knobs", &[]).unwrap().json();
    let rows = table.as_array().unwrap();
    assert_eq!(rows.len(), Knobs::NAMES.len());
    let interval = rows.iter().find(|row| row["name"] == "interval").unwrap();
    assert_eq!(interval["value"], "9");
}

#[test]
fn every_knob_takes_the_value_it_shows() {
    let mut knobs = Knobs::default();
    for row in Knobs::default().table() {
        assert_eq!(knobs.set(row.name, &row.value), Ok(()), "{}", row.name);
    }
    assert_eq!(knobs, Knobs::default());
    assert!(knobs.assign("interval").is_err());
    assert_eq!(knobs.assign("interval=4"), Ok(()));
}

#[test]
fn knobs_take_no_value_out_of_range() {
    let mut knobs = Knobs::default();
    for (name, value) in [
        ("access_token_lifetime", "-1"),
        ("access_token_lifetime", "99999999999"),
        ("pending_status", "200"),
        ("access_token_size", "1000001"),
        ("issuer", "two\r\nlines"),
        ("auto_approve", "nobody@example.com"),
        ("ecid", "yes"),
    ] {
        assert!(knobs.set(name, value).is_err(), "{name}={value}");
    }
}

#[test]
fn the_log_tells_a_request_without_its_secrets() {
    let simulator = simulator(&[]);
    let tokens = log_in(&simulator, JANE);
    let refresh_token = text(&tokens["refresh_token"]);
    refresh(&simulator, refresh_token).unwrap();
    // Secrets in the wrong places must not get in either.
    let misplaced = [("client_id", refresh_token), ("grant_type", refresh_token)];
    post(&simulator.url(), "/oauth2/v1/token", &misplaced).unwrap();
    let path = format!("/oauth2/v1/{}", text(&tokens["access_token"]));
    get(&simulator.url(), &path, &[]).unwrap();

    let log = get(&simulator.url(), "/control/log", &[]).unwrap();
    for secret in simulator.secrets_issued() {
        assert!(!log.body.contains(&secret));
    }
    let entries = log.json();
    let refreshed = &entries[2];
    assert_eq!(refreshed["endpoint"], "token");
    assert_eq!(refreshed["grant_type"], "refresh_token");
    assert_eq!(refreshed["client"], PUBLIC_CLIENT);
    assert_eq!(refreshed["status"], 200);
    assert_eq!(refreshed["fault"], Value::Null);
    assert!(text(&refreshed["time"]).ends_with('Z'));
    assert_eq!(entries[3]["grant_type"], "unsupported");
    assert_eq!(entries[4]["endpoint"], "unknown");
}

#[test]
fn reset_forgets_log_faults_knobs_and_clock() {
    let simulator = simulator(&[("interval", "3")]);
    let token = first_refresh_token(&simulator);
    simulator.fault(Fault::Empty500, 9, Endpoint::Token);
    simulator.set_knob("interval", "absent").unwrap();
    simulator.advance(Duration::from_secs(1_000_000));
    let before = simulator.now();
    control(&simulator, "reset", &[]);
    assert!(simulator.now() < before);
    assert_eq!(simulator.log(), []);
    assert_eq!(
        refresh(&simulator, &token).unwrap().error(),
        "invalid_grant"
    );
    assert_eq!(ask(&simulator).unwrap().json()["interval"], 3);
}

#[test]
fn waiting_ends_at_the_deadline_with_the_log_as_it_stands() {
    let simulator = simulator(&[]);
    ask(&simulator).unwrap();
    let never = simulator.wait_for_requests(|log| log.len() > 1, Duration::ZERO);
    assert_eq!(never.unwrap_err().log.len(), 1);
}

#[test]
fn pending_user_codes_can_be_listed() {
    let simulator = simulator(&[]);
    let first = ask(&simulator).unwrap().json();
    let second = ask(&simulator).unwrap().json();
    simulator.deny(text(&first["user_code"])).unwrap();
    assert_eq!(simulator.pending_user_codes(), [text(&second["user_code"])]);
    simulator.expire(text(&second["user_code"])).unwrap();
    assert!(simulator.pending_user_codes().is_empty());
}

#[test]
fn the_simulator_listens_on_loopback_only() {
    let options = Options {
        listen: ([0, 0, 0, 0], 0).into(),
        ..Options::default()
    };
    let refused = Simulator::try_start(options).unwrap_err();
    assert!(
        refused.to_string().contains("not a loopback address"),
        "{refused}"
    );
}

#[test]
fn the_printed_configuration_names_this_simulator() {
    let simulator = simulator(&[]);
    let config = simulator.config_toml();
    assert!(config.contains(&format!("domain    = \"{}\"", simulator.url())));
    assert!(config.contains(PUBLIC_CLIENT) && config.contains(SCOPE));
    assert!(!config.contains("refresh_token"));
}

#[test]
fn the_printed_configuration_says_how_long_refresh_tokens_live_if_that_is_unusual() {
    let simulator = simulator(&[
        ("refresh_token_lifetime", "100"),
        ("refresh_token_expiry", "absolute"),
    ]);
    let config = simulator.config_toml();
    assert!(config.contains("refresh_token_lifetime = 100\n"));
    assert!(config.contains("refresh_token_expiry = \"absolute\"\n"));
}
