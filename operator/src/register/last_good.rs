//! The objects of one kind, each in its last good version.

use std::{collections::BTreeMap, sync::Arc};

use kube::{Resource as _, ResourceExt as _, core::DeserializeGuard};
use landfall_api::{Kind, Object, RegisterStatus, Stored, condition};
use landfall_register::Checker;
use serde::{Serialize, de::DeserializeOwned};
use tracing::warn;

use super::last_good_forms::LastGoodForm;

/// Maximum number of violations that a condition names; the rest are counted.
const MAX_NAMED: usize = 3;

/// Namespace and name.
pub(super) type Key = (Option<String>, String);

/// The objects of one kind.
pub(super) struct LastGoodObjects<S: Kind>(BTreeMap<Key, Entry<S>>);

/// An object.
pub(super) struct Entry<S: Kind> {
    /// The object as last read. If these three fields are unchanged, only its status was written.
    uid: Option<String>,
    generation: Option<i64>,
    labels: BTreeMap<String, String>,
    /// Also changes when a status is written.
    pub(super) resource_version: Option<String>,
    /// The last version that could be used.
    good: Option<Object<S>>,
    /// Why the current version cannot be used.
    pub(super) fault: Option<Fault>,
    /// Its status; `None` if the object could not be decoded.
    pub(super) status: Option<RegisterStatus>,
}

/// Why an object cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Machine-readable reason; one of [`condition`].
    pub(super) reason: &'static str,
    /// Message for people. It names fields and never values.
    pub(super) message: String,
}

// === impl LastGoodObjects ===

impl<S: Kind> Default for LastGoodObjects<S> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<S> LastGoodObjects<S>
where
    S: Kind<Status = RegisterStatus> + Clone + Serialize + DeserializeOwned,
{
    /// Updates the objects from the watch; returns whether the register has changed.
    pub(super) fn refresh(&mut self, state: &[Arc<DeserializeGuard<Stored<S>>>], checker: &Checker) -> bool {
        let mut before = std::mem::take(&mut self.0);
        let mut changed = false;
        for read in state {
            let key = (read.namespace(), read.name_any());
            let known = before.remove(&key).filter(|entry| entry.uid == read.uid());
            let same = known.as_ref().is_some_and(|entry| entry.is_as_read(read));
            let mut entry = match known {
                Some(entry) if same => entry,
                known => Entry::read(read, known.and_then(|entry| entry.good), checker),
            };
            entry.resource_version = read.resource_version();
            entry.status = read.0.as_ref().ok().and_then(|stored| stored.status.clone());
            changed |= !same;
            self.0.insert(key, entry);
        }
        changed || !before.is_empty()
    }

    /// Restores the last good versions that were saved before a restart. They are used for objects that turn out to be
    /// invalid; valid objects replace them.
    pub(super) fn restore(&mut self, saved: &[LastGoodForm], checker: &Checker) {
        for LastGoodForm { uid, object } in saved.iter().filter(|saved| saved.object["kind"] == S::KIND) {
            // This version of the program may be stricter than the one that saved it.
            let object = serde_json::from_value::<Object<S>>(object.clone()).ok();
            let Some(object) = object.filter(|object| checker.check(object).is_empty()) else { continue };
            let key = (object.namespace().map(str::to_owned), object.metadata.name.clone());
            let entry = Entry {
                uid: Some(uid.clone()),
                generation: None,
                labels: BTreeMap::new(),
                resource_version: None,
                good: Some(object),
                fault: None,
                status: None,
            };
            self.0.insert(key, entry);
        }
    }

    /// The last good versions, to be saved for a restart.
    pub(super) fn last_good_forms(&self) -> impl Iterator<Item = LastGoodForm> {
        self.0.values().filter_map(|entry| {
            let object = serde_json::to_value(entry.good.as_ref()?).expect("keys of the kinds are texts");
            Some(LastGoodForm { uid: entry.uid.clone()?, object })
        })
    }

    /// The objects in force.
    pub(super) fn objects(&self) -> Vec<Object<S>> {
        self.0.values().filter_map(|entry| entry.good.clone()).collect()
    }
}

impl<S: Kind> LastGoodObjects<S> {
    /// All objects, valid or not.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Key, &Entry<S>)> {
        self.0.iter()
    }
}

// === impl Entry ===

impl<S> Entry<S>
where
    S: Kind<Status = RegisterStatus> + Clone + Serialize,
{
    fn is_as_read(&self, read: &DeserializeGuard<Stored<S>>) -> bool {
        self.generation == read.meta().generation && self.labels == *read.labels()
    }

    fn read(read: &DeserializeGuard<Stored<S>>, last_good: Option<Object<S>>, checker: &Checker) -> Self {
        let judged = match &read.0 {
            Ok(stored) => {
                let object = stored.object();
                Fault::by_schema(&object, checker).map_or(Ok(object), Err)
            }
            Err(invalid) => Err(Fault {
                reason: condition::UNDECODABLE,
                message: format!("cannot be read as {} by this version: {}", S::KIND, invalid.error),
            }),
        };
        let (good, fault) = match judged {
            Ok(object) => (Some(object), None),
            Err(mut fault) => {
                let effect =
                    if last_good.is_some() { "its last good version is in force" } else { "it is not in force" };
                fault.message = format!("{}; {effect}", fault.message);
                let (name, namespace) = (read.name_any(), read.namespace().unwrap_or_default());
                warn!(kind = S::KIND, %namespace, %name, reason = fault.reason, "Object cannot be used: {}", fault.message);
                (last_good, Some(fault))
            }
        };
        Self {
            uid: read.uid(),
            generation: read.meta().generation,
            labels: read.labels().clone(),
            resource_version: None,
            good,
            fault,
            status: None,
        }
    }
}

impl<S: Kind> Entry<S> {
    /// The version in force, if there is one.
    pub(super) fn good(&self) -> Option<&Object<S>> {
        self.good.as_ref()
    }

    /// The generation as last read.
    pub(super) fn generation(&self) -> Option<i64> {
        self.generation
    }

    /// The uid: a re-created object of the same name is another object.
    pub(super) fn uid(&self) -> Option<&str> {
        self.uid.as_deref()
    }
}

// === impl Fault ===

impl Fault {
    fn by_schema<S: Kind + Serialize>(object: &Object<S>, checker: &Checker) -> Option<Self> {
        let found = checker.check(object);
        let named: Vec<_> = found.iter().take(MAX_NAMED).map(ToString::to_string).collect();
        if named.is_empty() {
            return None;
        }
        let rest = match found.len() - named.len() {
            0 => String::new(),
            more => format!("; {more} more"),
        };
        let message = format!("refused by its schema: {}{rest}", named.join("; "));
        Some(Self { reason: condition::REFUSED_BY_SCHEMA, message })
    }
}

#[cfg(test)]
mod tests;
