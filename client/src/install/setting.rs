//! What a program has to be told so that it asks its helper.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oic_proto::message::MappingView;

use super::advice::{Advice, in_file};
use super::settings_file::{edit, home};
use super::{block, by_hand, docker_config};
use crate::failure::Failure;
use crate::helper::prefix;

/// What git calls `git-credential-oic`.
const OF_GIT: &str = "oic";

/// The same as a pattern of values.
const OF_GIT_ALONE: &str = "^oic$";

/// What a program has to be told.
#[derive(Debug)]
pub(super) enum Setting {
    /// By commands of its own, each a program with its arguments.
    Commands(Vec<Vec<String>>),
    /// By these lines in its file.
    Lines(PathBuf, Vec<String>),
    /// By these hosts in docker's `config.json`.
    Docker(PathBuf, Vec<String>),
    /// By its user, and why.
    ByHand(Vec<Advice>, &'static str),
}

impl Setting {
    /// What this helper's program has to be told, for these URLs.
    pub(super) fn of(
        helper: &str,
        mappings: &[MappingView],
        program: &Path,
    ) -> Result<Self, Failure> {
        let urls = mappings.iter().map(|mapping| mapping.url.as_str());
        let program = program.display();
        Ok(match helper {
            "git" => Self::Commands(urls.flat_map(git).collect()),
            "docker" => Self::Docker(docker_place()?, whole_hosts(urls)?),
            "bazel" => Self::Lines(home()?.join(".bazelrc"), bazel(urls, &program.to_string())),
            "terraform" => Self::Lines(
                terraform_place()?,
                vec![r#"credentials_helper "oic" {"#.to_owned(), "}".to_owned()],
            ),
            "kubernetes" => {
                Self::ByHand(by_hand::kubernetes(), "kubectl has a user for each cluster")
            }
            "goauth" => Self::ByHand(by_hand::goauth(), "GOAUTH is one list for all hosts"),
            "cargo" => Self::ByHand(by_hand::cargo(), "only you know the registry's name"),
            _ => Self::ByHand(
                by_hand::keyring(),
                "pip and uv have many places for their settings",
            ),
        })
    }

    pub(super) fn why_not_written(&self) -> Option<&'static str> {
        match self {
            Self::ByHand(_, why) => Some(why),
            _ => None,
        }
    }

    /// For people to do it.
    pub(super) fn shown(self) -> Vec<Advice> {
        match self {
            Self::Commands(commands) => to_run(&commands),
            Self::Lines(path, lines) => in_file(&path.display().to_string(), &lines),
            Self::Docker(path, hosts) => {
                let hosts = hosts.iter().map(|host| format!("\"{host}\": \"oic\""));
                let hosts = Vec::from_iter(hosts).join(", ");
                let line = format!("\"credHelpers\": {{{hosts}}}");
                in_file(&path.display().to_string(), &[line])
            }
            Self::ByHand(advice, _) => advice,
        }
    }

