//! The manual page oic-token.1 in `docs/man`, from the definition that parses
//! the command line. `OIC_MAN_WRITE=1 cargo test --bins manual` writes it.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::{Arguments, EXIT_CODES};

/// Set, the page is written.
const WRITE_VARIABLE: &str = "OIC_MAN_WRITE";

#[test]
fn the_page_says_what_the_help_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/man/oic-token.1");
    let page = page().unwrap();
    if std::env::var_os(WRITE_VARIABLE).is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/man/oic-token.1 is stale: {WRITE_VARIABLE}=1 cargo test --bins manual"
    );
}

fn page() -> io::Result<String> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut page = text(page);
    for command in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        page.push_str(&section(command)?);
    }
    page.push_str(".SH \"EXIT STATUS\"\n.nf\n");
    for line in EXIT_CODES.lines().skip(1) {
        page.push_str(&format!("{}\n", line.replace('-', "\\-")));
    }
    page.push_str(AFTER_COMMANDS);
    Ok(page)
}

/// One command, as a section of the page.
fn section(command: &Command) -> io::Result<String> {
    let name = command.get_name().to_uppercase();
    let command = command
        .clone()
        .mut_args(|argument| match argument.get_id().as_str() {
            // Of all commands alike.
            "socket" | "help" => argument.hide(true),
            _ => argument,
        });
    let has_options = command.get_arguments().any(|it| !it.is_hide_set());
    let man = Man::new(command.clone());
    let mut section = Vec::new();
    man.render_synopsis_section(&mut section)?;
    man.render_description_section(&mut section)?;
    if has_options {
        man.render_options_section(&mut section)?;
    }
    let mut section = with_dashes(text(section), &command);
    section.push_str(&examples(&command));
    // One page of many commands, and not many pages.
    Ok(section
        .replace(".SH SYNOPSIS\n", &format!(".SH \"{name}\"\n"))
        .replace(".SH DESCRIPTION\n", ".PP\n")
        .replace(".SH OPTIONS\n", ""))
}

/// The synopsis leaves out what stands before a command.
fn with_dashes(section: String, command: &Command) -> String {
    let last = command.get_positionals().find(|it| it.is_last_set());
    let Some(names) = last.and_then(|it| it.get_value_names()) else {
        return section;
    };
    let name = format!(" <\\fI{}", names[0].replace('-', "\\-"));
    assert!(section.contains(&name), "{section}");
    section.replacen(&name, &format!(" \\-\\-{name}"), 1)
}

/// What people type, as its help has it.
fn examples(command: &Command) -> String {
    let below = command.get_after_help().map(ToString::to_string);
    let below = below.unwrap_or_default();
    let lines = below.lines().skip_while(|line| *line != "Examples:");
    let lines =
        Vec::from_iter(lines.take_while(|line| !line.is_empty() && !line.starts_with("Exit")));
    if lines.is_empty() {
        return String::new();
    }
    let escaped = |line: &&str| format!("{}\n", line.replace('\\', "\\e").replace('-', "\\-"));
    let lines = String::from_iter(lines.iter().map(escaped));
    format!(".PP\n.nf\n{lines}.fi\n")
}

fn text(page: Vec<u8>) -> String {
    String::from_utf8(page).unwrap()
}

const AFTER_COMMANDS: &str = r#".fi
.SH ENVIRONMENT
.TP
.B OIC_TOKEND_SOCKET
where the daemon listens, as with \-\-socket
.TP
.B OIC_TOKEND_UID
the number of the user whose daemon is trusted besides one's own and root's
.TP
.B NO_COLOR
if not empty, no colours are shown, and no QR code
.SH "SEE ALSO"
.BR oic\-tokend (8),
.BR oic\-tokend.toml (5),
.BR curl (1)
"#;
