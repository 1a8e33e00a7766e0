use super::*;

fn string(text: &str) -> Vec<u8> {
    [&i16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat()
}

/// The subscription of a consumer of two topics, as Kafka 4 sends it.
fn subscribed() -> Vec<u8> {
    let owned = [&string("orders")[..], &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1]].concat();
    [
        &[0, 3, 0, 0, 0, 2][..],
        &string("orders"),
        &string("payments.v1"),
        &[0, 0, 0, 2, 0xde, 0xad, 0, 0, 0, 1],
        &owned,
        &[0, 0, 0, 7],
        &string("eu-central-1a"),
    ]
    .concat()
}

fn assigned() -> Vec<u8> {
    let orders = [&string("orders")[..], &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1]].concat();
    [&[0, 1, 0, 0, 0, 1][..], &orders, &[0xff, 0xff, 0xff, 0xff]].concat()
}

fn of_worker(url: &str) -> Vec<u8> {
    [&[0, 2][..], &string(url), &[0, 0, 0, 0, 0, 0, 0, 4], &[0xff, 0xff, 0xff, 0xff]].concat()
}

#[test]
fn a_subscription_has_topics_and_a_rack() {
    let bytes = subscribed();
    let expected = Subscription { topics: vec!["orders", "payments.v1"], rack: Some("eu-central-1a") };
    assert_eq!(subscription(&bytes), Some(expected));
    // As of a consumer that is older than racks.
    let older = [&[0, 0, 0, 0, 0, 1][..], &string("orders"), &[0xff, 0xff, 0xff, 0xff]].concat();
    assert_eq!(subscription(&older), Some(Subscription { topics: vec!["orders"], rack: None }));
    // As of a version that is still to come, which appends.
    let mut newer = subscribed();
    newer[1] = 9;
    newer.extend([1, 2, 3]);
    assert_eq!(subscription(&newer).unwrap().rack, Some("eu-central-1a"));
}

#[test]
fn an_assignment_has_partitions_by_topic() {
    assert_eq!(assignment(&assigned()), Some(Assignment::from([("orders", vec![0, 1])])));
    assert_eq!(assignment(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Some(Assignment::new()));
}

#[test]
fn a_worker_has_a_url_or_none() {
    let url = |text: &str| worker(&of_worker(text)).map(|worker| worker.url.map(str::to_owned));
    assert_eq!(url("http://192.0.2.7:8083/"), Some(Some("http://192.0.2.7:8083/".to_owned())));
    assert_eq!(url("NOTUSED"), Some(None));
    for other in ["", "192.0.2.7:8083", "ftp://192.0.2.7/", "http://made-up:secret@192.0.2.7/", "http://\u{1b}[2J/"] {
        assert_eq!(url(other), None, "{other:?}");
    }
}

#[test]
fn no_prefix_is_taken_for_the_whole() {
    let whole = subscribed();
    for end in 0..whole.len() {
        assert_eq!(subscription(&whole[..end]), None, "{end}");
    }
    // What follows the parts that are read is left alone: user data, and what a later version appends.
    let whole = assigned();
    for end in 0..whole.len() - 4 {
        assert_eq!(assignment(&whole[..end]), None, "{end}");
    }
    let whole = of_worker("http://192.0.2.7:8083/");
    for end in 0..whole.len() - 4 {
        assert_eq!(worker(&whole[..end]), None, "{end}");
    }
}

#[test]
fn counts_that_cannot_be_are_refused_before_anything_is_allocated() {
    for count in [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0, 1, 0, 0]] {
        let bytes = [&[0, 3][..], &count, &[0; 16]].concat();
        assert_eq!((subscription(&bytes), assignment(&bytes)), (None, None), "{count:?}");
    }
}

#[test]
fn a_name_that_no_topic_can_have_is_refused() {
    for name in ["", "or ders", "orders\u{1b}", "größe", &"x".repeat(250)] {
        let bytes = [&[0, 0, 0, 0, 0, 1][..], &string(name), &[0xff, 0xff, 0xff, 0xff]].concat();
        assert_eq!(subscription(&bytes), None, "{name:?}");
    }
}
