//! Legal holds: records that name people are kept longer while they are needed for legal claims (Art. 17(3)(e) GDPR).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Class, LedgerError, Record, RecordKind};

/// The longest name of a hold, and the longest reason.
const MAX_NAME: usize = 253;
const MAX_REASON: usize = 4096;

/// A legal hold. While it is in force, data of its classes does not expire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Its name, such as a file number.
    pub name: String,
    /// What is held: `people`, in which the hold itself is recorded, and `windows` if raw windows are needed, too.
    pub classes: BTreeSet<Class>,
    /// Until when; `null`: until it is lifted.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who decided it, by office; `null`: not recorded.
    pub by: Option<String>,
}

/// The body of a record of kind `decision` that sets or lifts a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HoldRecord {
    /// Always [`HoldRecord::SCHEMA`].
    pub schema: String,
    /// Whether it was set or lifted.
    pub event: HoldEvent,
    /// When.
    pub at: Timestamp,
    /// The hold; if it was lifted, with who lifted it and why.
    #[serde(flatten)]
    pub hold: Hold,
}

/// What was done to a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldEvent {
    /// It was set, or changed.
    #[serde(rename = "set")]
    Set,
    /// It was lifted.
    #[serde(rename = "lifted")]
    Lifted,
}

/// The holds that records set and did not lift, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds(BTreeMap<String, Hold>);

impl Hold {
    /// Whether it can be set.
    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        let Self { name, reason, classes, .. } = self;
        let is_text = |text: &str, most| (1..=most).contains(&text.len()) && !text.chars().any(char::is_control);
        let why = if !is_text(name, MAX_NAME) {
            "a name of 1 to 253 bytes without control characters"
        } else if !is_text(reason, MAX_REASON) {
            "a reason of 1 to 4096 bytes without control characters"
        } else if classes.contains(&Class::Lasting) || !classes.contains(&Class::People) {
            "the class people, and perhaps windows: what is lasting needs no hold"
        } else {
            return Ok(());
        };
        Err(LedgerError::Hold { name: name.chars().take(64).collect(), why })
    }

    /// Whether it holds data at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl HoldRecord {
    /// Names the fields.
    pub const SCHEMA: &'static str = "landfall.hold/v1";

    pub(crate) fn new(event: HoldEvent, hold: Hold, at: Timestamp) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), event, at, hold }
    }

    /// Reads a record that is about a hold.
    pub fn from_record(record: &Record) -> Option<Self> {
        let named = record.kind == RecordKind::Decision && record.body.contains(Self::SCHEMA);
        let read: Self = named.then(|| serde_json::from_str(&record.body).ok())??;
        (read.schema == Self::SCHEMA).then_some(read)
    }
}

impl Holds {
    /// Applies a record if it is about a hold; records must come in their order.
    pub fn take(&mut self, record: &Record) {
        match HoldRecord::from_record(record) {
            Some(HoldRecord { event: HoldEvent::Set, hold, .. }) => drop(self.0.insert(hold.name.clone(), hold)),
            Some(HoldRecord { event: HoldEvent::Lifted, hold, .. }) => drop(self.0.remove(&hold.name)),
            None => {}
        }
    }

    pub(crate) fn insert(&mut self, hold: Hold) {
        self.0.insert(hold.name.clone(), hold);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The hold of that name.
    pub fn get(&self, name: &str) -> Option<&Hold> {
        self.0.get(name)
    }

    /// All of them by name, expired ones included.
    pub fn all(&self) -> impl Iterator<Item = &Hold> {
        self.0.values()
    }

    /// Whether the data of a class is held at `now`.
    pub fn is_held(&self, class: Class, now: Timestamp) -> bool {
        self.all().any(|hold| hold.classes.contains(&class) && hold.is_in_force(now))
    }
}
