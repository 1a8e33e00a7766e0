//! The certificates of one cluster or broker: an authority, the server's, and one per user, made in process.

use std::{net::IpAddr, path::PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};

use super::{ClusterError, process::Folder};

/// OID 2.5.4.10, once more: rcgen keeps one value per type of attribute.
const SECOND_ORGANISATION: [u64; 4] = [2, 5, 4, 10];

#[derive(Debug)]
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: Folder,
}

/// A certificate and its key, as files.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    /// Writes `pki/ca.crt` and `pki/ca.key`.
    pub(crate) fn create(folder: &Folder) -> Result<Self, ClusterError> {
        let failed = |source| ClusterError::Certificate { name: "the authority".into(), source };
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "landfall-test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(failed)?;
        folder.write("pki/ca.key", key.serialize_pem())?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(failed)?;
        folder.write("pki/ca.crt", issuer.pem())?;
        Ok(Self { issuer, folder: folder.clone() })
    }

    /// Writes the keys of the tokens of service accounts: `pki/sa.key`, `pki/sa.pub`.
    pub(crate) fn write_token_keys(&self) -> Result<(), ClusterError> {
        let failed = |source| ClusterError::Certificate { name: "the tokens".into(), source };
        let tokens = KeyPair::generate().map_err(failed)?;
        self.folder.write("pki/sa.key", tokens.serialize_pem())?;
        self.folder.write("pki/sa.pub", tokens.public_key_pem())?;
        Ok(())
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("pki/ca.crt")
    }

    /// A certificate under `pki/FILE.crt` for a user of some groups, and for a server of some addresses and names.
    pub(crate) fn issue(
        &self,
        file: &str,
        user: &str,
        groups: &[&str],
        addresses: &[IpAddr],
        names: &[&str],
    ) -> Result<Identity, ClusterError> {
        let failed = |source| ClusterError::Certificate { name: user.to_owned(), source };
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        params.distinguished_name.push(DnType::CommonName, user);
        let organisations = [DnType::OrganizationName, DnType::from_oid(&SECOND_ORGANISATION)];
        if groups.len() > organisations.len() {
            return Err(ClusterError::Groups(groups.len()));
        }
        for (&group, organisation) in groups.iter().zip(organisations) {
            params.distinguished_name.push(organisation, group);
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok(Identity {
            certificate: self.folder.write(&format!("pki/{file}.crt"), certificate.pem())?,
            key: self.folder.write(&format!("pki/{file}.key"), key.serialize_pem())?,
        })
    }
}
