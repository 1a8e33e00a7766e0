use super::*;

const AWS: &str = r#"{
  "syncToken": "1785542400", "createDate": "2026-08-01-12-30-45",
  "prefixes": [
    {"ip_prefix": "198.51.100.0/24", "region": "us-east-1", "service": "AMAZON", "network_border_group": "us-east-1"},
    {"ip_prefix": "198.51.100.0/26", "region": "eu-central-1", "service": "AMAZON", "network_border_group": "eu-central-1"},
    {"ip_prefix": "198.51.100.0/26", "region": "eu-central-1", "service": "EC2", "network_border_group": "eu-central-1"},
    {"ip_prefix": "198.51.100.64/26", "region": "GLOBAL", "service": "AMAZON", "network_border_group": "GLOBAL"},
    {"ip_prefix": "198.51.100.128/26", "region": "eu-west-1", "service": "AMAZON", "network_border_group": "eu-west-1"},
    {"ip_prefix": "198.51.100.128/26", "region": "eu-west-1", "service": "CLOUDFRONT", "network_border_group": "eu-west-1"},
    {"ip_prefix": "198.51.100.192/26", "region": "eu-west-99", "service": "AMAZON", "network_border_group": "eu-west-99"}
  ],
  "ipv6_prefixes": [
    {"ipv6_prefix": "2001:db8:100::/48", "region": "eusc-de-east-1", "service": "AMAZON", "network_border_group": "x"}
  ]
}"#;

const GCP: &str = r#"{
  "syncToken": "1753409788780", "creationTime": "2026-08-02T19:16:28.780563",
  "prefixes": [
    {"ipv4Prefix": "203.0.113.0/26", "service": "Google Cloud", "scope": "europe-west3"},
    {"ipv4Prefix": "203.0.113.64/26", "service": "Google Cloud", "scope": "global"},
    {"ipv4Prefix": "203.0.113.0/24"},
    {"ipv6Prefix": "2001:db8:200::/48", "service": "Google Cloud", "scope": "europe-west6"}
  ]
}"#;

const AZURE: &str = r#"{
  "changeNumber": 400, "cloud": "Public",
  "values": [
    {"name": "AzureCloud.germanywc", "id": "AzureCloud.germanywc", "properties": {"changeNumber": 1, "region": "germanywc",
      "regionId": 5, "platform": "Azure", "systemService": "", "addressPrefixes": ["192.0.2.0/25", "2001:db8:300::/48"],
      "networkFeatures": ["API", "NSG"]}},
    {"name": "LogicApps", "id": "LogicApps", "properties": {"changeNumber": 1, "region": "", "regionId": 0,
      "platform": "Azure", "systemService": "LogicApps", "addressPrefixes": ["192.0.2.16/28", "192.0.2.128/28"],
      "networkFeatures": null}},
    {"name": "AzureFrontDoor.Frontend", "id": "AzureFrontDoor.Frontend", "properties": {"changeNumber": 1, "region": "",
      "regionId": 0, "platform": "Azure", "systemService": "AzureFrontDoor", "addressPrefixes": ["192.0.2.32/29"]}}
  ]
}"#;

/// Provider, region, jurisdiction and confidence of every piece of evidence, in short.
fn summaries(documents: &[&CloudRanges], address: &str) -> Vec<String> {
    best(documents.iter().copied(), address.parse().unwrap())
        .into_iter()
        .map(|evidence| {
            assert_eq!(evidence.method, LocationMethod::CloudRange);
            let cloud = evidence.cloud.unwrap();
            let place = evidence.jurisdiction.map_or("-".to_owned(), |place| place.to_string());
            format!("{} {} {place} {:?}", cloud.provider, cloud.region, evidence.confidence)
        })
        .collect()
}

fn parse(document: &str) -> CloudRanges {
    CloudRanges::parse("sample.json", document.as_bytes()).unwrap()
}

#[test]
fn the_longest_prefix_that_states_a_place_wins() {
    let (aws, gcp, azure) = (parse(AWS), parse(GCP), parse(AZURE));
    for (address, expected) in [
        // AWS: nested prefixes, GLOBAL, an edge service in a region, a region that is not known.
        ("198.51.100.1", "aws eu-central-1 DE High"),
        ("198.51.100.70", "aws GLOBAL - UnknownEdge"),
        ("198.51.100.130", "aws eu-west-1 - UnknownEdge"),
        ("198.51.100.200", "aws eu-west-99 - High"),
        ("2001:db8:100::1", "aws eusc-de-east-1 DE High"),
        // Google: the scope, the global scope, a prefix without any.
        ("203.0.113.1", "gcp europe-west3 DE High"),
        ("203.0.113.65", "gcp global - UnknownEdge"),
        ("203.0.113.200", "gcp GLOBAL - UnknownEdge"),
        ("2001:db8:200::1", "gcp europe-west6 CH High"),
        // Azure: a tag without region inside one with region, alone, and the front door.
        ("192.0.2.1", "azure germanywc DE High"),
        ("192.0.2.17", "azure germanywc DE High"),
        ("192.0.2.130", "azure GLOBAL - UnknownEdge"),
        ("192.0.2.33", "azure GLOBAL - UnknownEdge"),
        ("2001:db8:300::1", "azure germanywc DE High"),
    ] {
        assert_eq!(summaries(&[&aws, &gcp, &azure], address), [expected], "{address}");
        assert_eq!(summaries(&[&azure, &gcp, &aws], address), [expected], "{address}, other order");
    }
    for address in ["192.0.2.200", "10.0.0.1", "2001:db8:400::1"] {
        assert_eq!(summaries(&[&aws, &gcp, &azure], address), [""; 0], "{address}");
    }
}

