//! The same cases over both paths: what a server may write, and what becomes of it.

mod answers;
mod fates;
mod server;
mod split;

use super::{Connection, Dial, Failed, Outgoing, Path};
use crate::lanes::client_config;
use crate::target::Answer;
use rustix::io::Errno;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The path that a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Lean,
    Hyper,
}

const WAYS: [Way; 2] = [Way::Lean, Way::Hyper];

impl Way {
    fn dial(self, at: SocketAddr) -> Arc<Dial> {
        let url = format!("http://{at}").parse().unwrap();
        let mut dial = Dial::new(&url, Arc::new(client_config(None, false).unwrap())).unwrap();
        assert!(matches!(dial.path, Path::Lean), "plain targets go over the lean path");
        if self == Self::Hyper {
            dial.path = Path::Hyper;
        }
        Arc::new(dial)
    }

    fn connection(self, at: SocketAddr, timeout: Duration) -> Connection {
        Connection::new(self.dial(at), timeout)
    }
}

const LONG: Duration = Duration::from_secs(20);

fn request(method: http::Method) -> Outgoing {
    let mut request = Outgoing::default();
    request.begin(&method, "/").unwrap();
    request.header("host", b"test").unwrap();
    if method == http::Method::POST {
        request.body_mut().extend_from_slice(b"hello");
    }
    request.finish();
    request
}

/// Asks once; reading may be done again, and posting may not.
async fn ask(connection: &mut Connection, method: http::Method) -> Result<Answer, Failed> {
    let mut answer = Answer { body: b"of the answer before".to_vec(), ..Answer::default() };
    let idempotent = method != http::Method::POST;
    connection.ask(&request(method), idempotent, &mut answer).await.map(|()| answer)
}

/// Runs what a lane's worker would.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

#[test]
fn that_this_machine_has_no_more_files_or_ports_is_not_the_target_s_failure() {
    let told = |errno: i32| super::unconnected(&std::io::Error::from_raw_os_error(errno));
    for own in [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL] {
        assert!(matches!(told(own.raw_os_error()), Failed::Exhausted(_)), "{own}");
    }
    for others in [Errno::CONNREFUSED, Errno::TIMEDOUT, Errno::HOSTUNREACH] {
        assert!(matches!(told(others.raw_os_error()), Failed::Unsent(_)), "{others}");
    }
}
