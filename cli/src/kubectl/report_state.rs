//! The state of the two reports of an Incident. Pure.

use jiff::Timestamp;
use landfall_api::{ConditionStatus, IncidentClock, condition};
use landfall_transfer_law::Language;

use super::{Incident, context::DisplayContext};
use crate::{cells::time, locale::Locale};

/// The reports that a breach requires, in order.
pub(super) const REQUIRED_REPORTS: [RequiredReport; 2] = [RequiredReport::First, RequiredReport::Full];

/// A report that a breach requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequiredReport {
    /// The first status message (BR-FIRST).
    First,
    /// The full report (BR-FULL).
    Full,
}

/// The state of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReportState {
    /// The operator has not set a clock or a condition yet.
    Unknown,
    /// The clock starts with the triage.
    NotStarted,
    /// The clock runs.
    Running { due: Timestamp },
    /// The clock has run out.
    Overdue { due: Timestamp },
    /// The report was sent.
    Sent { at: Timestamp, is_late: bool },
    /// The triage found no breach.
    NotRequired,
}

impl RequiredReport {
    /// The state as of `now`. Whether a clock has run out is computed, so that it also shows while the operator is down.
    pub(super) fn state(self, incident: &Incident, now: Timestamp) -> ReportState {
        let Some(status) = &incident.status else { return ReportState::Unknown };
        let condition = status.conditions.iter().find(|it| it.r#type == self.condition());
        let Some(IncidentClock { due, stopped, .. }) = self.clock(incident) else {
            return if condition.is_some() { ReportState::NotStarted } else { ReportState::Unknown };
        };
        match (stopped, condition) {
            (Some(at), _) => ReportState::Sent { at: *at, is_late: at > due },
            (None, Some(condition)) if condition.status == ConditionStatus::False => ReportState::NotRequired,
            (None, Some(condition)) if condition.reason == condition::OVERDUE => ReportState::Overdue { due: *due },
            _ if now >= *due => ReportState::Overdue { due: *due },
            _ => ReportState::Running { due: *due },
        }
    }

    /// The report to send next, if one is due, apart from those that `is_sent` says are sent just now. If both are
    /// overdue it is the full report, which counts as the first, too.
    pub(super) fn next_due(incident: &Incident, now: Timestamp, is_sent: impl Fn(Self) -> bool) -> Option<Self> {
        let is_full_overdue = Self::Full.is_overdue(incident, now);
        REQUIRED_REPORTS.into_iter().find(|report| {
            let is_due = !is_sent(*report) && report.state(incident, now).due().is_some();
            is_due && (!is_full_overdue || *report == Self::Full)
        })
    }

    pub(super) fn is_overdue(self, incident: &Incident, now: Timestamp) -> bool {
        matches!(self.state(incident, now), ReportState::Overdue { .. })
    }

    pub(super) fn clock(self, incident: &Incident) -> Option<&IncidentClock> {
        let status = incident.status.as_ref()?;
        match self {
            Self::First => status.first_report.as_ref(),
            Self::Full => status.full_report.as_ref(),
        }
    }

    pub(super) fn title(self, locale: Locale) -> &'static str {
        match self {
            Self::First => locale.text("first status message", "erste Meldung"),
            Self::Full => locale.text("full report", "vollständige Meldung"),
        }
    }

    /// The file of its draft, without the language.
    pub(super) fn draft_file(self) -> &'static str {
        match self {
            Self::First => "D13-first-status",
            Self::Full => "D13-full-report",
        }
    }

    /// The default name of its entry in `spec.reports`, also its flag on the command line.
    pub(super) fn entry_name(self) -> &'static str {
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

impl ReportState {
    /// When the report is due, if it still has to be sent.
    pub(super) fn due(self) -> Option<Timestamp> {
        match self {
            Self::Running { due } | Self::Overdue { due } => Some(due),
            Self::Unknown | Self::NotStarted | Self::Sent { .. } | Self::NotRequired => None,
        }
    }

    pub(super) fn in_words(self, context: &DisplayContext) -> String {
        let DisplayContext { locale, now, .. } = context;
        match self {
            Self::Unknown => context.text("not known yet", "noch nicht bekannt").to_owned(),
            Self::NotStarted => context.text("starts with triage", "beginnt mit der Prüfung").to_owned(),
            Self::Running { due } => format!("{}, {}", context.instant(due), time::left(due, *now, *locale)),
            // The system clock may have been set back since the operator saw the deadline pass.
            Self::Overdue { due } => {
                format!("{}, {}", context.instant(due), time::left(due, (*now).max(due), *locale))
            }
            Self::Sent { at, is_late } => {
                let at = context.instant(at);
                match (locale.0, is_late) {
                    (Language::English, false) => format!("sent {at}"),
                    (Language::English, true) => format!("sent LATE {at}"),
                    (Language::German, false) => format!("versandt {at}"),
                    (Language::German, true) => format!("VERSPÄTET versandt {at}"),
                }
            }
            Self::NotRequired => context.text("not required", "nicht erforderlich").to_owned(),
        }
    }
}
