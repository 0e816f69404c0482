//! Chains of certificates as servers on the web show them, made for one run.

use std::{fs, process::Command};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, SignatureAlgorithm,
};

/// A chain of a server's own certificate, an intermediate, and a root that we trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertificateChain {
    /// P-256 in all of them.
    P256,
    /// The server's own with P-256, the others with P-384, as large authorities issue them.
    P384,
    /// The server's own and the intermediate with RSA-2048, the root with RSA-4096.
    Rsa,
}

impl CertificateChain {
    /// Every one, the cheapest first.
    pub(crate) const ALL: [Self; 3] = [Self::P256, Self::P384, Self::Rsa];

    /// Name for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::P256 => "P-256 under P-256",
            Self::P384 => "P-256 under P-384",
            Self::Rsa => "RSA-2048 under RSA-4096",
        }
    }

    /// Name of its files.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Rsa => "rsa",
        }
    }

    fn keys(self) -> [KeyPair; 3] {
        match self {
            Self::P256 => [0; 3].map(|_| key(&PKCS_ECDSA_P256_SHA256)),
            Self::P384 => {
                let above = || key(&PKCS_ECDSA_P384_SHA384);
                [above(), above(), key(&PKCS_ECDSA_P256_SHA256)]
            }
            Self::Rsa => [4_096, 2_048, 2_048].map(rsa),
        }
    }

    /// Writes the chain and its key for a server at 127.0.0.1 into this directory; returns its root.
    pub(crate) fn make(self, dir: &str) -> String {
        let [root_key, middle_key, own_key] = self.keys();
        let root = authority(&format!("root, {}", self.words()));
        let pem = root.self_signed(&root_key).unwrap().pem();
        let root = Issuer::new(root, root_key);
        let middle = authority(&format!("intermediate, {}", self.words()));
        let shown = middle.signed_by(&middle_key, &root).unwrap().pem();
        let middle = Issuer::new(middle, middle_key);
        let own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let own = own.signed_by(&own_key, &middle).unwrap().pem();
        let name = self.file();
        fs::write(format!("{dir}/{name}.pem"), own + &shown).unwrap();
        fs::write(format!("{dir}/{name}.key"), own_key.serialize_pem()).unwrap();
        pem
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn key(of: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(of).unwrap()
}

/// An RSA key, which ring uses and does not make.
fn rsa(bits: u32) -> KeyPair {
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt"])
        .arg(format!("rsa_keygen_bits:{bits}"))
        .output()
        .expect("openssl is installed");
    KeyPair::from_pem(&String::from_utf8(made.stdout).unwrap()).unwrap()
}
