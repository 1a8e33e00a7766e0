//! What the keys of one object say about each other.

use landfall_observation::{FindingCertainty, KeyKind, Place};

use crate::{
    detectors::{AddressPart, DetectorId, KeyedValue, PossibleName},
    key::Key,
    meaning::{Evidence, Meaning},
    tally::Tally,
};

/// Most names that wait for the end of their object.
const MAX_PENDING: usize = 8;

/// What is known of one object, and the values in it that are decided when it ends.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the same object")]
pub(crate) struct Siblings {
    /// Whether it is about a person.
    person: bool,
    /// Whether it is about an article or a machine.
    thing: bool,
    /// Whether a street was counted in it.
    street: bool,
    city: bool,
    postcode: Option<Located>,
    names: Vec<(Located, PossibleName)>,
}

/// Where a value is, and which detector's finding it would be.
pub(crate) struct Located {
    pub(crate) detector: DetectorId,
    pub(crate) place: Place,
    /// Offsets in the record; (0, 0) where they are not wanted.
    pub(crate) span: (u64, u64),
}

// === impl Siblings ===

impl Siblings {
    /// The siblings in an object whose own key is `parent`.
    pub(crate) fn under(parent: &Key) -> Self {
        let Meaning { value, evidence, .. } = parent.meaning();
        let person = value == Some(KeyKind::Party);
        let thing = matches!(evidence, Evidence::Thing | Evidence::ThingsBelow);
        Self { person, thing, ..Self::default() }
    }

    /// Takes the evidence of a key.
    pub(crate) fn add_key(&mut self, key: &Key) {
        match key.meaning().evidence {
            Evidence::None | Evidence::ThingsBelow => {}
            Evidence::Person => self.person = true,
            Evidence::Thing => self.thing = true,
        }
    }

    /// Takes a value that was judged by its key; returns what it rests on if it counts at once.
    pub(crate) fn add_value(&mut self, value: KeyedValue, located: Located) -> Option<FindingCertainty> {
        match value {
            KeyedValue::PossibleName(name) if self.names.len() < MAX_PENDING => self.names.push((located, name)),
            // Memory is bounded: this one is decided by what is known of the object so far.
            KeyedValue::PossibleName(name) => {
                return is_person(name, self.person, self.thing).then_some(FindingCertainty::Contextual);
            }
            KeyedValue::AddressPart(AddressPart::Street) => self.street = true,
            KeyedValue::AddressPart(AddressPart::City) => self.city = true,
            KeyedValue::AddressPart(AddressPart::Postcode) => {
                self.postcode.get_or_insert(located);
            }
            KeyedValue::Other | KeyedValue::Match(_) => {}
        }
        value.certainty()
    }

    /// Decides on the pending values: the object has ended.
    pub(crate) fn finish(&mut self, tally: &mut Tally) {
        let Self { person, thing, street, city, postcode, names } = std::mem::take(self);
        let mut count = |Located { detector, place, span }| {
            tally.count(detector, FindingCertainty::Contextual, place, span);
        };
        for (located, name) in names {
            if is_person(name, person, thing) {
                count(located);
            }
        }
        // A postcode and a city alone still tell where somebody lives.
        if let Some(located) = postcode
            && city
            && !street
        {
            count(located);
        }
    }
}

/// Whether a name is a person's, in an object that is about a person or a thing. Under `name` beside a price it is an
/// article's, under `passenger` a person's all the same. One word alone is a name only beside other data of a person.
fn is_person(PossibleName { is_full, key_is_person }: PossibleName, person: bool, thing: bool) -> bool {
    if key_is_person { is_full } else { !thing && (is_full || person) }
}

#[cfg(test)]
impl Siblings {
    /// Bytes held on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        self.names.capacity() * size_of::<(Located, PossibleName)>()
    }
}
