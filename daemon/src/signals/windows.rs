//! Console events, and what windows are told, as signals.

mod window;

use std::io;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
    ctrl_logoff, ctrl_shutdown,
};

use super::Signal;

/// What is said to this process. Each asks to end; of the last three console
/// events, and of the end of the session, the system ends it a few seconds later,
/// whatever it is doing then. Tokio's handler does not return from those: it
/// would be the end at once.
#[derive(Debug)]
pub struct Signals {
    interrupt: CtrlC,
    interrupt_too: CtrlBreak,
    close: CtrlClose,
    logoff: CtrlLogoff,
    shutdown: CtrlShutdown,
}

impl Signals {
    /// Takes Ctrl-C, Ctrl-Break, the closing of the console, the end of the
    /// session or the system, and of the task over, for good. Must be called
    /// within a runtime.
    ///
    /// # Errors
    ///
    /// The system refuses the handler.
    pub fn register() -> io::Result<Self> {
        if let Err(error) = window::open() {
            tracing::warn!("the end of the session will come unannounced: {error}");
        }
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
            () = window::asked_to_end() => Signal::Shutdown,
        }
    }
}
