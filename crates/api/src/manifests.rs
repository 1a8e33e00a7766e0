macro_rules! manifests {
    ($($name:literal,)*) => { &[$(($name, include_str!(concat!("../crds/", $name, ".yaml")))),*] };
}

/// The custom resource definitions of all kinds, as YAML, by the plural of the kind. A test compares them with the
/// types.
pub const MANIFESTS: &[(&str, &str)] = manifests![
    "incidents",
    "legaldevelopments",
    "messagebuses",
    "processingagreements",
    "recipients",
    "transferbases",
    "transferimpactassessments",
    "transferpolicies",
    "transfers",
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use serde::{Serialize, Serializer};
    use serde_json::Value;

    use super::*;

    const HEADER: &str = "# Generated from the types: make crds\n";

    /// Sorts keys, regardless of whether `serde_json` is built with `preserve_order`.
    struct Sorted<'a>(&'a Value);

    impl Serialize for Sorted<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                Value::Object(fields) => {
                    let fields: BTreeMap<_, _> = fields.iter().map(|(key, field)| (key, Sorted(field))).collect();
                    fields.serialize(serializer)
                }
                Value::Array(items) => serializer.collect_seq(items.iter().map(Sorted)),
                scalar => scalar.serialize(serializer),
            }
        }
    }

    /// With `LANDFALL_UPDATE=1` it rewrites them.
    #[test]
    fn manifests_say_what_the_types_say() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
        let mut names = Vec::new();
        for manifest in crate::manifests() {
            let text = format!("{HEADER}{}", serde_saphyr::to_string(&Sorted(&manifest)).unwrap());
            let name = manifest["spec"]["names"]["plural"].as_str().unwrap().to_owned();
            let file = folder.join(&name).with_extension("yaml");
            if std::env::var_os("LANDFALL_UPDATE").is_some() {
                fs::write(&file, &text).unwrap();
            }
            let committed = fs::read_to_string(&file).unwrap();
            let first = text.lines().zip(committed.lines()).enumerate().find(|(_, (new, old))| new != old);
            assert!(text == committed, "{} differs ({first:?}); run make crds", file.display());
            names.push(name);
        }
        assert_eq!(names, MANIFESTS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn manifests_can_be_applied_by_a_client_that_notes_what_it_applied() {
        for (name, text) in MANIFESTS {
            // An annotation can have 256 KiB (`kubectl apply` without `--server-side`).
            assert!(text.len() < 200 << 10, "{name}: {} bytes", text.len());
        }
    }
}
