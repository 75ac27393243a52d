//! `oic-token setup`: from nothing to a first access token. Asks for three
//! things, or takes them as options; checks each against the identity domain;
//! writes the configuration, starts the daemon, and ends in `login`.

mod configuration;
mod questions;
mod trouble;

use std::path::{Path, PathBuf};

use oic_proto::message::{Finding, Outcome};

use crate::args::{Login, Setup};
use crate::call::Daemon;
use crate::daemon_program;
use crate::doctor;
use crate::failure::Failure;
use crate::private_file::PrivateFile;
use crate::start::ExitCode;
use crate::{login, service, terminal};
use configuration::{Answers, File};
use questions::Questions;
pub use trouble::Trouble;

/// Where the system service reads its configuration.
const SYSTEM_CONFIG: &str = "/etc/oic-tokend/config.toml";

/// Runs the command.
///
/// # Errors
///
/// What is missing or wrong in the options, where there is nobody to ask;
/// whatever the domain has against the profile; what cannot be written or
/// started; and how the login failed.
pub fn run(daemon: &Daemon, arguments: Setup) -> Result<ExitCode, Failure> {
    let file = File::find(arguments.config.clone(), &arguments.profile)?;
    if may_have_service(&arguments, file.path()) {
        service::check_place(daemon)?;
    }
    let questions = Questions::new(arguments.yes);
    questions.introduce(&arguments.profile);
    let answers = agreed(&questions, Answers::given(&arguments, &file)?, &arguments)?;
    let path = file.write(&answers)?;
    terminal::say(&format!("wrote {}", path.display()));
    if path == Path::new(SYSTEM_CONFIG) {
        let way = answers.egress();
        terminal::say(
            "the system service has no network of its own: one socket a domain leads out",
        );
        terminal::say(&format!(
            "run 'systemctl enable --now {way} oic-tokend.socket'"
        ));
    }
    if !start(daemon, &questions, &arguments, path)? || arguments.no_login {
        return Ok(ExitCode::SUCCESS);
    }
    login::run(
        daemon,
        Login {
            profile: Some(arguments.profile),
            ..Login::default()
        },
    )
}

/// Three answers that the identity domain agrees with.
fn agreed(
    questions: &Questions,
    mut given: Answers,
    arguments: &Setup,
) -> Result<Answers, Failure> {
    loop {
        given.domain = questions.domain(&given)?;
        if arguments.no_check || is_there(&given)? {
            break;
        }
        questions.again()?;
    }
    loop {
        given.client_id = questions.client_id(&given)?;
        given.scopes = questions.scopes(&given)?;
        if arguments.no_check || is_allowed(&given)? {
            return Ok(given);
        }
        questions.again()?;
    }
}

/// Whether there is an identity domain at this URL. Which client asks does
/// not matter for that, so what the domain says of it is not listened to.
fn is_there(answers: &Answers) -> Result<bool, Failure> {
    let candidate = Answers {
        client_id: "oic-token-setup".to_owned(),
        scopes: vec!["urn:opc:resource:consumer::all".to_owned()],
        ..answers.clone()
    };
    let of_domain = |it: &Finding| matches!(it.check.as_str(), "connection" | "clock" | "endpoint");
    check(&candidate, of_domain)
}

/// Whether a user could sign in.
fn is_allowed(answers: &Answers) -> Result<bool, Failure> {
    let of_client = |it: &Finding| !matches!(it.check.as_str(), "connection" | "clock");
    check(answers, of_client)
}

/// Says what the domain says; whether nothing is wrong.
fn check(answers: &Answers, concerns: impl Fn(&Finding) -> bool) -> Result<bool, Failure> {
    let candidate = PrivateFile::create(answers.config()).map_err(Failure::TokenFile)?;
    let patience = terminal::patience("asking the identity domain");
    let said = daemon_program::check_server(Some(&candidate.path()))?;
    drop(patience);
    let findings = match said {
        Ok(findings) => Vec::from_iter(findings.into_iter().filter(concerns)),
        Err(why) => vec![refused(&why)],
    };
    for line in doctor::lines_of(&findings, terminal::room()) {
        terminal::say_styled(&line);
    }
    Ok(findings.iter().all(|it| it.outcome != Outcome::Bad))
}

/// A configuration with these answers is not even read. In which line of which
/// file is left out: nobody has seen it.
fn refused(why: &str) -> Finding {
    let (message, remedy) = match why.split_once("\nhint: ") {
        Some((message, hint)) => (message, Some(hint.to_owned())),
        None => (why, None),
    };
    let message = message.split_once(": ").map_or(message, |(_, it)| it);
    Finding {
        profile: None,
        check: "configuration".to_owned(),
        outcome: Outcome::Bad,
        message: message.to_owned(),
        remedy,
    }
}

/// Whether a daemon runs with this configuration afterwards.
fn start(
    daemon: &Daemon,
    questions: &Questions,
    arguments: &Setup,
    path: PathBuf,
) -> Result<bool, Failure> {
    if service::reload(daemon, &arguments.profile)? {
        return Ok(true);
    }
    if may_have_service(arguments, &path) && questions.yes(service::QUESTION)? {
        service::install(&path)?;
        service::wait(daemon, &arguments.profile)?;
        return Ok(true);
    }
    let socket = option("--socket", daemon.only_place());
    if path != Path::new(SYSTEM_CONFIG) {
        let config = option("--config", arguments.config.as_deref());
        terminal::say(&format!(
            "now run 'oic-tokend{config}{socket}' in another terminal, or as a service"
        ));
    }
    terminal::say(&format!(
        "then sign in: 'oic-token{socket} login {}'",
        arguments.profile
    ));
    Ok(false)
}

/// Whether setup would install the user service.
fn may_have_service(arguments: &Setup, config: &Path) -> bool {
    !arguments.no_service && config != Path::new(SYSTEM_CONFIG) && service::is_possible()
}

/// This option of a command line, where `path` says what it is.
fn option(name: &str, path: Option<&Path>) -> String {
    path.map_or_else(String::new, |path| format!(" {name} {}", path.display()))
}
