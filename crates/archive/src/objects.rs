//! Objects: added once, compared if they exist, read up to a limit.

use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{Error, ObjectStore as _, ObjectStoreExt as _, PutMode, PutPayload};

use crate::{Location, Reason, StoreError};

/// The folder of segments, as in a ledger's.
pub(crate) const SEGMENTS: &str = "segments";

impl Location {
    /// Adds an object. One that exists with the same bytes is no error; true if it was added.
    pub(crate) async fn add(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        let object = self.object(folder, name);
        let added = self.store.put_opts(&object, PutPayload::from(bytes.to_vec()), PutMode::Create.into()).await;
        match added {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                let held = self.get(folder, name, bytes.len() as u64).await;
                match held {
                    Ok(held) if held == bytes => Ok(false),
                    Ok(_) => Err(StoreError::new(self.shown(folder, name), Reason::Differs)),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(StoreError::from_store(self.shown(folder, name), &error)),
        }
    }

    /// Reads an object; one that is longer than `limit` differs from what was put there.
    pub(crate) async fn get(&self, folder: &str, name: &str, limit: u64) -> Result<Vec<u8>, StoreError> {
        let failed = |error: Error| StoreError::from_store(self.shown(folder, name), &error);
        let found = self.store.get(&self.object(folder, name)).await.map_err(failed)?;
        if found.meta.size > limit {
            return Err(StoreError::new(self.shown(folder, name), Reason::Differs));
        }
        Ok(found.bytes().await.map_err(failed)?.into())
    }

    /// The same; `None` if there is none.
    pub(crate) async fn find(&self, folder: &str, name: &str, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.get(folder, name, limit).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError { reason: Reason::NotFound, code, .. }) if code.as_deref() != Some("NoSuchBucket") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether an object is there.
    pub(crate) async fn has(&self, folder: &str, name: &str) -> Result<bool, StoreError> {
        match self.store.head(&self.object(folder, name)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(StoreError::from_store(self.shown(folder, name), &error)),
        }
    }

    /// The names in a folder, in no order.
    pub(crate) async fn names(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let names = self.store.list(Some(&self.folder(folder))).map(|object| {
            let object = object.map_err(|error| StoreError::from_store(format!("{self}/{folder}"), &error))?;
            Ok(object.location.filename().unwrap_or_default().to_owned())
        });
        names.try_collect().await
    }

    /// Deletes an object; one that is not there is no error.
    pub(crate) async fn delete(&self, folder: &str, name: &str) -> Result<(), StoreError> {
        match self.store.delete(&self.object(folder, name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StoreError::from_store(self.shown(folder, name), &error)),
        }
    }
}
