//! Tests of the bench itself: its arithmetic, and its C programs against each
//! other.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use oic_proto::Response;
use oic_proto::frame;
use oic_proto::message::{TokenView, UnixTime};
use oic_proto::secret::AccessToken;

use crate::exchange::{self, Exchange};
use crate::figures::{Distribution, median_ratio};
use crate::floor::{FloorServer, Programs};
use crate::profiles::Renewals;
use crate::requests::{Habit, Load};
use crate::rest::{Switches, WakeUps, field};
use crate::system_calls::count_lines;

/// A temporary folder, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("oic-bench-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn made_up_exchange() -> Exchange {
    let response = Response::Token(TokenView {
        access_token: AccessToken::new("eyJ.eyJ.sig".repeat(100)),
        profile: "sim".to_owned(),
        scopes: vec!["urn:opc:resource:consumer::all".to_owned()],
        expires_at: UnixTime(1_900_000_000),
        expires_in: Duration::from_secs(3600),
        hosts: Vec::new(),
    });
    let response = frame::encode(&response).unwrap().to_vec();
    Exchange::new(exchange::request(), response).unwrap()
}

#[test]
fn the_c_programs_make_the_exchange_that_the_protocol_describes() {
    let folder = Folder::new("exchange");
    let programs = Programs::build(&folder.0).unwrap();
    let exchange = made_up_exchange();
    let server = FloorServer::start(&programs, &exchange).unwrap();
    for client in [
        programs.static_client(),
        programs.dynamic_client(),
        programs.bare_client(),
    ] {
        let arguments = exchange.floor_client_arguments(server.socket());
        let output = Command::new(client).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed, format!("{}\n", exchange.token));
    }
    for habit in [Habit::Kept, Habit::Fresh] {
        let load = Load {
            habit,
            connections: 8,
            seconds: 1,
        };
        let served = load.put_on(&programs, server.socket()).unwrap();
        assert!(served.requests_per_second > 0.0, "{served:?}");
        assert!(served.p50_us <= served.p99_us, "{served:?}");
    }
}

#[test]
fn a_server_that_gives_another_answer_fails_the_load() {
    let folder = Folder::new("refusal");
    let programs = Programs::build(&folder.0).unwrap();
    let exchange = made_up_exchange();
    let server = FloorServer::start(&programs, &exchange).unwrap();
    let end = frame::encode(&Response::End).unwrap();
    std::fs::write(folder.0.join("response"), &end[..]).unwrap();
    let load = Load {
        habit: Habit::Kept,
        connections: 1,
        seconds: 1,
    };
    let failure = load.put_on(&programs, server.socket()).unwrap_err();
    let failure = failure.to_string();
    assert!(failure.contains("another answer"), "{failure}");
}

#[test]
fn percentiles_are_values_that_were_measured() {
    let times: Vec<f64> = (1..=199).rev().map(f64::from).collect();
    let distribution = Distribution::of(&times);
    assert_eq!(distribution.min_us, 1.0);
    assert_eq!(distribution.median_us, 100.0);
    assert_eq!(distribution.p95_us, 190.0);
    assert_eq!(distribution.p99_us, 198.0);
}

#[test]
fn ratios_are_taken_pair_by_pair() {
    // A disturbance that hits one pair does not reach the median.
    let ratio = median_ratio(&[20.0, 2000.0, 22.0], &[10.0, 1000.0, 10.0]);
    assert_eq!(ratio, 2.0);
}

#[test]
fn wake_ups_count_new_threads_and_name_ended_ones() {
    let before = Switches::from([(1, (10, 2)), (2, (5, 5)), (4, (1, 0))]);
    let after = Switches::from([(1, (13, 2)), (3, (1, 1))]);
    let expected = WakeUps {
        voluntary: 4,
        involuntary: 1,
        threads: 2,
        threads_ended: 2,
    };
    assert_eq!(WakeUps::between(&before, &after), expected);
}

#[test]
fn a_field_is_found_by_its_whole_name() {
    let status = "nonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t3\nPss:  12 kB\n";
    assert_eq!(field(status, "voluntary_ctxt_switches:"), Some(3));
    assert_eq!(field(status, "Pss:"), Some(12));
    assert_eq!(field(status, "Rss:"), None);
}

#[test]
fn the_fullest_minute_begins_at_any_renewal() {
    let at = |seconds: &[i64]| Renewals::at(seconds.iter().copied().map(UnixTime).collect());
    let renewals = at(&[200, 30, 89, 31, 31, 100]);
    let expected = Renewals {
        span_s: 170,
        fullest_second: 2,
        fullest_minute: 4,
    };
    assert_eq!(renewals, expected);
    assert_eq!(at(&[7]).fullest_minute, 1);
    assert_eq!(at(&[]).fullest_second, 0);
}

#[test]
fn an_interrupted_system_call_is_counted_once() {
    let trace = "7 execve(\"x\") = 0\n7 futex( <unfinished ...>\n8 exit(0) = ?\n\
                 7 <... futex resumed>) = 0\n";
    assert_eq!(count_lines(trace), 3);
}
