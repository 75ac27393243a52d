//! What the demonstration plays on: a simulated domain, the real programs, and
//! a folder that is gone afterwards, however it ends.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use oic_tests::harness::{Daemon, Home, binary};
use oic_tests::simulator::{Options, Simulator};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// A terminal's 80 columns without the number.
const SENTENCE_WIDTH: usize = 76;

/// The stage; everything on it goes when it is dropped.
pub struct Stage {
    pub domain: Simulator,
    pub daemon: Daemon,
    pub home: Home,
    lifetime: u32,
    step: u32,
    /// The daemon's process id, for the end by a signal.
    daemon_pid: Arc<AtomicU32>,
}

impl Stage {
    /// Starts the domain and the daemon.
    pub fn set(lifetime: u32) -> Self {
        println!("Building what is not built yet …");
        binary("oic-tokend");
        let options = Options::default()
            .knob("access_token_lifetime", &lifetime.to_string())
            .knob("interval", "1");
        let domain = Simulator::start(options);
        let home = Home::new(&domain.config_toml());
        let daemon_pid = Arc::new(AtomicU32::new(0));
        clean_up_on_signals(&home, &daemon_pid);
        let daemon = Daemon::start(&home);
        daemon_pid.store(daemon.pid(), Ordering::SeqCst);
        let mut stage = Self {
            domain,
            daemon,
            home,
            lifetime,
            step: 0,
            daemon_pid,
        };
        stage.say(
            &format!("An identity domain on loopback; its access tokens live {lifetime} seconds."),
            &format!("oic-sim --access-token-lifetime {lifetime} --print-config > config.toml"),
        );
        stage.show(&stage.domain.url());
        stage.say(
            "A daemon that serves it, with a state folder of its own.",
            "oic-tokend --config config.toml",
        );
        stage
    }

    /// Begins a step: what happens, and what a user would type.
    pub fn say(&mut self, sentence: &str, command: &str) {
        self.step += 1;
        let sentence = folded(sentence);
        println!("\n{:>2}. {sentence}\n    $ {command}", self.step);
    }

    /// Shows what came of it.
    pub fn show(&self, line: &str) {
        println!("      {line}");
    }

    /// Says something in between.
    pub fn note(&self, line: &str) {
        println!("    ({line})");
    }

    /// Kills the daemon as a crash would, and starts another.
    pub fn restart_after_kill(&mut self) {
        self.daemon.kill();
        self.daemon = Daemon::start(&self.home);
        self.daemon_pid.store(self.daemon.pid(), Ordering::SeqCst);
    }

    /// An access token, however long it is still valid.
    pub fn get(&self) -> String {
        self.oic_token(&["get", "--min-valid", "0"])
    }

    /// An access token with half its life before it: not the one from before
    /// a renewal, which has less.
    pub fn get_renewed(&self) -> String {
        let half = (self.lifetime / 2).to_string();
        self.oic_token(&["get", "--min-valid", &half])
    }

    /// What the command writes; ends the demonstration if it fails.
    pub fn oic_token(&self, arguments: &[&str]) -> String {
        let outcome = self.home.oic_token(arguments);
        if outcome.code != 0 {
            self.fail(&format!(
                "oic-token {}: {}",
                arguments.join(" "),
                outcome.stderr
            ));
        }
        outcome.stdout.trim_end().to_owned()
    }

    /// Ends the demonstration; what is on the stage goes.
    pub fn fail(&self, why: &str) -> ! {
        panic!("{why}\nlog of the daemon:\n{}", self.daemon.log());
    }
}

/// `sentence` in lines that fit a terminal, below its number.
fn folded(sentence: &str) -> String {
    let mut lines = String::new();
    let mut filled = 0;
    for word in sentence.split(' ') {
        if filled > 0 && filled + 1 + word.len() > SENTENCE_WIDTH {
            lines.push_str("\n    ");
            filled = 0;
        } else if filled > 0 {
            lines.push(' ');
            filled += 1;
        }
        lines.push_str(word);
        filled += word.len();
    }
    lines
}

/// No destructor runs after a signal: what is on the stage has to go here.
fn clean_up_on_signals(home: &Home, daemon_pid: &Arc<AtomicU32>) {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .expect("this signal can be caught");
    }
    let folder = home.path("");
    let daemon_pid = Arc::clone(daemon_pid);
    let mut signals = Signals::new([SIGINT, SIGTERM]).expect("these signals can be caught");
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end(daemon_pid.load(Ordering::SeqCst));
            // What cannot be removed is left to the system's own clean-up.
            let _ = std::fs::remove_dir_all(&folder);
            std::process::exit(128 + signal);
        }
    });
    // That the programs are gone is then no failure to complain of.
    let complain = panic::take_hook();
    panic::set_hook(Box::new(move |failure| {
        while interrupted.load(Ordering::SeqCst) {
            thread::park();
        }
        complain(failure);
    }));
}

/// Ends this process of ours; Ctrl-C may have ended it already.
fn end(pid: u32) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}
