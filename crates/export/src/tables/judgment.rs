use super::{boolean, text, texts, timestamp};
use crate::Column;

/// The verdict.
pub(super) const COLUMNS: &[Column] = &[
    text("outcome", "verdict/outcome", "`Permitted`, `Unlawful` and so on; read an unknown one as `Unknown`"),
    texts("reasons", "verdict/reasons/*/code", "codes of the reasons, the worst first"),
    texts("reason_effects", "verdict/reasons/*/effect", "the outcome that each of `reasons` led to"),
    texts("reason_articles", "verdict/reasons/*/article", "the article that each of `reasons` rests on"),
    texts("obligations", "verdict/reasons/*/obligation", "the obligation that each of `reasons` concerns"),
    texts("missing", "verdict/missing/*/code", "codes of what could have been obtained for a better outcome"),
    texts("notes", "verdict/notes/*/code", "codes of other observations"),
    texts("bases", "verdict/bases/*", "names of the bases that carried the transfer"),
    texts("categories", "verdict/categories/categories/*", "categories of personal data (DPV), known or assumed"),
    text("rung", "verdict/categories/rung", "how the categories are known"),
    texts(
        "places",
        "verdict/location/jurisdictions/*",
        "jurisdictions that counted (ISO 3166-1). A transfer may have several",
    ),
    boolean("anywhere", "verdict/location/anywhere", "true: the provider names no place"),
    text("certainty", "verdict/location/certainty", "how certain the places are"),
    texts("importers", "verdict/chain/*/importer", "legal names of the importers of the chain, in order"),
    timestamp("judged_as_of", "verdict/at", "instant as of which it was judged"),
    timestamp("holds_until", "verdict/holdsUntil", "until when the verdict holds by itself"),
    text("ruleset", "verdict/ruleset", "version of the ruleset"),
    text("program", "program", "version of the program that judged"),
];

/// The outcome of a roll-up.
pub(super) const ROLLUP: &[Column] =
    &[text("outcome", "outcome", "outcome of the preceding judgment of the edge, under which the traffic continued")];
