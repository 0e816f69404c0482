//! Clients for requests of the service's own: the roots that they trust, and errors in words.

use std::{error::Error, path::Path, sync::Arc};

use reqwest::{Client, ClientBuilder, redirect::Policy, retry};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// A client that follows no redirect and repeats nothing. It trusts the roots of the machine and
/// those of `ca_file`, and has no deadline: the sender has one for the whole exchange.
///
/// # Errors
/// Fails with a sentence when the file cannot be used.
pub fn builder(user_agent: &str, ca_file: Option<&Path>) -> Result<ClientBuilder, String> {
    Ok(Client::builder()
        .user_agent(user_agent)
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .tls_backend_preconfigured(tls(ca_file)?))
}

fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let text = pem(path)?;
        let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let own = own.map_err(|error| format!("{}: {error}", path.display()))?;
        if roots.add_parsable_certificates(own).0 == 0 {
            return Err(format!("{}: no certificate in it", path.display()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Content of a file with certificates.
///
/// # Errors
/// Fails with a sentence when it cannot be read.
pub fn pem(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

/// A failed request in words, without its URL, which may be a secret.
pub fn request_error(error: reqwest::Error) -> String {
    let error = error.without_url();
    let text = if error.is_connect() { "no connection".to_owned() } else { error.to_string() };
    with_sources(text, &error)
}

/// This text about an error, with the errors behind it, each said once.
pub fn with_sources(mut text: String, error: &dyn Error) -> String {
    let mut source = error.source();
    while let Some(behind) = source {
        let more = behind.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = behind.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_refused_in_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no PEM at all\n", key, broken] {
            std::fs::write(&path, text).unwrap();
            let told = builder("stillup", Some(&path)).err().unwrap();
            assert!(told.contains("ca.pem: no certificate in it"), "{told}");
        }
        let told = builder("stillup", Some(&dir.path().join("none"))).err().unwrap();
        assert!(told.contains("none cannot be read"), "{told}");
        assert!(builder("stillup", None).is_ok());
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is full")]
    struct Full;

    #[derive(Debug, thiserror::Error)]
    #[error("it cannot be kept")]
    struct NotKept(#[source] Full);

    #[test]
    fn an_error_is_told_with_what_is_behind_it_each_once() {
        let told = with_sources(NotKept(Full).to_string(), &NotKept(Full));
        assert_eq!(told, "it cannot be kept: the disk is full");
        let known = "refused, since the disk is full";
        assert_eq!(with_sources(known.to_owned(), &NotKept(Full)), known);
    }
}
