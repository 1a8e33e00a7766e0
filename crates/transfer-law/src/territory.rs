//! Which territories lie inside the area where the GDPR applies.

use landfall_observation::Jurisdiction;

/// EU27, and Iceland, Liechtenstein and Norway by EEA Joint Committee Decision 154/2018.
const EEA: &str = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO";

/// Parts of member states with codes of their own, where the treaties apply (Art. 349 and 355(1),
/// (4) TFEU): the French outermost regions, the Canaries, Ceuta and Melilla, Åland.
const EEA_PARTS: &str = "GP MQ GF RE YT MF IC EA AX";

/// Areas that a person must look at: the overseas territories to which French data-protection law
/// was extended though the GDPR does not apply, and `SJ`, one code for Svalbard (outside the EEA,
/// Protocol 40) and Jan Mayen (inside). The north of Cyprus and the Sovereign Base Areas have no code
/// of their own.
const REVIEW: &str = "BL PM NC PF WF TF SJ";

/// Territories of the United States with codes of their own.
const UNITED_STATES: &str = "PR GU VI AS MP";

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
    match TABLE[index(jurisdiction.letters())] {
        Row::Eea => Territory::Eea,
        Row::Review => Territory::Review,
        Row::ThirdCountry | Row::UnitedStates => Territory::ThirdCountry,
    }
}

/// The country as which bases and assessments see `jurisdiction`: territories of the United States
/// are judged as the United States.
pub(crate) fn judged_as(jurisdiction: Jurisdiction) -> Jurisdiction {
    match TABLE[index(jurisdiction.letters())] {
        Row::UnitedStates => "US".parse().unwrap_or(jurisdiction),
        _ => jurisdiction,
    }
}

/// What a code is: every judgment asks many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Eea,
    Review,
    UnitedStates,
    ThirdCountry,
}

const TABLE: [Row; 26 * 26] = {
    let table = [Row::ThirdCountry; 26 * 26];
    let table = mark(table, EEA, Row::Eea);
    let table = mark(table, EEA_PARTS, Row::Eea);
    let table = mark(table, REVIEW, Row::Review);
    mark(table, UNITED_STATES, Row::UnitedStates)
};

const fn mark(mut table: [Row; 26 * 26], codes: &str, row: Row) -> [Row; 26 * 26] {
    let codes = codes.as_bytes();
    let mut at = 0;
    while at < codes.len() {
        table[index([codes[at], codes[at + 1]])] = row;
        at += 3;
    }
    table
}

/// The place of a code of two capital letters.
const fn index(code: [u8; 2]) -> usize {
    (code[0] - b'A') as usize * 26 + (code[1] - b'A') as usize
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
}
