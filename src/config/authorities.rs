//! `ca_file`: certificates to trust, as PEM. Read here only to say what is wrong with it.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use toml::de::DeValue;

use super::value;

/// Bytes that are read of it at most; all authorities of the world take a quarter of a megabyte.
const MOST: u64 = 16 << 20;

/// The file that a value names, below `folder`, if there are certificates in it.
pub(super) fn ca_file(folder: &Path, value: &DeValue<'_>) -> Result<PathBuf, String> {
    let path = folder.join(value::text(value)?);
    match look(&path) {
        Ok(()) => Ok(path),
        Err(why) => Err(format!("{why}; name one with certificates as PEM")),
    }
}

fn look(path: &Path) -> Result<(), String> {
    let shown = path.display();
    if !path.is_file() {
        return Err(format!("there is no file {shown}"));
    }
    let file = File::open(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let mut number = 0;
    for certificate in CertificateDer::pem_reader_iter(BufReader::new(file.take(MOST))) {
        number += 1;
        let trusted = certificate.is_ok_and(|found| RootCertStore::empty().add(found).is_ok());
        if !trusted {
            return Err(format!("certificate {number} in {shown} cannot be read"));
        }
    }
    if number == 0 { Err(format!("there is no certificate in {shown}")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_of_authorities_is_told_in_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let good = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).unwrap();
        let good = good.cert.pem();
        let cut = good.replace("-----END CERTIFICATE-----", "");
        let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let told = |bytes: &[u8]| {
            let path = dir.path().join("ca.pem");
            std::fs::write(&path, bytes).unwrap();
            look(&path).map_err(|why| why.replace(&path.display().to_string(), "FILE"))
        };
        for (bytes, want) in [
            (good.as_bytes(), Ok(())),
            (b"", Err("there is no certificate in FILE")),
            (b"junk\n", Err("there is no certificate in FILE")),
            (&[0xff, 0, 0x80, b'\n'], Err("there is no certificate in FILE")),
            (cut.as_bytes(), Err("certificate 1 in FILE cannot be read")),
            (format!("{good}{empty}").as_bytes(), Err("certificate 2 in FILE cannot be read")),
        ] {
            assert_eq!(told(bytes), want.map_err(str::to_owned), "{bytes:?}");
        }
    }
}
