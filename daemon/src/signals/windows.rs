//! Console events as signals.

use std::io;

use tokio::signal::windows::{CtrlC, CtrlClose, CtrlShutdown, ctrl_c, ctrl_close, ctrl_shutdown};

use super::Signal;

/// The console events sent to this process.
#[derive(Debug)]
pub struct Signals {
    interrupt: CtrlC,
    close: CtrlClose,
    shutdown: CtrlShutdown,
}

impl Signals {
    /// Takes Ctrl-C, the closing of the console and the end of the system
    /// over, for good. Must be called within a runtime.
    ///
    /// # Errors
    ///
    /// The system refuses the handler.
    pub fn register() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            close: ctrl_close()?,
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
            _ = self.close.recv() => Signal::Shutdown,
            _ = self.shutdown.recv() => Signal::Shutdown,
        }
    }
}
