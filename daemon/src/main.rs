//! `oic-tokend`: arguments, start, exit code.

#[cfg(test)]
mod manual;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use oic_proto::memory::{self, Wiping};
use oic_tokend::config::{self, Config};
use oic_tokend::endpoint::Endpoint;
use oic_tokend::examination;
use oic_tokend::fd_store::FdStore;
use oic_tokend::fence::{self, Needs};
use oic_tokend::hooks::{Hooks, runner};
use oic_tokend::listener::{self, Beside, Listeners};
use oic_tokend::logging::{self, Format};
use oic_tokend::signals::Signals;
use oic_tokend::store::{self, Place, Store};
use oic_tokend::swap;
use oic_tokend::{background, heap, machine, readiness};

/// Threads that may wait for the disk or a name server at once. Each profile
/// waits for one at most, so as many disks or resolvers may hang before anybody
/// else notices; a thousand profiles that start need no thousand threads.
const BLOCKING_THREADS_MAX: usize = 64;

/// Exits with it where the command line is not understood, as `oic-token` does.
const USAGE: u8 = 2;

/// The exit code where no start will do any better until somebody has changed
/// the configuration (`EX_CONFIG` in `sysexits.h(3)`): the units have no daemon
/// started again after it.
const CONFIG_REFUSED: u8 = 78;

/// Keeps OAuth 2.0 refresh tokens and hands out live access tokens
///
/// Runs in the foreground. Sign in with 'oic-token login', get a token with
/// 'oic-token get'. What is logged is set by OIC_TOKEND_LOG (error, warn,
/// info, debug, trace; info unless set); no level logs a token. How, by
/// OIC_TOKEND_LOG_FORMAT: text, or json for an object a line.
#[derive(Parser)]
#[command(name = "oic-tokend", version, verbatim_doc_comment)]
struct Arguments {
    /// Read this configuration instead of $OIC_TOKEND_CONFIG,
    /// $XDG_CONFIG_HOME/oic-tokend/config.toml or
    /// /etc/oic-tokend/config.toml
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    config: Option<PathBuf>,

    /// Listen here instead of $OIC_TOKEND_SOCKET,
    /// $RUNTIME_DIRECTORY/socket or
    /// $XDG_RUNTIME_DIR/oic-tokend/socket
    #[arg(long, value_name = "PATH", verbatim_doc_comment)]
    socket: Option<PathBuf>,

    /// Keep sessions here instead of in $STATE_DIRECTORY or
    /// $XDG_STATE_HOME/oic-tokend
    #[arg(long, value_name = "DIR", verbatim_doc_comment)]
    state_dir: Option<PathBuf>,

    /// Say whether the configuration is good, and exit
    #[arg(long)]
    check_config: bool,

    /// Ask each profile's authorization server whether a user
    /// could sign in, print what was found, a JSON object a
    /// line, and exit
    #[arg(long, conflicts_with = "check_config", verbatim_doc_comment)]
    check_server: bool,

    /// Run hooks for a daemon, as stdin says.
    #[arg(long, hide = true)]
    run_hooks: bool,

    /// Have no window on Windows, and log to a file beside the sessions.
    #[arg(long, hide = true)]
    background: bool,
}

/// Tokens pass through buffers of HTTP, TLS and JSON; see there.
#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            say(&in_our_words(&error.to_string()));
            return ExitCode::from(USAGE);
        }
        // The help or the version, on stdout.
        Err(error) => error.exit(),
    };
    if arguments.background {
        enter_background(&arguments);
    }
    let log = logging::start();
    swap::keep_out();
    memory::withhold();
    heap::keep_together();
    if arguments.run_hooks {
        return runner::run();
    }
    let serves = !arguments.check_config && !arguments.check_server;
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where there is a hint, it is a line of its own.
            let message = format!("error: {error}");
            match log {
                Format::Json => tracing::error!("{error}"),
                Format::Fitting | Format::Text => say(&message),
            }
            if serves && error.is::<config::Error>() {
                readiness::status(&message.replace('\n', "; "));
                listener::hang_up_on_all();
                return ExitCode::from(CONFIG_REFUSED);
            }
            ExitCode::FAILURE
        }
    }
}

