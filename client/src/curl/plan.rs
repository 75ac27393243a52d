//! How curl is called: the words of the user, and a config with the token
//! before each request's.

use std::ffi::OsString;
use std::process::Command;

use oic_proto::Secret;
use oic_proto::message::TokenView;

use super::arguments::{self, Section};
use super::destination;
use crate::failure::Failure;
use crate::get;

/// Options with which a second run would do something else than the first, or
/// after which nothing can be said of the answer.
const UNREPEATABLE: [&str; 10] = [
    "clobber",
    "config",
    "continue-at",
    "dump-header",
    "help",
    "manual",
    "remote-header-name",
    "skip-existing",
    "parallel",
    "version",
];

/// What curl is to do.
#[derive(Debug)]
pub struct Plan {
    words: Vec<OsString>,
    /// One at least; without URLs where the words are not understood.
    pub(super) sections: Vec<Section>,
    understood: bool,
    /// Of a file of the user's with more options nothing is known.
    without_curlrc: bool,
}

impl Plan {
    /// What curl is to do with the token of `view`.
    ///
    /// # Errors
    ///
    /// It would take the token where that does not belong, or may do so.
    pub fn new(words: Vec<OsString>, view: &TokenView) -> Result<Self, Failure> {
        let read = arguments::read(&words);
        let understood = read.is_ok();
        let sections = match read {
            Ok(sections) => sections,
            Err(unknown) if !view.hosts.is_empty() => {
                let why = format!("profile '{}' names its hosts", view.profile);
                return Err(destination::unknown(&unknown.0, &why));
            }
            Err(unknown) => vec![opaque(&words, &unknown.0)?],
        };
        for section in &sections {
            destination::check(section, &view.profile, &view.hosts)?;
        }
        Ok(Self {
            words,
            sections,
            understood,
            without_curlrc: !view.hosts.is_empty(),
        })
    }

    /// Whether a second run would make the same request, and only that.
    pub fn can_be_repeated(&self) -> bool {
        let [section] = self.sections.as_slice() else {
            return false;
        };
        let [url] = section.urls.as_slice() else {
            return false;
        };
        let is_glob = url
            .as_encoded_bytes()
            .iter()
            .any(|byte| b"{[".contains(byte));
        self.understood
            && !is_glob
            && !section.reads_stdin()
            && section.first_of(&UNREPEATABLE).is_none()
    }

    /// One config for each request of the call.
    pub fn configs(&self, view: &TokenView) -> Vec<Secret<String>> {
        let config = |section: &Section| {
            let mut config = get::curl_config(view.access_token.expose());
            let mut urls = section.urls.iter();
            config += match urls.any(|url| destination::of(url).is_plain()) {
                // A proxy is not on this machine.
                true => "noproxy = \"*\"\n",
                // Older versions take the header along to another port.
                false => "proto-redir = \"=https\"\n",
            };
            Secret::new(config)
        };
        self.sections.iter().map(config).collect()
    }

    /// The call, with the files that the configs are in. The first one comes
    /// before all options but those that curl knows in the first place only.
    pub fn command(&self, configs: &[OsString]) -> Command {
        let is_first = |word: &&OsString| *word == "-q" || *word == "--disable";
        let first = self.words.iter().take_while(is_first).count();
        let mut command = Command::new("curl");
        if self.without_curlrc {
            command.arg("-q");
        }
        let mut done = 0;
        for (section, config) in self.sections.iter().zip(configs) {
            let cut = section.words.start.max(first);
            command.args(&self.words[done..cut]);
            command.arg("--config").arg(config);
            done = cut;
        }
        command.args(&self.words[done..]);
        command
    }
}

/// Words that hold one of a newer curl: what is known to be wrong is refused,
/// and nothing more is promised.
fn opaque(words: &[OsString], unknown: &str) -> Result<Section, Failure> {
    for word in words.iter().filter_map(|word| word.to_str()) {
        if word.starts_with("--location-t") {
            return Err(destination::trusted_location());
        }
        if word == "--next" || word == "-:" {
            let why = "so where '--next' begins another request";
            return Err(destination::unknown(unknown, why));
        }
    }
    Ok(Section::default())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oic_proto::message::UnixTime;
    use oic_proto::secret::AccessToken;

    use super::*;

    fn view(hosts: &[&str]) -> TokenView {
        TokenView {
            access_token: AccessToken::new("abc".to_owned()),
            profile: "prod".to_owned(),
            scopes: Vec::new(),
            expires_at: UnixTime(0),
            expires_in: Duration::from_secs(60),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        }
    }

    fn plan(line: &str, hosts: &[&str]) -> Result<Plan, Failure> {
        let words = line.split_whitespace().map(OsString::from);
        Plan::new(words.collect(), &view(hosts))
    }

    fn called(line: &str, hosts: &[&str]) -> String {
        let plan = plan(line, hosts).unwrap();
        let configs = ["C1".into(), "C2".into()];
        let command = plan.command(&configs[..plan.sections.len()]);
        let arguments = command.get_args().map(|word| word.to_str().unwrap());
        Vec::from_iter(arguments).join(" ")
    }

    #[test]
    fn the_config_comes_first_but_for_the_option_that_must() {
        assert_eq!(called("-s https://U", &[]), "--config C1 -s https://U");
        assert_eq!(called("-q https://U", &[]), "-q --config C1 https://U");
    }

    #[test]
    fn every_request_of_a_call_has_its_own() {
        assert_eq!(
            called("https://A --next -s https://B", &[]),
            "--config C1 https://A --next --config C2 -s https://B"
        );
    }

    #[test]
    fn where_hosts_are_named_no_curlrc_is_read() {
        assert_eq!(called("https://U", &["U"]), "-q --config C1 https://U");
    }

    #[test]
    fn an_option_of_a_newer_curl_is_passed_on_unless_hosts_are_named() {
        let line = "--from-the-future x https://U";
        assert_eq!(called(line, &[]), format!("--config C1 {line}"));
        assert!(!plan(line, &[]).unwrap().can_be_repeated());
        for (line, hosts) in [
            (line, &["U"][..]),
            ("--from-the-future --location-trust https://U", &[]),
            ("--from-the-future https://A --next https://B", &[]),
        ] {
            assert!(plan(line, hosts).is_err(), "{line}");
        }
    }

    #[test]
    fn only_what_does_the_same_again_is_repeated() {
        for line in ["https://U", "-d x -o f https://U/p", "-sSf -L https://U"] {
            assert!(plan(line, &[]).unwrap().can_be_repeated(), "{line}");
        }
        for line in [
            "https://A https://B",
            "https://A --next https://B",
            "https://A/{b,c}",
            "-d @- https://U",
            "-D f https://U",
            "-C - -o f https://U",
            "-OJ https://U",
            "--no-clobber -o f https://U",
            "--version",
        ] {
            assert!(!plan(line, &[]).unwrap().can_be_repeated(), "{line}");
        }
    }

    #[test]
    fn plain_http_is_kept_from_proxies_and_redirects_from_plain_http() {
        let config = |line: &str| {
            let configs = plan(line, &[]).unwrap().configs(&view(&[]));
            configs[0].expose().clone()
        };
        assert!(config("http://127.0.0.1:1/x").ends_with("\nnoproxy = \"*\"\n"));
        assert!(config("-L https://U").ends_with("\nproto-redir = \"=https\"\n"));
    }
}
