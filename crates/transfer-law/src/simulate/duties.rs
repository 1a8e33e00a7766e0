//! The dated duties that follow from a development: information, assessment, transition, and the last days
//! on which a new sub-processor can still be announced and take over.

use crate::Obligation;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::{
    Agreement, BreachAwareness, Citation, Development, ReceiptReading, SchremsStart, Setting, TransitionStart,
    clock::{self, End, Feasibility, Holidays, Land, PlanTerms, Start},
    territory::UNITED_STATES,
};

/// Something that is due because of a development.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatedDuty {
    /// The obligation or step.
    pub id: DutyId,
    /// Where the agreement lays it down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<Citation>,
    /// What is due.
    pub what: &'static str,
    /// When.
    pub date: DutyDate,
    /// The interpretation settings that decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// A remark on the date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What is due: an obligation of the agreement, or a step of the plan, such as `latest-cutover`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum DutyId {
    /// An obligation.
    Obligation(Obligation),
    /// A step.
    Step(&'static str),
}

impl From<Obligation> for DutyId {
    fn from(obligation: Obligation) -> Self {
        Self::Obligation(obligation)
    }
}

impl From<&'static str> for DutyId {
    fn from(step: &'static str) -> Self {
        Self::Step(step)
    }
}

impl std::fmt::Display for DutyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Obligation(obligation) => obligation.fmt(f),
            Self::Step(step) => f.pad(step),
        }
    }
}

/// When something is due.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DutyDate {
    /// A period: its start and its end in two readings.
    Period {
        /// What it starts with.
        start: Start,
        /// The strict reading, for one's own duties.
        conservative: End,
        /// The reading of the law.
        legal: End,
    },
    /// A day on which it is in time.
    Day(Date),
    /// From this instant on.
    From(Timestamp),
    /// It cannot be computed.
    Error(String),
}

impl DutyDate {
    /// Sort key by time; dates that cannot be computed come last.
    fn order(&self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Period { conservative, .. } => conservative.exclusive,
            Self::Day(day) => day.to_zoned(zone.clone()).map_or(Timestamp::MAX, |start| start.timestamp()),
            Self::From(instant) => *instant,
            Self::Error(_) => Timestamp::MAX,
        }
    }
}

/// The duties under `agreement` after `development`; `must_move`: whether some edge becomes Unlawful.
pub(super) fn for_agreement(
    agreement: &Agreement,
    development: &Development,
    must_move: bool,
    now: Timestamp,
) -> Vec<DatedDuty> {
    if development.decision.as_ref().is_some_and(|decision| !decision.fundamental) && !must_move {
        return Vec::new();
    }
    match Calendar::for_agreement(agreement) {
        Ok(calendar) => Case { agreement, development, calendar }.duties(must_move, now),
        Err(error) => vec![DatedDuty {
            id: Obligation::SchInf.into(),
            clause: agreement.clause(Obligation::SchInf).cloned(),
            what: INFORM,
            date: DutyDate::Error(error),
            settings: Vec::new(),
            note: None,
        }],
    }
}

const INFORM: &str = "inform every controller";
const US_ONLY: &str = "beyond the text, which speaks of the United States only";

/// The zone and holidays that determine which days count.
struct Calendar {
    zone: TimeZone,
    holidays: Option<Holidays>,
}

impl Calendar {
    fn for_agreement(agreement: &Agreement) -> Result<Self, String> {
        let zone = clock::zone(&agreement.zone).map_err(|error| error.to_string())?;
        let land = agreement.land.as_deref().map(str::parse::<Land>);
        let holidays = land.transpose().map_err(|error| error.to_string())?.map(Holidays::new);
        Ok(Self { zone, holidays })
    }
}

struct Case<'a> {
    agreement: &'a Agreement,
    development: &'a Development,
    calendar: Calendar,
}

