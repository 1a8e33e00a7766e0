//! The judging desk: observations in, judgments and roll-ups out. Pure: no ledger, no clock, no cluster.
//!
//! A judgment is written when an edge is seen for the first time and whenever its verdict says something else.
//! Traffic under a verdict that stays is rolled up. So each byte stands in exactly one record: a judgment (but not
//! a re-judgment, which repeats the traffic of its stretch), or a roll-up.

mod cases;
mod drafts;
mod entered;
mod records;
mod standing;
mod terms;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::Observation;
use landfall_transfer_law::{
    AgreementId, Edge, EdgeBook, EdgeId, Holdings, Interval, JudgmentRecord, Outcome, RollupRecord, Traffic,
    VerdictRecord, judge,
};
use serde::{Deserialize, Serialize};

use crate::{board::View, index::Published};
use cases::Cases;
pub use cases::{Case, Entry, Finding};
use drafts::Drafts;
pub use drafts::{Draft, DraftRecord, Drafted};
use entered::AllEntered;
pub use entered::Entered;
pub use records::{Decided, DecisionKind, DecisionRecord, IncidentEvent, IncidentRecord, Subject};
use standing::{Fingerprint, Standing};
pub(crate) use terms::{AUTHORITY, Agreed, FIRST, FULL};
pub use terms::{Served, Terms};

/// Edges under judgment.
#[derive(Debug)]
pub struct Desk {
    book: EdgeBook,
    standings: BTreeMap<Arc<EdgeId>, Standing>,
    cases: Cases,
    entered: AllEntered,
    drafts: Drafts,
    /// What people wrote and was not looked at yet.
    entries: Vec<Entry>,
    /// What is agreed under the ruleset.
    agreed: Agreed,
    /// The ruleset under which everything in the book was judged.
    ruleset: String,
    roll_up_every: SignedDuration,
}

/// What a round of judging came to.
#[derive(Debug, Default)]
pub struct Round {
    /// To be appended to the ledger.
    pub judgments: Vec<JudgmentRecord>,
    /// To be appended to the ledger.
    pub rollups: Vec<RollupRecord>,
    /// Verdicts that changed, for whoever acts on them.
    pub transitions: Vec<Transition>,
    /// Traffic per edge and verdict, for the counters.
    pub traffic: Vec<(Arc<EdgeId>, Outcome, Traffic)>,
    /// What to remember for a restart.
    pub memory: Vec<Memory>,
    /// How edges stand.
    pub views: Vec<View>,
    /// Edges that are not kept any more.
    pub forgotten: Vec<Arc<EdgeId>>,
    /// Cases that changed.
    pub cases: Vec<Arc<Case>>,
    /// What happened to cases, to be appended to the ledger.
    pub incidents: Vec<IncidentRecord>,
    /// What people decided, to be appended to the ledger.
    pub decisions: Vec<DecisionRecord>,
    /// Breaches about no edge that changed.
    pub entered: Vec<Entered>,
    /// Reports that were drafted, to be appended to the ledger.
    pub drafts: Vec<DraftRecord>,
}

/// A verdict that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Of which edge.
    pub edge: Arc<EdgeId>,
    /// What it was; `None` for a new edge.
    pub before: Option<Outcome>,
    /// What it is.
    pub after: Outcome,
    /// Whether anything personal is known, or said, to be sent.
    pub is_personal: bool,
}

/// What the desk remembers between starts: an edge with how it stands, or what a workload holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Memory {
    /// An edge.
    Edge {
        /// What was gathered about it.
        edge: Arc<Edge>,
        /// How it stands.
        standing: Standing,
    },
    /// What a workload was seen to hold.
    Holdings(Holdings),
    /// A breach.
    Case(Arc<Case>),
    /// A breach about no edge.
    Entered(Box<Entered>),
    /// What a draft said last.
    Drafted(Drafted),
}

impl Round {
    /// For so many edges that are judged again: to grow step by step would copy the records of thousands.
    fn make_room(&mut self, edges: usize) {
        self.judgments.reserve(edges);
        self.transitions.reserve(edges);
        self.views.reserve(edges);
        self.cases.reserve(edges);
        self.incidents.reserve(edges);
        self.memory.reserve(2 * edges);
    }

    fn note(&mut self, case: Arc<Case>) {
        self.memory.push(Memory::Case(Arc::clone(&case)));
        self.cases.push(case);
    }

    fn note_entered(&mut self, entered: Entered) {
        self.memory.push(Memory::Entered(Box::new(entered.clone())));
        self.entered.push(entered);
    }

    /// Whether there is nothing that must be written at once.
    pub fn is_quiet(&self) -> bool {
        self.judgments.is_empty()
            && self.rollups.is_empty()
            && self.incidents.is_empty()
            && self.decisions.is_empty()
            && self.drafts.is_empty()
    }
}

