//! Legal facts and providers that are shipped with the program, as YAML like that of a register folder.

use std::{path::Path, sync::LazyLock};

use landfall_api::{Object, TransferBasisSpec};

use crate::{Register, RegisterErrors, load};

macro_rules! files {
    ($($name:literal,)*) => { &[$(($name, include_str!(concat!("../data/", $name)))),*] };
}

/// The acts of the Union on which transfers rest, one per file.
const INSTRUMENTS: &[(&str, &str)] = files![
    "instruments/adequacy-ad.yaml",
    "instruments/adequacy-ar.yaml",
    "instruments/adequacy-br.yaml",
    "instruments/adequacy-ca.yaml",
    "instruments/adequacy-ch.yaml",
    "instruments/adequacy-epo.yaml",
    "instruments/adequacy-fo.yaml",
    "instruments/adequacy-gb.yaml",
    "instruments/adequacy-gg.yaml",
    "instruments/adequacy-il.yaml",
    "instruments/adequacy-im.yaml",
    "instruments/adequacy-je.yaml",
    "instruments/adequacy-jp.yaml",
    "instruments/adequacy-kr.yaml",
    "instruments/adequacy-nz.yaml",
    "instruments/adequacy-us-dpf.yaml",
    "instruments/adequacy-us-privacy-shield.yaml",
    "instruments/adequacy-us-safe-harbour.yaml",
    "instruments/adequacy-uy.yaml",
    "instruments/scc-2001-497.yaml",
    "instruments/scc-2004-915.yaml",
    "instruments/scc-2010-87.yaml",
    "instruments/scc-2021-914.yaml",
];

/// Providers, one per file, some together with a transfer instrument of their own.
const PROVIDERS: &[(&str, &str)] = files![
    "providers/anthropic.yaml",
    "providers/closebot.yaml",
    "providers/gemini.yaml",
    "providers/highlevel.yaml",
    "providers/meta-wa.yaml",
    "providers/openai.yaml",
    "providers/synthflow.yaml",
    "providers/twilio.yaml",
];

static SHIPPED: LazyLock<Vec<Object<TransferBasisSpec>>> =
    LazyLock::new(|| read(INSTRUMENTS).expect("covered by tests").bases);

/// The acts of the Union that are shipped with the program: adequacy decisions and sets of standard clauses, including
/// those no longer in force. [`load`](crate::load) adds them to every register.
pub fn instruments() -> &'static [Object<TransferBasisSpec>] {
    &SHIPPED
}

/// Label of an object that holds a shipped instrument as it was shipped, as those of the chart landfall-legal-data do.
pub const SHIPPED_LABEL: &str = "landfall.dev/shipped";

/// Puts what the program ships in the place of objects that hold an earlier state of it: of shipped facts, the latest
/// `asOf` counts, whether a chart or the program brings them. Without [`SHIPPED_LABEL`] an object is its author's own word
/// and stays.
pub fn take_latest(bases: &mut [Object<TransferBasisSpec>]) {
    for basis in bases.iter_mut().filter(|basis| basis.metadata.labels.contains_key(SHIPPED_LABEL)) {
        let same = instruments().iter().find(|shipped| shipped.metadata.name == basis.metadata.name);
        if let Some(shipped) = same.filter(|shipped| shipped.spec.as_of > basis.spec.as_of) {
            basis.clone_from(shipped);
        }
    }
}

/// Providers that are shipped with the program, as Recipients to copy into a register and check. They are never added
/// automatically: a register lists its own recipients.
pub fn providers() -> Register {
    read(PROVIDERS).expect("covered by tests")
}

fn read(files: &[(&str, &str)]) -> Result<Register, RegisterErrors> {
    load::read(files.iter().map(|(name, text)| (Path::new(name), *text)))
}

#[cfg(test)]
mod tests;
