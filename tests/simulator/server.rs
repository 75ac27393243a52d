//! The thread the simulator runs on.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::exchange::Shared;
use super::knobs::Knobs;
use super::routes;
use super::wire::{Wire, WireListener};

/// A listening server. Dropping it ends the thread and cuts what it served.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    // Both are taken on drop.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on `listen` and serves a domain with these knobs there.
    pub(crate) fn start(listen: SocketAddr, knobs: Knobs) -> io::Result<(Arc<Shared>, Self)> {
        if !listen.ip().is_loopback() {
            // Anybody who can connect can approve logins.
            let message = format!("{listen} is not a loopback address; use 127.0.0.1:0");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(format!("http://{address}"), knobs));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("oic-sim".into())
            .spawn(move || serve(&runtime, listener, served, stopped))?;
        let server = Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        };
        Ok((shared, server))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves until told to stop. Connections are tasks of the runtime: they end
/// with it, held requests included.
fn serve(
    runtime: &Runtime,
    listener: TcpListener,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)
            .expect("the listener is non-blocking and the runtime has I/O");
        let service = routes::router(shared).into_make_service_with_connect_info::<Wire>();
        tokio::select! {
            _ = axum::serve(WireListener::new(listener), service) => {}
            _ = stopped => {}
        }
    });
}