impl Memory {
    /// The key of an edge.
    pub fn key_of(edge: &EdgeId) -> String {
        serde_json::to_string(&("edge", edge)).expect("names have a JSON form")
    }

    /// Stays the same for the same thing.
    pub fn key(&self) -> String {
        let name = match self {
            Self::Edge { edge, .. } => return Self::key_of(&edge.id),
            Self::Case(case) => serde_json::to_string(&("case", &case.edge)),
            Self::Holdings(held) => serde_json::to_string(&("holdings", &held.cluster, &held.workload)),
            Self::Entered(entered) => serde_json::to_string(&("entered", &entered.namespace, &entered.name)),
            Self::Drafted(drafted) => serde_json::to_string(&("drafted", &drafted.subject, &drafted.name)),
        };
        name.expect("names have a JSON form")
    }
}

impl Desk {
    /// An empty desk that rolls traffic up every so often.
    pub fn new(roll_up_every: SignedDuration) -> Self {
        Self {
            book: EdgeBook::new(),
            standings: BTreeMap::new(),
            cases: Cases::default(),
            entered: AllEntered::default(),
            drafts: Drafts::default(),
            entries: Vec::new(),
            agreed: Agreed::default(),
            ruleset: String::new(),
            roll_up_every,
        }
    }

    /// Takes in what was remembered before a restart.
    pub fn restore(&mut self, memory: Memory) {
        match memory {
            Memory::Edge { edge, standing } => {
                self.standings.insert(edge.id.clone(), standing);
                self.book.restore(edge);
            }
            Memory::Holdings(held) => self.book.restore_holdings(held),
            Memory::Case(case) => self.cases.restore(case),
            Memory::Entered(entered) => self.entered.restore(*entered),
            Memory::Drafted(drafted) => self.drafts.restore(drafted),
        }
    }

    /// Takes an observation in under every agreement that selects its workload; whether there is one.
    pub fn absorb(&mut self, published: &Published, mut observation: Observation) -> bool {
        published.describe(&mut observation);
        let resolved = published.resolve(&observation);
        for one in &resolved {
            self.book.absorb(&one.agreement, &one.counterpart, &observation);
        }
        !resolved.is_empty()
    }

