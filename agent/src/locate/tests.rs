use std::{env, time::Duration};

use tempfile::TempDir;

use super::{dataset::Dataset, *};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/locations");

fn examples() -> Locator {
    Locator::open(&LocatorConfig::from_dir(Path::new(EXAMPLES)).unwrap()).unwrap()
}

/// Every piece of evidence in short: what it says, how sure it is.
fn summaries(locator: &Locator, address: &str) -> Vec<String> {
    (locator.locate(address.parse().unwrap()).into_iter())
        .map(|evidence| {
            let what = match (evidence.cloud, evidence.asn) {
                (Some(cloud), _) => format!("{}/{}", cloud.provider, cloud.region),
                (None, Some(asn)) => format!("AS{asn}"),
                (None, None) => "country".to_owned(),
            };
            let place = evidence.jurisdiction.map_or("-".to_owned(), |place| place.to_string());
            format!("{what} {place} {:?}", evidence.confidence)
        })
        .collect()
}

/// An error with its causes, as a person reads it.
fn chain(error: &dyn Error) -> String {
    error.source().map_or(error.to_string(), |source| format!("{error}: {}", chain(source)))
}

fn example(name: &str) -> PathBuf {
    Path::new(EXAMPLES).join(name)
}

fn with(name: &str, contents: &[u8]) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, contents).unwrap();
    (dir, path)
}

#[test]
fn the_ladder_speaks_best_rung_first() {
    let locator = examples();
    for (address, expected) in [
        ("198.51.100.1", &["aws/us-east-1 US High", "AS16509 - Medium"][..]),
        // The country database says US here; it does not speak.
        ("198.51.100.17", &["aws/eu-central-1 DE High", "AS16509 - Medium"]),
        ("198.51.100.33", &["AS32934 - Medium", "country US Low"]),
        ("198.51.100.49", &["aws/us-east-1 US High", "AS16509 - Medium"]),
        ("198.51.100.65", &["aws/eu-west-1 IE High", "AS16509 - Medium"]),
        ("198.51.100.81", &["azure/eastus US High", "AS8075 - Medium"]),
        ("198.51.100.97", &["gcp/us-east1 US High", "AS396982 - Medium"]),
        ("198.51.100.113", &["gcp/europe-west3 DE High", "AS396982 - Medium"]),
        // Edges have no place, and the country database gives them none.
        ("203.0.113.1", &["AS13335 - UnknownEdge"]),
        ("203.0.113.17", &["azure/germanywc DE High", "AS8075 - Medium"]),
        ("203.0.113.33", &["AS399358 - Medium", "country US Low"]),
        ("203.0.113.49", &["gcp/global - UnknownEdge", "AS15169 - Medium"]),
        ("203.0.113.65", &["gcp/europe-west4 NL High", "AS396982 - Medium"]),
        ("203.0.113.97", &["AS64500 - Medium", "country US Low"]),
        ("203.0.113.113", &[]),
        ("203.0.113.129", &["AS64501 - Medium", "country DE Low"]),
        ("192.0.2.1", &[]),
        ("10.0.0.1", &[]),
        ("2001:db8:100::1", &["aws/us-east-1 US High", "AS16509 - Medium"]),
        ("2001:db8:101::1", &[]),
        // IPv4 inside IPv6: mapped, and behind NAT64.
        ("::ffff:198.51.100.17", &["aws/eu-central-1 DE High", "AS16509 - Medium"]),
        ("64:ff9b::198.51.100.17", &["aws/eu-central-1 DE High", "AS16509 - Medium"]),
    ] {
        assert_eq!(summaries(&locator, address), expected, "{address}");
    }
}

#[test]
fn evidence_names_its_dataset_and_date() {
    let date = "2026-08-01T00:00:00Z".parse().ok();
    let evidence = examples().locate("198.51.100.33".parse().unwrap());
    let expected = [
        LocationEvidence {
            method: landfall_observation::LocationMethod::Asn,
            jurisdiction: None,
            cloud: None,
            asn: Some(32934),
            operator: Some("FACEBOOK".to_owned()),
            confidence: Confidence::Medium,
            dataset: "asn.mmdb".to_owned(),
            dataset_date: date,
        },
        LocationEvidence {
            method: landfall_observation::LocationMethod::CountryDb,
            jurisdiction: "US".parse().ok(),
            cloud: None,
            asn: None,
            operator: None,
            confidence: Confidence::Low,
            dataset: "country.mmdb".to_owned(),
            dataset_date: date,
        },
    ];
    assert_eq!(evidence, expected);
    let published = &examples().locate("198.51.100.17".parse().unwrap())[0];
    assert_eq!((published.dataset.as_str(), published.dataset_date), ("ip-ranges.json", date));
}

#[test]
fn without_ranges_a_known_edge_still_has_no_place() {
    let locator = Locator::open(&LocatorConfig {
        cloud_ranges: Vec::new(),
        asn: Some(example("asn.mmdb")),
        country: Some(example("country.mmdb")),
        ..LocatorConfig::default()
    })
    .unwrap();
    assert_eq!(summaries(&locator, "203.0.113.49"), ["AS15169 - UnknownEdge"]);
    assert_eq!(summaries(&locator, "198.51.100.17"), ["AS16509 - Medium", "country US Low"]);
}

