//! Traffic beyond the quota of edges of a namespace.

use super::*;

#[test]
fn made_up_hosts_fill_neither_the_book_nor_the_room_of_registered_recipients() {
    let mut book = EdgeAggregator::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for host in 0..100_000 {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &plain);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (quota::MAX_OUTSIDERS + 1, 99_000));
    // Existing edges keep their traffic; a registered recipient gets its own edge.
    book.absorb(&agreement(), &stranger("h7.example"), &plain);
    book.absorb(&agreement(), &registered("acme"), &plain);
    assert_eq!((book.edges().count(), book.overflowed()), (quota::MAX_OUTSIDERS + 2, 99_000));
    let edges: Vec<_> = book.edges().collect();
    let sent = |recipient: &str| edges.iter().find(|edge| edge.id.recipient == recipient).unwrap().volume.bytes_sent;
    assert_eq!((sent("unregistered:h7.example"), sent("acme"), sent("other")), (200, 100, 9_900_000));
    assert_eq!(edges.iter().map(|edge| edge.volume.bytes_sent).sum::<u64>(), 100 * 100_002);
    // Another namespace is not concerned.
    let mut elsewhere = plain.clone();
    elsewhere.local = Local::Workload(Workload::new("shop", "Deployment", "sync"));
    book.absorb(&agreement(), &stranger("x"), &elsewhere);
    assert_eq!((book.edges().count(), book.overflowed()), (quota::MAX_OUTSIDERS + 3, 99_000));
}

#[test]
fn a_namespace_has_so_many_edges_and_one_more_for_the_rest_also_after_a_restart() {
    let mut book = EdgeAggregator::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for index in 0..quota::MAX_EDGES {
        book.absorb(&agreement(), &registered(&format!("r{index}")), &plain);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (quota::MAX_EDGES, 0));
    let mut restarted = EdgeAggregator::new();
    for edge in book.edges() {
        restarted.restore(edge.clone());
        restarted.restore(edge);
    }
    for book in [&mut book, &mut restarted] {
        book.absorb(&agreement(), &registered("late"), &plain);
        book.absorb(&agreement(), &Counterpart::DataSubject, &plain);
        assert_eq!((book.edges().count(), book.overflowed()), (quota::MAX_EDGES + 1, 2));
    }
    assert_eq!(book.edges().collect::<Vec<_>>(), restarted.edges().collect::<Vec<_>>());
    let rest = book.edges().find(|edge| edge.id.recipient == "other").unwrap();
    assert_eq!(rest.counterpart, Counterpart::Other { unregistered: false, remote_access: false });
    assert_eq!((rest.id.exporter.clone(), rest.volume.bytes_sent), (Exporter::workload("crm", "Other", "other"), 200));

    // Restored edges may come from an earlier version without a quota.
    let mut crowded = EdgeAggregator::new();
    let mut edge = book.edges().next().unwrap();
    for index in 0..2 * quota::MAX_EDGES {
        Arc::make_mut(&mut edge.id).recipient = format!("r{index}");
        crowded.restore(edge.clone());
    }
    crowded.absorb(&agreement(), &registered("late"), &plain);
    assert_eq!((crowded.edges().count(), crowded.overflowed()), (2 * quota::MAX_EDGES + 1, 1));
}

#[test]
fn of_what_falls_into_the_rest_the_worst_counts() {
    let access = |label: &str| Counterpart::Unregistered { label: label.into(), remote_access: true };
    let either = |one: &str| Counterpart::Ambiguous { candidates: vec![one.into(), "x.example".into()] };
    let declared = |otherwise| Counterpart::DeclaredNotPersonal {
        reason: "time".into(),
        until: None,
        otherwise: Box::new(otherwise),
    };
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    let mut book = EdgeAggregator::new();
    for index in 0..quota::MAX_EDGES {
        book.absorb(&agreement(), &registered(&format!("r{index}")), &plain);
    }
    for (counterpart, unregistered, remote_access) in [
        (registered("late"), false, false),
        (declared(registered("declared")), false, false),
        (either("acme/main"), false, false),
        (either("y.example"), true, false),
        (declared(stranger("x")), true, false),
        (access("x"), true, true),
        (registered("later"), true, true),
    ] {
        book.absorb(&agreement(), &counterpart, &plain);
        let rest = book.edges().find(|edge| edge.id.recipient == "other").unwrap();
        assert_eq!(rest.counterpart, Counterpart::Other { unregistered, remote_access }, "{counterpart:?}");
    }
    assert_eq!(book.overflowed(), 7);
}

#[test]
fn the_rest_holds_what_any_workload_of_its_namespace_holds() {
    let mut book = EdgeAggregator::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for host in 0..=quota::MAX_OUTSIDERS {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &plain);
    }
    book.take_touched();
    for (pod, category) in [("a", DataCategory::NAME), ("b", DataCategory::EMAIL_ADDRESS)] {
        let holds = of_pod(observation("2026-11-23T10:00:00Z", &[], &[category]), pod);
        book.absorb(&agreement(), &Counterpart::DataSubject, &holds);
    }
    let mut elsewhere = observation("2026-11-23T10:00:00Z", &[], &[DataCategory::IP_ADDRESS]);
    elsewhere.local = Local::Workload(Workload::new("crm-2", "Deployment", "sync"));
    book.absorb(&agreement(), &Counterpart::DataSubject, &elsewhere);
    let touched = book.take_touched();
    let rest = touched.iter().find(|edge| edge.id.recipient == "other").unwrap();
    assert_eq!(rest.categories.held, BTreeSet::from([DataCategory::NAME, DataCategory::EMAIL_ADDRESS]));
    assert_eq!(
        recipients(&book).iter().filter(|(_, recipient)| !recipient.starts_with("unregistered:")).count(),
        touched.len()
    );
}

#[test]
fn a_workload_that_is_called_like_the_rest_is_counted_like_any() {
    let mut book = EdgeAggregator::new();
    let mut plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    plain.local = Local::Workload(Workload::new("crm", "Other", "other"));
    for host in 0..5_000 {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &plain);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (quota::MAX_OUTSIDERS + 1, 4_000));
}

#[test]
fn what_is_forgotten_makes_room_and_comes_back_as_new() {
    let mut book = EdgeAggregator::new();
    let [old, new] = ["2026-10-01T10:00:00Z", "2026-11-23T10:00:00Z"].map(|at| observation(at, &[], &[]));
    for host in 0..quota::MAX_OUTSIDERS {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &old);
    }
    book.absorb(&agreement(), &registered("acme"), &new);
    assert_eq!(book.forget_before("2026-11-01T00:00:00Z".parse().unwrap()).len(), quota::MAX_OUTSIDERS);
    assert_eq!(recipients(&book).len(), 1);
    for host in 0..quota::MAX_OUTSIDERS {
        book.absorb(&agreement(), &stranger(&format!("g{host}.example")), &new);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (quota::MAX_OUTSIDERS + 1, 0));
}
