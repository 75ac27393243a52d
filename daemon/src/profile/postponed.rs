//! Commands that wait until the disk has said who is signed in: nobody signs
//! in or out, and no token is refused, before that.

use oic_proto::Response;
use oic_proto::message::Refusal;

use super::Command;

/// Most of them: more are told that the daemon is busy. Reading takes
/// milliseconds; if it takes longer the disk hangs, and few wait for that.
const POSTPONED_MAX: usize = 1024;

#[derive(Default)]
pub(super) struct Postponed(Vec<Command>);

impl Postponed {
    pub(super) fn add(&mut self, command: Command) {
        self.0.retain(|it| !it.is_abandoned());
        if self.0.len() < POSTPONED_MAX {
            self.0.push(command);
        } else {
            command.refuse(Refusal::Busy);
        }
    }

    /// Those whose callers still wait, in their order.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Command> + use<> {
        let all = std::mem::take(&mut self.0);
        all.into_iter().filter(|it| !it.is_abandoned())
    }
}

impl Command {
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Login { reply, .. } => reply.is_closed(),
            Self::GetToken { reply, .. }
            | Self::Logout { reply }
            | Self::RejectToken { reply, .. }
            | Self::Status { reply }
            | Self::Examine { reply }
            | Self::Metrics { reply } => reply.is_closed(),
            // Whoever it is about is gone already.
            Self::LoginHungUp => true,
        }
    }

    /// Answers it so, whatever it is.
    pub(super) fn refuse(self, refusal: Refusal) {
        let response = Response::Refused(refusal);
        // A caller that hung up does not matter.
        match self {
            Self::Login { reply, .. } => drop(reply.try_send(response)),
            Self::GetToken { reply, .. }
            | Self::Logout { reply }
            | Self::RejectToken { reply, .. }
            | Self::Status { reply }
            | Self::Examine { reply }
            | Self::Metrics { reply } => drop(reply.send(response)),
            Self::LoginHungUp => {}
        }
    }
}
