//! `oic-token metrics`: what has happened, in the text format of Prometheus
//! (version 0.0.4).

use std::time::Duration;

use oic_proto::message::{DaemonView, ProfileMetrics, SessionState, UnixTime};
use oic_proto::{Request, Response};

use crate::call::Daemon;
use crate::failure::Failure;
use crate::start::ExitCode;
use crate::{clock, terminal};

/// How long the daemon may take; it asks nobody.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Runs the command.
///
/// # Errors
///
/// Whatever stands between us and the daemon's answer.
pub fn run(daemon: &Daemon) -> Result<ExitCode, Failure> {
    let deadline = clock::after(ANSWER_MAX);
    let mut call = daemon.call(&Request::Metrics, deadline)?;
    let Response::Daemon(view) = call.answer(deadline)? else {
        return Err(call.beside_the_point());
    };
    let mut profiles = Vec::new();
    loop {
        match call.answer(deadline)? {
            Response::Metrics(profile) => profiles.push(*profile),
            Response::End => break,
            _ => return Err(call.beside_the_point()),
        }
    }
    let text = text(&view, &profiles, clock::present().now);
    terminal::print(&Vec::from_iter(text.lines()))?;
    Ok(ExitCode::SUCCESS)
}

/// What is printed, metric by metric: the format wants the samples of one
/// together.
struct Page<'a> {
    text: String,
    profiles: &'a [ProfileMetrics],
}

/// One number, and what tells it from the others of its profile.
struct Sample {
    suffix: &'static str,
    label: Option<(&'static str, String)>,
    value: f64,
}

impl Sample {
    const fn of(value: f64) -> Self {
        Self {
            suffix: "",
            label: None,
            value,
        }
    }
}

impl Page<'_> {
    fn metric<S: IntoIterator<Item = Sample>>(
        &mut self,
        (name, kind, about): (&str, &str, &str),
        samples: impl Fn(&ProfileMetrics) -> S,
    ) {
        self.head((name, kind, about));
        for profile in self.profiles {
            let profile_label = ("profile", profile.view.name.clone());
            for sample in samples(profile) {
                let labels = [Some(profile_label.clone()), sample.label];
                let labels = labels.into_iter().flatten().map(label);
                let labels = Vec::from_iter(labels).join(",");
                let (suffix, value) = (sample.suffix, sample.value);
                self.line(&format!("{name}{suffix}{{{labels}}} {value}"));
            }
        }
    }

    fn head(&mut self, (name, kind, about): (&str, &str, &str)) {
        self.line(&format!("# HELP oic_tokend_{name} {about}"));
        self.line(&format!("# TYPE oic_tokend_{name} {kind}"));
    }

    fn line(&mut self, line: &str) {
        let prefix = if line.starts_with('#') {
            ""
        } else {
            "oic_tokend_"
        };
        self.text.push_str(prefix);
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn label((name, value): (&str, String)) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{name}=\"{}\"", value.replace('\n', "\\n"))
}

fn text(daemon: &DaemonView, profiles: &[ProfileMetrics], now: UnixTime) -> String {
    let mut page = Page {
        text: String::new(),
        profiles,
    };
    page.head(("build_info", "gauge", "The daemon that runs."));
    let version = label(("version", daemon.version.clone()));
    page.line(&format!("build_info{{{version}}} 1"));
    page.head(("start_time_seconds", "gauge", "When the daemon started."));
    page.line(&format!("start_time_seconds {}", daemon.started_at.0));
    how_things_stand(&mut page, now);
    what_has_happened(&mut page);
    page.text
}

fn how_things_stand(page: &mut Page<'_>, now: UnixTime) {
    let until = move |at: UnixTime| Sample::of(at.0.saturating_sub(now.0) as f64);
    page.metric(
        ("signed_in", "gauge", "Whether somebody is signed in."),
        |it| {
            [Sample::of(f64::from(
                it.view.state == SessionState::SignedIn,
            ))]
        },
    );
    let about = "How long the access token is still valid; 0 without one.";
    page.metric(("access_token_expires_in_seconds", "gauge", about), |it| {
        let left = it.view.access_token.as_ref().map(|token| token.remaining);
        [Sample::of(left.unwrap_or_default().as_secs_f64())]
    });
    let about = "How long ago the refresh token was obtained.";
    page.metric(("refresh_token_age_seconds", "gauge", about), |it| {
        let token = it.view.refresh_token.as_ref();
        token.map(|token| Sample::of(-until(token.obtained_at).value))
    });
    let about = "How long until a login is needed: whatever is done, or else unless a renewal \
                 succeeds before. Only where that is known.";
    page.metric(("login_needed_in_seconds", "gauge", about), |it| {
        let token = it.view.refresh_token.as_ref();
        token
            .and_then(|token| token.login_needed_by.or(token.renew_by))
            .map(until)
    });
    let about = "Renewals that failed since the last one that did not.";
    page.metric(("renewal_failures_in_a_row", "gauge", about), |it| {
        [Sample::of(f64::from(it.view.failures))]
    });
}

