mod cells;
mod judged;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use landfall_agent::kafka::landing::{LandingGraph, TopicLandings, findings::Finding};
use serde::Serialize;

pub(crate) use self::judged::JudgedLandings;
use super::transfers::MAX_WHY;
use crate::{
    cells::{or_dash, outcome_style},
    output::{Grid, Screen, Table},
};

/// Where the messages of a cluster land, and what should be changed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct KafkaLandings {
    #[serde(flatten)]
    pub(crate) graph: LandingGraph,
    /// With a register: each party with its verdict.
    #[serde(flatten)]
    pub(crate) judged: Option<JudgedLandings>,
    pub(crate) findings: Vec<Finding>,
}

/// A line for each landing, with its verdict where there is one, and below them what should be changed and what is not known.
#[derive(Default)]
pub(crate) struct KafkaLandingTable(Option<KafkaLandings>);

impl Table for KafkaLandingTable {
    type Row<'a> = KafkaLandings;

    fn push(&mut self, landings: &KafkaLandings) {
        self.0 = Some(landings.clone());
    }

    fn render(&self, screen: Screen) -> String {
        let Some(KafkaLandings { graph, judged, findings }) = &self.0 else { return String::new() };
        let LandingGraph { cluster_id, topics, mirrored_from, mirrored_to, gaps } = graph;
        let mut text = format!("cluster {}: {} topics", or_dash(cluster_id.as_ref()), topics.len());
        for (what, clusters) in [("copied from", mirrored_from), ("copied to", mirrored_to)] {
            if !clusters.is_empty() {
                let clusters: Vec<_> = clusters.iter().map(String::as_str).collect();
                text = format!("{text}; {what} {}", clusters.join(", "));
            }
        }
        if !topics.is_empty() {
            let grid = match judged {
                Some(judged) => verdicts(topics, judged, screen),
                None => landings(topics, screen),
            };
            text = format!("{text}\n\n{grid}");
        }
        let findings: Vec<_> = findings.iter().map(|finding| format!("finding: {}", cells::finding(finding))).collect();
        let gaps: Vec<_> = gaps.iter().map(|gap| format!("not known: {gap}")).collect();
        for notes in [findings, gaps].into_iter().filter(|notes| !notes.is_empty()) {
            text = format!("{text}\n\n{}", notes.join("\n"));
        }
        text
    }
}

/// Where each topic lands, and what says so.
fn landings(topics: &BTreeMap<String, TopicLandings>, screen: Screen) -> String {
    let mut grid = Grid::new(screen, &["TOPIC", "LANDS AT", "WHO OR WHERE", "KNOWN FROM"]).keep_whole(&[0, 1]);
    for (topic, TopicLandings { copy_of, partitions: _, landings }) in topics {
        if let Some(copy) = copy_of {
            grid.push([topic, "is a copy of", &cells::copy(copy), "names"]);
        }
        for landing in landings {
            let (what, who) = cells::destination(&landing.destination);
            grid.push([topic.as_str(), what, &who, &cells::evidence(&landing.evidence)]);
        }
    }
    grid.cut()
}

/// What each topic holds, then where it lands and whether it may.
fn verdicts(topics: &BTreeMap<String, TopicLandings>, judged: &JudgedLandings, screen: Screen) -> String {
    let mut data = Grid::new(screen, &["TOPIC", "DATA", "DECLARED"]).keep_whole(&[0]);
    let headings = ["VERDICT", "TOPIC", "LANDS AT", "WHO OR WHERE", "RECIPIENT", "WHERE", "WHY"];
    let mut grid = Grid::new(screen, &headings).keep_whole(&[0, 1, 2]);
    let of_agreement = topics.iter().filter_map(|(topic, landings)| Some((topic, landings, judged.data(topic)?)));
    for (topic, TopicLandings { copy_of, partitions: _, landings }, known) in of_agreement {
        data.push([topic, known, &judged.declared(topic)]);
        if let Some(copy) = copy_of {
            grid.push(["-", topic, "is a copy of", &cells::copy(copy), "-", "-", "-"]);
        }
        for landing in landings {
            let (what, who) = cells::destination(&landing.destination);
            match judged.of(topic, &landing.destination) {
                Some(party) => {
                    let outcome = party.outcome.to_string();
                    let why = screen.short(&party.why, MAX_WHY);
                    let cells = [&outcome, topic, what, &who, &party.recipient, &party.place, &why];
                    grid.push_styled(cells, 0, outcome_style(Some(party.outcome)));
                }
                None => grid.push(["-", topic, what, &who, "-", "-", "not judged: place not known"]),
            }
        }
    }
    format!("{}\n\n{}", data.cut(), grid.cut())
}
