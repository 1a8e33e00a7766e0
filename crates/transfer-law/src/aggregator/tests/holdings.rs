//! Since when and where a workload was seen to hold something.

use super::*;

fn book_of(observations: &[(Counterpart, Observation)]) -> EdgeAggregator {
    let mut book = EdgeAggregator::new();
    for (counterpart, observation) in observations {
        book.absorb(&agreement(), counterpart, observation);
    }
    book
}

/// Where the names that the workload of an edge holds were seen, with the first and the last instant.
fn seen_at(book: &EdgeAggregator, recipient: &str) -> Vec<String> {
    let edge = book.edges().find(|edge| edge.id.recipient == recipient).unwrap();
    let seen_at = edge.categories.sightings.iter().map(|Sighting { category, seen }| {
        let place = seen.place.as_ref().map(|SeenPlace { direction, recipient, endpoint, port }| {
            format!("{direction:?} {recipient}/{endpoint}:{port}")
        });
        format!("{category} {} {} {}", place.unwrap_or_default(), seen.first, seen.last)
    });
    seen_at.collect()
}

#[test]
fn each_place_has_its_own_first_and_last() {
    let name = &[DataCategory::NAME][..];
    let book = book_of(&[
        (Counterpart::DataSubject, observation("2026-11-01T10:00:00Z", &[], name)),
        (Counterpart::DataSubject, observation("2026-11-03T10:00:00Z", &[], name)),
        (registered("acme"), observation("2026-11-02T10:00:00Z", name, &[])),
        (stranger("x"), observation("2026-11-04T10:00:00Z", &[], &[])),
    ]);
    let expected = [
        "pd:Name Received data-subjects/:443 2026-11-01T10:00:00Z 2026-11-03T10:00:00Z",
        "pd:Name Sent acme/main:443 2026-11-02T10:00:00Z 2026-11-02T10:00:00Z",
    ];
    assert_eq!(seen_at(&book, "unregistered:x"), expected);
}

#[test]
fn a_place_counts_within_thirty_days_by_itself() {
    let name = &[DataCategory::NAME][..];
    let book = book_of(&[
        (Counterpart::DataSubject, observation("2026-09-01T10:00:00Z", &[], name)),
        (registered("acme"), observation("2026-11-02T10:00:00Z", name, &[])),
        (stranger("x"), observation("2026-11-04T10:00:00Z", &[], &[])),
    ]);
    assert_eq!(
        seen_at(&book, "unregistered:x"),
        ["pd:Name Sent acme/main:443 2026-11-02T10:00:00Z 2026-11-02T10:00:00Z"]
    );
}

#[test]
fn places_without_end_are_kept_as_one_that_is_not_known() {
    let name = &[DataCategory::NAME][..];
    let to = |index: u32| (stranger(&format!("s{index}.example")), observation("2026-11-02T10:00:00Z", name, &[]));
    let many: Vec<_> = (0..1000).map(to).collect();
    let book = book_of(&many);
    let sightings = seen_at(&book, "unregistered:s1.example");
    assert_eq!(sightings.len(), 9);
    assert_eq!(sightings[0], "pd:Name  2026-11-02T10:00:00Z 2026-11-02T10:00:00Z");
}

#[test]
fn a_new_place_is_news_about_all_edges_and_a_known_one_is_not() {
    let name = &[DataCategory::NAME][..];
    let mut book = book_of(&[
        (stranger("x"), observation("2026-11-02T10:00:00Z", &[], &[])),
        (Counterpart::DataSubject, observation("2026-11-02T10:00:00Z", &[], name)),
    ]);
    assert_eq!(book.take_touched().len(), 2);
    book.absorb(&agreement(), &Counterpart::DataSubject, &observation("2026-11-02T10:05:00Z", &[], name));
    assert_eq!(book.take_touched().len(), 1);
    book.absorb(&agreement(), &registered("acme"), &observation("2026-11-02T10:06:00Z", name, &[]));
    assert_eq!(book.take_touched().len(), 3);
}

#[test]
fn what_is_not_certain_is_neither_seen_nor_held_until_it_is() {
    let mut book = EdgeAggregator::new();
    let matched = |certainty, at: &str| {
        let mut observation = observation(at, &[DataCategory::NAME], &[]);
        observation.sent.findings[0].certainty = certainty;
        observation
    };
    let known = |book: &EdgeAggregator| -> Vec<_> {
        let counts = |edge: Edge| (edge.categories.seen.len(), edge.categories.uncertain.categories().count());
        book.edges().map(|edge| (edge.id.recipient.clone(), edge.categories.held.len(), counts(edge))).collect()
    };
    let name = |recipient: &str| format!("unregistered:{recipient}");
    let contextual = FindingCertainty::Contextual;
    book.absorb(&agreement(), &stranger("x"), &matched(FindingCertainty::Heuristic, "2026-11-02T10:00:00Z"));
    book.absorb(&agreement(), &stranger("x"), &matched(contextual, "2026-11-02T10:01:00Z"));
    book.absorb(&agreement(), &stranger("y"), &matched(contextual, "2026-11-02T10:02:00Z"));
    assert_eq!(known(&book), [(name("x"), 0, (0, 1)), (name("y"), 0, (0, 1))]);

    // This survives a restart, and a workload holds a category that its edges together have in three records.
    let mut restarted = EdgeAggregator::new();
    for edge in book.edges() {
        restarted.restore(serde_json::from_str::<Edge>(&serde_json::to_string(&edge).unwrap()).unwrap());
    }
    for held in book.take_touched_holdings() {
        restarted.restore_holdings(serde_json::from_str(&serde_json::to_string(&held).unwrap()).unwrap());
    }
    restarted.absorb(&agreement(), &stranger("x"), &matched(contextual, "2026-11-02T10:03:00Z"));
    assert_eq!(known(&restarted), [(name("x"), 1, (0, 1)), (name("y"), 0, (0, 1))], "later than the traffic to y");
    restarted.absorb(&agreement(), &stranger("x"), &matched(contextual, "2026-11-02T10:04:00Z"));
    assert_eq!(known(&restarted), [(name("x"), 1, (1, 0)), (name("y"), 0, (0, 1))]);
    restarted.absorb(&agreement(), &stranger("y"), &observation("2026-11-02T10:05:00Z", &[], &[]));
    assert_eq!(known(&restarted), [(name("x"), 1, (1, 0)), (name("y"), 1, (0, 1))]);
}

#[test]
fn what_was_kept_before_there_were_places_is_held_at_one_that_is_not_known() {
    let old = r#"{"cluster":"c","exporter":{"workload":{"namespace":"crm","kind":"Deployment","name":"sync"}},
        "categories":{"pd:Name":{"first":"2026-11-01T10:00:00Z","last":"2026-11-01T10:05:00Z"}}}"#;
    let mut book = EdgeAggregator::new();
    book.restore_holdings(serde_json::from_str(old).unwrap());
    book.absorb(&agreement(), &stranger("x"), &observation("2026-11-02T10:00:00Z", &[], &[]));
    let unknown = "pd:Name  2026-11-01T10:00:00Z 2026-11-01T10:05:00Z";
    assert_eq!(seen_at(&book, "unregistered:x"), [unknown]);

    // Later sightings are stored with their place.
    let now = observation("2026-11-02T10:00:00Z", &[], &[DataCategory::NAME]);
    book.absorb(&agreement(), &Counterpart::DataSubject, &now);
    assert_eq!(
        seen_at(&book, "unregistered:x"),
        [unknown, "pd:Name Received data-subjects/:443 2026-11-02T10:00:00Z 2026-11-02T10:00:00Z"]
    );
}
