//! How the two reports of an Incident stand. Pure.

use jiff::Timestamp;
use landfall_api::{ConditionStatus, IncidentClock, condition};
use landfall_transfer_law::Language;

use super::{Incident, words::Words};

/// The reports that are owed, the first first.
pub(super) const STAGES: [Stage; 2] = [Stage::First, Stage::Full];

/// A report that is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The first status message (BR-FIRST).
    First,
    /// The full report (BR-FULL).
    Full,
}

/// How a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The operator has not said anything yet.
    NotSaid,
    /// It starts when a person has looked at it.
    NotStarted,
    /// There is time.
    Running { due: Timestamp },
    /// There was time.
    Overdue { due: Timestamp },
    /// It was sent.
    Sent { at: Timestamp, is_late: bool },
    /// A person found no breach and wrote down why.
    NotNeeded,
}

impl Stage {
    /// Its standing as of `now`: that a clock has run out is seen by the time, also while the operator is away.
    pub(super) fn standing(self, incident: &Incident, now: Timestamp) -> Standing {
        let Some(status) = &incident.status else { return Standing::NotSaid };
        let owed = status.conditions.iter().find(|it| it.r#type == self.condition());
        let Some(IncidentClock { due, stopped, .. }) = self.clock(incident) else {
            return if owed.is_some() { Standing::NotStarted } else { Standing::NotSaid };
        };
        match (stopped, owed) {
            (Some(at), _) => Standing::Sent { at: *at, is_late: at > due },
            (None, Some(owed)) if owed.status == ConditionStatus::False => Standing::NotNeeded,
            (None, Some(owed)) if owed.reason == condition::OVERDUE => Standing::Overdue { due: *due },
            _ if now >= *due => Standing::Overdue { due: *due },
            _ => Standing::Running { due: *due },
        }
    }

    pub(super) fn clock(self, incident: &Incident) -> Option<&IncidentClock> {
        let status = incident.status.as_ref()?;
        match self {
            Self::First => status.first_report.as_ref(),
            Self::Full => status.full_report.as_ref(),
        }
    }

    pub(super) fn named(self, words: Words) -> &'static str {
        match self {
            Self::First => words.say("first status message", "erste Meldung"),
            Self::Full => words.say("full report", "vollständige Meldung"),
        }
    }

    /// The file of its draft, without language.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::First => "D13-first-status",
            Self::Full => "D13-full-report",
        }
    }

    /// How reports of this stage are called unless there is one of that name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Full => "full",
        }
    }

    fn condition(self) -> &'static str {
        match self {
            Self::First => condition::FIRST_REPORT_DUE,
            Self::Full => condition::FULL_REPORT_DUE,
        }
    }
}

impl Standing {
    /// When it is due, if it is still owed.
    pub(super) fn due(self) -> Option<Timestamp> {
        match self {
            Self::Running { due } | Self::Overdue { due } => Some(due),
            Self::NotSaid | Self::NotStarted | Self::Sent { .. } | Self::NotNeeded => None,
        }
    }

    /// In a few words; instants as `instant` writes them.
    pub(super) fn told(self, words: Words, now: Timestamp, instant: impl Fn(Timestamp) -> String) -> String {
        match self {
            Self::NotSaid => words.say("not said yet", "noch nicht gesagt").to_owned(),
            Self::NotStarted => words.say("starts with triage", "beginnt mit der Prüfung").to_owned(),
            Self::Running { due } => format!("{}, {}", instant(due), words.time_left(due, now)),
            // A wall clock that was set back undoes nothing that has run out.
            Self::Overdue { due } => format!("{}, {}", instant(due), words.time_left(due, now.max(due))),
            Self::Sent { at, is_late } => match (words.0, is_late) {
                (Language::English, false) => format!("sent {}", instant(at)),
                (Language::English, true) => format!("sent LATE {}", instant(at)),
                (Language::German, false) => format!("gesendet {}", instant(at)),
                (Language::German, true) => format!("VERSPÄTET gesendet {}", instant(at)),
            },
            Self::NotNeeded => words.say("not needed", "nicht nötig").to_owned(),
        }
    }
}
