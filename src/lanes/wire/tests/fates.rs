//! What becomes of a request whose connection ends: which are sent once more, and how often the server sees them.

use super::server::{Act, Server, Then};
use super::*;
use http::Method;

/// A plain answer, after which the server ends the connection without having said so.
fn last_one() -> Act {
    Act { then: Then::Close, ..Act::plain() }
}

/// The request is taken, and nothing comes of it.
fn no_answer() -> Act {
    Act::write(&[], Then::Close)
}

/// Asks for something plain first, and then by `method`; says what came of that, and which connection saw which request.
fn second(way: Way, acts: Vec<Act>, method: &Method, timeout: Duration) -> (Result<Answer, Failed>, Vec<usize>) {
    let server = Server::start(vec![acts]);
    let ended = run(async {
        let mut connection = way.connection(server.at, timeout);
        ask(&mut connection, Method::POST).await.unwrap();
        // The end of a connection that was let go is known when the runtime has looked at its sockets.
        tokio::time::sleep(Duration::from_millis(50)).await;
        ask(&mut connection, method.clone()).await
    });
    (ended, server.requests().iter().map(|(number, _)| *number).collect())
}

#[test]
fn what_never_left_on_a_connection_that_had_ended_goes_over_a_new_one() {
    for way in WAYS {
        for method in [Method::GET, Method::POST] {
            let (ended, requests) = second(way, vec![last_one()], &method, LONG);
            assert_eq!((ended.unwrap().body.as_slice(), requests), (b"ok".as_slice(), vec![0, 1]), "{way:?} {method}");
        }
    }
}

#[test]
fn a_connection_that_says_what_nobody_asked_is_not_used_again() {
    let late = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";
    for way in WAYS {
        let mut act = Act::plain();
        act.pieces.push(late.to_vec());
        let (ended, requests) = second(way, vec![act], &Method::POST, LONG);
        assert_eq!((ended.unwrap().status, requests), (200, vec![0, 1]), "{way:?}");
    }
}

#[test]
fn what_died_on_a_reused_connection_without_an_answer_is_sent_once_more_if_that_does_no_harm() {
    for way in WAYS {
        let (ended, requests) = second(way, vec![Act::plain(), no_answer()], &Method::GET, LONG);
        assert_eq!((ended.unwrap().body.as_slice(), requests), (b"ok".as_slice(), vec![0, 0, 1]), "{way:?}");
        let (ended, requests) = second(way, vec![Act::plain(), no_answer()], &Method::POST, LONG);
        assert!(matches!(ended, Err(Failed::Unanswered(_))), "{way:?}: {ended:?}");
        assert_eq!(requests, [0, 0], "{way:?}");
    }
}

#[test]
fn what_had_an_answer_in_part_is_not_sent_once_more() {
    let part = |bytes: &[u8]| vec![Act::plain(), Act::write(&[bytes], Then::Close)];
    for way in WAYS {
        let (ended, requests) =
            second(way, part(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"), &Method::GET, LONG);
        assert!(matches!(ended, Err(Failed::Unanswered(_))), "{way:?}: {ended:?}");
        assert_eq!(requests, [0, 0], "{way:?}");
        let (ended, requests) = second(way, part(b"HTTP/1.1 2"), &Method::GET, LONG);
        // hyper does not tell whether a part of a head had come, and what does no harm is sent once more.
        assert_eq!(ended.is_ok(), way == Way::Hyper, "{ended:?}");
        assert_eq!(requests.len(), if way == Way::Hyper { 3 } else { 2 }, "{way:?}");
    }
}

#[test]
fn what_died_on_a_new_connection_is_not_sent_once_more() {
    for way in WAYS {
        let server = Server::start(vec![vec![no_answer()]]);
        let ended = run(async { ask(&mut way.connection(server.at, LONG), Method::GET).await });
        assert!(matches!(ended, Err(Failed::Unanswered(_))), "{way:?}: {ended:?}");
        assert_eq!(server.requests().len(), 1, "{way:?}");
    }
}

#[test]
fn an_answer_that_does_not_come_is_waited_for_so_long_and_not_asked_for_again() {
    let silent = || Act::write(&[b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"], Then::Stay);
    let timeout = Duration::from_millis(300);
    for way in WAYS {
        for act in [silent(), Act::write(&[], Then::Stay)] {
            let server = Server::start(vec![vec![Act::plain(), act.clone()], vec![act]]);
            let (ended, then) = run(async {
                let mut connection = way.connection(server.at, timeout);
                ask(&mut connection, Method::GET).await.unwrap();
                let ended = [ask(&mut connection, Method::GET).await, ask(&mut connection, Method::POST).await];
                (ended, ask(&mut connection, Method::GET).await)
            });
            let expected = Failed::Unanswered("no answer within 0.3 s".into());
            assert_eq!(ended.map(|ended| ended.unwrap_err()), [expected.clone(), expected], "{way:?}");
            assert_eq!(then.unwrap().body, b"ok", "{way:?}");
            let requests: Vec<_> = server.requests().iter().map(|(number, _)| *number).collect();
            assert_eq!(requests, [0, 0, 1, 2], "{way:?}");
        }
    }
}

#[test]
fn where_nobody_listens_nothing_is_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    for way in WAYS {
        let ended = run(async { ask(&mut way.connection(at, LONG), Method::GET).await });
        assert!(
            matches!(&ended, Err(Failed::Unsent(said)) if said.starts_with("cannot connect: ")),
            "{way:?}: {ended:?}"
        );
    }
}

#[test]
fn an_answer_is_taken_though_the_request_was_not_read() {
    let refusal = b"HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno";
    for way in WAYS {
        // The request is larger than the sockets' buffers, and only its head is read.
        let server = Server::start(vec![vec![Act::write(&[refusal], Then::Stay)]]);
        let mut request = request(Method::PUT);
        request.begin(&Method::PUT, "/").unwrap();
        request.body_mut().resize(32 << 20, b'x');
        request.finish();
        let mut answer = Answer::default();
        let ended = run(async {
            let mut connection = way.connection(server.at, LONG);
            connection.ask(&request, false, &mut answer).await
        });
        assert_eq!((ended, answer.status, answer.body.as_slice()), (Ok(()), 413, b"no".as_slice()), "{way:?}");
    }
}

#[test]
fn answers_can_come_from_memory() {
    let dial = Dial::null(Arc::new(|request, bytes| {
        let line = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", request.path().len());
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(request.path());
    }));
    let (mut connection, mut answer) = (Connection::new(Arc::new(dial), LONG), Answer::default());
    let mut request = Outgoing::default();
    for path in ["/a", "/and/more"] {
        request.begin(&Method::GET, path).unwrap();
        request.finish();
        run(connection.ask(&request, true, &mut answer)).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, path.as_bytes()));
    }
}
