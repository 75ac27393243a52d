//! What was found, for people and for programs.

use oic_proto::message::{Finding, Outcome};
use serde::Serialize;

use crate::failure::Failure;
use crate::{json, terminal};

/// Findings, in the order in which they were made.
#[derive(Default, Serialize)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds those.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Whether anything does not work.
    pub fn is_bad(&self) -> bool {
        self.findings.iter().any(|it| it.outcome == Outcome::Bad)
    }

    /// Prints them all: as lines, or as one JSON object.
    ///
    /// # Errors
    ///
    /// [`Failure::OutputClosed`] and [`Failure::Output`].
    pub fn print(&self, as_json: bool) -> Result<(), Failure> {
        if as_json {
            return terminal::print(&[json::line(self)]);
        }
        terminal::print(&self.lines())
    }

    /// Grouped by what they are about.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut about = None;
        for finding in &self.findings {
            if about != Some(&finding.profile) {
                about = Some(&finding.profile);
                lines.push(match &finding.profile {
                    Some(profile) => format!("profile {profile}"),
                    None => "this computer".to_owned(),
                });
            }
            lines.extend(lines_of(finding));
        }
        lines.push(self.summary());
        lines
    }

    fn summary(&self) -> String {
        let count = |outcome| {
            self.findings
                .iter()
                .filter(|it| it.outcome == outcome)
                .count()
        };
        match (count(Outcome::Bad), count(Outcome::Doubtful)) {
            (0, 0) => "everything is as it should be".to_owned(),
            (0, doubtful) => format!("it works; {doubtful} to look at"),
            (bad, 0) => format!("{bad} to mend"),
            (bad, doubtful) => format!("{bad} to mend, {doubtful} more to look at"),
        }
    }
}

/// One finding, and what to do about it below.
pub fn lines_of(finding: &Finding) -> Vec<String> {
    let mark = match finding.outcome {
        Outcome::Good => "ok",
        Outcome::Doubtful => "look",
        Outcome::Bad => "BAD",
    };
    let head = format!("  {mark:<5}{}: {}", finding.check, finding.message);
    let remedy = finding.remedy.as_ref();
    let remedy = remedy.map(|remedy| format!("       {remedy}"));
    [head].into_iter().chain(remedy).collect()
}
