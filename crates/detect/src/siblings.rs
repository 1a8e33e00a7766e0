//! What the keys of one object say about each other.

use landfall_observation::{FindingCertainty, Place};

use crate::{
    detectors::Detector,
    key::{Evidence, Key, Meaning, Route},
    tally::Tally,
};

/// Questions an object may leave open until it ends.
const MAX_OPEN: usize = 8;

/// The evidence in one object and the questions that wait for it.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the same object")]
pub(crate) struct Siblings {
    person: bool,
    thing: bool,
    street: bool,
    city: bool,
    postcode: Option<(Place, (u64, u64))>,
    open: Vec<Open>,
}

/// A value that may be a person's name.
struct Open {
    place: Place,
    span: (u64, u64),
    /// Two or more capitalised words.
    full: bool,
    /// The key speaks of a person.
    titled: bool,
}

// === impl Open ===

impl Open {
    /// `name` beside a price is an article's, `passenger` is a person all the same. One word alone is
    /// a name only beside other data of a person.
    fn is_person(&self, person: bool, thing: bool) -> bool {
        if self.titled { self.full } else { !thing && (self.full || person) }
    }
}

// === impl Siblings ===

impl Siblings {
    /// The siblings in an object that stands under `parent`.
    pub(crate) fn under(parent: &Key) -> Self {
        let Meaning { route, evidence, .. } = parent.meaning();
        let titled = matches!(route, Route::MaybeName { titled: true });
        let thing = matches!(evidence, Evidence::Thing | Evidence::Goods);
        Self { person: titled, thing, ..Self::default() }
    }

    /// Takes note of a key.
    pub(crate) fn note(&mut self, key: &Key) {
        match key.meaning().evidence {
            Evidence::None | Evidence::Goods => {}
            Evidence::Person => self.person = true,
            Evidence::Thing => self.thing = true,
        }
    }

    /// Asks whether a value is a person's name. The answer comes when the object ends; it comes at
    /// once if too many questions are open.
    pub(crate) fn ask(&mut self, place: Place, span: (u64, u64), full: bool, titled: bool) -> bool {
        let question = Open { place, span, full, titled };
        let full_up = self.open.len() >= MAX_OPEN;
        if full_up {
            return question.is_person(self.person, self.thing);
        }
        self.open.push(question);
        false
    }

    /// Takes note of a street that was counted.
    pub(crate) fn street(&mut self) {
        self.street = true;
    }

    /// Takes note of a city.
    pub(crate) fn city(&mut self) {
        self.city = true;
    }

    /// Takes note of a postcode.
    pub(crate) fn postcode(&mut self, place: Place, span: (u64, u64)) {
        self.postcode.get_or_insert((place, span));
    }

    /// Decides what is open: the object has ended.
    pub(crate) fn decide(&mut self, tally: &mut Tally) {
        let Self { person, thing, street, city, postcode, open } = std::mem::take(self);
        for question in open {
            if question.is_person(person, thing) {
                tally.count(Detector::Name, FindingCertainty::Contextual, question.place, question.span);
            }
        }
        // A postcode and a city alone still tell where somebody lives.
        if let Some((place, span)) = postcode
            && city
            && !street
        {
            tally.count(Detector::Address, FindingCertainty::Contextual, place, span);
        }
    }
}

#[cfg(test)]
impl Siblings {
    /// Bytes held on the heap.
    pub(crate) fn held(&self) -> usize {
        self.open.capacity() * size_of::<Open>()
    }
}
