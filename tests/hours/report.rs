//! The figures, for people.

use std::fmt;
use std::time::Duration;

use crate::tally::{Kind, Tally};

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = |it: Duration| it.as_secs() / 3600;
        writeln!(
            f,
            "{:>12} hours lived, in {} runs",
            hours(self.lived),
            self.runs
        )?;
        writeln!(
            f,
            "{:>12} hours besides with the machine asleep",
            hours(self.asleep)
        )?;
        writeln!(f, "{:>12} hours besides without a daemon", hours(self.down))?;
        writeln!(f, "{:>12} steps, each looked at", self.steps)?;
        writeln!(f, "{:>12} renewals", self.renewals)?;
        let busiest = self.busiest_hour;
        writeln!(
            f,
            "{busiest:>12} refreshes in the busiest hour without demanding callers"
        )?;
        for (kind, title) in Kind::ALL {
            writeln!(f, "\n{title}")?;
            let of_kind = self.counts.iter().filter(|((it, _), _)| *it == kind);
            for ((_, name), number) in of_kind {
                writeln!(f, "{number:>12} {name}")?;
            }
        }
        Ok(())
    }
}

impl Kind {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Done, "What users did:"),
        (Self::Answered, "What callers of 'get' were told:"),
        (Self::Fault, "Faults:"),
        (Self::End, "Ends of the daemon:"),
        (Self::Lost, "Sessions lost, all of them as they had to be:"),
    ];
}
