//! Trust: the machine's own roots and the operator's; and the mark of the handshake.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, NamedGroup, RootCertStore,
    client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue},
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::{
    SetupError,
    marks::{self, Stage},
};

pub(super) fn config(ca_file: Option<&Path>) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Client(error.to_string()))?;
    let mut config = builder.with_root_certificates(roots(ca_file)?).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = Resumption::store(Arc::new(NeverResumes));
    Ok(config)
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, SetupError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a trust root of this machine cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    if let Some(path) = ca_file {
        let own = CertificateDer::pem_file_iter(path).map_err(|e| SetupError::ca_file(path, &e))?;
        let mut added = 0;
        for certificate in own {
            let certificate = certificate.map_err(|error| SetupError::ca_file(path, &error))?;
            roots.add(certificate).map_err(|error| SetupError::ca_file(path, &error))?;
            added += 1;
        }
        if added == 0 {
            return Err(SetupError::ca_file(path, &"no certificate in it"));
        }
    }
    if roots.is_empty() {
        tracing::warn!(
            "this machine has no trust roots: every https site will fail; install ca-certificates"
        );
    }
    Ok(roots)
}

/// Never resumes, so that every handshake is whole. It is asked for a hint when a handshake begins,
/// which is the one sign of that moment.
#[derive(Debug)]
struct NeverResumes;

impl ClientSessionStore for NeverResumes {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        marks::enter(Stage::Tls);
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
