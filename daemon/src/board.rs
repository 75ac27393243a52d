//! The state of all profiles in one line, for `systemctl status`.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::lifecycle::Standing;
use crate::readiness;

/// Shortest time from one line to the next: when thousands of profiles start,
/// nobody could read faster.
const STATUS_PAUSE: Duration = Duration::from_secs(1);

/// Profiles that are named of those that stand alike. The line is short.
const NAMES_MAX: usize = 3;

/// Where every profile stands.
#[derive(Debug)]
pub struct Board(watch::Sender<BTreeMap<String, Standing>>);

impl Board {
    /// A board that the service manager is told of, if there is one.
    pub fn start() -> Self {
        let (sender, receiver) = watch::channel(BTreeMap::new());
        if readiness::has_manager() {
            tokio::spawn(tell(receiver));
        }
        Self(sender)
    }

    /// This profile stands so.
    pub fn set(&self, profile: &str, standing: Standing) {
        self.0.send_modify(|all| {
            all.insert(profile.to_owned(), standing);
        });
    }

    /// This profile is there no more.
    pub fn remove(&self, profile: &str) {
        self.0.send_modify(|all| {
            all.remove(profile);
        });
    }
}

async fn tell(mut receiver: watch::Receiver<BTreeMap<String, Standing>>) {
    let mut told = String::new();
    while receiver.changed().await.is_ok() {
        let line = line(&receiver.borrow_and_update());
        if line != told {
            readiness::status(&line);
            told = line;
        }
        sleep(STATUS_PAUSE).await;
    }
}

/// What somebody has to mend comes first.
fn line(all: &BTreeMap<String, Standing>) -> String {
    let mut alike = BTreeMap::<Standing, Vec<&str>>::new();
    for (profile, standing) in all {
        alike.entry(*standing).or_default().push(profile);
    }
    let groups = alike.iter().map(|(standing, names)| {
        let shown = names[..names.len().min(NAMES_MAX)].join(", ");
        let words = words(*standing);
        match names.len().saturating_sub(NAMES_MAX) {
            0 => format!("{words}: {shown}"),
            more => format!("{words}: {shown} and {more} more"),
        }
    });
    Vec::from_iter(groups).join("; ")
}

fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::Unread => "not read yet",
        Standing::LoginNeeded => "login needed",
        Standing::Refused => "refused",
        Standing::Outage => "renewals fail",
        Standing::SignedIn => "signed in",
        Standing::SignedOut => "signed out",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[(&str, Standing)]) -> String {
        let all = all
            .iter()
            .map(|(name, standing)| ((*name).to_owned(), *standing));
        line(&all.collect())
    }

    #[test]
    fn what_is_to_be_mended_comes_first() {
        assert_eq!(of(&[("prod", Standing::SignedIn)]), "signed in: prod");
        assert_eq!(
            of(&[
                ("a", Standing::SignedIn),
                ("b", Standing::SignedOut),
                ("c", Standing::LoginNeeded),
                ("d", Standing::Outage),
                ("e", Standing::SignedIn),
            ]),
            "login needed: c; renewals fail: d; signed in: a, e; signed out: b"
        );
    }

    #[test]
    fn the_line_of_many_profiles_is_short() {
        let names = Vec::from_iter((0..1000).map(|number| format!("p{number:03}")));
        let all = Vec::from_iter(names.iter().map(|it| (it.as_str(), Standing::SignedIn)));
        assert_eq!(of(&all), "signed in: p000, p001, p002 and 997 more");
    }
}
