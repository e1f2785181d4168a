//! The connections: how they are taken, how each speaks HTTP/1.1, and how they end.
//!
//! It owns the sockets. It never looks into a request.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::App;

/// How long open requests may take after the shutdown.
const DRAIN: Duration = Duration::from_secs(5);

/// How long to wait where no connection can be taken: most often no descriptor is left.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until the shutdown and the end of open requests, which may take [`DRAIN`].
pub(in crate::reference) async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    let app = Arc::new(app);
    let (closing, open) = watch::channel(());
    tokio::select! {
        () = shutdown => {}
        () = take(&listener, &app, &open) => {}
    }
    drop((listener, open));
    closing.send_replace(());
    // Whoever takes longer is cut off.
    let _ = tokio::time::timeout(DRAIN, closing.closed()).await;
}

/// Takes connections, each to a task of its own. It never ends.
async fn take(listener: &TcpListener, app: &Arc<App>, open: &watch::Receiver<()>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(converse(stream, peer, Arc::clone(app), open.clone()));
            }
            Err(error) if is_the_peer_s(&error) => {}
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn is_the_peer_s(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers a connection's requests until either side closes it.
async fn converse(stream: TcpStream, peer: SocketAddr, app: Arc<App>, mut closing: watch::Receiver<()>) {
    // Without the option answers are as good, only later.
    let _ = stream.set_nodelay(true);
    let app = &app;
    let service = service_fn(|request| async move { Ok::<_, Infallible>(super::answer(app, peer, request).await) });
    let mut builder = http1::Builder::new();
    // The date is the server's clock's.
    let connection = builder.auto_date_header(false).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A connection that breaks off is the peer's affair.
        _ = connection.as_mut() => return,
        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
