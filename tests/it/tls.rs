//! A target behind TLS, with a certificate that the machine does not know.

use crate::program::{Reference, loiter, said};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::{TcpListener, TcpStream};

/// Ends TLS on a free port and hands the bytes on to `behind`; gives back its URL, and how many connections it took in.
/// `ca` gets the authority's certificate.
fn terminator(behind: String, ca: &Path) -> (String, Arc<AtomicUsize>) {
    let taken_in = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken_in);
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(ca, authority.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            told.send(listener.local_addr().unwrap().port()).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behind, counted) = (acceptor.clone(), behind.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    stream.set_nodelay(true).unwrap();
                    let Ok(mut front) = acceptor.accept(stream).await else { return };
                    counted.fetch_add(1, Ordering::Relaxed);
                    let Ok(mut back) = TcpStream::connect(behind).await else { return };
                    back.set_nodelay(true).unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
                });
            }
        });
    });
    (format!("https://localhost:{}", heard.recv().unwrap()), taken_in)
}

#[test]
fn a_target_behind_tls_is_judged_when_its_authority_is_trusted_and_unavailable_when_not() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, report) = (folder.path().join("ca.pem"), folder.path().join("run"));
    let server = Reference::start(folder.path(), &["--test-clock"]);
    let (url, _) = terminator(server.url.trim_start_matches("http://").to_owned(), &ca);
    let run = |report: &Path, trust: &[&str]| {
        let mut words = vec!["check", "scenarios/targets/reference.toml", "--visitors", "1000", "--url", &url];
        words.extend(["--report", report.to_str().unwrap()]);
        words.extend(trust);
        loiter(&words)
    };
    let trusted = run(&report, &["--ca", ca.to_str().unwrap()]);
    assert_eq!(trusted.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&trusted.stdout), said(&trusted));
    let unknown = run(&folder.path().join("other"), &[]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("certificate"), "{}", said(&unknown));
}

#[test]
fn a_connection_is_a_lane_s_a_visit_s_or_a_visitor_s_own_as_it_is_asked_for() {
    let handshakes = ["shared", "per-visitor", "per-visit"].map(|whose| {
        let folder = tempfile::tempdir().unwrap();
        let (ca, report) = (folder.path().join("ca.pem"), folder.path().join("run"));
        let server = Reference::start(folder.path(), &["--test-clock"]);
        let (url, taken_in) = terminator(server.url.trim_start_matches("http://").to_owned(), &ca);
        let run = loiter(&[
            "check",
            "scenarios/targets/reference.toml",
            "--visitors",
            "200",
            "--connect",
            whose,
            "--url",
            &url,
            "--report",
            report.to_str().unwrap(),
            "--ca",
            ca.to_str().unwrap(),
        ]);
        // So few visitors do not exercise every clause, and none is broken.
        let code = run.status.code();
        assert!(matches!(code, Some(0 | 2)), "{whose}: {}{}", String::from_utf8_lossy(&run.stdout), said(&run));
        taken_in.load(Ordering::Relaxed)
    });
    let [shared, per_visitor, per_visit] = handshakes;
    // What is done at once has connections of its own in any case, and a restart closes all of them.
    assert!(shared + 100 < per_visitor && per_visitor + 300 < per_visit, "{handshakes:?}");
}
