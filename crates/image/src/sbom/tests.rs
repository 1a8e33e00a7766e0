//! What CycloneDX 1.5 demands, on a workspace made up here.

use super::*;

const LOCK: &str = "[[package]]\nname = \"used\"\nversion = \"1.2.3+c\"\nsource = \"registry\"\nchecksum = \"00ff\"\n
[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";

fn crates() -> Crates {
    let package = |name: &str, version: &str, source: Option<&str>| {
        json!({ "id": format!("id-{name}"), "name": name, "version": version, "license": "MIT/Apache-2.0",
            "description": "Does\n  things", "source": source })
    };
    let dependency =
        |name: &str, kind: Option<&str>| json!({ "pkg": format!("id-{name}"), "dep_kinds": [{ "kind": kind }] });
    let node = |name: &str, deps: Vec<Value>| json!({ "id": format!("id-{name}"), "deps": deps });
    let metadata = json!({
        "packages": [
            package("own", "0.1.0", None),
            package("used", "1.2.3+c", Some("registry")),
            package("builds", "2.0.0", Some("registry")),
            package("tests", "3.0.0", Some("registry")),
            package("optional", "5.0.0", Some("registry")),
            package("other", "4.0.0", None),
        ],
        "resolve": { "nodes": [
            node("own", vec![dependency("used", None), dependency("optional", None), dependency("builds", Some("build")), dependency("tests", Some("dev"))]),
            node("used", vec![]),
            node("optional", vec![]),
            node("other", vec![dependency("tests", None)]),
        ] },
        "workspace_root": "/nowhere",
    });
    // What another package of the workspace asks for is not linked into this one.
    let linked = [("own".to_owned(), ["own v0.1.0", "used v1.2.3+c"].map(str::to_owned).into())].into();
    Crates::new(serde_json::from_value(metadata).unwrap(), linked, LOCK)
}

#[test]
fn an_sbom_names_what_is_in_the_image_and_nothing_else() {
    let crates = crates();
    let image = Image::new("localhost/own:1").program("/true", "/bin/true").unwrap();
    let text = crates.sbom(&image, "own").unwrap();
    assert_eq!(text, crates.sbom(&image, "own").unwrap());
    let sbom: Value = serde_json::from_str(&text).unwrap();
    let components = sbom["components"].as_array().unwrap();
    let (libraries, crates): (Vec<&Value>, Vec<&Value>) =
        components.iter().partition(|part| part["bom-ref"].as_str().unwrap().starts_with("file:"));
    let used = json!({
        "type": "library",
        "bom-ref": "pkg:cargo/used@1.2.3%2Bc",
        "purl": "pkg:cargo/used@1.2.3%2Bc",
        "name": "used",
        "version": "1.2.3+c",
        "description": "Does things",
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "hashes": [{ "alg": "SHA-256", "content": "00ff" }],
    });
    assert_eq!(crates.iter().map(|part| &part["name"]).collect::<Vec<_>>(), ["own", "used"]);
    assert_eq!(*crates[1], used);
    assert_eq!(crates[0].get("purl"), None);
    let libc = libraries.iter().find(|part| part["name"].as_str().unwrap().ends_with("/libc.so.6")).unwrap();
    assert_eq!(libc["hashes"][0]["content"].as_str().unwrap().len(), 64);
}

#[test]
fn an_sbom_is_valid_by_the_rules_of_cyclonedx() {
    let crates = crates();
    let image = Image::new("localhost/own:1").program("/true", "/bin/true").unwrap();
    let sbom: Value = serde_json::from_str(&crates.sbom(&image, "own").unwrap()).unwrap();
    assert_eq!((&sbom["bomFormat"], &sbom["specVersion"]), (&json!("CycloneDX"), &json!("1.5")));
    let number = sbom["serialNumber"].as_str().unwrap().strip_prefix("urn:uuid:").unwrap();
    assert_eq!(number.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    let components = sbom["components"].as_array().unwrap().iter().chain([&sbom["metadata"]["component"]]);
    let references: Vec<&str> = components.map(|part| part["bom-ref"].as_str().unwrap()).collect();
    let distinct: BTreeSet<&str> = references.iter().copied().collect();
    assert_eq!(distinct.len(), references.len(), "each reference names one component");
    for dependency in sbom["dependencies"].as_array().unwrap() {
        let used = dependency["dependsOn"].as_array().unwrap().iter().chain([&dependency["ref"]]);
        assert!(used.into_iter().all(|reference| distinct.contains(reference.as_str().unwrap())), "{dependency}");
    }
}

#[test]
fn a_package_that_is_not_there_is_named() {
    let crates = crates();
    let error = crates.sbom(&Image::new("localhost/own:1"), "used").unwrap_err();
    assert_eq!(error.to_string(), "cargo metadata names no package used");
}

/// The whole workspace, against the schema of CycloneDX's makers.
#[test]
fn the_sbom_of_each_image_follows_the_schema() {
    let Some(folder) = std::env::var_os("LANDFALL_CYCLONEDX") else {
        assert!(std::env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "LANDFALL_CYCLONEDX is not set");
        println!("skipped: LANDFALL_CYCLONEDX is not set (see scripts/cyclonedx.sh)");
        return;
    };
    let read = |name: &str| -> Value {
        let path = Path::new(&folder).join(format!("{name}.SNAPSHOT.schema.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let schema = read("bom-1.5");
    let others = ["jsf-0.82", "spdx"]
        .map(|name| (format!("http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json"), read(name)));
    let registry = jsonschema::Registry::new().extend(others).unwrap().prepare().unwrap();
    let validator = jsonschema::options().with_registry(&registry).build(&schema).unwrap();
    let kafka = ["kafka".to_owned()];
    let packages: [(&str, &[String]); 2] = [(crate::recipe::AGENT, &kafka), (crate::recipe::OPERATOR, &[])];
    let crates = Crates::of_workspace("x86_64-unknown-linux-gnu", &packages).unwrap();
    let image = Image::new("localhost/own:1").program("/true", "/bin/true").unwrap();
    for (package, features) in packages {
        let sbom: Value = serde_json::from_str(&crates.sbom(&image, package).unwrap()).unwrap();
        let faults: Vec<String> = validator.iter_errors(&sbom).map(|fault| fault.instance_path().to_string()).collect();
        assert!(faults.is_empty(), "{package}: {faults:?}");
        let names: Vec<_> = sbom["components"].as_array().unwrap().iter().map(|part| part["name"].as_str()).collect();
        assert!(names.contains(&Some("tokio")));
        assert_eq!(names.contains(&Some("rdkafka-sys")), !features.is_empty(), "{package}");
        // A feature that the tests alone ask for, and a procedural macro.
        assert!(!names.contains(&Some("parquet")) && !names.contains(&Some("serde_derive")), "{package}: {names:?}");
        let mut broken = sbom;
        broken["components"][0]["type"] = json!("crate");
        assert!(!validator.is_valid(&broken));
    }
}
