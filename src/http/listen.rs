//! Listening: connections in, with or without TLS, until somebody says stop.
//!
//! Deliberately not here: who says stop (`cli`), and what is behind the connections.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;

/// How long a client may take to send a request's head.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// How long connections may take to end once they are told to.
pub const GRACE: Duration = Duration::from_secs(15);

/// Takes an address, so that whoever starts learns at once that it is in use.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A certificate and its key.
pub type Tls = RustlsConfig;

/// Reads them from PEM files.
pub async fn tls(cert: &Path, key: &Path) -> io::Result<Tls> {
    RustlsConfig::from_pem_file(cert, key).await
}

/// A way to stop a listener.
#[derive(Clone, Default)]
pub struct Stop(Handle<SocketAddr>);

impl Stop {
    /// One that stops whatever is served with it.
    pub fn new() -> Self {
        Self(Handle::new())
    }

    /// Takes no more connections, lets requests in flight end within [`GRACE`], then lets go of the rest.
    pub fn gracefully(&self) {
        self.0.graceful_shutdown(Some(GRACE));
    }
}

/// Serves these doors until `stop`.
pub async fn serve(listener: TcpListener, tls: Option<Tls>, doors: Router, stop: Stop) -> io::Result<()> {
    let doors = doors.into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new()).handle(stop.0);
    patient(&mut server);
    match tls {
        None => server.serve(doors).await,
        Some(config) => server.map(|plain| RustlsAcceptor::new(config).acceptor(plain)).serve(doors).await,
    }
}

fn patient<A>(server: &mut Server<SocketAddr, A>) {
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
}
