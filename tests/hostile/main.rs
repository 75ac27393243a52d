//! `cargo hostile`: what one user of a machine can do to another's `get`.
//!
//! The real daemon, as root, with two other users on the list of its profile.
//! One of them asks for a token again and again, as `oic-token get` does, while
//! the other misbehaves in every way that costs it nothing. It prints how long
//! the first one waited, with each load and without; it does not judge. Needs
//! Linux and root.
//!
//! | file | holds |
//! |---|---|
//! | `load.rs` | the ways to misbehave |
//! | `victim.rs` | who asks meanwhile, and how long that takes |
//! | `clock.rs` | the only file that reads a clock |

#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod load;
#[cfg(target_os = "linux")]
mod victim;

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("oic-hostile: error: this needs Linux");
    std::process::exit(1);
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    match linux::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("oic-hostile: error: {why}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use clap::Parser;
    use oic_tests::harness::{Daemon, Home, OtherUser, allow_callers};
    use oic_tests::simulator::{JANE, Options, Simulator};

    use crate::load::{Load, SILENT};
    use crate::victim::{self, Waits};

    /// Measures what one user's misbehaviour does to another user's 'get'.
    #[derive(Parser)]
    #[command(name = "oic-hostile")]
    struct Arguments {
        /// How often a token is asked for under each load
        #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
        gets: u32,
    }

    const ATTACKER: u32 = 60_001;
    const VICTIM: u32 = 60_002;

    pub fn run() -> Result<(), String> {
        let gets = Arguments::parse().gets;
        let users = OtherUser::new(ATTACKER, &[]).zip(OtherUser::new(VICTIM, &[]));
        let (attacker, victim) = users.ok_or("this needs root")?;
        if !allow_callers(2 * SILENT) {
            return Err("the hard limit of descriptors (ulimit -Hn) is too low".to_owned());
        }
        let stage = Stage::set();
        let socket = stage.home.socket();
        println!(
            "{:<34}{:>10}{:>10}{:>10}{:>7}   what the other user did",
            "a 'get' of one user, µs", "median", "p99", "longest", "failed"
        );
        // At the end once more: what was done must not last.
        for load in [&[Load::Nothing], &Load::ALL[..], &[Load::Nothing]].concat() {
            let attack = load.begin(&attacker, &socket);
            let waits = victim.does(|| victim::ask(&socket, gets));
            print(load, &waits, &attack.end());
        }
        drop(stage);
        Ok(())
    }

    fn print(load: Load, waits: &Waits, done: &str) {
        println!(
            "{:<34}{:>10.0}{:>10.0}{:>10.0}{:>7}   {done}",
            load.name(),
            waits.percentile(50),
            waits.percentile(99),
            waits.percentile(100),
            waits.failed,
        );
    }

    /// A domain, a daemon for both users, and Jane signed in.
    struct Stage {
        home: Home,
        _daemon: Daemon,
        _domain: Simulator,
    }

    impl Stage {
        fn set() -> Self {
            let options = Options::default()
                .knob("access_token_lifetime", "21600")
                .knob("interval", "1")
                .knob("auto_approve", JANE);
            let domain = Simulator::start(options);
            let allow = format!("allow = {{ users = [\"{ATTACKER}\", \"{VICTIM}\"] }}\n");
            let home = Home::new(&format!("{}{allow}", domain.config_toml()));
            let daemon = Daemon::start_with(&home, &[("OIC_TOKEND_LOG", "warn")]);
            home.open_to_others();
            home.oic_token(&["login", "--no-browser"]).succeeded();
            Self {
                home,
                _daemon: daemon,
                _domain: domain,
            }
        }
    }
}