/// What clap says, with its advice as everything else here advises.
fn in_our_words(text: &str) -> String {
    text.replace("  tip: ", "hint: ").replace(
        "For more information, try '--help'.",
        "hint: '--help' says what there is",
    )
}

/// One that is seen serves as well.
fn enter_background(arguments: &Arguments) {
    let environment = |name: &str| std::env::var_os(name);
    let folder = store::locate(arguments.state_dir.clone(), &environment);
    let entered = folder
        .map_err(io::Error::other)
        .and_then(|folder| background::enter(&folder));
    if let Err(error) = entered {
        say(&format!("no log is written: {error}"));
    }
}

fn say(message: &str) {
    for line in message.lines().filter(|line| !line.is_empty()) {
        eprintln!("oic-tokend: {line}");
    }
}

fn start(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let environment = |name: &str| std::env::var_os(name);
    let path = Config::locate(arguments.config, &environment)?;
    if arguments.check_config {
        let config = Config::check(&path)?;
        let secrets = config
            .profiles
            .iter()
            .filter_map(|it| it.client.secret.as_ref());
        for secret in secrets.filter(|it| !it.is_seen()) {
            let name = secret.file.display();
            say(&format!("{name} is not seen here: systemd has to pass it"));
        }
        let profiles = match config.profiles.len() {
            1 => "1 profile".to_owned(),
            more => format!("{more} profiles"),
        };
        println!("{}: good, {profiles}", path.display());
        return Ok(());
    }
    let config = Config::load(&path)?;
    if arguments.check_server {
        return check_server(&config);
    }
    let state = store::locate(arguments.state_dir, &environment)?;
    let mut place = Place {
        key: config.session_key.clone(),
        credentials: environment("CREDENTIALS_DIRECTORY").filter(|it| !it.is_empty()),
        machine: machine::name(),
        boot: machine::boot(),
        runtime: oic_proto::place::runtime_of_daemon(&environment),
        use_copies: config.use_copied_sessions,
        kept: FdStore::default(),
    };
    let runtime_folder = place.runtime.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()?;
    let ended = runtime.block_on(async {
        let signals = Signals::register()?;
        let beside = Beside {
            forward: config.forward.as_ref().map(|it| it.socket.as_path()),
            credentials: config.credentials.as_ref().map(|it| it.socket.as_path()),
        };
        let mut listeners = Listeners::bind(arguments.socket, &environment, beside)?;
        place.kept = FdStore::new(std::mem::take(&mut listeners.kept));
        let store = Store::open(&state, place)?;
        // After the listener: a socket that systemd passed is inherited until
        // somebody has looked at it. And before the fence.
        let hooks = Hooks::start(config.hooks.clone(), &environment)
            .map_err(|error| format!("cannot start what runs hooks: {error}"))?;
        // The last thing before there are other threads, and callers.
        if config.fence {
            let mut needs = Needs::of(&config, &path, &environment);
            needs.write.push(state);
            needs.write.extend(runtime_folder);
            needs.write.extend(config.token_file_folders());
            needs.remove.extend(listeners.folders());
            fence::put_up(&needs);
        }
        oic_tokend::run(config, &path, store, listeners, signals, hooks).await;
        Ok(())
    });
    // A disk or a resolver that hangs has been waited for long enough.
    runtime.shutdown_background();
    ended
}

fn check_server(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = Endpoint::new(config.ca_file.as_deref());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for profile in &config.profiles {
        for finding in runtime.block_on(examination::of_server(profile, &endpoint)) {
            println!("{}", serde_json::to_string(&finding)?);
        }
    }
    runtime.shutdown_background();
    Ok(())
}
