//! Leader election by a Lease, as client-go does it: a holder counts as gone when its record has not changed for the
//! lease's duration by *this process's* monotonic clock, so that skewed wall clocks do not matter. A write carries the
//! resource version that was read, so that of two candidates that write at the same time, one fails. `leaseTransitions`
//! is the epoch that fences the ledger, which can be older than the Lease: a term begins above the epochs of both.

mod term;

use std::{sync::Arc, time::Duration};

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, OwnerReference},
};
use kube::{
    Api,
    api::{ObjectMeta, PostParams},
};
use landfall_process::stop;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::clock;
use term::{Observed, Step, next_epoch, step};

/// How long a Lease is valid without being renewed.
pub const LENGTH: Duration = Duration::from_secs(15);
/// For how long renewing may fail before the holder gives up: less than [`LENGTH`], after which another may begin.
const DEADLINE: Duration = Duration::from_secs(10);
/// How often to read the Lease.
const RETRY: Duration = Duration::from_secs(2);

/// A candidate for the Lease.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Those of its namespace.
    pub leases: Arc<Api<Lease>>,
    /// Name of the Lease.
    pub name: String,
    /// A name that no other process has.
    pub identity: String,
    /// Owner of a Lease that it makes.
    pub owner: Option<OwnerReference>,
    /// An epoch that has been used: a term that begins has a later one.
    pub above: u64,
}

/// The Lease was lost, or could not be renewed in time.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else holds it.
    #[error("the Lease is held by {0}")]
    Lost(String),
    /// No renewal succeeded in time.
    #[error("failed to renew the Lease within {} s", DEADLINE.as_secs())]
    Expired,
}

impl Candidate {
    /// Waits until the Lease is acquired; returns the epoch of the term.
    pub async fn campaign(&self) -> u64 {
        let mut observed = Observed::default();
        loop {
            match self.attempt(&mut observed).await {
                Ok(Some(epoch)) => return epoch,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "Failed to campaign for the Lease"),
            }
            sleep(RETRY).await;
        }
    }

    /// Renews the Lease until it is lost, or until `stop` is true: then it is released.
    pub async fn hold(&self, mut stop: watch::Receiver<bool>) -> Result<(), LeaseError> {
        let mut observed = Observed::default();
        let mut renewed = Instant::now();
        loop {
            tokio::select! {
                () = stop::requested(&mut stop) => {
                    self.release().await;
                    return Ok(());
                }
                () = sleep(RETRY) => {}
            }
            let left = DEADLINE.saturating_sub(renewed.elapsed());
            match timeout(left, self.renew(&mut observed)).await {
                Ok(Ok(None)) => renewed = Instant::now(),
                Ok(Ok(Some(holder))) => return Err(LeaseError::Lost(holder)),
                Ok(Err(error)) => tracing::warn!(%error, "Failed to renew the Lease"),
                Err(_) => return Err(LeaseError::Expired),
            }
            if renewed.elapsed() >= DEADLINE {
                return Err(LeaseError::Expired);
            }
        }
    }

    /// Tries once to acquire the Lease; returns the epoch if it succeeded.
    async fn attempt(&self, observed: &mut Observed) -> Result<Option<u64>, kube::Error> {
        let Some(lease) = self.leases.get_opt(&self.name).await? else {
            let spec = self.term(None, true);
            let owner_references = self.owner.clone().map(|owner| vec![owner]);
            let metadata = ObjectMeta { name: Some(self.name.clone()), owner_references, ..ObjectMeta::default() };
            let lease = Lease { metadata, spec: Some(spec) };
            return match self.leases.create(&PostParams::default(), &lease).await {
                Ok(lease) => Ok(Some(epoch(&lease))),
                Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(None),
                Err(error) => Err(error),
            };
        };
        let begins = match step(&lease, &self.identity, observed, Instant::now()) {
            Step::Wait => return Ok(None),
            // `Renew`: this candidate's name is left over from an earlier attempt.
            Step::Renew | Step::Take => true,
        };
        Ok(self.write(lease, begins).await?.map(|lease| epoch(&lease)))
    }

    /// Tries once to renew; returns the holder if that is another candidate.
    async fn renew(&self, observed: &mut Observed) -> Result<Option<String>, kube::Error> {
        let lease = self.leases.get(&self.name).await?;
        match step(&lease, &self.identity, observed, Instant::now()) {
            Step::Renew => {
                // If another write was faster, the next read shows it.
                self.write(lease, false).await?;
                Ok(None)
            }
            Step::Wait | Step::Take => {
                Ok(Some(lease.spec.and_then(|spec| spec.holder_identity).unwrap_or_else(|| "nobody".to_owned())))
            }
        }
    }

    /// Writes this candidate as the holder; `None` if another write was faster.
    async fn write(&self, mut lease: Lease, begins: bool) -> Result<Option<Lease>, kube::Error> {
        lease.spec = Some(self.term(lease.spec.take(), begins));
        match self.leases.replace(&self.name, &PostParams::default(), &lease).await {
            Ok(lease) => Ok(Some(lease)),
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Releases the Lease, so that the next candidate need not wait.
    async fn release(&self) {
        let released = async {
            let mut lease = self.leases.get(&self.name).await?;
            if let Some(spec) = lease.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.identity))
            {
                spec.holder_identity = Some(String::new());
                self.leases.replace(&self.name, &PostParams::default(), &lease).await?;
            }
            Ok::<_, kube::Error>(())
        };
        if let Ok(Err(error)) = timeout(RETRY, released).await {
            tracing::warn!(%error, "Failed to release the Lease; the next candidate waits until it expires");
        }
    }

    fn term(&self, known: Option<LeaseSpec>, begins: bool) -> LeaseSpec {
        let known = known.unwrap_or_default();
        let now = MicroTime(clock::now());
        let transitions = known.lease_transitions.unwrap_or_default();
        LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(LENGTH.as_secs()).ok(),
            acquire_time: if begins { Some(now.clone()) } else { known.acquire_time },
            renew_time: Some(now),
            lease_transitions: Some(if begins { next_epoch(transitions, self.above) } else { transitions }),
            ..known
        }
    }
}

fn epoch(lease: &Lease) -> u64 {
    let transitions = lease.spec.as_ref().and_then(|spec| spec.lease_transitions);
    transitions.and_then(|transitions| u64::try_from(transitions).ok()).unwrap_or_default()
}
