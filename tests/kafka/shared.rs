//! One broker for all tests of a run that break nothing.

use std::sync::{Mutex, PoisonError};

use super::{Broker, BrokerOptions, Installation, KafkaError};
use crate::cluster::{control_plane::new_folder, guardian::Guardian};

/// The broker of this run, brought up by the first who asks. Tests have topics and groups of their own names there. It is
/// never dropped: its guardian takes it down when the process ends.
pub fn shared() -> Result<&'static Broker, KafkaError> {
    static SHARED: Mutex<Option<&'static (Guardian, Broker)>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, broker)) = *shared {
        return Ok(broker);
    }
    let installation = Installation::find()?;
    let folder = new_folder()?;
    let guardian = Guardian::watch_over(&folder.path, &folder.mark(), None)?;
    let broker = Broker::start(&installation, &folder.path, BrokerOptions::default())?;
    let (_, broker) = *shared.insert(Box::leak(Box::new((guardian, broker))));
    Ok(broker)
}
