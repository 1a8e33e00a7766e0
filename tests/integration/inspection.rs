//! docs/inspection.md lists what the program really reads.

use landfall_agent::inspect::{Handling, PROTOCOLS};

/// The rows of the table under `heading`, without its head.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = include_str!("../../docs/inspection.md");
    let (_, section) = page.split_once(heading).unwrap();
    let table = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    table.skip(2).map(cells).collect()
}

#[test]
fn the_page_lists_every_protocol_that_is_told_apart_and_what_is_done_with_it() {
    let expected: Vec<_> = PROTOCOLS
        .iter()
        .map(|(name, handling)| {
            let words = match handling {
                Handling::Read => "read",
                Handling::NotRead => "not read",
                Handling::Upgradable => "not read, unless it switches to TLS",
                Handling::Encrypted => "encrypted",
            };
            vec![(*name).to_owned(), words.to_owned()]
        })
        .collect();
    assert_eq!(rows("## Protocols"), expected);
}

#[test]
fn the_page_lists_every_detector_with_its_category() {
    let expected: Vec<_> =
        landfall_detect::detectors().map(|(name, category)| vec![name.to_owned(), category.to_string()]).collect();
    assert_eq!(rows("## Detectors"), expected);
}

#[test]
fn what_encrypts_by_the_page_of_protocols_encrypts_by_the_wire_schema() {
    for (name, handling) in PROTOCOLS {
        let protocol = landfall_observation::Protocol::try_from(name.to_owned()).unwrap();
        assert_eq!(protocol.encrypts(), handling == Handling::Encrypted, "{name}");
    }
}
