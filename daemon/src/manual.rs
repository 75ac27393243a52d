//! The manual: oic-tokend.8 and oic-tokend.toml.5 in `docs/man`, and the table
//! of keys in the README, from the definitions that the program itself uses.
//!
//! `OIC_MAN_WRITE=1 cargo test --bins manual` writes them.

use std::fs;
use std::path::PathBuf;

use clap::CommandFactory;
use clap_mangen::Man;
use oic_tokend::config::keys::{self, Key};

use super::Arguments;

/// Set, the pages are written.
const WRITE_VARIABLE: &str = "OIC_MAN_WRITE";

/// Around the table of keys in the README.
const TABLE_BEGINS: &str = "<!-- from daemon/src/config/keys.rs -->\n";
const TABLE_ENDS: &str = "<!-- to here -->\n";

fn in_tree(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path)
}

#[track_caller]
fn check(path: &str, text: &str) {
    if std::env::var_os(WRITE_VARIABLE).is_some() {
        fs::write(in_tree(path), text).expect("the tree can be written");
    }
    let kept = fs::read_to_string(in_tree(path)).unwrap_or_default();
    let stale = format!("{path} is stale: {WRITE_VARIABLE}=1 cargo test --bins manual");
    assert!(kept == text, "{stale}");
}

#[test]
fn the_page_of_the_daemon_says_what_its_help_says() {
    let man = Man::new(Arguments::command().disable_version_flag(true)).section("8");
    let mut page = Vec::new();
    man.render_title(&mut page).expect("memory can be written");
    man.render_name_section(&mut page).expect("likewise");
    man.render_synopsis_section(&mut page).expect("likewise");
    man.render_description_section(&mut page).expect("likewise");
    man.render_options_section(&mut page).expect("likewise");
    let page = String::from_utf8(page).expect("it is text");
    check("docs/man/oic-tokend.8", &format!("{page}{AFTER_OPTIONS}"));
}

const AFTER_OPTIONS: &str = r#".SH SIGNALS
.TP
.B SIGHUP
reads the configuration again; one with a mistake in it is refused whole
.TP
.BR SIGTERM ", " SIGINT
end the daemon, after a refresh that is under way
.SH ENVIRONMENT
.TP
.B OIC_TOKEND_LOG
error, warn, info, debug or trace; also for a part alone, as in
info,oic_tokend::audit=off
.TP
.B OIC_TOKEND_LOG_FORMAT
json: each line on stderr is an object with timestamp, level, target, message
and what else the journal would have as a field, in small letters without OIC_.
text: lines for people, under systemd too. Unset: fields in the journal where
stderr leads there, else text
.TP
.B OIC_TOKEND_EGRESS
a folder with a socket for each authorization server, called HOST:PORT, behind
which somebody else connects to it: for a daemon without a network
.SH LOG
Of the lines that one place in the program logs of one profile, ten within 30
seconds are written, and then one that says how many more there were. Each
hand-out of a token is written (oic_tokend::audit), and so is everything at the
levels debug and trace.
.SH "EXIT STATUS"
0 after a signal, 1 where it cannot start, 2 after wrong usage, 78 where the
configuration is refused.
.SH "SEE ALSO"
.BR oic\-token (1),
.BR oic\-tokend.toml (5)
"#;

#[test]
fn the_page_of_the_configuration_has_every_key() {
    let mut page = BEFORE_KEYS.to_owned();
    for (title, keys) in [("KEYS", keys::TOP), ("KEYS OF A PROFILE", keys::PROFILE)] {
        page.push_str(&format!(".SH \"{title}\"\n"));
        for Key { name, meaning } in keys {
            page.push_str(&format!(".TP\n.B {name}\n{}\n", roff(meaning)));
        }
    }
    page.push_str(AFTER_KEYS);
    check("docs/man/oic-tokend.toml.5", &page);
}

const BEFORE_KEYS: &str = r#".TH oic\-tokend.toml 5
.SH NAME
oic\-tokend.toml \- the configuration of oic\-tokend
.SH DESCRIPTION
The first of
.BR \-\-config ,
.BR $OIC_TOKEND_CONFIG ,
.I $XDG_CONFIG_HOME/oic\-tokend/config.toml
and
.I /etc/oic\-tokend/config.toml
is read, in TOML. A key that is not known, one that is missing, and a value of
the wrong kind are refused with file, line and key;
.B oic\-tokend \-\-check\-config
says whether a configuration is good. A changed one is read again on SIGHUP.
"#;

const AFTER_KEYS: &str = r#".SH EXAMPLE
.nf
default_profile = "prod"

[profile.prod]
domain    = "https://idcs\-0123456789abcdef0123456789abcdef.identity.oraclecloud.com"
client_id = "6b0c1d2e3f405162738495a6b7c8d9e0"
scopes    = ["https://20D5….ocp.oraclecloud.com:443urn:opc:resource:consumer::all"]
.fi
.SH "SEE ALSO"
.BR oic\-tokend (8),
.BR oic\-token (1)
"#;

/// What stands between backticks is bold.
fn roff(text: &str) -> String {
    let mut page = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = part.replace('\\', "\\e").replace('-', "\\-");
        match index % 2 {
            0 => page.push_str(&part),
            _ => page.push_str(&format!("\\fB{part}\\fR")),
        }
    }
    page
}

#[test]
fn the_readme_has_every_key() {
    let readme = fs::read_to_string(in_tree("README.md")).expect("there is one");
    let (before, rest) = readme.split_once(TABLE_BEGINS).expect("the table begins");
    let (_, after) = rest.split_once(TABLE_ENDS).expect("the table ends");
    let mut table = "\n| key | meaning |\n|---|---|\n".to_owned();
    for (prefix, keys) in [("", keys::TOP), ("… ", keys::PROFILE)] {
        for Key { name, meaning } in keys {
            table.push_str(&format!("| {prefix}`{name}` | {meaning} |\n"));
        }
    }
    let expected = format!("{before}{TABLE_BEGINS}{table}\n{TABLE_ENDS}{after}");
    check("README.md", &expected);
}