impl Case<'_> {
    fn duties(&self, must_move: bool, now: Timestamp) -> Vec<DatedDuty> {
        let mut duties = Vec::new();
        let mut assessed = None;
        let about_us = self.development.countries.contains(UNITED_STATES);
        let interpretation = &self.agreement.interpretation;
        if about_us || interpretation.inform_on_any_country {
            let (start, mut settings) = self.known();
            settings.extend((!about_us).then_some(Setting::InformOnAnyCountry(true)));
            let note = (!about_us).then(|| US_ONLY.to_owned());
            duties.push(self.duty(
                Obligation::SchInf,
                INFORM,
                self.period(Obligation::SchInf, start),
                settings.clone(),
                note.clone(),
            ));
            let date = self.period(Obligation::SchAss, start);
            if let DutyDate::Period { conservative, .. } = &date {
                assessed = conservative.last_day;
            }
            duties.push(self.duty(Obligation::SchAss, "give the legal assessment", date, settings, note));
        }
        if must_move {
            self.transition(assessed, self.day(now), &mut duties);
        }
        duties.sort_by_key(|duty| duty.date.order(&self.calendar.zone));
        duties
    }

    /// What starts SCH-INF and SCH-ASS.
    fn known(&self) -> (Start, Vec<Setting>) {
        let Development { pronounced, published, known, .. } = *self.development;
        let reading = self.agreement.interpretation.schrems_start;
        let instant = match reading {
            SchremsStart::EarlierOfPronouncementAndKnowledge => known.map_or(pronounced, |known| known.min(pronounced)),
            SchremsStart::Pronouncement => pronounced,
            SchremsStart::Publication => published.unwrap_or(pronounced),
            SchremsStart::Knowledge => known.unwrap_or(pronounced),
        };
        (self.start(instant), vec![Setting::SchremsStart(reading)])
    }

    fn transition(&self, assessed: Option<Date>, today: Date, duties: &mut Vec<DatedDuty>) {
        let reading = self.agreement.interpretation.transition_start;
        let finding = self.development.decision.as_ref().and_then(|decision| decision.not_lawful_since);
        let latest = assessed.map(Start::EventDay);
        let cautious = self.start(self.development.effective());
        let (start, note) = match (reading, finding, latest) {
            (TransitionStart::Finding, Some(finding), _) => {
                let found = self.start(finding);
                // At the latest the end of SCH-ASS.
                let late = latest.filter(|_| assessed.is_some_and(|day| self.day(finding) > day));
                (late.unwrap_or(found), None)
            }
            (TransitionStart::Finding, None, Some(latest)) => {
                (latest, Some("no written finding is recorded: from the end of SCH-ASS".to_owned()))
            }
            _ => (cautious, None),
        };
        let settings = vec![Setting::TransitionStart(reading)];
        let breach = self.agreement.interpretation.breach_awareness;
        for (id, what) in
            [(Obligation::BrFirst, "report every edge that goes on: first status"), (Obligation::BrFull, "full report")]
        {
            let date = match breach {
                BreachAwareness::Alert => self.period(id, Start::Event(self.development.effective())),
                BreachAwareness::Triage => DutyDate::Error("runs from a person's confirmation".to_owned()),
            };
            let note = "at the earliest; from the moment the Unlawful verdict is recorded".to_owned();
            duties.push(self.duty(id, what, date, vec![Setting::BreachAwareness(breach)], Some(note)));
        }
        let end = "transition ends; it is no basis: until then flows are Unlawful from the day their basis fell";
        duties.push(self.duty(
            Obligation::SchTrans,
            end,
            self.period(Obligation::SchTrans, start),
            settings.clone(),
            note,
        ));
        if start != cautious {
            let date = self.period(Obligation::SchTrans, cautious);
            let what = "the same, read cautiously: from the pronouncement or the end of the act";
            duties.push(self.duty(Obligation::SchTrans, what, date, Vec::new(), None));
        }
        let from = DutyDate::From(self.development.effective());
        duties.push(self.duty(
            Obligation::SchKuend,
            "controllers may terminate without notice",
            from,
            Vec::new(),
            None,
        ));
        self.plan(start, today, duties);
    }

    /// Backwards from the end of the transition.
    fn plan(&self, start: Start, today: Date, duties: &mut Vec<DatedDuty>) {
        let defaults = PlanTerms::default();
        let terms = PlanTerms {
            transition: self.agreement.period(Obligation::SchTrans).unwrap_or(defaults.transition),
            objection: self.agreement.period(Obligation::SubObj).unwrap_or(defaults.objection),
            ..defaults
        };
        let plan = match clock::plan(&terms, start, today, &self.calendar.zone, self.calendar.holidays.as_ref()) {
            Ok(plan) => plan,
            Err(error) => {
                let date = DutyDate::Error(error.to_string());
                return duties.push(self.duty("plan", "dates of the migration", date, Vec::new(), None));
            }
        };
        let note = match plan.feasibility {
            Feasibility::Possible => None,
            Feasibility::DecisionOverdue => Some("this day has passed: less lead is left".to_owned()),
            Feasibility::Impossible => {
                Some("plan impossible: a new sub-processor cannot take over in time any more".to_owned())
            }
        };
        let (receipt, readings) = self.receipt(plan.latest_notice_receipt);
        let too_late = note.clone().filter(|_| plan.feasibility == Feasibility::Impossible);
        let announce = "every controller has received the notice of change (SUB-NOTE)";
        let cut_over = "so that two weeks without traffic can show the end";
        let days = [
            ("decide-by", "decide on the new sub-processor", plan.decide_by, Vec::new(), note),
            ("latest-notice-receipt", announce, receipt, readings, too_late),
            ("earliest-cutover", "after a notice received on that day (SUB-OBJ)", plan.cutover_from, Vec::new(), None),
            ("latest-cutover", cut_over, plan.last_cutover, Vec::new(), None),
        ];
        duties.extend(
            days.map(|(id, what, day, settings, note)| self.duty(id, what, DutyDate::Day(day), settings, note)),
        );
    }

    /// The last day on which a message arrives that counts as received by `day`.
    fn receipt(&self, day: Date) -> (Date, Vec<Setting>) {
        let reading = self.agreement.interpretation.receipt;
        let business_day = match (reading, &self.calendar.holidays) {
            (ReceiptReading::BusinessHours, Some(holidays)) => clock::last_business_day(day, holidays).ok(),
            _ => None,
        };
        (business_day.unwrap_or(day), vec![Setting::Receipt(reading)])
    }

    fn duty(
        &self,
        id: impl Into<DutyId>,
        what: &'static str,
        date: DutyDate,
        settings: Vec<Setting>,
        note: Option<String>,
    ) -> DatedDuty {
        let id = id.into();
        let clause = match id {
            DutyId::Obligation(obligation) => self.agreement.clause(obligation).cloned(),
            DutyId::Step(_) => None,
        };
        DatedDuty { id, clause, what, date, settings, note }
    }

    fn period(&self, id: Obligation, start: Start) -> DutyDate {
        let Some(rule) = self.agreement.period(id) else { return DutyDate::Error(format!("{id} has no period")) };
        match clock::compute(rule, start, &self.calendar.zone, self.calendar.holidays.as_ref()) {
            Ok(due) => DutyDate::Period { start, conservative: due.conservative, legal: due.legal },
            Err(error) => DutyDate::Error(error.to_string()),
        }
    }

    /// A period that begins with a day counts that day (§ 187(2) BGB).
    fn start(&self, instant: Timestamp) -> Start {
        let local = instant.to_zoned(self.calendar.zone.clone());
        if local.start_of_day().is_ok_and(|beginning| beginning == local) {
            Start::BeginningOf(local.date())
        } else {
            Start::Event(instant)
        }
    }

    fn day(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.calendar.zone.clone()).date()
    }
}

#[cfg(test)]
mod tests;
