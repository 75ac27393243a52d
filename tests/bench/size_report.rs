//! The tables of how large the daemon may become.

use std::fmt;

use crate::profiles::{ProfilesFigures, ProfilesReport};
use crate::report::or_dash;
use crate::scheduler::SchedulerReport;
use crate::stampede::StampedeReport;

impl fmt::Display for ProfilesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "4. Profiles in one daemon, each with a stored session; PSS in KiB\n\n\
             {:>8} {:>9} {:>12} {:>13} {:>12} {:>11}",
            "profiles", "ready, ms", "restored, ms", "PSS, restored", "PSS, renewed", "descriptors"
        )?;
        for figures in [&self.one, &self.many] {
            let ProfilesFigures {
                profiles,
                ready_ms,
                restored_ms,
                restored,
                renewed,
                descriptors,
            } = figures;
            writeln!(
                f,
                "{profiles:>8} {ready_ms:>9.1} {restored_ms:>12.1} {:>13} {:>12} {:>11}",
                or_dash(restored.pss_kib),
                or_dash(renewed.pss_kib),
                or_dash(*descriptors),
            )?;
        }
        if let Some((restored, renewed)) = self.kib_a_profile() {
            writeln!(
                f,
                "a profile more: {restored:.1} KiB, once renewed {renewed:.1} KiB"
            )?;
        }
        let renewals = &self.renewals;
        writeln!(
            f,
            "signed in together, {} profiles renew within {} s: at most {} in a second, {} in a minute",
            self.many.profiles, renewals.span_s, renewals.fullest_second, renewals.fullest_minute
        )
    }
}

impl fmt::Display for StampedeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "5. {} callers wait for one renewal, which takes {} ms\n\n\
             refreshes {}, different tokens {}, refused {}\n\
             all asked after {:.0} ms; from the first answer to the last {:.0} ms\n\
             memory of the daemon while they wait: {} KiB",
            self.callers,
            self.answered_after_ms,
            self.refreshes,
            self.tokens,
            self.refused,
            self.asked_ms,
            self.answers_ms,
            self.memory.rss_kib,
        )
    }
}

impl fmt::Display for SchedulerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "7. {} profiles in the schedule of alarms\n\n\
             which is next: {:.0} ns; another deadline for one: {:.0} ns; \
             one is due and set again: {:.0} ns",
            self.profiles, self.next_ns, self.rearm_ns, self.due_ns,
        )
    }
}
