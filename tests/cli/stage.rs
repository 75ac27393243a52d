//! Plays a conversation: a domain, a daemon, a home of its own, and whoever
//! types.

use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use oic_tests::harness::{DEADLINE, Daemon, Home, Outcome, binary};
use oic_tests::simulator::{Endpoint, JANE, LogEntry, Options, Simulator};

use super::plain::Plain;
use super::refusing;
use super::script::{Exchange, Script, Step};

/// What the domain is like unless the conversation says otherwise: it lets
/// itself be asked once a second.
const KNOBS: &str = "interval=1";

struct Stage {
    domain: Simulator,
    home: Home,
    daemon: Option<Daemon>,
    plain: Plain,
    /// What the user is about to do once the next code is shown.
    user: Option<String>,
}

/// Plays `script`, and writes into it what is heard.
pub fn play(mut script: Script) -> Script {
    let mut steps = script.steps.iter_mut().peekable();
    let mut knobs = KNOBS.to_owned();
    let mut is_running = true;
    // What the stage is like is said before anything happens on it.
    while let Some(Step::Note(_) | Step::Happens(..)) = steps.peek() {
        match steps.peek() {
            Some(Step::Happens(what, _)) if what.starts_with("domain ") => {
                knobs = format!("{KNOBS} {}", &what["domain ".len()..]);
            }
            Some(Step::Happens(what, _)) if what == "no daemon" => is_running = false,
            Some(Step::Note(_)) => {}
            _ => break,
        }
        steps.next();
    }
    let mut stage = Stage::set(&knobs);
    if is_running {
        stage.daemon = Some(Daemon::start(&stage.home));
    }
    for step in steps {
        match step {
            Step::Note(_) => {}
            Step::Happens(what, content) => stage.happen(what, content),
            Step::Typed(exchange) => stage.exchange(exchange),
        }
    }
    script
}

impl Stage {
    fn set(knobs: &str) -> Self {
        let options = knobs
            .split_whitespace()
            .fold(Options::default(), |options, knob| {
                let (name, value) = knob.split_once('=').unwrap();
                options.knob(name, value)
            });
        let domain = Simulator::start(options);
        let home = Home::new(&domain.config_toml());
        let home_path = home.path("").display().to_string();
        let host = domain.url().replace("http://", "");
        let uid = rustix::process::geteuid().as_raw();
        let plain = Plain::new(vec![
            (domain.url(), "<domain>"),
            (host, "<host>"),
            (home_path.trim_end_matches('/').to_owned(), "<home>"),
            (format!("/run/user/{uid}/"), "/run/user/<uid>/"),
        ]);
        Self {
            domain,
            home,
            daemon: None,
            plain,
            user: None,
        }
    }

    fn happen(&mut self, what: &str, content: &[String]) {
        let words = Vec::from_iter(what.split_whitespace());
        match words.as_slice() {
            ["signed", "in"] => {
                self.domain.set_knob("auto_approve", JANE).unwrap();
                let login = self.home.oic_token(&["login", "--no-browser"]);
                assert_eq!(login.code, 0, "{}", login.stderr);
            }
            ["file", name] => self.write(name, content),
            ["knob", name, value] => self.domain.set_knob(name, value).unwrap(),
            ["fault", fault, times, endpoint] => self.domain.fault(
                fault.parse().unwrap(),
                times.parse().unwrap(),
                endpoint.parse().unwrap(),
            ),
            ["advance", seconds] => {
                let step = Duration::from_secs(seconds.parse().unwrap());
                self.domain.advance(step);
            }
            ["user", "approves" | "denies" | "lets", ..] => self.user = Some(what.to_owned()),
            ["daemon", "starts"] => self.daemon = Some(Daemon::start(&self.home)),
            ["daemon", "ends"] => drop(self.daemon.take()),
            ["daemon", "reloads"] => drop(self.daemon.as_ref().unwrap().reload()),
            ["daemon", "refuses", name] => refusing::start(&self.home.socket(), name),
            ["daemon", "logs", ..] => {
                let text = what.strip_prefix("daemon logs ").unwrap();
                self.daemon.as_ref().unwrap().wait_for_log(text);
            }
            _ => panic!("nobody knows how this happens: {what}"),
        }
    }

    fn write(&self, name: &str, content: &[String]) {
        let text = self.plain.played(&content.join("\n")) + "\n";
        let path = self.home.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn exchange(&mut self, exchange: &mut Exchange) {
        let outcome = match self.user.take() {
            None => self.run(&exchange.command),
            Some(deed) => self.run_beside(&exchange.command, &deed),
        };
        exchange.stdout = self.plain.lines(&outcome.stdout);
        exchange.stderr = self.plain.lines(&outcome.stderr);
        exchange.code = Some(outcome.code);
    }

    /// The command as a shell runs it, with our programs before all others.
    fn run(&self, command: &str) -> Outcome {
        let folder = binary("oic-token");
        let folder = folder.parent().unwrap().to_owned();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = [folder]
            .into_iter()
            .chain(std::env::split_paths(&inherited));
        let mut shell = self.home.command(Path::new("sh"));
        shell
            .args(["-c", &self.plain.played(command)])
            .env("PATH", std::env::join_paths(path).unwrap())
            .stdin(Stdio::null());
        shell.output().unwrap().into()
    }

    /// The same, and the user does something with the code that is shown.
    fn run_beside(&self, command: &str, deed: &str) -> Outcome {
        let asked = |log: &[LogEntry]| {
            let devices = log.iter().filter(|it| it.endpoint == Endpoint::Device);
            devices.filter(|it| it.status == Some(200)).count()
        };
        let before = asked(&self.domain.log());
        thread::scope(|scope| {
            scope.spawn(|| {
                let shown = |log: &[LogEntry]| asked(log) > before;
                self.domain.wait_for_requests(shown, DEADLINE).unwrap();
                let code = self.domain.pending_user_codes().pop().unwrap();
                match Vec::from_iter(deed.split_whitespace()).as_slice() {
                    ["user", "approves"] => self.domain.approve(&code, JANE).unwrap(),
                    ["user", "approves", "as", user] => self.domain.approve(&code, user).unwrap(),
                    ["user", "denies"] => self.domain.deny(&code).unwrap(),
                    ["user", "lets", "it", "expire"] => self.domain.expire(&code).unwrap(),
                    _ => panic!("no user does this: {deed}"),
                }
            });
            self.run(command)
        })
    }
}
