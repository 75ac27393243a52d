use std::ffi::OsString;
use std::fs;

use super::*;
use crate::testbed::Scratch;

fn locate(option: Option<&str>, set: &[(&str, &Path)]) -> Result<PathBuf, Error> {
    let environment = |name: &str| {
        let found = set.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value.as_os_str()))
    };
    Config::locate(option.map(PathBuf::from), &environment)
}

#[test]
fn by_the_option_and_by_the_variable_before_all() {
    let told = ("OIC_TOKEND_CONFIG", Path::new("/b"));
    assert_eq!(locate(Some("/a"), &[told]).unwrap(), Path::new("/a"));
    assert_eq!(locate(None, &[told]).unwrap(), Path::new("/b"));
}

#[test]
fn in_the_users_folder_where_there_is_one() {
    let scratch = Scratch::new();
    let home = scratch.path();
    let folder = home.join(".config/oic-tokend");
    fs::create_dir_all(&folder).unwrap();
    let file = scratch.file(".config/oic-tokend/config.toml", "", 0o600);
    let config_home = home.join(".config");
    assert_eq!(locate(None, &[("HOME", home)]).unwrap(), file);
    let by_xdg = [("HOME", Path::new("/x")), ("XDG_CONFIG_HOME", &config_home)];
    assert_eq!(locate(None, &by_xdg).unwrap(), file);
}

#[test]
fn nowhere_is_an_error_that_names_every_place() {
    let nobody = ("HOME", Path::new("/nonexistent"));
    // Unless this machine has one.
    let Err(error) = locate(None, &[nobody]) else {
        return;
    };
    let expected = "no configuration: there is no \
         /nonexistent/.config/oic-tokend/config.toml and no /etc/oic-tokend/config.toml\n\
         hint: 'oic-token setup' writes one, and '--config FILE' names one elsewhere";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_file_of_authorities_lies_beside_the_configuration_and_exists() {
    let scratch = Scratch::new();
    let path = scratch.path().join("config.toml");
    let text = format!("ca_file = \"ca.pem\"\n{DOMAIN}");
    let refusal = Config::parse(&text, &path).unwrap_err().to_string();
    let ca_file = scratch.path().join("ca.pem");
    let expected = format!(":1: ca_file: cannot open {}: ", ca_file.display());
    assert!(refusal.contains(&expected), "{refusal}");
    fs::write(&ca_file, "").unwrap();
    let config = Config::parse(&text, &path).unwrap();
    assert_eq!(config.ca_file, Some(ca_file));
}

#[test]
fn a_file_that_is_no_configuration_is_refused_by_name() {
    let scratch = Scratch::new();
    let missing = scratch.path().join("missing.toml");
    let refusal = Config::load(&missing).unwrap_err().to_string();
    let expected = format!("{}: No such file or directory", missing.display());
    assert!(refusal.starts_with(&expected), "{refusal}");
    let large = scratch.file("large.toml", &"#".repeat(1024 * 1024 + 1), 0o600);
    let refusal = Config::load(&large).unwrap_err().to_string();
    assert_eq!(
        refusal,
        format!("{}: larger than 1048576 bytes", large.display())
    );
}