#[test]
fn behind_a_declared_translator_the_place_is_that_of_the_ipv4_address() {
    let declared = Translation::new(vec!["2001:db8:64::/96".parse().unwrap()]);
    let known = LocatorConfig { translation: declared, ..LocatorConfig::from_dir(&example("")).unwrap() };
    let places = |config: &LocatorConfig| summaries(&Locator::open(config).unwrap(), "2001:db8:64::198.51.100.17");
    assert_eq!(places(&known), ["aws/eu-central-1 DE High", "AS16509 - Medium"]);
    assert_ne!(places(&LocatorConfig::from_dir(&example("")).unwrap()), places(&known));
}

#[test]
fn a_folder_is_sorted_by_content_not_by_name() {
    let dir = TempDir::new().unwrap();
    for (from, to) in
        [("asn.mmdb", "country.mmdb"), ("country.mmdb", "a.mmdb"), ("cloud.json", "aws.json"), ("make.py", "notes.txt")]
    {
        fs::copy(example(from), dir.path().join(to)).unwrap();
    }
    let config = LocatorConfig::from_dir(dir.path()).unwrap();
    let expected = LocatorConfig {
        cloud_ranges: vec![dir.path().join("aws.json")],
        asn: Some(dir.path().join("country.mmdb")),
        country: Some(dir.path().join("a.mmdb")),
        ..LocatorConfig::default()
    };
    assert_eq!(config, expected);
    assert_eq!(
        summaries(&Locator::open(&config).unwrap(), "203.0.113.65"),
        ["gcp/europe-west4 NL High", "AS396982 - Medium"]
    );
}

#[test]
fn a_folder_that_cannot_be_meant_is_refused() {
    let empty = TempDir::new().unwrap();
    let error = LocatorConfig::from_dir(empty.path()).unwrap_err().to_string();
    assert!(error.contains("expected a folder with 1 to 64 datasets (*.json, *.mmdb), found 0"), "{error}");

    for copy in ["one.mmdb", "two.mmdb"] {
        fs::copy(example("asn.mmdb"), empty.path().join(copy)).unwrap();
    }
    let error = LocatorConfig::from_dir(empty.path()).unwrap_err().to_string();
    assert!(error.contains("two.mmdb") && error.contains("one.mmdb: expected one ASN database"), "{error}");

    let error = LocatorConfig::from_dir(&empty.path().join("missing")).unwrap_err();
    assert!(chain(&error).contains("missing: No such file"), "{error}");
}

