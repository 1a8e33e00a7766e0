//! Calls of the API server with a time limit: one that hangs must not hold up what comes after it.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, ResourceExt as _,
    api::{Patch, PatchParams},
};
use tokio::time::{error::Elapsed, timeout};

use crate::FIELD_MANAGER;

/// A call that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It was not reached, or it refused.
    #[error("failed to call the API server")]
    Api(#[from] kube::Error),
    /// It did not answer in time.
    #[error("the API server took too long")]
    TooLong(#[from] Elapsed),
}

/// What the call comes to, or that it took too long.
pub(crate) async fn in_time<T>(call: impl Future<Output = Result<T, kube::Error>>) -> Result<T, CallError> {
    Ok(timeout(PATIENCE, call).await??)
}

/// Writes a ConfigMap as it is to be, whoever had written it before.
pub(crate) async fn apply_config_map(config_maps: &Api<ConfigMap>, map: &ConfigMap) -> Result<(), CallError> {
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    in_time(config_maps.patch(&map.name_any(), &parameters, &Patch::Apply(map))).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_has_failed_after_ten_seconds() {
        let begin = tokio::time::Instant::now();
        let outcome = in_time(std::future::pending::<Result<(), kube::Error>>()).await;
        assert!(matches!(outcome, Err(CallError::TooLong(_))));
        assert_eq!(begin.elapsed().as_secs(), 10);
    }
}
