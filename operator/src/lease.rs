//! Leader election by a Lease, as client-go does it: a holder counts as gone when its record has not changed for the
//! lease's length by *our* monotonic clock, so that skewed wall clocks do not matter. A write carries the version that
//! was read: of two that take it at once one loses. `leaseTransitions` is the epoch that fences the ledger.

mod term;

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use landfall_process::stop;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::clock;
use term::{Observed, Step, step};

/// How long a Lease holds without being renewed.
pub const LENGTH: Duration = Duration::from_secs(15);
/// How long renewing may fail before the holder gives up: before anybody else may begin.
const DEADLINE: Duration = Duration::from_secs(10);
/// How often the Lease is read.
const RETRY: Duration = Duration::from_secs(2);

/// A candidate.
#[derive(Debug, Clone)]
pub struct Candidate {
    leases: Arc<Api<Lease>>,
    name: String,
    identity: String,
}

/// The Lease was lost, or could not be renewed in time.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else holds it.
    #[error("the Lease is held by {0}")]
    Lost(String),
    /// The API server did not take a renewal in time.
    #[error("failed to renew the Lease within {} s", DEADLINE.as_secs())]
    Expired,
}

impl Candidate {
    /// A candidate for the Lease `name`, under an identity that no other process has.
    pub fn new(client: Client, namespace: &str, name: String, identity: String) -> Self {
        Self { leases: Arc::new(Api::namespaced(client, namespace)), name, identity }
    }

    /// Waits until the Lease is ours; gives the epoch of our term.
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

    /// Renews the Lease until it is lost, or until `stop` holds true: then it is given back.
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

    /// Tries once to take the Lease.
    async fn attempt(&self, observed: &mut Observed) -> Result<Option<u64>, kube::Error> {
        let Some(lease) = self.leases.get_opt(&self.name).await? else {
            let spec = self.term(None, true);
            let metadata = ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() };
            let lease = Lease { metadata, spec: Some(spec) };
            return match self.leases.create(&PostParams::default(), &lease).await {
                Ok(lease) => Ok(Some(epoch(&lease))),
                Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(None),
                Err(error) => Err(error),
            };
        };
        let begins = match step(&lease, &self.identity, observed, Instant::now()) {
            Step::Wait => return Ok(None),
            // Left over from an earlier start of ours under the same name.
            Step::Renew | Step::Take => true,
        };
        Ok(self.write(lease, begins).await?.map(|lease| epoch(&lease)))
    }

    /// Tries once to renew; gives the holder if that is somebody else.
    async fn renew(&self, observed: &mut Observed) -> Result<Option<String>, kube::Error> {
        let lease = self.leases.get(&self.name).await?;
        match step(&lease, &self.identity, observed, Instant::now()) {
            Step::Renew => {
                // Whoever was faster is seen at the next look.
                self.write(lease, false).await?;
                Ok(None)
            }
            Step::Wait | Step::Take => {
                Ok(Some(lease.spec.and_then(|spec| spec.holder_identity).unwrap_or_else(|| "nobody".to_owned())))
            }
        }
    }

    /// Writes our name; `None` if somebody was faster.
    async fn write(&self, mut lease: Lease, begins: bool) -> Result<Option<Lease>, kube::Error> {
        lease.spec = Some(self.term(lease.spec.take(), begins));
        match self.leases.replace(&self.name, &PostParams::default(), &lease).await {
            Ok(lease) => Ok(Some(lease)),
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the Lease back, so that the next need not wait.
    async fn release(&self) {
        let given_back = async {
            let mut lease = self.leases.get(&self.name).await?;
            if let Some(spec) = lease.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.identity))
            {
                spec.holder_identity = Some(String::new());
                self.leases.replace(&self.name, &PostParams::default(), &lease).await?;
            }
            Ok::<_, kube::Error>(())
        };
        if let Ok(Err(error)) = timeout(RETRY, given_back).await {
            tracing::warn!(%error, "Failed to give the Lease back; the next waits until it ends");
        }
    }

    fn term(&self, known: Option<LeaseSpec>, begins: bool) -> LeaseSpec {
        let known = known.unwrap_or_default();
        let now = k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime(clock::now());
        let transitions = known.lease_transitions.unwrap_or_default();
        LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(LENGTH.as_secs()).ok(),
            acquire_time: if begins { Some(now.clone()) } else { known.acquire_time },
            renew_time: Some(now),
            lease_transitions: Some(if begins { transitions.saturating_add(1) } else { transitions }),
            ..known
        }
    }
}

fn epoch(lease: &Lease) -> u64 {
    let transitions = lease.spec.as_ref().and_then(|spec| spec.lease_transitions);
    transitions.and_then(|transitions| u64::try_from(transitions).ok()).unwrap_or_default()
}
