//! Which places a hop reaches, and for which of them Chapter V GDPR requires a basis.

use landfall_observation::{Jurisdiction, JurisdictionSet};

use crate::{EndpointEntry, Entity, EntityKind, Place, Places, territory};

/// The places where an importer processes, stores or has access, and its seat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Those that are named.
    pub(crate) places: JurisdictionSet,
    /// Whether it may reach any other place, because one is not named.
    pub(crate) anywhere: bool,
}

impl Reach {
    /// The union of several sets of places.
    pub(crate) fn from_places<'p>(places: impl IntoIterator<Item = &'p Places>) -> Self {
        let mut reach = Self::default();
        for places in places {
            match places {
                Places::Only(places) => reach.places = reach.places.union(*places),
                Places::Anywhere => reach.anywhere = true,
            }
        }
        reach
    }

    /// Where an endpoint processes, stores and gives access, as far as it is stated.
    pub(crate) fn from_entry(entry: &EndpointEntry) -> Self {
        let EndpointEntry { processing, storage, access } = entry;
        Self::from_places([processing]).and(Self::from_storage_and_access(storage.as_ref(), access.as_ref()))
    }

    /// Where it stores and gives access, as far as it is stated beyond where it processes.
    pub(crate) fn from_storage_and_access(storage: Option<&Places>, access: Option<&Places>) -> Self {
        Self::from_places(storage.into_iter().chain(access))
    }

    /// With the seat of the importer added: an entity in a third country is an importer there regardless of the region
    /// that it uses (EDPB Guidelines 05/2021, third criterion).
    pub(crate) fn with_seat(self, seat: Jurisdiction) -> Self {
        Self { places: self.places.with(seat), ..self }
    }

    /// The union of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { places: self.places.union(other.places), anywhere: self.anywhere || other.anywhere }
    }

    /// Those that are not in the other.
    pub(crate) fn without(self, other: Self) -> Self {
        Self { places: self.places.difference(other.places), anywhere: self.anywhere && !other.anywhere }
    }

    /// Whether there is no place.
    pub(crate) fn is_empty(self) -> bool {
        self.places.is_empty() && !self.anywhere
    }

    /// Those within the EEA.
    pub(crate) fn within_eea(self) -> Self {
        Self { places: territory::within_eea(self.places), anywhere: false }
    }

    /// Those for which a basis for `stop` is needed; all, if that is because of the importer.
    pub(crate) fn at(self, stop: Place) -> Self {
        match stop {
            Place::In(country) => Self { places: territory::judged_as_one(self.places, country), anywhere: false },
            Place::Anywhere => Self { places: JurisdictionSet::EMPTY, ..self },
            Place::Organisation => self,
        }
    }

    /// The named places outside the EEA, as bases and assessments see them.
    pub(crate) fn abroad(self) -> JurisdictionSet {
        territory::abroad(self.places)
    }

    /// The places for which a hop to `importer` needs a basis: each one outside the EEA, and an international
    /// organisation wherever it is (Art. 44 GDPR).
    pub(crate) fn stops(self, importer: &Entity) -> impl Iterator<Item = Place> + use<> {
        let organisation = importer.kind == EntityKind::InternationalOrganisation;
        let named = self.abroad().into_iter().map(Place::In);
        named.chain(self.anywhere.then_some(Place::Anywhere)).chain(organisation.then_some(Place::Organisation))
    }
}