#[test]
fn a_bad_dataset_is_refused_by_name_with_what_was_expected() {
    let cloud = |path: PathBuf| LocatorConfig { cloud_ranges: vec![path], ..LocatorConfig::default() };
    let asn = |path: PathBuf| LocatorConfig { asn: Some(path), ..LocatorConfig::default() };
    let country = |path: PathBuf| LocatorConfig { country: Some(path), ..LocatorConfig::default() };
    let (_json, not_ranges) = with("package.json", b"{\"name\": \"x\"}");
    let (_text, garbage) = with("asn.mmdb", b"no database at all");
    let (_empty, empty) = with("asn.mmdb", b"");
    for (config, expected) in [
        (cloud(example("gone.json")), "gone.json: No such file"),
        (asn(example("gone.mmdb")), "gone.mmdb: No such file"),
        (cloud(example("asn.mmdb")), "asn.mmdb: expected cloud ranges as published, a JSON object: expected value"),
        (cloud(not_ranges), "package.json: expected AWS ip-ranges.json"),
        (asn(garbage), "asn.mmdb: expected a MaxMind database (mmdb): invalid database"),
        (asn(empty), "asn.mmdb: expected a MaxMind database (mmdb): invalid database"),
        (
            asn(example("country.mmdb")),
            "country.mmdb: expected an ASN database, found a country database of type \"Landfall-Example-Country\"",
        ),
        (
            country(example("asn.mmdb")),
            "asn.mmdb: expected a country database, found an ASN database of type \"Landfall-Example-ASN\"",
        ),
        (asn(PathBuf::from(EXAMPLES)), "examples/locations: Is a directory"),
    ] {
        let error = chain(&Locator::open(&config).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_beyond_the_bound_is_refused_before_it_is_read() {
    let (_dir, path) = with("huge.json", b"");
    fs::File::options().write(true).open(&path).unwrap().set_len(MAX_DATASET_BYTES + 1).unwrap();
    let error = Locator::open(&LocatorConfig { cloud_ranges: vec![path], ..LocatorConfig::default() }).unwrap_err();
    assert!(matches!(error, LocateError::TooLarge { .. }), "{error}");
}

/// A locator over the contents of a database, as far as they are one.
fn over(name: &str, contents: &[u8]) -> Option<Locator> {
    let path = Path::new(name);
    let asn = AsnDatabase::load(path, contents.to_vec()).ok();
    let country = CountryDatabase::load(path, contents.to_vec()).ok();
    (asn.is_some() || country.is_some()).then(|| Locator {
        cloud: Vec::new(),
        asn: asn.map(|value| ReloadingDataset::fixed(path, value)),
        country: country.map(|value| ReloadingDataset::fixed(path, value)),
        translation: Translation::default(),
    })
}

#[test]
fn no_prefix_of_a_database_is_a_database() {
    for name in ["asn.mmdb", "country.mmdb"] {
        let whole = fs::read(example(name)).unwrap();
        assert!(whole.len() <= 4096);
        for end in 0..whole.len() {
            assert!(over(name, &whole[..end]).is_none(), "{name}, {end} bytes");
        }
        assert_eq!(summaries(&over(name, &whole).unwrap(), "203.0.113.129").len(), 1, "{name}");
    }
}

#[test]
fn a_damaged_database_is_refused_or_answers() {
    for name in ["asn.mmdb", "country.mmdb"] {
        let whole = fs::read(example(name)).unwrap();
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0xff;
            let Some(locator) = over(name, &damaged) else { continue };
            for address in ["198.51.100.1", "203.0.113.129", "2001:db8:100::1"] {
                assert!(summaries(&locator, address).len() <= 1, "{name}, byte {place}");
            }
        }
    }
}

#[test]
fn a_changed_dataset_is_read_again_and_a_bad_one_keeps_the_last_good() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("cloud.json");
    let good = fs::read_to_string(example("cloud.json")).unwrap();
    // Sizes and times are set apart by hand: a file system's clock can be too coarse for a test.
    let mut edition = 0;
    let mut write = |contents: &str| {
        edition += 1;
        fs::write(&path, contents).unwrap();
        let later = std::time::SystemTime::now() + Duration::from_secs(edition);
        fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    };
    write(&good);
    let config = LocatorConfig {
        cloud_ranges: vec![dir.path().join("cloud.json")],
        country: Some(example("country.mmdb")),
        ..LocatorConfig::default()
    };
    let mut locator = Locator::open(&config).unwrap();
    let place = |locator: &Locator| summaries(locator, "198.51.100.113");
    assert_eq!(place(&locator), ["gcp/europe-west3 DE High"]);
    assert!(!locator.refresh().unwrap(), "nothing has changed");

    write(&good.replace("europe-west3", "europe-west2"));
    assert!(locator.refresh().unwrap());
    assert_eq!(place(&locator), ["gcp/europe-west2 GB High"]);

    write("{\"creationTime\": ");
    let error = locator.refresh().unwrap_err();
    assert!(!error.changed);
    assert_eq!(error.failures.len(), 1);
    let text = error.to_string();
    assert!(text.starts_with("kept the last good location datasets: failed to load cloud ranges from /"), "{text}");
    assert!(text.contains("cloud.json: expected cloud ranges as published, a JSON object: EOF"), "{text}");
    assert_eq!(place(&locator), ["gcp/europe-west2 GB High"], "the last good one stays");
    assert!(!locator.refresh().unwrap(), "a bad file is reported once");

    fs::remove_file(dir.path().join("cloud.json")).unwrap();
    assert!(chain(&locator.refresh().unwrap_err().failures[0]).contains("cloud.json: No such file"));
    assert_eq!(place(&locator), ["gcp/europe-west2 GB High"]);
    assert!(!locator.refresh().unwrap());

    write(&good);
    assert!(locator.refresh().unwrap(), "a good file is taken up again");
    assert_eq!(place(&locator), ["gcp/europe-west3 DE High"]);
}

/// The real format, by the public-domain database that `examples/locations/fetch-real.sh` fetches.
#[test]
fn a_real_country_database_answers() {
    let Some(path) = env::var_os("LANDFALL_REAL_COUNTRY_MMDB") else {
        assert!(env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "LANDFALL_REAL_COUNTRY_MMDB is not set");
        println!("skipped: LANDFALL_REAL_COUNTRY_MMDB is not set (see examples/locations/fetch-real.sh)");
        return;
    };
    let path = PathBuf::from(path);
    let locator = Locator::open(&LocatorConfig { country: Some(path.clone()), ..LocatorConfig::default() }).unwrap();
    for (address, expected) in [
        // AWS Frankfurt, which country databases take for the seat of its operator.
        ("3.120.10.1", &["country US Low"][..]),
        ("80.128.0.1", &["country DE Low"]),
        ("2003::1", &["country DE Low"]),
        ("10.0.0.1", &[]),
        ("198.51.100.1", &[]),
    ] {
        assert_eq!(summaries(&locator, address), expected, "{address}");
    }
    assert!(locator.locate("80.128.0.1".parse().unwrap())[0].dataset_date > "2025-01-01T00:00:00Z".parse().ok());
    let error = Locator::open(&LocatorConfig { asn: Some(path), ..LocatorConfig::default() }).unwrap_err();
    assert!(error.to_string().contains("expected an ASN database, found a country database"), "{error}");
}
