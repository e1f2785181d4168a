//! TLS: the machine's trusted roots, and those that the user adds.

use crate::diagnostic::Diagnostic;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// A TLS configuration that trusts the machine's roots, and the certificates of `ca` besides. Roots are read at once
/// where they are `wanted` for sure or the user adds some, and otherwise with the first handshake: most runs have none.
///
/// # Errors
/// When the file holds no certificate, or TLS cannot be set up here.
pub fn client_config(ca: Option<&Path>, wanted: bool) -> Result<rustls::ClientConfig, Diagnostic> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut added = Vec::new();
    if let Some(path) = ca {
        let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        added = read.map_err(|error| {
            Diagnostic::new(path, format!("cannot be read: {error}")).remedy("name a PEM file of certificates")
        })?;
        if added.is_empty() {
            return Err(Diagnostic::new(path, "holds no certificate").remedy("name a PEM file of certificates"));
        }
    }
    let file = ca.unwrap_or(Path::new("--ca"));
    let told = |error: Error| Diagnostic::new(file, format!("cannot be used: {error}"));
    let roots = Roots { added, provider: Arc::clone(&provider), read: OnceLock::new() };
    if wanted || ca.is_some() {
        roots.verifier().map_err(told)?;
    }
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(told)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(roots))
        .with_no_client_auth();
    Ok(config)
}

/// The roots that are trusted: the machine's verifier, made when it is first asked.
#[derive(Debug)]
struct Roots {
    added: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    read: OnceLock<Result<Verifier, Error>>,
}

impl Roots {
    fn verifier(&self) -> Result<&Verifier, Error> {
        let read = || Verifier::new_with_extra_roots(self.added.iter().cloned(), Arc::clone(&self.provider));
        self.read.get_or_init(read).as_ref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for Roots {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verifier()?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
