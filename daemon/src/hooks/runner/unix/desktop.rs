//! What the desktop shows, and by which program. Pure, but for the look whether
//! there may be one.
//!
//! Nothing that a server or a caller said is shown: desktops take text for
//! markup, and make links of it. Nor is a place to sign in.

use std::path::Path;

use jiff::Timestamp;
use oic_proto::place::Environment;

use crate::config::is_name;
use crate::hooks::occurrence::Occurrence;

/// Whose notifications these are, as desktops list them.
const APP_NAME: &str = "oic-tokend";

/// Whether there is a session bus, and so perhaps a desktop.
pub fn may_have_desktop(environment: Environment<'_>) -> bool {
    let set = |name| environment(name).filter(|value| !value.is_empty());
    let has_bus = |folder| Path::new(&folder).join("bus").exists();
    set("DBUS_SESSION_BUS_ADDRESS").is_some() || set("XDG_RUNTIME_DIR").is_some_and(has_bus)
}

/// What is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notification {
    summary: String,
    body: String,
    urgency: Urgency,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    Normal,
    /// Stays until somebody has seen it.
    Critical,
}

impl Notification {
    /// What there is to show of `occurrence`. Whoever has taken the daemon over
    /// can name any profile and any time, and add nothing.
    pub(super) fn of(occurrence: &Occurrence) -> Option<Self> {
        let profile = Some(&occurrence.profile).filter(|name| is_name(name))?;
        let login = format!("run 'oic-token login {profile}'");
        let (what, body, urgency) = match occurrence.event.as_str() {
            "login_needed_soon" => {
                let by = occurrence.login_needed_by.as_deref()?;
                let by = by.parse::<Timestamp>().ok()?.strftime("%F %R UTC");
                let body = format!("the session ends on {by}: {login}");
                ("login needed soon", body, Urgency::Normal)
            }
            "login_needed" => ("login needed", login, Urgency::Critical),
            "refused" => {
                let body = "run 'oic-token doctor', which says why".to_owned();
                ("the server refuses this client", body, Urgency::Critical)
            }
            _ => return None,
        };
        Some(Self {
            summary: format!("{profile}: {what}"),
            body,
            urgency,
        })
    }

    /// Programs that show it, the one to ask first before the other: it is part
    /// of systemd, and so nearly everywhere.
    pub(super) fn commands(&self) -> [Vec<&str>; 2] {
        let (summary, body) = (self.summary.as_str(), self.body.as_str());
        let (number, option) = match self.urgency {
            Urgency::Normal => ("1", "--urgency=normal"),
            Urgency::Critical => ("2", "--urgency=critical"),
        };
        let object = [
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
        ];
        // In the order of the Desktop Notifications Specification: by whom, in
        // place of none, without an icon, what, no actions, one hint, and for
        // as long as the desktop thinks fit.
        let text = [APP_NAME, "0", "", summary, body, "0"];
        let hint = ["1", "urgency", "y", number, "-1"];
        let busctl = ["busctl", "--user", "--", "call"].into_iter().chain(object);
        let busctl = busctl.chain(["Notify", "susssasa{sv}i"]);
        let notify_send = ["notify-send", "--app-name", APP_NAME, option, "--"];
        [
            busctl.chain(text).chain(hint).collect(),
            notify_send.into_iter().chain([summary, body]).collect(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occurrence(event: &str, profile: &str, by: &str) -> Occurrence {
        let occurrence = serde_json::json!({
            "event": event,
            "profile": profile,
            "subject": "<b>Jane</b>",
            "login_needed_by": by,
            "error": "<a href=https://example.com>",
            "message": "<img src=x>",
        });
        serde_json::from_value(occurrence).unwrap()
    }

    fn notification(event: &str, profile: &str, by: &str) -> Option<Notification> {
        Notification::of(&occurrence(event, profile, by))
    }

    const BY: &str = "2026-11-18T11:06:40Z";

    #[test]
    fn what_needs_a_person_is_shown_with_what_to_type() {
        for (event, expected) in [
            (
                "login_needed_soon",
                "prod: login needed soon | the session ends on 2026-11-18 11:06 UTC: run \
                 'oic-token login prod' | Normal",
            ),
            (
                "login_needed",
                "prod: login needed | run 'oic-token login prod' | Critical",
            ),
            (
                "refused",
                "prod: the server refuses this client | run 'oic-token doctor', which says why | \
                 Critical",
            ),
        ] {
            assert!(occurrence(event, "prod", BY).needs_a_person());
            let shown = notification(event, "prod", BY).unwrap();
            let (summary, body, urgency) = (shown.summary, shown.body, shown.urgency);
            assert_eq!(format!("{summary} | {body} | {urgency:?}"), expected);
        }
        for event in ["renewed", "outage", "recovered"] {
            assert!(!occurrence(event, "prod", BY).needs_a_person());
            assert_eq!(notification(event, "prod", BY), None);
        }
    }

    #[test]
    fn nothing_is_shown_that_is_no_name_and_no_time() {
        for (profile, by) in [("<a>", BY), ("a b", BY), ("prod", "at https://example.com")] {
            assert_eq!(notification("login_needed_soon", profile, by), None);
        }
    }

    #[test]
    fn either_program_is_told_the_same() {
        let shown = notification("login_needed", "prod", BY).unwrap();
        let [busctl, notify_send] = shown.commands();
        assert_eq!(
            busctl.join("|"),
            "busctl|--user|--|call|org.freedesktop.Notifications|/org/freedesktop/Notifications|\
             org.freedesktop.Notifications|Notify|susssasa{sv}i|oic-tokend|0||prod: login needed|\
             run 'oic-token login prod'|0|1|urgency|y|2|-1"
        );
        assert_eq!(
            notify_send.join("|"),
            "notify-send|--app-name|oic-tokend|--urgency=critical|--|prod: login needed|\
             run 'oic-token login prod'"
        );
    }

    #[test]
    fn there_is_a_desktop_only_where_there_is_a_bus() {
        let scratch = crate::testbed::Scratch::new();
        let folder = scratch.path().as_os_str();
        let found = |name: &str, value: &std::ffi::OsStr| {
            may_have_desktop(&|asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(!may_have_desktop(&|_| None));
        assert!(!found("DBUS_SESSION_BUS_ADDRESS", "".as_ref()));
        assert!(!found("XDG_RUNTIME_DIR", folder));
        scratch.file("bus", "", 0o600);
        assert!(found("XDG_RUNTIME_DIR", folder));
        let address = "unix:path=/run/user/1000/bus".as_ref();
        assert!(found("DBUS_SESSION_BUS_ADDRESS", address));
    }
}
