//! Which files stay within reach (`landlock(7)`). The only file that names
//! `landlock`.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::Needs;

/// The newest version of the kernel's interface that this was tried with. An
/// older kernel does what it can of it.
const TRIED: ABI = ABI::V6;

/// Whether the kernel does any of it.
pub(super) fn restrict(needs: &Needs) -> Result<bool, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let ruleset = Ruleset::default()
        // Whatever no rule below allows is refused, the execution of any
        // program among it.
        .handle_access(AccessFs::from_all(TRIED))?
        // The daemon is no server, and a port would wait for whoever comes.
        .handle_access(AccessNet::BindTcp)?
        .scope(scope(needs))?
        .create()?
        // What is not there is left out.
        .add_rules(path_beneath_rules(&needs.read, read))?
        .add_rules(path_beneath_rules(&needs.write, read | writing()))?
        .add_rules(path_beneath_rules(&needs.remove, AccessFs::RemoveFile))?;
    Ok(ruleset.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}

/// No pipes, no links, no folders: the store replaces files.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::RemoveFile | AccessFs::Truncate
}

/// Other processes are neither signalled nor, by sockets that no file mode
/// guards, spoken to.
fn scope(needs: &Needs) -> BitFlags<Scope> {
    if needs.abstract_sockets {
        Scope::Signal.into()
    } else {
        Scope::Signal | Scope::AbstractUnixSocket
    }
}
