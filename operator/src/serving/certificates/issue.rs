//! Issues keys and certificates (ECDSA P-256, RFC 5280).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::SignedCertificate;

/// How far an agent's clock may be behind the operator's.
pub(super) const SLACK: SignedDuration = SignedDuration::from_mins(10);

/// A certificate could not be issued.
#[derive(Debug, thiserror::Error)]
#[error("failed to issue a certificate")]
pub struct IssueError(#[from] rcgen::Error);

/// A new authority.
pub(super) fn authority(life: SignedDuration, now: Timestamp) -> Result<SignedCertificate, IssueError> {
    let key = KeyPair::generate()?;
    let until = now + life;
    let certificate = authority_params(now, until)?.self_signed(&key)?;
    Ok(SignedCertificate { certificate: certificate.pem(), key: key.serialize_pem(), since: now, until })
}

/// A certificate for a server with these names, signed by `authority`, and valid no longer than it.
pub(super) fn server(
    authority: &SignedCertificate,
    names: &[String],
    life: SignedDuration,
    now: Timestamp,
) -> Result<SignedCertificate, IssueError> {
    let key = KeyPair::generate()?;
    let until = (now + life).min(authority.until);
    let mut params = params(now, until, CertificateParams::new(names)?);
    params.distinguished_name.push(DnType::CommonName, "landfall-operator");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let issuer = Issuer::new(authority_params(authority.since, authority.until)?, KeyPair::from_pem(&authority.key)?);
    let certificate = params.signed_by(&key, &issuer)?;
    Ok(SignedCertificate { certificate: certificate.pem(), key: key.serialize_pem(), since: now, until })
}

fn authority_params(since: Timestamp, until: Timestamp) -> Result<CertificateParams, IssueError> {
    let mut params = params(since, until, CertificateParams::new([])?);
    // Successive authorities have different names.
    params.distinguished_name.push(DnType::CommonName, format!("landfall operator {since:.0}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn params(since: Timestamp, until: Timestamp, mut params: CertificateParams) -> CertificateParams {
    let date = |instant: Timestamp| {
        date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(instant.as_second()).unwrap_or_default())
    };
    params.not_before = date(since - SLACK);
    params.not_after = date(until);
    params
}
