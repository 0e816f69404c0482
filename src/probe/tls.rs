//! Trust: the machine's own roots and the operator's; and whom to expect.

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, UnixTime, pem::PemObject},
    time_provider::TimeProvider,
};
use url::{Host, Url};

use super::SetupError;
use crate::clock::Clock;

/// Says when certificates are valid: now, on the prober's clock.
#[derive(Debug)]
struct Now(Clock);

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.now().millis()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

pub(super) fn config(ca_file: Option<&Path>, clock: Clock) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_details(provider, Arc::new(Now(clock)))
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Client(error.to_string()))?;
    let mut config = builder.with_root_certificates(roots(ca_file)?).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Every handshake is whole.
    config.resumption = Resumption::disabled();
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

/// The name that a certificate must have.
pub(super) fn name(url: &Url) -> Result<ServerName<'static>, InvalidDnsNameError> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(IpAddr::V4(address).into()),
        Some(Host::Ipv6(address)) => Ok(IpAddr::V6(address).into()),
        Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()),
        None => Err(InvalidDnsNameError),
    }
}
