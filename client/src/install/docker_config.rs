//! Docker's `config.json`: which registry asks which helper. Pure.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value};

/// The member that names a helper for each registry.
const MEMBER: &str = "credHelpers";

/// What docker calls `docker-credential-oic`.
const OURS: &str = "oic";

/// `text` with our helper for these registries, in place of those before.
pub(super) fn with(text: &str, hosts: &[String]) -> Result<String, String> {
    let mut config = read(text)?;
    let helpers = helpers(&mut config)?;
    helpers.retain(|_, helper| helper != OURS);
    helpers.extend(hosts.iter().map(|host| (host.clone(), OURS.into())));
    Ok(written(&config))
}

/// `text` without our helper.
pub(super) fn without(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Ok(text.to_owned());
    }
    let mut config = read(text)?;
    let before = config.clone();
    let helpers = helpers(&mut config)?;
    helpers.retain(|_, helper| helper != OURS);
    if helpers.is_empty() {
        config.remove(MEMBER);
    }
    match config == before {
        true => Ok(text.to_owned()),
        false => Ok(written(&config)),
    }
}

fn read(text: &str) -> Result<Map<String, Value>, String> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text).map_err(|error| format!("it is not a JSON object: {error}"))
}

fn helpers(config: &mut Map<String, Value>) -> Result<&mut Map<String, Value>, String> {
    let helpers = config.entry(MEMBER).or_insert_with(|| Map::new().into());
    let wrong = || format!("its '{MEMBER}' is not an object");
    helpers.as_object_mut().ok_or_else(wrong)
}

/// As docker itself writes it.
fn written(config: &Map<String, Value>) -> String {
    let mut bytes = Vec::new();
    let mut serializer =
        Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"\t"));
    config
        .serialize(&mut serializer)
        .expect("writing a JSON object to memory does not fail");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BEFORE: &str = r#"{"auths": {"a": {}}, "credHelpers": {"b": "gcloud", "old": "oic"}}"#;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn our_registries_come_and_go_and_all_else_stays() {
        let hosts = ["r.example.com".to_owned(), "localhost:5000".to_owned()];
        let with_ours = with(BEFORE, &hosts).unwrap();
        let helpers = json!({"b": "gcloud", "localhost:5000": "oic", "r.example.com": "oic"});
        let expected = json!({"auths": {"a": {}}, "credHelpers": helpers});
        assert_eq!(value(&with_ours), expected);
        assert_eq!(with(&with_ours, &hosts).unwrap(), with_ours);
        let expected = json!({"auths": {"a": {}}, "credHelpers": {"b": "gcloud"}});
        assert_eq!(value(&without(&with_ours).unwrap()), expected);
    }

    #[test]
    fn a_file_that_is_not_there_is_made_and_one_without_us_is_not_touched() {
        let made = with("", &["r".to_owned()]).unwrap();
        assert_eq!(
            made,
            "{\n\t\"credHelpers\": {\n\t\t\"r\": \"oic\"\n\t}\n}\n"
        );
        assert_eq!(value(&without(&made).unwrap()), json!({}));
        for untouched in ["", r#"{"auths":  {}}"#] {
            assert_eq!(without(untouched).unwrap(), untouched);
        }
    }

    #[test]
    fn what_docker_could_not_read_is_not_overwritten() {
        for text in ["[]", "{", r#"{"credHelpers": []}"#] {
            assert!(with(text, &[]).is_err(), "{text}");
            assert!(without(text).is_err(), "{text}");
        }
    }
}
