//! A certificate that somebody else issues, such as cert-manager: `tls.crt`, `tls.key` and `ca.crt` in a folder, as a mounted
//! Secret of type `kubernetes.io/tls` has them.

use std::{fs, io, path::PathBuf};

use der::{
    Decode as _, Reader as _, SliceReader, Tag,
    asn1::{AnyRef, GeneralizedTime, UtcTime},
};
use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem, pem::PemObject as _};

use super::ServerCertificate;

/// The folder.
#[derive(Debug, Clone)]
pub(crate) struct CertificateFolder(PathBuf);

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read.
    #[error("failed to read {}; expected tls.crt, tls.key and ca.crt (the issuer must be a private authority)", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file holds no certificate.
    #[error("{}: expected a certificate (PEM)", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// The certificate is malformed.
    #[error("{}: malformed certificate", path.display())]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: der::Error,
    },
}

impl CertificateFolder {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The certificate, and what clients trust (PEM).
    pub(crate) fn read(&self) -> Result<(ServerCertificate, String), FolderError> {
        let (certificate, key, bundle) = (self.text("tls.crt")?, self.text("tls.key")?, self.text("ca.crt")?);
        // Clients would refuse a bundle without certificates.
        self.first("ca.crt", &bundle)?;
        let until = self.first("tls.crt", &certificate)?;
        Ok((ServerCertificate { certificate, key, until }, bundle))
    }

    fn text(&self, name: &str) -> Result<String, FolderError> {
        let path = self.0.join(name);
        fs::read_to_string(&path).map_err(|source| FolderError::Read { path, source })
    }

    /// When the first certificate of a file expires.
    fn first(&self, name: &str, text: &str) -> Result<Timestamp, FolderError> {
        let path = self.0.join(name);
        let der = match CertificateDer::from_pem_slice(text.as_bytes()) {
            Ok(der) => der,
            Err(source) => return Err(FolderError::Pem { path, source }),
        };
        match not_after(&der) {
            // A date has a form with four digits of a year.
            Ok(seconds) => Ok(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)),
            Err(source) => Err(FolderError::Certificate { path, source }),
        }
    }
}

/// When a certificate expires (RFC 5280, 4.1), in seconds since 1970.
fn not_after(der: &[u8]) -> Result<i64, der::Error> {
    let certificate = AnyRef::from_der(der)?;
    let fields: AnyRef<'_> = SliceReader::new(certificate.value())?.decode()?;
    let mut fields = SliceReader::new(fields.value())?;
    // A certificate of version 1 does not say its version.
    if Tag::peek(&fields)?.is_context_specific() {
        fields.tlv_bytes()?;
    }
    // serialNumber, signature, issuer
    for _ in 0..3 {
        fields.tlv_bytes()?;
    }
    let validity: AnyRef<'_> = fields.decode()?;
    let mut validity = SliceReader::new(validity.value())?;
    // notBefore
    validity.tlv_bytes()?;
    let until = match Tag::peek(&validity)? {
        Tag::UtcTime => validity.decode::<UtcTime>()?.to_unix_duration(),
        _ => validity.decode::<GeneralizedTime>()?.to_unix_duration(),
    };
    Ok(i64::try_from(until.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::serving::certificates::{CertificateLifetimes, Chain};

    fn chain(now: Timestamp) -> Chain {
        Chain::new(&["localhost".to_owned()], &CertificateLifetimes::default(), now).unwrap()
    }

    #[test]
    fn a_mounted_secret_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let files = CertificateFolder::new(folder.path().to_owned());
        let begin: Timestamp = "2026-12-02T00:00:00Z".parse().unwrap();
        for now in [begin, begin + SignedDuration::from_hours(480)] {
            let chain = chain(now);
            let (certificate, key) = chain.server();
            for (name, text) in [("tls.crt", certificate), ("tls.key", key), ("ca.crt", &chain.bundle())] {
                fs::write(folder.path().join(name), text).unwrap();
            }
            let (read, bundle) = files.read().unwrap();
            assert_eq!((read.until, bundle), (chain.ends(), chain.bundle()));
            assert_eq!(read, ServerCertificate::from(chain));
        }
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = CertificateFolder::new(folder.path().to_owned());
        let said = || files.read().unwrap_err().to_string();
        let file = |name: &str| folder.path().join(name);
        let chain = chain("2026-12-02T00:00:00Z".parse().unwrap());
        fs::write(file("tls.crt"), chain.server().0).unwrap();
        fs::write(file("tls.key"), chain.server().1).unwrap();
        assert!(said().contains("ca.crt; expected"), "{}", said());
        fs::write(file("ca.crt"), "none").unwrap();
        assert!(said().ends_with("ca.crt: expected a certificate (PEM)"), "{}", said());
        fs::write(file("ca.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert!(said().ends_with("ca.crt: malformed certificate"), "{}", said());
    }
}
