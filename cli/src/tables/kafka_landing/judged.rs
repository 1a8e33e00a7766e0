//! Landings as judged transfers.

use std::collections::{BTreeMap, BTreeSet};

use landfall_agent::kafka::{
    landing::{Destination, LandingGraph},
    observer::parties_of,
};
use landfall_observation::{DataCategory, Endpoint, Local, Observation};
use landfall_transfer_law::Outcome;
use serde::Serialize;

use crate::{cells::categories, judging::Judging, tables::transfers};

/// What was judged of the topics of a cluster.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JudgedLandings {
    transfers: Vec<JudgedParty>,
    /// Categories that schemas and the MessageBus declare, by topic.
    declared: BTreeMap<String, BTreeSet<DataCategory>>,
}

/// A party with access to a topic, and the worst of its verdicts: one under each agreement of the topic.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JudgedParty {
    pub(super) topic: String,
    /// The party, as in observations.
    pub(super) party: Endpoint,
    /// The recipient that it was resolved to.
    pub(super) recipient: String,
    pub(super) outcome: Outcome,
    /// Where it is, how the categories are known and which they are, and the ground, as in tables of transfers.
    #[serde(rename = "where")]
    pub(super) place: String,
    pub(super) data: String,
    pub(super) why: String,
    /// Whether personal data is known of.
    #[serde(skip)]
    is_personal: bool,
    /// Where it is for certain; none if that is not known.
    #[serde(skip)]
    jurisdictions: BTreeSet<String>,
}

// === impl JudgedLandings ===

impl JudgedLandings {
    /// Judges each party of each topic by itself.
    pub(crate) fn new(observations: &[Observation], judging: &Judging) -> Self {
        let mut parties: BTreeMap<(&str, &Endpoint), Vec<&Observation>> = BTreeMap::new();
        for observation in observations {
            if let Local::Topic(topic) = &observation.local {
                parties.entry((&topic.topic, &observation.remote)).or_default().push(observation);
            }
        }
        let (mut judged, mut declared) = (Vec::new(), BTreeMap::new());
        for ((topic, party), observations) in parties {
            if let Some(last) = observations.last() {
                declared.insert(topic.to_owned(), judging.declared(last));
            }
            let mut worst: Option<JudgedParty> = None;
            judging.judge_alone(&observations, |transfer| {
                if worst.as_ref().is_none_or(|worst| worst.outcome < transfer.verdict.outcome) {
                    let [recipient, place, data, why] = transfers::cells(transfer);
                    let (topic, party, outcome) = (topic.to_owned(), party.clone(), transfer.verdict.outcome);
                    let is_personal = !transfer.verdict.categories.categories.is_empty();
                    let places = transfer.verdict.location.jurisdictions.iter();
                    let jurisdictions = places.map(|place| place.to_string()).collect();
                    worst = Some(JudgedParty {
                        topic,
                        party,
                        recipient,
                        outcome,
                        place,
                        data,
                        why,
                        is_personal,
                        jurisdictions,
                    });
                }
            });
            judged.extend(worst);
        }
        Self { transfers: judged, declared }
    }

    /// The topics that personal data is known of.
    pub(crate) fn topics_with_personal_data(&self) -> BTreeSet<String> {
        self.transfers.iter().filter(|party| party.is_personal).map(|party| party.topic.clone()).collect()
    }

    /// Where topics are copied to by MirrorMaker, of those places where none of their own brokers are. Where it is not known
    /// where the brokers are, nothing is said.
    pub(crate) fn copied_abroad(&self, graph: &LandingGraph) -> BTreeMap<String, BTreeSet<String>> {
        let places = |topic: &str, is_meant: &dyn Fn(&Destination) -> bool| {
            let landings = graph.topics.get(topic).into_iter().flat_map(|topic| &topic.landings);
            let meant = landings.filter(|landing| is_meant(&landing.destination));
            let parties: Vec<_> = meant.flat_map(|landing| parties_of(&landing.destination)).collect();
            let judged =
                self.transfers.iter().filter(|judged| judged.topic == topic && parties.contains(&judged.party));
            judged.flat_map(|judged| judged.jurisdictions.iter().cloned()).collect::<BTreeSet<_>>()
        };
        let topics = graph.topics.keys().map(|topic| {
            let own = places(topic, &|destination| matches!(destination, Destination::Broker { .. }));
            let mut abroad = places(topic, &|destination| matches!(destination, Destination::Mirror { .. }));
            abroad.retain(|place| !own.is_empty() && !own.contains(place));
            (topic.clone(), abroad)
        });
        topics.filter(|(_, abroad)| !abroad.is_empty()).collect()
    }

    /// What is known of the data of a topic, if it is under an agreement.
    pub(super) fn data(&self, topic: &str) -> Option<&str> {
        self.transfers.iter().find(|party| party.topic == topic).map(|party| party.data.as_str())
    }

    /// The categories that are declared for a topic.
    pub(super) fn declared(&self, topic: &str) -> String {
        let declared = self.declared.get(topic).into_iter().flatten();
        let (shown, more) = categories(declared);
        if shown.is_empty() { "-".to_owned() } else { format!("{shown}{more}") }
    }

    /// The worst verdict of a landing's parties.
    pub(super) fn of(&self, topic: &str, destination: &Destination) -> Option<&JudgedParty> {
        let parties = parties_of(destination);
        let of_landing =
            self.transfers.iter().filter(|judged| judged.topic == topic && parties.contains(&judged.party));
        of_landing.max_by_key(|judged| judged.outcome)
    }
}
