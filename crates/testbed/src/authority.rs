//! The testbed's own certificate authority, and the TLS settings of its hosts.
//!
//! Time is passed in, since certificates carry dates. Must never rely on a process-wide
//! cryptography provider, nor write a key anywhere.

use std::{
    fmt, io,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::behaviour::Certificate;
use model::moment::Moment;

const DAY: Duration = Duration::from_hours(24);

/// Gives the moment by which certificates are dated.
type CertificateClock = Box<dyn Fn() -> Moment + Send + Sync>;

/// The machine's time: other people's programs check the dates by it.
#[expect(clippy::disallowed_methods, reason = "a clock that moves tokio's would be wrong here")]
pub(super) fn system_time() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(since.as_millis() as i64)
}

/// Signs for all hosts of one testbed.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    /// One key for all hosts: they differ by their certificates.
    key: KeyPair,
    /// Certificate that a box on the way shows in place of every host's.
    of_a_box: rcgen::Certificate,
    provider: Arc<CryptoProvider>,
    now: CertificateClock,
}

impl Authority {
    pub(super) fn new(now: CertificateClock) -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "stillup testbed");
        let signing = new_key()?;
        let pem = params.self_signed(&signing).map_err(io::Error::other)?.pem();
        let issuer = Issuer::new(params, signing);
        let provider = Arc::new(ring::default_provider());
        let key = new_key()?;
        let of_a_box = CertificateParams::new(vec!["gateway.invalid".to_owned()])
            .and_then(|params| params.self_signed(&key))
            .map_err(io::Error::other)?;
        Ok(Self { issuer, pem, key, of_a_box, provider, now })
    }

    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// TLS settings of the port for `names`; with `h2`, HTTP/2 is offered.
    pub(super) fn settings(
        &self,
        names: &[String],
        kind: Certificate,
        h2: bool,
    ) -> io::Result<Arc<ServerConfig>> {
        let certificate = self.certificate(names, kind).map_err(io::Error::other)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![certificate.into()], key)
            })
            .map_err(io::Error::other)?;
        let protocols: &[&[u8]] = if h2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(Arc::new(config))
    }

    fn certificate(
        &self,
        names: &[String],
        kind: Certificate,
    ) -> Result<rcgen::Certificate, rcgen::Error> {
        let names = match kind {
            Certificate::WrongName => vec!["somebody-else.invalid".to_owned()],
            Certificate::OfABox => return Ok(self.of_a_box.clone()),
            _ => names.to_vec(),
        };
        let common = names.first().cloned().unwrap_or_default();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, common);
        let now = (self.now)().to_datetime();
        params.not_before = match kind {
            Certificate::Ends(at) => now.min(at.to_datetime()) - 90 * DAY,
            _ => now - 30 * DAY,
        };
        params.not_after = match kind {
            Certificate::Expired => now - DAY,
            Certificate::ExpiresSoon(days) => now + DAY * days,
            Certificate::Ends(at) => at.to_datetime(),
            _ => now + 90 * DAY,
        };
        match kind {
            Certificate::SelfSigned => params.self_signed(&self.key),
            _ => params.signed_by(&self.key, &self.issuer),
        }
    }
}

fn new_key() -> io::Result<KeyPair> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(io::Error::other)
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}
