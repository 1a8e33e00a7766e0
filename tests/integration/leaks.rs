//! No output holds a value that the recorded traffic carried.

use std::{collections::BTreeSet, fs, path::Path};

use landfall_detect::{Hint, State, scan};

use crate::support::{landfall, root, watch_all};

/// Every value that a detector finds in the bodies that the clients sent, taken by its offsets.
fn planted() -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    collect(&root().join("examples/traffic/bodies"), &mut values);
    // A surname that is also part of the processor's made-up name stands in the register.
    let register = fs::read_to_string(root().join("examples/crm-processor/agreement.yaml")).unwrap();
    values.retain(|value| !register.contains(value.as_str()));
    assert!(values.len() >= 8, "only {} values are planted", values.len());
    values
}

fn collect(folder: &Path, values: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, values);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let mut state = State::with_spans();
        scan(&mut state, &bytes, if path.extension().is_some_and(|e| e == "json") { Hint::Json } else { Hint::Form });
        let (_, spans) = state.finish_with_spans();
        values.extend(spans.iter().map(|span| {
            let range = usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
            String::from_utf8_lossy(&bytes[range]).into_owned()
        }));
    }
}

#[test]
fn no_output_holds_a_value_of_the_traffic() {
    let values = planted();
    let folder = tempfile::tempdir().unwrap();
    let observations = folder.path().join("observations.ndjson");
    let mut outputs = Vec::new();
    for format in ["table", "json", "yaml"] {
        let mut arguments = watch_all();
        arguments
            .extend(["-o", format, "--force", "--observations-out", observations.to_str().unwrap()].map(str::to_owned));
        let run = landfall(arguments);
        outputs.extend([run.stdout, run.stderr]);
    }
    outputs.push(fs::read_to_string(&observations).unwrap());
    for (number, output) in outputs.iter().enumerate() {
        for value in &values {
            assert!(!output.contains(value.as_str()), "output {number} holds a value of {} bytes", value.len());
        }
    }
}
