//! Some hours in the ordinary suite, and whether the simulation can be trusted:
//! it repeats itself, and it sees what must not be.

use crate::plan::Plan;
use crate::run::run;
use crate::tally::Kind;

/// How long each of these runs lasts, in hours, and how many there are: a few
/// seconds unoptimized.
const HOURS: u64 = 25;
const RUNS: u64 = 40;

fn short(seed: u64) -> Plan {
    let plan = Plan::new(seed);
    let hours = plan.hours.min(HOURS);
    Plan { hours, ..plan }
}

#[track_caller]
fn check(seed: u64) {
    let outcome = run(short(seed), false);
    let Some(what) = outcome.failure else {
        return;
    };
    let again = run(short(seed), true);
    panic!("seed {seed}: {what}\n{}", again.trace.join("\n"));
}

#[test]
fn no_rule_is_broken_in_a_thousand_hours() {
    for seed in 0..RUNS {
        check(seed);
    }
}

#[test]
fn no_rule_is_broken_by_a_seed_that_nobody_has_tried() {
    let seed = u64::from(getrandom::u32().unwrap());
    println!("seed {seed}");
    check(seed);
}

#[test]
fn a_seed_tells_all_that_happens() {
    let plan = Plan {
        network: true,
        disk: true,
        crashes: true,
        clocks: true,
        sleeps: true,
        ..short(4)
    };
    let first = run(plan.clone(), true);
    let second = run(plan, true);
    assert!(!first.trace.is_empty());
    assert_eq!(first.trace, second.trace);
    assert_eq!(first.tally.steps, second.tally.steps);
    assert_eq!(first.tally.counts, second.tally.counts);
}

#[test]
fn the_runs_lead_somewhere() {
    let mut all = crate::tally::Tally::default();
    for seed in 100..100 + RUNS {
        all += run(short(seed), false).tally;
    }
    assert!(all.renewals > 10 * RUNS, "{} renewals", all.renewals);
    for (kind, name) in [
        (Kind::Answered, "a token"),
        (Kind::Answered, "try later"),
        (Kind::Done, "logins"),
        (Kind::Done, "logouts"),
        (Kind::End, "killed"),
        (Kind::End, "stopped in good order"),
        (Kind::Fault, "sleeps"),
        (Kind::Fault, "wall clock set"),
        (Kind::Fault, "writes failed"),
        (Kind::Fault, "requests not sent"),
        (Kind::Fault, "answers spoilt"),
    ] {
        assert!(all.counts.contains_key(&(kind, name)), "never: {name}");
    }
}
