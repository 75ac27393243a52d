//! The tables.

use std::fmt;
use std::mem::discriminant;
use std::time::Duration;

use crate::campaign::Campaign;
use crate::turn::{Cut, Kill};
use crate::window::Window;

/// The rows of the kills: each with one of its kind.
const KILLS: [(&str, Kill); 6] = [
    ("while idle", Kill::Idle(Duration::ZERO)),
    ("while it started", Kill::Starting(Duration::ZERO)),
    ("as its intent was stored", Kill::IntentStored),
    ("as its connection stood", Kill::Connected),
    ("while its request was held", Kill::Held),
    ("while it paused after a cut", Kill::Pausing),
];

impl fmt::Display for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nseed {}\n\ndaemon killed                      times",
            self.seed
        )?;
        let kills = &self.tally.kills;
        for (name, kind) in KILLS {
            let same = |kill: &&Kill| discriminant(*kill) == discriminant(&kind);
            row(f, name, kills.iter().filter(same).count())?;
        }
        row(
            f,
            "as the new session was stored",
            self.tally.kills_once_stored,
        )?;
        row(f, "all", kills.len() + self.tally.kills_once_stored)?;
        row(
            f,
            "(told to end, its request held)",
            self.tally.terminations,
        )?;

        writeln!(f, "\nconnection cut                     times")?;
        let cuts = &self.tally.cuts;
        for kind in Cut::ALL {
            let same = |cut: &&Cut| **cut == kind;
            row(f, &kind.to_string(), cuts.iter().filter(same).count())?;
        }
        row(f, "all", cuts.len())?;

        let Self {
            tally,
            server,
            seen,
            ..
        } = self;
        writeln!(f)?;
        row(f, "rotations", tally.rotations)?;
        row(f, "refreshes granted by the server", server.refreshes)?;
        row(f, "starts of the daemon", self.starts)?;
        row(f, "tokens that one caller was given", seen.tokens)?;
        row(f, "sessions lost", self.sessions_lost())?;
        row(f, "grants revoked by the server", server.grants_revoked)?;
        let without = format!("{:.1} s", seen.longest_without.as_secs_f64());
        row(f, "longest without a valid token", without)?;
        row(f, "wall time", format!("{} s", self.took.as_secs()))?;
        if let Some(why) = &seen.login_required {
            writeln!(f, "\nWRONG: a caller was told to log in: {why}")?;
        }
        if let Some(failure) = &self.wrong {
            let (number, wanted) = (tally.rotations + 1, self.wanted);
            writeln!(f, "\nWRONG: rotation {number} of {wanted}: {failure}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = self.shots.iter().filter(|shot| shot.code == 3).count();
        let slowest = |of: fn(&crate::window::Shot) -> Duration| {
            let slowest = self.shots.iter().map(of).max().unwrap_or_default();
            format!("{} ms", slowest.as_millis())
        };
        writeln!(f, "\nkilled before the answer came")?;
        row(f, "times", self.shots.len())?;
        row(f, "sessions lost", lost)?;
        row(f, "grants revoked by the server", self.grants_revoked)?;
        row(f, "ready again, at most", slowest(|shot| shot.ready))?;
        row(
            f,
            "'login required' said, at most",
            slowest(|shot| shot.said),
        )?;
        for shot in self.shots.iter().filter(|shot| shot.code != 3) {
            writeln!(f, "\nWRONG: exit code {}: {}", shot.code, shot.message)?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, figure: impl fmt::Display) -> fmt::Result {
    writeln!(f, "{name:<32} {figure:>7}")
}
