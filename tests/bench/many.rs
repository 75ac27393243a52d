use crate::clock;
use crate::failure::Failure;
use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE, Daemon, Home, allow_callers};
use oic_tests::simulator::{JANE, Options, Simulator};
use std::fmt::Write;

fn config(domain: &Simulator, n: usize) -> String {
    let one = domain.config_toml();
    let (_, table) = one.split_once("\n\n").unwrap();
    let mut s = String::new();
    for i in 0..n {
        write!(
            s,
            "{}\n",
            table.replace("profile.sim", &format!("profile.p{i:04}"))
        )
        .unwrap();
    }
    s
}
fn look(pid: u32) -> String {
    let st = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let sm = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let g = |t: &str, n: &str| crate::rest::field(t, n).unwrap_or(0);
    let fds = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .map(|d| d.count())
        .unwrap_or(0);
    format!(
        "rss {} hwm {} pss {} dirty {} fds {} threads {}",
        g(&st, "VmRSS:"),
        g(&st, "VmHWM:"),
        g(&sm, "Pss:"),
        g(&sm, "Private_Dirty:"),
        fds,
        g(&st, "Threads:")
    )
}
pub fn measure() -> Result<(), Failure> {
    allow_callers(3000);
    let life: u32 = std::env::var("LIFE")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(3600);
    for n in [1usize, 1000] {
        let domain = Simulator::try_start(
            Options::default()
                .knob("access_token_lifetime", &life.to_string())
                .knob("interval", "1")
                .knob("auto_approve", JANE),
        )
        .unwrap();
        let home = Home::new(&config(&domain, n));
        let mut daemon = Daemon::start(&home);
        let t = clock::start();
        let mut callers = Vec::new();
        for i in 0..n {
            let mut c = Caller::connect(&home.socket(), DEADLINE).unwrap();
            c.ask(&Request::Login {
                profile: Some(format!("p{i:04}")),
            })
            .unwrap();
            callers.push(c);
        }
        for c in &mut callers {
            loop {
                match c.answer().unwrap() {
                    Response::Prompt(_) => {}
                    Response::SignedIn(_) => break,
                    o => panic!("{o:?}"),
                }
            }
        }
        eprintln!("{n}: signed in {:?}", t.elapsed());
        drop(callers);
        eprintln!("   {}", look(daemon.pid()));
        let t = clock::start();
        let st = daemon.terminate();
        eprintln!("   ended {st} {:?}", t.elapsed());
        let t = clock::start();
        daemon = Daemon::spawn(&home, &[]);
        daemon.wait_for_log("ready on ");
        eprintln!("   ready {:?}", t.elapsed());
        daemon.wait_for_log_times("session restored", n);
        eprintln!("   restored {:?}", t.elapsed());
        eprintln!("   {}", look(daemon.pid()));
        clock::let_pass(std::time::Duration::from_secs(12));
        eprintln!("   {}", look(daemon.pid()));
        let t = clock::start();
        let o = home.oic_token(&["status", "--json"]);
        eprintln!("   status {:?} {} {}", t.elapsed(), o.code, o.stdout.len());
        let log0 = domain.log().len();
        daemon.kill();
        if life > 60 {
            continue;
        }
        clock::let_pass(std::time::Duration::from_secs(life.into()));
        let t = clock::start();
        daemon = Daemon::spawn(&home, &[]);
        daemon.wait_for_log("ready on ");
        eprintln!("   ready, expired {:?}", t.elapsed());
        daemon.wait_for_log_times("access token obtained", n);
        eprintln!("   obtained {:?} {}", t.elapsed(), look(daemon.pid()));
        let log = domain.log();
        let a = &log[log0..];
        eprintln!(
            "   {} requests, {} .. {}",
            a.len(),
            a[0].time,
            a[a.len() - 1].time
        );
        clock::let_pass(std::time::Duration::from_secs(12));
        eprintln!("   {}", look(daemon.pid()));
        let l = daemon.log();
        for x in l
            .lines()
            .filter(|x| x.contains("WARN") || x.contains("ERROR"))
            .take(5)
        {
            eprintln!("{x}");
        }
    }
    Ok(())
}
