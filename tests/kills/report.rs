//! The tables.

use std::fmt;

use crate::campaign::{Campaign, Window};
use crate::kill::{Aim, Kill, Session};
use crate::step::Step;

impl fmt::Display for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = median(self.calls.clone());
        writeln!(
            f,
            "\nA renewal has {calls} system calls, from the timer to the hand-out.\n"
        )?;
        writeln!(f, "killed on the way to   kills   kept   lost")?;
        for step in Step::ALL {
            self.write_row(f, &format!("{step}"), |kill| kill.step == step)?;
        }
        self.write_row(f, "all", |_| true)?;
        self.write_notes(f)?;
        self.write_windows(f)?;
        for shot in &self.kills {
            if let Err(failure) = &shot.result {
                writeln!(f, "\nWRONG: {}: {failure}", shot.aim)?;
            }
        }
        Ok(())
    }
}

impl Campaign {
    fn kills(&self) -> impl Iterator<Item = &Kill> {
        self.kills
            .iter()
            .filter_map(|shot| shot.result.as_ref().ok())
    }

    fn write_row(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        counts: impl Fn(&Kill) -> bool,
    ) -> fmt::Result {
        let kills = Vec::from_iter(self.kills().filter(|kill| counts(kill)));
        let kept = kills
            .iter()
            .filter(|kill| matches!(kill.session, Session::Kept));
        let kept = kept.count();
        let (all, lost) = (kills.len(), kills.len() - kept);
        writeln!(f, "{name:<22} {all:>5}  {kept:>5}  {lost:>5}")
    }

    fn write_notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missed = self.kills().filter(|kill| !kill.hit).count();
        if missed > 0 {
            writeln!(
                f,
                "{missed} of them died at another call than was aimed at."
            )?;
        }
        let slowest = self.kills().filter_map(|kill| match kill.session {
            Session::Lost(took) => Some(took),
            Session::Kept => None,
        });
        if let Some(slowest) = slowest.max() {
            let slowest = slowest.as_millis();
            writeln!(
                f,
                "'login required' was said {slowest} ms after the new start, at the latest."
            )?;
        }
        Ok(())
    }

    fn write_windows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nThe window that cannot be closed:")?;
        let untraced = self.untraced.len();
        let what = format!("in {untraced} renewals, from the connect");
        write_widths(f, &what, &self.untraced)?;
        let traced = self.traced.len();
        let what = format!("in {traced}, traced, from the request");
        // strace stops the daemon twice a call.
        write_widths(f, &what, &self.traced)
    }
}

fn write_widths(f: &mut fmt::Formatter<'_>, what: &str, windows: &[Window]) -> fmt::Result {
    writeln!(f, "{what:<34} median   least    most")?;
    let mut write = |until: &str, width: fn(&Window) -> u64| {
        let widths = Vec::from_iter(windows.iter().map(width));
        let least = widths.iter().min().copied().unwrap_or_default();
        let most = widths.iter().max().copied().unwrap_or_default();
        let median = median(widths);
        writeln!(f, "{until:<34} {median:>6}  {least:>6}  {most:>6} µs")
    };
    write("to the answer received", |window| window.answered)?;
    write("to the session written (kill)", |window| window.written)?;
    write("from the answer to there", |window| {
        window.written - window.answered
    })?;
    write("to it synced and renamed", |window| window.renamed)?;
    write("to its folder synced (power)", |window| {
        window.folder_synced
    })
}

fn median<T: Copy + Ord + Default>(mut of: Vec<T>) -> T {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or_default()
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} no. {}", self.thread, self.name, self.number)
    }
}
