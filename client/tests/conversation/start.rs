//! How `oic-token` starts and ends, which it does by itself.

use std::io::Read;
use std::process::Command;
use std::sync::mpsc;

use oic_proto::Response;
use oic_proto::message::Refusal;

use crate::example::{prompt, token};
use crate::fake_daemon::{DEADLINE, FakeDaemon, Outcome, answer};

/// Runs `script`, which starts `oic-token` as `"$@"`.
fn by_shell(daemon: &FakeDaemon, script: &str, arguments: &[&str]) -> Outcome {
    let oic_token = daemon.folder.oic_token(arguments);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, "sh"])
        .arg(oic_token.get_program());
    shell.args(oic_token.get_args());
    let variables = oic_token.get_envs();
    shell.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    shell.output().unwrap().into()
}

#[test]
fn what_is_said_where_nothing_is_open_is_not_said_to_the_daemon() {
    let (sender, heard) = mpsc::channel();
    let daemon = FakeDaemon::playing(move |mut caller| {
        answer(&mut caller, &Response::Prompt(prompt()));
        answer(&mut caller, &Response::Refused(Refusal::ShuttingDown));
        let mut more = String::new();
        caller.read_to_string(&mut more).unwrap();
        sender.send(more).unwrap();
    });
    for script in [r#""$@" >&-"#, r#""$@" 2>&-"#, r#""$@" <&- >&- 2>&-"#] {
        let login = by_shell(&daemon, script, &["login", "--no-browser"]);
        assert_eq!((login.code, login.stdout.as_str()), (5, ""), "{script}");
        assert_eq!(heard.recv_timeout(DEADLINE).unwrap(), "", "{script}");
    }
}

#[test]
fn a_program_that_exec_starts_ends_by_a_broken_pipe_as_ever() {
    let daemon = FakeDaemon::answering(vec![token("abc.def")]);
    let exec = daemon.run(&["exec", "--", "sh", "-c", "kill -s PIPE $$; exit 7"]);
    assert_eq!(exec.code, 128 + 13);
}
