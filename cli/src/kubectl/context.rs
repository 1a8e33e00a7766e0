//! How results are shown: in which language and time zone, as of when, and for which cluster.

use jiff::{Timestamp, tz::TimeZone};
use landfall_api::{Kind, Stored};

use super::{
    Incident,
    cluster::{Kubectl, Range},
    sanitize::line,
};
use crate::{cells::time, locale::Locale};

#[derive(Debug, Clone)]
pub(super) struct DisplayContext {
    pub(super) locale: Locale,
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
    pub(super) kubectl: Kubectl,
}

impl DisplayContext {
    /// For the person at this machine, now.
    pub(super) fn local(locale: Locale, kubectl: Kubectl) -> Self {
        Self { locale, zone: TimeZone::system(), now: Timestamp::now(), kubectl }
    }

    pub(super) fn text(&self, english: &'static str, german: &'static str) -> &'static str {
        self.locale.text(english, german)
    }

    pub(super) fn instant(&self, at: Timestamp) -> String {
        time::zoned(at, &self.zone)
    }

    /// After an empty list of one namespace, the command that lists all namespaces.
    pub(super) fn list_everywhere(&self, range: &Range, command: &str) -> String {
        match range {
            Range::All => String::new(),
            Range::Namespace(_) => {
                let command = self.kubectl.plugin(format_args!("{command} -A"));
                format!("\n{}: {command}", Range::All.in_words(self.locale))
            }
        }
    }
}

/// Namespace and name of an object.
pub(super) fn namespaced_name<S: Kind>(object: &Stored<S>) -> (String, String) {
    let metadata = &object.metadata;
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

/// `Incident NAMESPACE/NAME`.
pub(super) fn incident_title(incident: &Incident) -> String {
    let (namespace, name) = namespaced_name(incident);
    format!("Incident {}", line(&format!("{namespace}/{name}"), 320))
}