#[test]
fn a_prefix_claimed_for_two_regions_is_reported_twice() {
    let both = r#"{"creationTime": "2026-08-02T00:00:00.0", "prefixes": [
        {"ipv4Prefix": "203.0.113.0/26", "scope": "us-east1"}, {"ipv4Prefix": "203.0.113.0/26", "scope": "europe-west3"},
        {"ipv4Prefix": "203.0.113.0/26", "scope": "us-east1"}]}"#;
    assert_eq!(summaries(&[&parse(both)], "203.0.113.5"), ["gcp europe-west3 DE High", "gcp us-east1 US High"]);
}

#[test]
fn of_two_editions_that_agree_the_newest_is_named() {
    let older = CloudRanges::parse("older.json", AWS.as_bytes()).unwrap();
    let newer = CloudRanges::parse("newer.json", AWS.replace("2026-08-01", "2026-09-01").as_bytes()).unwrap();
    for documents in [[&older, &newer], [&newer, &older]] {
        let found = best(documents.into_iter(), "198.51.100.1".parse().unwrap());
        assert_eq!(found.iter().map(|evidence| evidence.dataset.as_str()).collect::<Vec<_>>(), ["newer.json"]);
    }
}

#[test]
fn the_date_is_the_documents_own() {
    for (document, date) in [
        (AWS.to_owned(), Some("2026-08-01T12:30:45Z")),
        (GCP.to_owned(), Some("2026-08-02T19:16:28.780563Z")),
        (AZURE.to_owned(), None),
        (AWS.replace("2026-08-01-12-30-45", "first of August"), None),
        (format!("\u{feff}{AWS}"), Some("2026-08-01T12:30:45Z")),
    ] {
        assert_eq!(parse(&document).date, date.map(|date| date.parse().unwrap()));
    }
}

#[test]
fn what_is_no_published_format_is_refused_with_what_was_expected() {
    for (document, expected) in [
        ("", "expected cloud ranges as published, a JSON object: EOF while parsing"),
        ("[1]", "expected cloud ranges as published, a JSON object: invalid length 1, expected an object"),
        ("{}", "expected AWS ip-ranges.json (createDate, prefixes), Google's cloud.json"),
        (r#"{"prefixes": []}"#, "expected AWS ip-ranges.json"),
        (r#"{"createDate": "2026", "prefixes": []}"#, "expected at least one prefix of AWS ip-ranges.json"),
        (r#"{"creationTime": "2026", "prefixes": []}"#, "expected at least one prefix of Google's cloud.json"),
        (r#"{"changeNumber": 1, "values": []}"#, "expected at least one prefix of Azure's ServiceTags"),
        (
            r#"{"createDate": "2026", "prefixes": [{"ip_prefix": "198.51.100.0/33", "region": "r", "service": "s"}]}"#,
            "expected the format of AWS ip-ranges.json: invalid IP address syntax at line 1",
        ),
        (
            r#"{"createDate": "2026", "prefixes": [{"ip_prefix": "198.51.100.0/24", "service": "s"}]}"#,
            "expected the format of AWS ip-ranges.json: missing field `region` at line 1",
        ),
        (
            "{\"creationTime\": \"2026\", \"prefixes\": [\n{\"scope\": \"global\"}]}",
            "expected the format of Google's cloud.json: expected ipv4Prefix or ipv6Prefix at line 2",
        ),
        (
            r#"{"changeNumber": 1, "values": [{"name": "AzureCloud", "properties": {}}]}"#,
            "expected the format of Azure's ServiceTags: missing field `addressPrefixes` at line 1",
        ),
    ] {
        let error = CloudRanges::parse("sample.json", document.as_bytes()).unwrap_err();
        let source = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
        assert!(format!("{error}{source}").starts_with(expected), "{document}: {error}{source}");
    }
}

#[test]
fn no_prefix_of_a_document_reads_as_a_document() {
    for document in [AWS, GCP, AZURE] {
        for end in 0..document.len() {
            assert!(CloudRanges::parse("sample.json", &document.as_bytes()[..end]).is_err(), "{end} bytes");
        }
        assert!(!parse(document).is_empty());
    }
}

#[test]
fn debug_shows_no_prefixes() {
    assert_eq!(
        format!("{:?}", parse(AZURE)),
        "CloudRanges { provider: Azure, dataset: \"sample.json\", date: None, prefixes: 5 }"
    );
}
