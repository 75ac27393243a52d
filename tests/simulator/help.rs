//! What `oic-sim --help` says after the options: everything there is to set,
//! from the tables that define it.

use std::fmt::{self, Display, Formatter};

use super::domain::registry::{
    CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, JANE, JOHN, PUBLIC_CLIENT, SCOPE,
};
use super::faults::Fault;
use super::knobs::Knobs;
use super::routes::developer::DESIGN_HOST;

const CONTROL: &str = "\
Control (plain HTTP forms, no authentication):
  POST /control/approve, /deny, /expire   user_code, user (optional)
  POST /control/advance                   seconds
  POST /control/fault                     fault, times (1), endpoint (token)
  POST /control/release                   lets go what the faults hold
  POST /control/knob                      name, value
  POST /control/reset                     forgets everything but the signing key
  GET  /control/log, /control/knobs       JSON
  A person can approve and deny at /ui/v1/device.
";

const FAULTS: &str = "\
Faults (used up: what was asked for has happened, so a refresh token is spent):";

/// The reference part of the help.
#[derive(Debug, Clone, Copy)]
pub struct Reference;

impl Display for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{CONTROL}")?;
        writeln!(f, "Built in:")?;
        writeln!(f, "  public client        {PUBLIC_CLIENT}")?;
        writeln!(
            f,
            "  confidential client  {CONFIDENTIAL_CLIENT}, secret {CONFIDENTIAL_SECRET}"
        )?;
        writeln!(
            f,
            "  users                {JANE}; {JOHN} without ServiceInvoker"
        )?;
        writeln!(f, "  scope                {SCOPE}")?;
        writeln!(
            f,
            "  developer API        moves on to the design host, which is {DESIGN_HOST}"
        )?;
        writeln!(f, "\n{FAULTS}")?;
        for (name, _, about) in Fault::TABLE {
            writeln!(f, "  {name:<20} {}", about.trim())?;
        }
        writeln!(
            f,
            "  {:<20} The right answer, that much later.",
            "slow:<seconds>"
        )?;
        writeln!(f, "\nKnobs (with what they stand at):")?;
        for row in Knobs::default().table() {
            writeln!(f, "  {}={}", row.name, row.value)?;
            writeln!(f, "      {} Takes {}.", row.about, row.expected)?;
        }
        Ok(())
    }
}