    /// Tells the program; says what was done.
    pub(super) fn write(&self) -> Result<Vec<Advice>, Failure> {
        let path = match self {
            Self::Commands(commands) => {
                commands.iter().try_for_each(|command| run(command))?;
                return Ok(were_run(commands));
            }
            Self::ByHand(..) => return Ok(Vec::new()),
            Self::Lines(path, lines) => {
                edit(path, |text| add_lines(text, lines))?;
                path
            }
            Self::Docker(path, hosts) => {
                edit(path, |text| docker_config::with(text, hosts))?;
                path
            }
        };
        Ok(vec![Advice::say(format!("{} is changed", path.display()))])
    }
}

/// Takes back what was set for this helper, or says how.
pub(super) fn undo(helper: &str, write: bool) -> Result<Vec<Advice>, Failure> {
    let path = match helper {
        "git" => return undo_git(write),
        "docker" => docker_place()?,
        "bazel" => home()?.join(".bazelrc"),
        "terraform" => terraform_place()?,
        "kubernetes" => return Ok(do_yourself("kubectl config unset users.oic")),
        "goauth" => return Ok(do_yourself("go env -w GOAUTH=netrc")),
        "cargo" => {
            return Ok(vec![Advice::say(
                "take it out of $CARGO_HOME/config.toml yourself",
            )]);
        }
        _ => return Ok(do_yourself("pip config unset global.keyring-provider")),
    };
    if !write {
        let path = path.display();
        return Ok(vec![Advice::say(format!(
            "with '--write', {path} loses our lines too"
        ))]);
    }
    match helper {
        "docker" => edit(&path, docker_config::without)?,
        _ => edit(&path, |text| Ok(block::without(text)))?,
    }
    Ok(vec![Advice::say(format!(
        "{} has no lines of ours",
        path.display()
    ))])
}

/// What nobody set but the user.
fn do_yourself(how: &str) -> Vec<Advice> {
    vec![Advice::say("do this yourself:"), Advice::copy(how)]
}

/// The keys under which git has us, whatever URLs there are tokens for by now.
fn undo_git(write: bool) -> Result<Vec<Advice>, Failure> {
    let listed = Command::new("git")
        .args(["config", "--global", "--name-only", "--get-regexp"])
        .args([r"^credential\..*\.helper$", OF_GIT_ALONE])
        .stderr(Stdio::null())
        .output()
        .map_err(|error| not_run("git", &error))?;
    let keys = String::from_utf8_lossy(&listed.stdout).into_owned();
    let unset = |key: &str| {
        words(&[
            "git",
            "config",
            "--global",
            "--unset-all",
            key,
            OF_GIT_ALONE,
        ])
    };
    let commands = Vec::from_iter(keys.lines().map(unset));
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    if write {
        commands.iter().try_for_each(|command| run(command))?;
        return Ok(were_run(&commands));
    }
    let mut advice = vec![Advice::say("do this too, or give '--write':")];
    advice.extend(to_run(&commands));
    Ok(advice)
}

/// One helper beside others, however often it is set. git compares whole
/// segments of a path, and leaves the path out unless told otherwise.
fn git(url: &str) -> Vec<Vec<String>> {
    let (host, path) = split(url);
    let literal = path.split('/').take_while(|segment| !segment.contains('*'));
    let path = Vec::from_iter(literal).join("/");
    let path = path.trim_end_matches('/');
    let key = |name: &str| format!("credential.{host}{path}.{name}");
    let set =
        |key: &str, rest: &[&str]| words(&[&["git", "config", "--global", key], rest].concat());
    let helper = key("helper");
    let mut commands = vec![set("--replace-all", &[&helper, OF_GIT, OF_GIT_ALONE])];
    if !path.is_empty() {
        commands.push(set(&key("useHttpPath"), &["true"]));
    }
    commands
}

/// Docker asks for hosts alone.
fn hosts<'a>(urls: impl Iterator<Item = &'a str>) -> Vec<String> {
    let whole = urls.filter_map(prefix).map(split);
    let whole = whole.filter(|(_, path)| path.is_empty());
    whole
        .filter_map(|(host, _)| Some(host.split_once("://")?.1.to_owned()))
        .collect()
}

fn whole_hosts<'a>(urls: impl Iterator<Item = &'a str>) -> Result<Vec<String>, Failure> {
    let hosts = hosts(urls);
    if hosts.is_empty() {
        return Err(Failure::Install {
            what: "set up docker".to_owned(),
            why: "it asks for whole hosts, and no 'url' of oic-tokend's [[helper]] entries is one"
                .to_owned(),
        });
    }
    Ok(hosts)
}

/// Bazel's patterns are hosts, with a star for the first label.
fn bazel<'a>(urls: impl Iterator<Item = &'a str>, program: &str) -> Vec<String> {
    let host = |url: &'a str| split(url).0.split_once("://").map(|(_, host)| host);
    let name = |host: &'a str| host.split_once(':').map_or(host, |(name, _)| name);
    let line = |name: &str| format!("common --credential_helper={name}={program}");
    urls.filter_map(host).map(name).map(line).collect()
}

/// Scheme with host, and path.
fn split(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    url.split_at(end)
}

fn docker_place() -> Result<PathBuf, Failure> {
    match std::env::var_os("DOCKER_CONFIG").filter(|it| !it.is_empty()) {
        Some(folder) => Ok(PathBuf::from(folder).join("config.json")),
        None => Ok(home()?.join(".docker/config.json")),
    }
}

