//! TAB in the real shells: what `oic-token completions` prints is loaded, and
//! a command line is completed with it. A shell that is not installed is left
//! out, and said to be.

use std::path::Path;
use std::process::Stdio;

use oic_tests::harness::{Daemon, Home, Outcome, binary};
use oic_tests::simulator::{Options, Simulator};

/// Two words that only the daemon knows, and words that only the command line
/// does.
const ASKED: [(&str, &str); 4] = [
    ("get s", "sim"),
    ("log", "login"),
    ("get --format he", "header"),
    ("completions po", "powershell"),
];

struct Stage {
    _domain: Simulator,
    home: Home,
    daemon: Option<Daemon>,
}

impl Stage {
    fn set() -> Self {
        let domain = Simulator::start(Options::default());
        let home = Home::new(&domain.config_toml());
        let daemon = Some(Daemon::start(&home));
        Self {
            _domain: domain,
            home,
            daemon,
        }
    }

    fn run(&self, shell: &str, script: &str) -> Outcome {
        let programs = binary("oic-token");
        let programs = programs.parent().unwrap().to_owned();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = [programs]
            .into_iter()
            .chain(std::env::split_paths(&inherited));
        let mut command = self.home.command(Path::new(shell));
        let quiet = match shell {
            "bash" => "--norc",
            "zsh" => "-f",
            _ => "--no-config",
        };
        command
            .args([quiet, "-c", script])
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("TERM", "xterm")
            .stdin(Stdio::null());
        command.output().unwrap().into()
    }
}

fn is_there(shell: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(shell).exists());
    if !found {
        println!("skipped: there is no {shell}; install it to have TAB tested there");
    }
    found
}

#[track_caller]
fn completes(shell: &str, script: impl Fn(&str) -> String) {
    if !is_there(shell) {
        return;
    }
    let mut stage = Stage::set();
    for (typed, word) in ASKED {
        let offered = stage.run(shell, &script(typed));
        assert!(offered.stdout.contains(word), "{typed}: {offered:?}");
    }
    // No daemon: no profile, and no word about it.
    drop(stage.daemon.take());
    let offered = stage.run(shell, &script("get s"));
    assert!(!offered.stdout.contains("sim"), "{offered:?}");
    assert_eq!(offered.stderr, "");
}

#[test]
fn bash_completes_commands_options_and_profiles() {
    completes("bash", |typed| {
        let count = typed.split(' ').count();
        format!(
            "source <(oic-token completions bash)
             COMP_WORDS=(oic-token {typed}) COMP_CWORD={count} COMP_TYPE=9
             _clap_complete_oic_token oic-token \"${{COMP_WORDS[COMP_CWORD]}}\" 2>/dev/null
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
    });
}

#[test]
fn fish_completes_commands_options_and_profiles() {
    completes("fish", |typed| {
        format!("oic-token completions fish | source; complete -C 'oic-token {typed}'")
    });
}

/// zsh completes at a terminal only: one of its own making. The word after the
/// completed one says that it is over, whether or not there was one.
#[test]
fn zsh_completes_commands_options_and_profiles() {
    completes("zsh", |typed| {
        format!(
            "zmodload zsh/zpty
             zpty shell zsh -f -i
             zpty -w shell 'PROMPT=; autoload -Uz compinit; compinit -u -D; source <(oic-token completions zsh); print rea\"\"dy'
             zpty -r -m shell out '*ready*'
             zpty -w -n shell 'oic-token {typed}'$'\\t'
             zpty -w shell ' ; print d\"\"one'
             zpty -r -m shell out '*done*'
             print -r -- $out
             zpty -d shell"
        )
    });
}

/// What the script asks, but without the shell, which is in none of the places
/// that tests install from. PowerShell 7.3 and newer passes an empty word on.
#[test]
fn powershell_is_answered_in_words_and_their_meaning() {
    let stage = Stage::set();
    let script = stage.home.oic_token(&["completions", "powershell"]);
    let script = script.succeeded();
    for line in [
        "Register-ArgumentCompleter -Native -CommandName oic-token",
        "$env:OIC_TOKEN_COMPLETE = \"powershell\"",
        "& oic-token -- $args",
    ] {
        assert!(script.contains(line), "no {line} in {script}");
    }
    let answer = |typed: &str| {
        let ask = format!("OIC_TOKEN_COMPLETE=powershell oic-token -- oic-token {typed}");
        stage.run("bash", &ask).succeeded()
    };
    for (typed, word) in ASKED {
        let answer = answer(typed);
        let mut words = answer.lines().map(|line| line.split('\t').next().unwrap());
        assert!(words.any(|it| it == word), "{typed}: {answer}");
    }
    assert!(answer("log").contains("login\tSign a user in"));
    assert_eq!(answer("get ''").lines().next(), Some("sim"));
}
