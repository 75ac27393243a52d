use std::io::Write;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;
use tracing::subscriber::{set_default, with_default};
use tracing::{Subscriber, debug, info};
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::audit;
use crate::logging::json::Json;
use crate::logging::limit::Limit;

/// A log in memory, in simulated time.
#[derive(Clone, Default)]
struct Log {
    written: Arc<Mutex<Vec<u8>>>,
    now: Arc<Mutex<Duration>>,
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.written.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn now(&self) -> BootTime {
        BootTime(*self.now.lock().unwrap())
    }

    fn advance(&self, seconds: u64) {
        *self.now.lock().unwrap() += Duration::from_secs(seconds);
    }

    /// Every line since the last look: its profile and message.
    fn lines(&self) -> Vec<(String, String)> {
        let written = std::mem::take(&mut *self.written.lock().unwrap());
        let text = String::from_utf8(written).unwrap();
        let lines = text.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let member = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            (member("profile"), member("message"))
        });
        lines.collect()
    }

    /// What is logged goes here, as the daemon's goes to its log.
    fn subscriber(&self, tally: &'static Tally) -> impl Subscriber + use<> {
        let (out, time) = (self.clone(), self.clone());
        let clock = move || time.now();
        let log = Json::to(move || out.clone());
        tracing_subscriber::registry().with(Limit { log, tally, clock })
    }
}

impl Tally {
    fn leaked() -> &'static Self {
        Box::leak(Box::default())
    }
}

fn play(scene: impl FnOnce(&Log, &'static Tally)) {
    let (log, tally) = (Log::default(), Tally::leaked());
    tally.begin();
    with_default(log.subscriber(tally), || scene(&log, tally));
}

fn complain(profile: &str, times: u32) {
    for time in 1..=times {
        warn!(profile, "complaint {time}");
    }
}

fn line(profile: &str, message: &str) -> (String, String) {
    (profile.to_owned(), message.to_owned())
}

#[test]
fn what_is_repeated_too_often_is_left_out_and_counted() {
    play(|log, tally| {
        let timeout = || tally.repeats().as_ref().unwrap().poll_timeout();
        complain("prod", 47);
        let expected = (1..=10).map(|it| line("prod", &format!("complaint {it}")));
        assert_eq!(log.lines(), Vec::from_iter(expected));

        log.advance(29);
        tally.say_until(Some(log.now()));
        assert_eq!(log.lines(), [], "it is not known yet");
        log.advance(1);
        assert_eq!(timeout(), Some(log.now()));
        tally.say_until(Some(log.now()));
        let counted = "37 more like it left out within 30 s, the last: complaint 47";
        assert_eq!(log.lines(), [line("prod", counted)]);
        assert_eq!(timeout(), None);

        complain("prod", 1);
        assert_eq!(log.lines(), [line("prod", "complaint 1")], "it starts anew");
    });
}

#[test]
fn a_noisy_profile_silences_neither_another_nor_what_else_is_said_of_it() {
    play(|log, _| {
        complain("noisy", 100);
        log.lines();
        complain("quiet", 1);
        warn!(profile = "noisy", "something else");
        warn!("of no profile");
        let expected = [
            line("quiet", "complaint 1"),
            line("noisy", "something else"),
            line("-", "of no profile"),
        ];
        assert_eq!(log.lines(), expected);
    });
}

#[test]
fn lines_that_come_slowly_are_all_there() {
    play(|log, tally| {
        for _ in 0..100 {
            complain("prod", 10);
            log.advance(30);
            tally.say_until(Some(log.now()));
        }
        assert_eq!(log.lines().len(), 1000);
    });
}

#[test]
fn every_hand_out_and_every_detail_is_there() {
    play(|log, _| {
        for _ in 0..50 {
            info!(target: audit::TARGET, profile = "prod", "granted");
            debug!(profile = "prod", "a detail");
        }
        assert_eq!(log.lines().len(), 100);
    });
}

#[test]
fn at_the_end_what_was_left_out_is_said_and_nothing_is_left_out_any_more() {
    play(|log, tally| {
        complain("prod", 11);
        log.lines();
        tally.end();
        let counted = "1 more like it left out within 30 s, the last: complaint 11";
        assert_eq!(log.lines(), [line("prod", counted)]);
        complain("prod", 11);
        assert_eq!(log.lines().len(), 11);
    });
}

#[test]
fn a_line_for_which_there_is_no_place_is_written() {
    play(|log, _| {
        for number in 0..KINDS_MAX {
            complain(&number.to_string(), 1);
        }
        log.lines();
        complain("one more", 11);
        assert_eq!(log.lines().len(), 11);
        log.advance(30);
        complain("one more", 11);
        assert_eq!(log.lines().len(), 10, "the others' time is over");
    });
}

/// Nobody has to log anything for it to be said.
#[tokio::test(start_paused = true)]
async fn what_was_left_out_is_said_when_the_time_is_over() {
    struct Simulated(Instant);
    impl Alarm for Simulated {
        async fn until(&mut self, deadline: Option<BootTime>) {
            match deadline {
                Some(at) => tokio::time::sleep_until(self.0 + at.0).await,
                None => std::future::pending().await,
            }
        }
    }

    let (log, tally) = (Log::default(), Tally::leaked());
    let _guard = set_default(log.subscriber(tally));
    let alarm = Simulated(Instant::now());
    let reporting = tokio::spawn(tally.report(alarm));
    tokio::task::yield_now().await;
    for (profile, seconds) in [("first", 5), ("second", 25)] {
        complain(profile, 12);
        log.lines();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        log.advance(seconds);
    }
    let counted = "2 more like it left out within 30 s, the last: complaint 12";
    tokio::task::yield_now().await;
    assert_eq!(log.lines(), [line("first", counted)]);
    reporting.abort();
}
