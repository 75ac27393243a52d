//! Console events as signals.

use std::io;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
    ctrl_logoff, ctrl_shutdown,
};

use super::Signal;

/// The console events sent to this process. Each asks to end; of the last three
/// the system ends it a few seconds later, whatever it is doing then.
#[derive(Debug)]
pub struct Signals {
    interrupt: CtrlC,
    interrupt_too: CtrlBreak,
    close: CtrlClose,
    logoff: CtrlLogoff,
    shutdown: CtrlShutdown,
}

impl Signals {
    /// Takes Ctrl-C, Ctrl-Break, the closing of the console, and the end of the
    /// session or the system over, for good. Must be called within a runtime.
    ///
    /// # Errors
    ///
    /// The system refuses the handler.
    pub fn register() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            interrupt_too: ctrl_break()?,
            close: ctrl_close()?,
            logoff: ctrl_logoff()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    /// The next event: each asks to end. May be dropped and called again.
    pub async fn shutdown(&mut self) {
        let _ = self.next().await;
    }

    /// The next event. May be dropped and called again.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Shutdown,
            _ = self.interrupt_too.recv() => Signal::Shutdown,
            _ = self.close.recv() => Signal::Shutdown,
            _ = self.logoff.recv() => Signal::Shutdown,
            _ = self.shutdown.recv() => Signal::Shutdown,
        }
    }
}
