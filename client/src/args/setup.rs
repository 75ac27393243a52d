//! The command line of `oic-token setup`.

use std::path::PathBuf;

use clap::Args;

/// `oic-token setup`.
#[derive(Debug, Args)]
pub struct Setup {
    /// What to call the profile
    #[arg(default_value = "prod")]
    pub profile: String,

    /// The identity domain's URL
    #[arg(long, value_name = "URL")]
    pub domain: Option<String>,

    /// The client ID of the application with the device grant
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,

    /// What to ask for: the resource's audience and scope in one word; may be
    /// repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,

    /// The file, mode 0600, with the secret of a confidential client; a mobile
    /// application has none
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,

    /// Certificates, PEM, trusted besides the system's: where a company's
    /// proxy opens TLS
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Write this configuration instead of $OIC_TOKEND_CONFIG or
    /// $XDG_CONFIG_HOME/oic-tokend/config.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Do not ask the identity domain whether it agrees
    #[arg(long)]
    pub no_check: bool,

    /// Do not install the systemd user service
    #[arg(long)]
    pub no_service: bool,

    /// Do not sign in at the end
    #[arg(long)]
    pub no_login: bool,

    /// Ask nothing: the options answer, and what could be agreed with is
    #[arg(long, short)]
    pub yes: bool,
}
