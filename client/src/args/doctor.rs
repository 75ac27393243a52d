//! The command line of `oic-token doctor`.

use clap::Args;

/// `oic-token doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Only this profile [default: all]
    pub profile: Option<String>,

    /// Also ask for this page of a resource with the access token, and say
    /// what its answer means
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// Print one JSON object; never holds a token
    #[arg(long)]
    pub json: bool,
}