fn terraform_place() -> Result<PathBuf, Failure> {
    match std::env::var_os("TF_CLI_CONFIG_FILE").filter(|it| !it.is_empty()) {
        Some(file) => Ok(file.into()),
        None => Ok(home()?.join(".terraformrc")),
    }
}

/// Terraform refuses a file with two helpers.
fn add_lines(text: &str, lines: &[String]) -> Result<String, String> {
    let others = block::without(text);
    let taken = |line: &str| line.trim_start().starts_with("credentials_helper");
    if lines.iter().any(|line| taken(line)) && others.lines().any(taken) {
        return Err("it has another 'credentials_helper', and there can be one only".to_owned());
    }
    Ok(block::with(text, lines))
}

fn to_run(commands: &[Vec<String>]) -> Vec<Advice> {
    let lines = commands.iter().map(|command| command_line(command));
    lines.map(Advice::Copy).collect()
}

fn were_run(commands: &[Vec<String>]) -> Vec<Advice> {
    let mut advice = vec![Advice::say("these have been run:")];
    advice.extend(to_run(commands));
    advice
}

fn run(command: &[String]) -> Result<(), Failure> {
    let status = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .status()
        .map_err(|error| not_run(&command[0], &error))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::Install {
            what: format!("run '{}'", command_line(command)),
            why: status.to_string(),
        }),
    }
}

fn not_run(program: &str, error: &std::io::Error) -> Failure {
    Failure::Install {
        what: format!("run {program}"),
        why: error.to_string(),
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// As a shell reads it.
fn command_line(words: &[String]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    let quoted = words.iter().map(|word| match word.bytes().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    });
    Vec::from_iter(quoted).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mappings(urls: &[&str]) -> Vec<MappingView> {
        let mapping = |url: &&str| MappingView {
            url: (*url).to_owned(),
            realm: None,
            profile: "prod".to_owned(),
            username: "oauth2".to_owned(),
        };
        urls.iter().map(mapping).collect()
    }

    fn shown(helper: &str, urls: &[&str]) -> Vec<Advice> {
        let program = Path::new("/bin/bazel-credential-oic");
        Setting::of(helper, &mappings(urls), program)
            .unwrap()
            .shown()
    }

    #[test]
    fn git_has_a_helper_for_each_url_beside_those_of_others() {
        let urls = ["https://git.example.com", "https://*.example.com:81/team/*"];
        let set = "git config --global --replace-all";
        assert_eq!(
            shown("git", &urls),
            [
                &format!("{set} credential.https://git.example.com.helper oic '^oic$'"),
                &format!("{set} 'credential.https://*.example.com:81/team.helper' oic '^oic$'"),
                "git config --global 'credential.https://*.example.com:81/team.useHttpPath' true",
            ]
            .map(Advice::copy)
        );
    }

    #[test]
    fn docker_and_bazel_know_hosts_alone() {
        let urls = [
            "https://r.example.com",
            "http://localhost:5000/*",
            "https://r.example.com/team",
            "https://*.example.com:81",
        ];
        let docker = r#""credHelpers": {"r.example.com": "oic", "localhost:5000": "oic"}"#;
        assert_eq!(shown("docker", &urls)[1], Advice::copy(docker));
        let bazel = shown("bazel", &urls);
        let line = |host: &str| {
            Advice::Copy(format!(
                "common --credential_helper={host}=/bin/bazel-credential-oic"
            ))
        };
        let hosts = [
            "r.example.com",
            "localhost",
            "r.example.com",
            "*.example.com",
        ];
        assert_eq!(bazel[1..], hosts.map(line));
    }

    #[test]
    fn a_second_credentials_helper_of_terraform_is_refused() {
        let lines = ["credentials_helper \"oic\" {".to_owned(), "}".to_owned()];
        let ours = add_lines("x\n", &lines).unwrap();
        assert_eq!(add_lines(&ours, &lines).unwrap(), ours);
        assert!(add_lines("credentials_helper \"other\" {\n}\n", &lines).is_err());
    }

    #[test]
    fn a_command_is_shown_as_a_shell_reads_it() {
        assert_eq!(
            command_line(&words(&["a", "b c", "d'e", "$f"])),
            r"a 'b c' 'd'\''e' '$f'"
        );
    }
}
