//! TLS settings: versions, roots (the machine's own and the operator's), and the name to verify.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, SignatureScheme,
    client::{ResolvesClientCert, Resumption},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    sign::CertifiedKey,
    time_provider::TimeProvider,
};
use url::{Host, Url};

use super::{
    ProberSetupError,
    roots::Roots,
    trust::{Trust, Verifier},
};
use crate::{clock::Clock, probe::context};

/// Says when certificates are valid: now, on the prober's clock.
#[derive(Debug)]
struct ProberTime(Clock);

impl TimeProvider for ProberTime {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.now().millis()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

/// Notes that a server asks for a certificate of ours; we have none.
#[derive(Debug)]
struct NoCertificateOfOurs;

impl ResolvesClientCert for NoCertificateOfOurs {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        context::shown(|shown| shown.wants_ours = true);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Speaks TLS.
#[derive(Debug)]
pub(super) struct Tls {
    pub(super) trust: Arc<Trust>,
    now: Arc<ProberTime>,
    usual: Arc<ClientConfig>,
    /// The same without HTTP/2.
    http1: Arc<ClientConfig>,
}

impl Tls {
    pub(super) fn new(ca_file: Option<&Path>, clock: Clock) -> Result<Self, ProberSetupError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trust = Arc::new(Trust::new(roots(ca_file)?, Arc::clone(&provider)));
        let verifier = Verifier { trust: Arc::clone(&trust), odd: None };
        let now = Arc::new(ProberTime(clock));
        let mut usual = ClientConfig::builder_with_details(provider, now.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| ProberSetupError::Client(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(NoCertificateOfOurs));
        usual.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Every handshake is whole.
        usual.resumption = Resumption::disabled();
        let mut http1 = usual.clone();
        http1.alpn_protocols.remove(0);
        Ok(Self { trust, now, usual: Arc::new(usual), http1: Arc::new(http1) })
    }

    /// Now, if the clock is right enough for certificates.
    pub(super) fn now(&self) -> Option<UnixTime> {
        self.now.current_time()
    }

    /// Settings for a host, and the name that its certificate must have.
    pub(super) fn with(&self, url: &Url, http2: bool) -> (Arc<ClientConfig>, ServerName<'static>) {
        let config = if http2 { &self.usual } else { &self.http1 };
        match name(url) {
            Ok(name) => (Arc::clone(config), name),
            Err(odd) => {
                let verifier = Verifier { trust: Arc::clone(&self.trust), odd: Some(odd.into()) };
                let mut config = ClientConfig::clone(config);
                config.dangerous().set_certificate_verifier(Arc::new(verifier));
                // An address is not sent, and the name is checked by the verifier.
                (Arc::new(config), ServerName::from(IpAddr::from(Ipv4Addr::UNSPECIFIED)))
            }
        }
    }
}

fn roots(ca_file: Option<&Path>) -> Result<Roots, ProberSetupError> {
    let mut roots = Roots::default();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a trust root of this machine cannot be read");
    }
    for certificate in found.certs {
        if let Err(error) = roots.add(certificate) {
            tracing::debug!(%error, "a trust root of this machine cannot be used");
        }
    }
    if let Some(path) = ca_file {
        let own =
            CertificateDer::pem_file_iter(path).map_err(|e| ProberSetupError::ca_file(path, &e))?;
        let mut added = 0;
        for certificate in own {
            let certificate =
                certificate.map_err(|error| ProberSetupError::ca_file(path, &error))?;
            roots.add(certificate).map_err(|error| ProberSetupError::ca_file(path, &error))?;
            added += 1;
        }
        if added == 0 {
            return Err(ProberSetupError::ca_file(path, &"no certificate in it"));
        }
    }
    if roots.is_empty() {
        tracing::warn!(
            "this machine has no trust roots: every https site will fail; install ca-certificates"
        );
    }
    Ok(roots)
}

/// The name that a certificate must have. TLS has no notion of some that are in use, such as
/// `a-.example`; those are the error.
pub(super) fn name(url: &Url) -> Result<ServerName<'static>, &str> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(IpAddr::V4(address).into()),
        Some(Host::Ipv6(address)) => Ok(IpAddr::V6(address).into()),
        Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(|_| name),
        None => Err(""),
    }
}
