//! `oic-token completions`.

use clap::{Args, ValueEnum};

/// What it is for; the lines further in are for copying.
pub const ABOUT: &str = "\
Print a script that completes command lines at TAB

Profile names are completed, too, while oic-tokend runs. Load it when the \
shell starts; each version prints its own. For bash, in ~/.bashrc:

    source <(oic-token completions bash)

For zsh, in ~/.zshrc after compinit:

    source <(oic-token completions zsh)

For fish, in ~/.config/fish/config.fish:

    oic-token completions fish | source

For PowerShell, in $PROFILE:

    oic-token completions powershell | Out-String | Invoke-Expression";

/// The command.
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// The shells that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash 4 or newer
    Bash,
    /// Zsh
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
}
