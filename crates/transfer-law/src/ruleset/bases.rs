use std::collections::HashMap;

use foldhash::fast::FixedState;
use jiff::Timestamp;
use landfall_observation::Jurisdiction;
use serde::{Deserialize, Serialize};

use super::{Basis, Instrument};
use crate::bases::validity;

/// The bases of a ruleset, indexed by importer and country. Compares and serializes as the plain list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Basis>", into = "Vec<Basis>")]
pub struct Bases {
    all: Vec<Basis>,
    /// Those for named importers.
    by_importer: HashMap<String, Vec<u32>, FixedState>,
    /// Those for all importers in a country.
    by_country: HashMap<Jurisdiction, Vec<u32>, FixedState>,
    /// Those for all importers in all countries.
    anywhere: Vec<u32>,
    /// Acts by their number.
    acts: HashMap<String, u32, FixedState>,
    /// For each the index of the act that it rests on, or is, if present: every judgment needs it.
    rests_on: Vec<Option<u32>>,
}

/// A basis with the act that it rests on, or is, if the ruleset has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) basis: &'a Basis,
    pub(crate) act: Option<&'a Basis>,
}

impl Bases {
    /// All, in the order given.
    pub fn iter(&self) -> std::slice::Iter<'_, Basis> {
        self.all.iter()
    }

    /// All, each with the act that it rests on, or is.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = Candidate<'_>> {
        self.all.iter().zip(&self.rests_on).map(|(basis, act)| Candidate { basis, act: self.at(*act) })
    }

    /// Those that end, each with the instant at which it, or its act, expires, is repealed or suspended. Annulled ones
    /// were never valid (Art. 264(1) TFEU) and are not included.
    pub fn ends(&self) -> impl Iterator<Item = (&Basis, Timestamp)> {
        let ends = self.candidates().map(|candidate| (candidate.basis, validity::ends(candidate)));
        ends.filter(|(basis, end)| *end < Timestamp::MAX && basis.validity.annulled.is_none())
    }

    /// Adds a basis.
    pub fn push(&mut self, basis: Basis) {
        let index = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        if let Instrument::Adequacy { decision, .. } | Instrument::ClauseSet { decision, .. } = &basis.instrument
            && !self.acts.contains_key(decision)
        {
            self.acts.insert(decision.clone(), index);
            let earlier = self.all.iter().zip(&mut self.rests_on);
            earlier
                .filter(|(earlier, _)| earlier.instrument.decision() == Some(decision))
                .for_each(|(_, act)| *act = Some(index));
        }
        let act = basis.instrument.decision().and_then(|decision| self.acts.get(decision));
        self.rests_on.push(act.copied());
        match (&basis.importers, &basis.countries) {
            _ if basis.instrument.is_act() => {}
            (Some(importers), _) => {
                for importer in importers {
                    self.by_importer.entry(importer.clone()).or_default().push(index);
                }
            }
            (None, Some(countries)) => {
                for country in countries {
                    self.by_country.entry(country).or_default().push(index);
                }
            }
            (None, None) => self.anywhere.push(index),
        }
        self.all.push(basis);
    }

    /// The basis with the name `name`.
    pub fn get(&self, name: &str) -> Option<&Basis> {
        self.all.iter().find(|basis| basis.name == name)
    }

    /// The legal act with the number `decision`.
    pub fn act(&self, decision: &str) -> Option<&Basis> {
        self.acts.get(decision).and_then(|index| self.all.get(*index as usize))
    }

    /// Those that may concern a transfer to `importer` in `country` (`None`: no country is named), without mere
    /// acts.
    pub(crate) fn about(&self, importer: &str, country: Option<Jurisdiction>) -> impl Iterator<Item = Candidate<'_>> {
        let named = self.by_importer.get(importer).map_or(&[][..], Vec::as_slice);
        let local = country.and_then(|country| self.by_country.get(&country)).map_or(&[][..], Vec::as_slice);
        let indices = [named, local, &self.anywhere];
        indices.into_iter().flatten().filter_map(|index| {
            let basis = self.all.get(*index as usize)?;
            Some(Candidate { basis, act: self.at(*self.rests_on.get(*index as usize)?) })
        })
    }

    fn at(&self, index: Option<u32>) -> Option<&Basis> {
        self.all.get(index? as usize)
    }
}

impl From<Vec<Basis>> for Bases {
    fn from(all: Vec<Basis>) -> Self {
        let mut bases = Self::default();
        for basis in all {
            bases.push(basis);
        }
        bases
    }
}

impl From<Bases> for Vec<Basis> {
    fn from(bases: Bases) -> Self {
        bases.all
    }
}

impl FromIterator<Basis> for Bases {
    fn from_iter<I: IntoIterator<Item = Basis>>(items: I) -> Self {
        Self::from(items.into_iter().collect::<Vec<_>>())
    }
}

impl<'a> IntoIterator for &'a Bases {
    type Item = &'a Basis;
    type IntoIter = std::slice::Iter<'a, Basis>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Bases {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Bases,
        fixture::{acts, dpf, scc},
    };

    #[test]
    fn acts_are_found_whether_they_come_before_or_after_what_rests_on_them() {
        let [clauses, framework] = Vec::from(acts()).try_into().unwrap();
        let resting = [scc("Acme Inc."), dpf("Acme Inc.")];
        let before: Bases = [clauses.clone(), framework.clone()].into_iter().chain(resting.clone()).collect();
        let after: Bases = resting.into_iter().chain([clauses, framework]).collect();
        for bases in [before, after] {
            let about = bases.about("Acme Inc.", None);
            let found: Vec<_> = about.map(|it| (it.basis.name.as_str(), it.act.map(|act| act.name.as_str()))).collect();
            assert_eq!(found, [("scc", Some("clauses")), ("dpf", Some("framework"))]);
        }
        let alone = Bases::from(vec![scc("Acme Inc.")]);
        assert!(alone.about("Acme Inc.", None).all(|it| it.act.is_none()));
    }
}
