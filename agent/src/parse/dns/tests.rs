use super::*;

fn v4(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn v6() -> IpAddr {
    "2001:db8::7".parse().unwrap()
}

fn asked(question: &str) -> Message {
    Message { response: false, question: Some(question.to_owned()), addresses: vec![] }
}

fn told(question: &str, addresses: &[IpAddr]) -> Message {
    Message { response: true, question: Some(question.to_owned()), addresses: addresses.to_vec() }
}

#[test]
fn a_query_and_its_response_are_read() {
    assert_eq!(message(&sample::query("API.Example.org")), Parse::Value(asked("api.example.org")));
    assert_eq!(
        message(&sample::response("api.example.org", &[v4(1), v6(), v4(1)])),
        Parse::Value(told("api.example.org", &[v4(1), v6()]))
    );
}

#[test]
fn the_targets_of_a_cname_chain_are_no_names_but_its_addresses_count() {
    let chain = [
        sample::record(&[0xc0, 12], 5, &sample::name("edge.cdn.example")),
        sample::record(&sample::name("edge.cdn.example"), 5, &[1, b'x', 0xc0, 16]),
        sample::address_record(&sample::name("x.example.org"), v4(9)),
    ];
    assert_eq!(
        message(&sample::message(0x8180, "api.example.org", &chain)),
        Parse::Value(told("api.example.org", &[v4(9)]))
    );
}

#[test]
fn an_error_response_has_its_question_only() {
    let mut nxdomain = sample::response("gone.example.org", &[v4(1)]);
    nxdomain[3] |= 3;
    assert_eq!(message(&nxdomain), Parse::Value(told("gone.example.org", &[])));
}

#[test]
fn unknown_types_classes_and_flags_do_not_hide_the_question() {
    let mut odd = sample::query("api.example.org");
    let end = odd.len();
    odd[end - 4..].copy_from_slice(&[0xff, 0x01, 0x80, 0x01]);
    odd[3] |= 0x40;
    assert_eq!(message(&odd), Parse::Value(asked("api.example.org")));
}

#[test]
fn answers_count_as_far_as_they_are_well_formed() {
    let answers =
        [sample::address_record(&[0xc0, 12], v4(1)), sample::record(&[0xc0, 12], 1, &[1, 2, 3]), vec![0xc0, 12, 0, 1]];
    let cut = sample::message(0x8180, "api.example.org", &answers);
    assert_eq!(message(&cut), Parse::Value(told("api.example.org", &[v4(1)])));
}

#[test]
fn a_name_that_is_no_host_name_is_left_out() {
    for question in ["a b.example.org", "erika@example.org", "bücher.example"] {
        let Parse::Value(read) = message(&sample::response(question, &[v4(1)])) else { panic!("no message") };
        assert_eq!(read, Message { response: true, question: None, addresses: vec![] });
    }
    let dot_in_label = [&sample::query("")[..12], b"\x05a.b.c\x07example\0", &[0, 1, 0, 1]].concat();
    assert_eq!(message(&dot_in_label).value().unwrap().question, None);
}

#[test]
fn compression_loops_end() {
    let header = &sample::query("")[..12];
    let loops: [&[u8]; 5] = [&[0xc0, 12], &[0xc0, 14, 0xc0, 12], &[1, b'a', 0xc0, 12], &[0xc0, 0xff], &[0xff, 0xff]];
    for name in loops {
        assert_eq!(message(&[header, name, &[0, 1, 0, 1]].concat()), Parse::NotThis, "{name:?}");
    }
    // A chain of pointers, each to the one before it, is legal and absurd.
    let mut chain = sample::message(0x8180, "a.example", &[]);
    chain[7] = 1;
    let mut at = 12;
    for _ in 0..2_000_u16 {
        let here = u16::try_from(chain.len()).unwrap();
        chain.extend((0xc000_u16 | at).to_be_bytes());
        at = here;
    }
    assert!(matches!(message(&chain), Parse::Value(_)));
}

#[test]
fn counts_that_claim_too_much_cost_nothing() {
    let mut absurd = sample::response("api.example.org", &[v4(1)]);
    absurd[6..12].fill(0xff);
    assert_eq!(message(&absurd), Parse::Value(told("api.example.org", &[v4(1)])));
}

#[test]
fn what_is_no_standard_query_is_refused() {
    let query = sample::query("api.example.org");
    for (index, byte) in [(2, 0x28), (5, 0), (5, 2), (12, 0x40), (12, 0x80)] {
        let mut other = query.clone();
        other[index] = byte;
        assert_eq!(message(&other), Parse::NotThis, "byte {index} = {byte:#x}");
    }
    let long = vec!["a".repeat(63); 5].join(".");
    assert_eq!(message(&sample::query(&long)), Parse::NotThis);
}

#[test]
fn every_prefix_waits_until_the_question_is_complete() {
    let whole = sample::response("api.example.org", &[v4(1), v6()]);
    let question_end = sample::query("api.example.org").len();
    for end in 0..whole.len() {
        match message(&whole[..end]) {
            Parse::NeedMore => assert!(end < question_end),
            Parse::Value(read) => {
                assert!(end >= question_end);
                assert_eq!(read.question.as_deref(), Some("api.example.org"));
            }
            Parse::NotThis => panic!("{end} bytes"),
        }
    }
}

#[test]
fn messages_in_a_stream_stand_behind_their_length() {
    let first = sample::in_stream(&sample::query("a.example.org"));
    let both = [first.clone(), sample::in_stream(&sample::response("a.example.org", &[v4(1)]))].concat();
    assert_eq!(stream_message(&both), Parse::Value((first.len(), asked("a.example.org"))));
    assert_eq!(
        stream_message(&both[first.len()..]),
        Parse::Value((both.len() - first.len(), told("a.example.org", &[v4(1)])))
    );
    for end in 0..first.len() {
        assert_eq!(stream_message(&first[..end]), Parse::NeedMore, "{end} bytes");
    }
    assert_eq!(stream_message(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), Parse::NotThis);
    assert_eq!(stream_message(&[0, 5, 1, 2, 3, 4, 5]), Parse::NotThis, "too short for a message");
}

#[test]
fn a_reader_of_whole_messages_agrees_where_it_can_read() {
    let samples = [
        sample::query("api.example.org"),
        sample::response("api.example.org", &[v4(1), v6()]),
        sample::response("a.b.c.d.example.org", &[v6()]),
    ];
    for bytes in samples {
        let reference = simple_dns::Packet::parse(&bytes).unwrap();
        let read = message(&bytes).value().unwrap();
        assert_eq!(read.question, Some(reference.questions[0].qname.to_string()));
        assert_eq!(read.addresses.len(), reference.answers.len());
    }
}