    /// Takes what a person wrote; it counts from the next round on.
    pub fn enter(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// All cases.
    pub fn cases(&self) -> impl Iterator<Item = &Arc<Case>> {
        self.cases.all()
    }

    /// All breaches about no edge.
    pub fn entered(&self) -> impl Iterator<Item = &Entered> {
        self.entered.all()
    }

    /// Whether everything in the book was judged under this ruleset.
    pub fn is_judged_under(&self, published: &Published) -> bool {
        self.ruleset == published.version()
    }

    /// Judges the edges about which something was learnt; after a change of the ruleset, all.
    pub fn judge(&mut self, published: &Published, now: Timestamp) -> Round {
        let mut round = Round::default();
        if !self.is_judged_under(published) {
            self.book.touch_all();
            round.make_room(self.standings.len());
            published.version().clone_into(&mut self.ruleset);
            self.agreed = Agreed::of(&published.ruleset);
            self.cases.agree(&self.agreed).into_iter().for_each(|case| round.note(case));
            self.entered.agree(&self.agreed).into_iter().for_each(|entered| round.note_entered(entered));
        }
        // A closing counts before the traffic that may show that it was too early.
        for entry in std::mem::take(&mut self.entries) {
            match entry {
                Entry::Drafted(draft) => {
                    if let Some((drafted, record)) = self.drafts.enter(draft, now) {
                        round.memory.push(Memory::Drafted(drafted));
                        round.drafts.push(record);
                    }
                }
                Entry::Written { subject, edge, written } => {
                    let entered = self.cases.enter((subject, edge), *written, &self.agreed, now);
                    if let Some((case, record)) = entered {
                        round.note(case);
                        round.decisions.extend(record);
                    }
                }
                Entry::Entered { namespace, name, written } => {
                    let entered = self.entered.enter(namespace, name, *written, &self.agreed, now);
                    if let Some((entered, record)) = entered {
                        round.note_entered(entered);
                        round.decisions.extend(record);
                    }
                }
            }
        }
        for edge in self.book.take_touched() {
            let (standing, verdict) = self.judge_edge(published, &edge, now, &mut round);
            if is_breach(published, &edge, &verdict)
                && let Some((case, record)) = self.cases.breach(&edge, &verdict, &self.agreed, now)
            {
                round.note(case);
                round.incidents.extend(record);
            }
            round.views.push(View { edge: Arc::clone(&edge), verdict });
            round.memory.push(Memory::Edge { edge, standing });
        }
        round.memory.extend(self.book.take_touched_holdings().into_iter().map(Memory::Holdings));
        round
    }

    /// Rolls up the traffic of edges that were not written down for long enough.
    pub fn roll_up(&mut self, now: Timestamp) -> Round {
        let every = self.roll_up_every;
        let mut round = Round::default();
        for (id, standing) in &mut self.standings {
            // A clock that was set back must not keep traffic out of the ledger.
            let age = now.duration_since(standing.rolled_up).abs();
            if age >= every
                && let Some(rollup) = standing.roll_up(id, now)
            {
                round.rollups.push(rollup);
                round.memory.extend(self.book.edge(id).map(|edge| Memory::Edge { edge, standing: standing.clone() }));
            }
        }
        round
    }

    /// Forgets edges without traffic since `instant`, when nothing of theirs is left to be written. Their history is in
    /// the ledger, and their cases stay.
    pub fn forget_before(&mut self, instant: Timestamp, now: Timestamp) -> Round {
        let mut round = Round { forgotten: self.book.forget_before(instant), ..Round::default() };
        for id in &round.forgotten {
            if let Some(mut standing) = self.standings.remove(id) {
                round.rollups.extend(standing.roll_up(id, now));
            }
        }
        round
    }

    /// How many observations fell into an edge `other` since the start.
    pub fn overflowed(&self) -> u64 {
        self.book.overflowed()
    }

    /// How many edges have each outcome, by agreement.
    pub fn census(&self) -> BTreeMap<&AgreementId, BTreeMap<Outcome, u64>> {
        let mut census: BTreeMap<_, BTreeMap<Outcome, u64>> = BTreeMap::new();
        for (id, standing) in &self.standings {
            *census.entry(&id.agreement).or_default().entry(standing.outcome).or_default() += 1;
        }
        census
    }

    fn judge_edge(
        &mut self,
        published: &Published,
        edge: &Edge,
        now: Timestamp,
        round: &mut Round,
    ) -> (Standing, Arc<VerdictRecord>) {
        // As of the traffic's own time.
        let verdict = judge(&published.ruleset, edge, edge.last_seen);
        let outcome = verdict.outcome;
        let said = Arc::new(VerdictRecord::from(&verdict));
        let is_personal = said.is_personal();
        let fingerprint = Fingerprint::of(&said);
        let all = Traffic::from(&edge.volume);
        let until = Interval::of(edge).until;
        let Some(standing) = self.standings.get_mut(&edge.id) else {
            let interval = Interval { from: edge.first_seen, until };
            round.judgments.push(JudgmentRecord::kept(edge, interval, Arc::clone(&said)));
            round.transitions.push(Transition { edge: edge.id.clone(), before: None, after: outcome, is_personal });
            round.traffic.push((edge.id.clone(), outcome, all));
            let standing = Standing::new(outcome, fingerprint, interval, all, now);
            self.standings.insert(edge.id.clone(), standing.clone());
            return (standing, said);
        };
        let fresh = all.since(standing.seen);
        if standing.fingerprint == fingerprint {
            standing.see(all, until);
            if !fresh.is_none() {
                round.traffic.push((edge.id.clone(), outcome, fresh));
            }
            return (standing.clone(), said);
        }
        round.rollups.extend(standing.roll_up(&edge.id, now));
        let before = standing.outcome;
        let record = if fresh.is_none() {
            // Nothing flowed: the time of the stretch is judged again, because the law or what the workload is
            // known to hold has changed.
            let interval = standing.stretch;
            let repeated = standing.stretch_traffic;
            JudgmentRecord::kept(edge, interval, Arc::clone(&said)).with_traffic(repeated).again()
        } else {
            let interval = Interval { from: standing.stretch.until.min(until), until };
            standing.begin(interval, fresh);
            round.traffic.push((edge.id.clone(), outcome, fresh));
            JudgmentRecord::kept(edge, interval, Arc::clone(&said)).with_traffic(fresh)
        };
        round.judgments.push(record);
        standing.judged(outcome, fingerprint, all, now);
        round.transitions.push(Transition { edge: edge.id.clone(), before: Some(before), after: outcome, is_personal });
        (standing.clone(), said)
    }
}

/// Whether a verdict opens an incident: an unlawful transfer does; a recipient that nobody knows does if the policy says
/// so and anything personal is known to be sent.
fn is_breach(published: &Published, edge: &Edge, verdict: &VerdictRecord) -> bool {
    let policy = |id: &AgreementId| published.ruleset.agreements.get(id).map(|agreement| &agreement.policy);
    match verdict.outcome {
        Outcome::Unlawful => true,
        Outcome::Unknown => {
            verdict.is_personal() && policy(&edge.id.agreement).is_some_and(|policy| policy.incident_on_unknown)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
