//! Which territories lie inside the area where the GDPR applies.

use landfall_observation::{Jurisdiction, JurisdictionSet};

/// EU27, and Iceland, Liechtenstein and Norway by EEA Joint Committee Decision 154/2018.
const EEA: JurisdictionSet = JurisdictionSet::from_codes(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO",
);

/// Parts of member states with codes of their own, where the treaties apply (Art. 349 and 355(1),
/// (4) TFEU): the French outermost regions, the Canaries, Ceuta and Melilla, Åland.
const EEA_PARTS: JurisdictionSet = JurisdictionSet::from_codes("GP MQ GF RE YT MF IC EA AX");

/// Territories that need a decision by a person: the overseas territories to which French data-protection law
/// was extended though the GDPR does not apply, and `SJ`, one code for Svalbard (outside the EEA,
/// Protocol 40) and Jan Mayen (inside). The north of Cyprus and the Sovereign Base Areas have no code
/// of their own.
const REVIEW: JurisdictionSet = JurisdictionSet::from_codes("BL PM NC PF WF TF SJ");

/// Territories of the United States with codes of their own.
const UNITED_STATES_PARTS: JurisdictionSet = JurisdictionSet::from_codes("PR GU VI AS MP");

pub(crate) const UNITED_STATES: Jurisdiction = Jurisdiction::from_letters(*b"US").expect("a code of ISO 3166-1");

/// How Chapter V GDPR sees a territory. Adequacy is not here: it is a basis, with a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Territory {
    /// The GDPR applies there.
    Eea,
    /// A person must decide.
    Review,
    /// A third country.
    ThirdCountry,
}

/// How Chapter V GDPR sees `jurisdiction`.
pub fn territory(jurisdiction: Jurisdiction) -> Territory {
    if EEA.contains(jurisdiction) || EEA_PARTS.contains(jurisdiction) {
        Territory::Eea
    } else if REVIEW.contains(jurisdiction) {
        Territory::Review
    } else {
        Territory::ThirdCountry
    }
}

/// The country as which bases and assessments see `jurisdiction`: territories of the United States
/// are judged as the United States.
pub(crate) fn judged_as(jurisdiction: Jurisdiction) -> Jurisdiction {
    if UNITED_STATES_PARTS.contains(jurisdiction) { UNITED_STATES } else { jurisdiction }
}

/// Those of `places` outside the area where the GDPR applies, as bases and assessments see them.
pub(crate) fn abroad(places: JurisdictionSet) -> JurisdictionSet {
    let outside = places.difference(EEA).difference(EEA_PARTS);
    let parts = outside.intersection(UNITED_STATES_PARTS);
    if parts.is_empty() { outside } else { outside.difference(parts).with(UNITED_STATES) }
}

/// Those of `places` within the area where the GDPR applies.
pub(crate) fn within_eea(places: JurisdictionSet) -> JurisdictionSet {
    places.intersection(EEA).union(places.intersection(EEA_PARTS))
}

/// Those of `places` that bases and assessments see as `country`.
pub(crate) fn judged_as_one(places: JurisdictionSet, country: Jurisdiction) -> JurisdictionSet {
    let alone = JurisdictionSet::EMPTY.with(country);
    places.intersection(if country == UNITED_STATES { alone.union(UNITED_STATES_PARTS) } else { alone })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn territories_are_as_the_table_of_law_says() {
        for (codes, expected) in [
            ("DE FR IE IS LI NO AX RE IC EA MF", Territory::Eea),
            ("BL PM NC PF WF TF SJ", Territory::Review),
            ("US GB CH GL AW CW FO PR GU GI MC SM VA XK GG JE IM BV TR", Territory::ThirdCountry),
        ] {
            for code in codes.split(' ') {
                assert_eq!(territory(code.parse().unwrap()), expected, "{code}");
            }
        }
    }

    #[test]
    fn what_is_abroad_is_judged_as_the_country_it_belongs_to() {
        assert_eq!(abroad(JurisdictionSet::from_codes("DE RE PR VI NC GB")), JurisdictionSet::from_codes("GB NC US"));
        assert_eq!(abroad(JurisdictionSet::from_codes("DE IS")), JurisdictionSet::EMPTY);
        let each: JurisdictionSet =
            Jurisdiction::all().filter(|it| territory(*it) != Territory::Eea).map(judged_as).collect();
        assert_eq!(abroad(Jurisdiction::all().collect()), each);
        // Each place is either within the EEA or judged as one of those.
        let all: JurisdictionSet = Jurisdiction::all().collect();
        let parts: JurisdictionSet = each.iter().flat_map(|country| judged_as_one(all, country)).collect();
        assert_eq!(parts, all.difference(within_eea(all)));
    }
}