fn what_has_happened(page: &mut Page<'_>) {
    page.metric(
        ("renewals_total", "counter", "Renewals that succeeded."),
        |it| [Sample::of(it.renewals as f64)],
    );
    let about = "Renewals that failed, by error.";
    page.metric(("renewal_failures_total", "counter", about), |it| {
        let failures = it.renewal_failures.iter();
        let failures = failures.map(|(error, count)| Sample {
            label: Some(("error", error.clone())),
            ..Sample::of(*count as f64)
        });
        Vec::from_iter(failures)
    });
    page.metric(
        ("handouts_total", "counter", "Access tokens handed out."),
        |it| [Sample::of(handed_out(it) as f64)],
    );
    let about = "How long callers waited for an access token.";
    page.metric(("handout_duration_seconds", "histogram", about), waits);
}

fn handed_out(profile: &ProfileMetrics) -> u64 {
    profile.handouts.iter().map(|handouts| handouts.count).sum()
}

/// The buckets of the format hold all that are faster, too.
fn waits(profile: &ProfileMetrics) -> Vec<Sample> {
    let mut count = 0;
    let buckets = profile.handouts.iter().map(|handouts| {
        count += handouts.count;
        let up_to = handouts.up_to.map(|up_to| up_to.as_secs_f64().to_string());
        Sample {
            suffix: "_bucket",
            label: Some(("le", up_to.unwrap_or_else(|| "+Inf".to_owned()))),
            value: count as f64,
        }
    });
    let mut samples = Vec::from_iter(buckets);
    for (suffix, value) in [
        ("_sum", profile.waited.as_secs_f64()),
        ("_count", handed_out(profile) as f64),
    ] {
        samples.push(Sample {
            suffix,
            label: None,
            value,
        });
    }
    samples
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use oic_proto::message::{AccessTokenView, Handouts, Keeping, ProfileView, RefreshTokenView};

    use super::*;

    const NOW: UnixTime = UnixTime(1_795_000_000);

    fn metrics(name: &str) -> ProfileMetrics {
        ProfileMetrics {
            view: ProfileView {
                name: name.to_owned(),
                state: SessionState::SignedIn,
                renewal: None,
                subject: None,
                access_token: Some(AccessTokenView {
                    expires_at: NOW,
                    remaining: Duration::from_secs(42),
                }),
                refresh_token: Some(RefreshTokenView {
                    obtained_at: UnixTime(NOW.0 - 7),
                    renew_by: Some(UnixTime(NOW.0 + 600)),
                    login_needed_by: None,
                }),
                next_renewal_at: None,
                failures: 1,
                last_error: None,
                keeping: Keeping::Disk,
            },
            renewals: 3,
            renewal_failures: vec![("throttled".to_owned(), 2)],
            handouts: vec![
                Handouts {
                    up_to: Some(Duration::from_micros(250)),
                    count: 5,
                },
                Handouts {
                    up_to: None,
                    count: 1,
                },
            ],
            waited: Duration::from_millis(31_250),
        }
    }

    fn page() -> String {
        let daemon = DaemonView {
            version: "0.1.0".to_owned(),
            pid: 7,
            started_at: UnixTime(1),
            lock: oic_proto::message::Lock::None,
            session_key: String::new(),
        };
        text(&daemon, &[metrics("prod"), metrics("te\"st")], NOW)
    }

    #[test]
    fn every_number_is_there_under_its_name() {
        let page = page();
        for line in [
            r#"oic_tokend_build_info{version="0.1.0"} 1"#,
            "oic_tokend_start_time_seconds 1",
            r#"oic_tokend_signed_in{profile="prod"} 1"#,
            r#"oic_tokend_access_token_expires_in_seconds{profile="prod"} 42"#,
            r#"oic_tokend_refresh_token_age_seconds{profile="prod"} 7"#,
            r#"oic_tokend_login_needed_in_seconds{profile="prod"} 600"#,
            r#"oic_tokend_renewal_failures_in_a_row{profile="prod"} 1"#,
            r#"oic_tokend_renewals_total{profile="prod"} 3"#,
            r#"oic_tokend_renewal_failures_total{profile="prod",error="throttled"} 2"#,
            r#"oic_tokend_handouts_total{profile="te\"st"} 6"#,
            r#"oic_tokend_handout_duration_seconds_bucket{profile="prod",le="0.00025"} 5"#,
            r#"oic_tokend_handout_duration_seconds_bucket{profile="prod",le="+Inf"} 6"#,
            r#"oic_tokend_handout_duration_seconds_sum{profile="prod"} 31.25"#,
            r#"oic_tokend_handout_duration_seconds_count{profile="prod"} 6"#,
        ] {
            assert!(
                page.lines().any(|it| it == line),
                "{line} is not in\n{page}"
            );
        }
    }

    /// Prometheus text format 0.0.4: HELP and TYPE once, then every sample of
    /// that metric in one group.
    #[test]
    fn metrics_are_grouped_below_one_heading_each() {
        let (mut seen, mut current) = (BTreeSet::new(), String::new());
        for line in page().lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                current = rest.split(' ').next().unwrap().to_owned();
                assert!(seen.insert(current.clone()), "{current} is there twice");
            } else if !line.starts_with("# HELP ") {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                assert!(sample.starts_with(&current), "{line} is not of {current}");
                assert!(value.parse::<f64>().is_ok(), "{line}");
            }
        }
        assert_eq!(seen.len(), 11);
    }
}
