//! What was found, for people and for programs.

use oic_proto::message::{Finding, Outcome};
use serde::Serialize;

use crate::failure::Failure;
use crate::text::{Line, Piece, Style};
use crate::{json, layout, terminal};

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
        self.count(Outcome::Bad) > 0
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
        terminal::show(&self.lines(terminal::width()))
    }

    /// Grouped by what they are about.
    fn lines(&self, width: Option<usize>) -> Vec<Line> {
        let mut lines = Vec::new();
        let same = |one: &Finding, next: &Finding| one.profile == next.profile;
        for group in self.findings.chunk_by(same) {
            let about = match &group[0].profile {
                Some(profile) => format!("profile {profile}"),
                None => "this computer".to_owned(),
            };
            lines.push(Piece::new(&about, Style::Strong).into());
            lines.extend(lines_of(group, width));
        }
        lines.push(Line::default());
        lines.push(self.summary().into());
        lines
    }

    fn summary(&self) -> Piece {
        let (bad, doubtful) = (self.count(Outcome::Bad), self.count(Outcome::Doubtful));
        let text = match (bad, doubtful) {
            (0, 0) => "everything is as it should be".to_owned(),
            (0, doubtful) => format!("it works; {doubtful} to look at"),
            (bad, 0) => format!("{bad} to mend"),
            (bad, doubtful) => format!("{bad} to mend, {doubtful} more to look at"),
        };
        Piece::new(&text, Style::Strong)
    }

    fn count(&self, outcome: Outcome) -> usize {
        let alike = |finding: &&Finding| finding.outcome == outcome;
        self.findings.iter().filter(alike).count()
    }
}

/// Each finding, and below it what to do about it.
pub fn lines_of(findings: &[Finding], width: Option<usize>) -> Vec<Line> {
    let fields = findings.iter().map(|finding| {
        let (mark, style) = match finding.outcome {
            Outcome::Good => ("ok", Style::Good),
            Outcome::Doubtful => ("look", Style::Warning),
            Outcome::Bad => ("BAD", Style::Bad),
        };
        let message = Piece::new(&finding.message, style);
        let remedy = finding.remedy.as_deref();
        // Colours tell the two apart as well, but not everywhere.
        let remedy = remedy.map(|remedy| Piece::from(format!("hint: {remedy}").as_str()));
        let name = format!("{mark:<5}{}", finding.check);
        (name, Vec::from_iter([message].into_iter().chain(remedy)))
    });
    layout::fields(&Vec::from_iter(fields), width)
}
