//! The server's certificates: issued by the operator, stored in a Secret, renewed before they expire; or issued by
//! somebody else and read from a folder.
//!
//! Clients trust a bundle (a ConfigMap). A new authority is in the bundle for a while before it signs anything, and the
//! old one stays in it until it expires, so that no client is ever shown a certificate that it cannot verify.

mod folder;
mod issue;
mod store;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use folder::CertificateFolder;
pub use folder::FolderError;
pub use issue::IssueError;
pub(crate) use store::Places;
pub use store::{CertificateError, CertificateStore};

/// Lifetimes.
#[derive(Debug, Clone, Copy)]
pub struct CertificateLifetimes {
    /// Of an authority.
    pub authority: SignedDuration,
    /// Of the server's certificate.
    pub server: SignedDuration,
    /// How long a new authority is in the bundle before it signs, so that every client has the bundle by then.
    pub settling: SignedDuration,
}

/// The contents of the Secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
    /// The current authority.
    authority: SignedCertificate,
    /// The next authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<SignedCertificate>,
    /// The previous authority, of which only the certificate is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<SignedCertificate>,
    /// The server's own certificate.
    server: SignedCertificate,
}

/// What the server shows, and until when.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServerCertificate {
    /// The certificate, with those of intermediate authorities after it (PEM).
    pub(crate) certificate: String,
    /// Its key (PEM).
    pub(crate) key: String,
    /// When it expires.
    pub(crate) until: Timestamp,
}

/// A certificate with its key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedCertificate {
    certificate: String,
    key: String,
    since: Timestamp,
    until: Timestamp,
}

impl Default for CertificateLifetimes {
    fn default() -> Self {
        Self {
            authority: SignedDuration::from_hours(365 * 24),
            server: SignedDuration::from_hours(30 * 24),
            settling: SignedDuration::from_hours(24),
        }
    }
}

impl Chain {
    /// A new chain for a server with these names.
    pub fn new(names: &[String], lifetimes: &CertificateLifetimes, now: Timestamp) -> Result<Self, IssueError> {
        let authority = issue::authority(lifetimes.authority, now)?;
        let server = issue::server(&authority, names, lifetimes.server, now)?;
        Ok(Self { authority, next: None, previous: None, server })
    }

    /// Renews what expires soon; returns whether anything changed.
    pub fn renew(
        &mut self,
        names: &[String],
        lifetimes: &CertificateLifetimes,
        now: Timestamp,
    ) -> Result<bool, IssueError> {
        let before = self.clone();
        if self.previous.as_ref().is_some_and(|previous| previous.until <= now) {
            self.previous = None;
        }
        if self.next.is_none() && self.authority.is_near_its_end(now) {
            self.next = Some(issue::authority(lifetimes.authority, now)?);
        }
        // An expired authority cannot sign, however short a time the next one has been in the bundle.
        let settled = |next: &SignedCertificate| {
            now.duration_since(next.since) >= lifetimes.settling || self.authority.until <= now
        };
        let mut renew = self.server.is_near_its_end(now);
        if let Some(next) = self.next.take_if(|next| settled(next)) {
            self.previous = Some(std::mem::replace(&mut self.authority, next));
            renew = true;
        }
        if renew {
            self.server = issue::server(&self.authority, names, lifetimes.server, now)?;
        }
        Ok(*self != before)
    }

    /// The certificates that agents trust, PEM.
    pub fn bundle(&self) -> String {
        let all = [Some(&self.authority), self.next.as_ref(), self.previous.as_ref()];
        all.into_iter().flatten().map(|signed| signed.certificate.as_str()).collect()
    }

    /// The server's certificate and its key, PEM.
    pub fn server(&self) -> (&str, &str) {
        (&self.server.certificate, &self.server.key)
    }

    /// When the server's certificate expires.
    pub fn ends(&self) -> Timestamp {
        self.server.until
    }
}

impl From<Chain> for ServerCertificate {
    fn from(chain: Chain) -> Self {
        let SignedCertificate { certificate, key, since: _, until } = chain.server;
        Self { certificate, key, until }
    }
}

impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the key.
        f.debug_struct("ServerCertificate").field("until", &self.until).finish_non_exhaustive()
    }
}

impl SignedCertificate {
    /// Whether it must be renewed: less than a third of its lifetime is left, or it is not valid yet because the clock
    /// was set back.
    fn is_near_its_end(&self, now: Timestamp) -> bool {
        let life = self.until.duration_since(self.since);
        self.until.duration_since(now) < life / 3 || now < self.since - issue::SLACK
    }
}

impl std::fmt::Debug for SignedCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the key.
        f.debug_struct("SignedCertificate")
            .field("since", &self.since)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_trusted_before_it_signs_and_after_it_signed() {
        let lifetimes = CertificateLifetimes {
            authority: SignedDuration::from_hours(300),
            server: SignedDuration::from_hours(30),
            settling: SignedDuration::from_hours(10),
        };
        let begin: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let at = |hours: i64| begin + SignedDuration::from_hours(hours);
        let names = ["landfall-operator.landfall.svc".to_owned()];
        let mut chain = Chain::new(&names, &lifetimes, begin).unwrap();
        let first = chain.clone();
        assert!(!chain.renew(&names, &lifetimes, at(19)).unwrap());
        // The server's certificate is renewed first, under the same authority.
        assert!(chain.renew(&names, &lifetimes, at(21)).unwrap());
        assert_eq!((chain.bundle(), chain.server().0 == first.server().0), (first.bundle(), false));

        chain.renew(&names, &lifetimes, at(205)).unwrap();
        let announced = chain.clone();
        assert!(chain.bundle().starts_with(&first.bundle()) && chain.bundle() != first.bundle());
        assert_eq!(chain.authority, first.authority);

        chain.renew(&names, &lifetimes, at(216)).unwrap();
        assert_eq!(Some(&chain.authority), announced.next.as_ref());
        // Clients with the announced bundle can verify the new certificate, and the new bundle has the old authority.
        assert!(announced.bundle().contains(&chain.authority.certificate));
        assert!(chain.bundle().contains(&first.authority.certificate));
        assert_ne!(chain.server, announced.server);

        chain.renew(&names, &lifetimes, at(301)).unwrap();
        assert!(!chain.bundle().contains(&first.authority.certificate));
    }

    #[test]
    fn after_a_long_outage_everything_is_issued_again() {
        let lifetimes = CertificateLifetimes::default();
        let begin: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let names = ["localhost".to_owned()];
        let mut chain = Chain::new(&names, &lifetimes, begin).unwrap();
        let later = begin + SignedDuration::from_hours(24 * 400);
        assert!(chain.renew(&names, &lifetimes, later).unwrap());
        assert!(chain.ends() > later && chain.authority.until > later);
        assert!(!chain.renew(&names, &lifetimes, later).unwrap() || chain.previous.is_none());
    }
}
