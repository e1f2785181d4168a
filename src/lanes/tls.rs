//! TLS: the machine's trusted roots, and those that the user adds.

use crate::diagnostic::Diagnostic;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::Arc;

/// A TLS configuration that trusts the machine's roots, and the certificates of `ca` besides.
///
/// # Errors
/// When the file holds no certificate, or TLS cannot be set up here.
pub fn client_config(ca: Option<&Path>) -> Result<rustls::ClientConfig, Diagnostic> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = Vec::new();
    if let Some(path) = ca {
        let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        roots = read.map_err(|error| {
            Diagnostic::new(path, format!("cannot be read: {error}")).remedy("name a PEM file of certificates")
        })?;
        if roots.is_empty() {
            return Err(Diagnostic::new(path, "holds no certificate").remedy("name a PEM file of certificates"));
        }
    }
    let file = ca.unwrap_or(Path::new("--ca"));
    let told = |error: rustls::Error| Diagnostic::new(file, format!("cannot be used: {error}"));
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(told)?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(told)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}
