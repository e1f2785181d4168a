//! A target behind TLS, with a certificate that the machine does not know.

use crate::program::{Reference, loiter, said};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

/// Ends TLS on a free port and hands the bytes on to `behind`; gives back its URL. `ca` gets the authority's certificate.
fn terminator(behind: String, ca: &Path) -> String {
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
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    let Ok(mut front) = acceptor.accept(stream).await else { return };
                    let Ok(mut back) = TcpStream::connect(behind).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
                });
            }
        });
    });
    format!("https://localhost:{}", heard.recv().unwrap())
}

#[test]
fn a_target_behind_tls_is_judged_when_its_authority_is_trusted_and_unavailable_when_not() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, report) = (folder.path().join("ca.pem"), folder.path().join("run"));
    let server = Reference::start(folder.path(), &["--test-clock"]);
    let url = terminator(server.url.trim_start_matches("http://").to_owned(), &ca);
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
