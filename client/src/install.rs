//! `oic-token helper install`, `uninstall` and `list`: the link by which a
//! program finds its helper, and the program's own configuration.

mod advice;
mod block;
mod by_hand;
mod docker_config;
mod link;
mod setting;
mod settings_file;

use std::path::{Path, PathBuf};

use oic_proto::message::MappingView;

use crate::args::Install;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::helper::{self, HELPERS, Helper};
use crate::layout::{self, Entry};
use crate::start::ExitCode;
use crate::text::{Line, Piece};
use crate::{clock, get, terminal};
use advice::Advice;
use setting::Setting;

/// Makes the link, and writes or prints the program's configuration.
///
/// # Errors
///
/// The daemon does not say which URLs there are tokens for, and whatever keeps
/// a file from being written.
pub fn install(daemon: &Daemon, arguments: Install) -> Result<ExitCode, Failure> {
    let helper = Helper::named(arguments.name.as_ref())?;
    let mappings = helper::mappings(daemon, clock::after(get::ANSWER_GRACE))?;
    if mappings.is_empty() {
        return Err(Failure::Install {
            what: "set up a helper".to_owned(),
            why: "no [[helper]] entry in oic-tokend's config.toml names a 'url' yet".to_owned(),
        });
    }
    let mut advice = Vec::new();
    let link = match helper.program {
        Some(program) => Some(folder(helper, arguments.dir)?.join(program)),
        None => None,
    };
    let program = link.as_deref().unwrap_or(Path::new("oic-token"));
    let setting = Setting::of(helper.name, &mappings, program)?;
    if let Some(place) = &link {
        link::make(place)?;
        advice.push(Advice::say(format!("{} is oic-token now", place.display())));
        warn_of_path(helper, place);
    }
    let write = match setting.why_not_written() {
        Some(_) => "",
        None => " --write",
    };
    if arguments.write && setting.why_not_written().is_none() {
        advice.extend(setting.write()?);
    } else {
        advice.push(who_does_it(&setting, arguments.write));
        advice.extend(setting.shown());
    }
    advice.push(Advice::say("to undo it:"));
    let undo = format!("oic-token helper uninstall {}{write}", helper.name);
    advice.push(Advice::Copy(undo));
    advice::print(&advice)?;
    Ok(ExitCode::SUCCESS)
}

/// Takes the link away, and takes back or prints how to take back the
/// program's configuration.
///
/// # Errors
///
/// Whatever keeps a file from being written.
pub fn uninstall(arguments: Install) -> Result<ExitCode, Failure> {
    let helper = Helper::named(arguments.name.as_ref())?;
    let mut advice = Vec::new();
    if let Some(program) = helper.program {
        let place = folder(helper, arguments.dir)?.join(program);
        if link::remove(&place)? {
            advice.push(Advice::say(format!("{} is removed", place.display())));
        }
    }
    advice.extend(setting::undo(helper.name, arguments.write)?);
    advice::print(&advice)?;
    Ok(ExitCode::SUCCESS)
}

/// Shows which helpers are set up, and for which URLs.
///
/// # Errors
///
/// The output cannot be written. A daemon that is not there is said to be.
pub fn list(daemon: &Daemon) -> Result<ExitCode, Failure> {
    let rows = Vec::from_iter(HELPERS.iter().map(row));
    let mut lines = layout::table(HEADS, &rows, NAME, terminal::width());
    lines.push(Line::default());
    let more = match helper::mappings(daemon, clock::after(get::ANSWER_GRACE)) {
        Ok(mappings) => urls(&mappings),
        Err(failure) => vec![format!("which URLs: {failure}")],
    };
    let more = more.into_iter().chain([LINK_HINT.to_owned()]);
    let more = more.map(|line| Piece::from(line.as_str()));
    lines.extend(more.flat_map(|piece| layout::paragraph(&piece, terminal::width(), 0)));
    terminal::show(&lines)?;
    Ok(ExitCode::SUCCESS)
}

const HEADS: [&str; 3] = ["HELPER", "PROGRAM", "LINK"];

/// A column that is too narrow to be cut: where rows do not fit, each helper is
/// a paragraph.
const NAME: usize = 0;

const LINK_HINT: &str = "'oic-token helper install HELPER' makes the link, and sets the program up";

fn row(helper: &Helper) -> Entry<3> {
    let program = match helper.program {
        Some(program) => program.to_owned(),
        None => format!("oic-token helper {}", helper.name),
    };
    let link = linked(helper);
    Entry {
        cells: [helper.name, &program, &link].map(Piece::from),
        notes: vec![],
    }
}

/// In which folder a program finds its helper.
fn linked(helper: &Helper) -> String {
    let Some(program) = helper.program else {
        return "needs none".to_owned();
    };
    let usual = folder(helper, None).ok().map(|folder| folder.join(program));
    let found = usual.filter(|place| link::is_ours(place));
    let found = found.or_else(|| on_path(program).filter(|place| link::is_ours(place)));
    match found.as_deref().and_then(Path::parent) {
        Some(folder) => from_home(folder),
        None => "none yet".to_owned(),
    }
}

fn from_home(folder: &Path) -> String {
    let home = settings_file::home().ok();
    match home.and_then(|home| Some(folder.strip_prefix(home).ok()?.to_owned())) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => folder.display().to_string(),
    }
}

fn urls(mappings: &[MappingView]) -> Vec<String> {
    if mappings.is_empty() {
        return vec!["no URL is mapped: [[helper]] in oic-tokend's config.toml".to_owned()];
    }
    let url = |mapping: &MappingView| match &mapping.realm {
        Some(realm) => format!("{} → {} (realm '{realm}')", mapping.url, mapping.profile),
        None => format!("{} → {}", mapping.url, mapping.profile),
    };
    mappings.iter().map(url).collect()
}

fn who_does_it(setting: &Setting, asked_to_write: bool) -> Advice {
    Advice::say(match setting.why_not_written() {
        Some(why) if asked_to_write => format!("not written, as {why}; do it yourself:"),
        Some(_) => "do this yourself:".to_owned(),
        None => "do this yourself, or give '--write':".to_owned(),
    })
}

/// Where the program looks: on PATH, or in a folder of its own.
fn folder(helper: &Helper, dir: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let usual = match helper.name {
        "terraform" => ".terraform.d/plugins",
        _ => ".local/bin",
    };
    match dir {
        Some(dir) => std::path::absolute(&dir).map_err(|error| Failure::Install {
            what: format!("find {}", dir.display()),
            why: error.to_string(),
        }),
        None => Ok(settings_file::home()?.join(usual)),
    }
}

fn warn_of_path(helper: &Helper, place: &Path) {
    if helper.name == "terraform" {
        return;
    }
    let (Some(name), Some(folder)) = (helper.program, place.parent()) else {
        return;
    };
    match on_path(name) {
        Some(first) if first == place => {}
        Some(first) => terminal::say(&format!(
            "warning: {} comes before it on PATH",
            first.display()
        )),
        None => terminal::say(&format!(
            "warning: {} is not on PATH, so no program finds it there",
            folder.display()
        )),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(name));
    places.find(|place| place.exists())
}
