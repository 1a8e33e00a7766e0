use super::*;

/// What a consumer of a topic tells its group, with a rack.
fn subscribed_to(topic: &str) -> Vec<u8> {
    let string = |text: &str| [&i16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
    [
        &[0, 3, 0, 0, 0, 1][..],
        &string(topic),
        &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1],
        &string("eu-central-1a"),
    ]
    .concat()
}

/// What a group tells a consumer of the partitions 1 and 0 of a topic.
fn assigned_to(topic: &str) -> Vec<u8> {
    let length = i16::try_from(topic.len()).unwrap().to_be_bytes();
    let partitions = [0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    [&[0, 3, 0, 0, 0, 1][..], &length, topic.as_bytes(), &partitions].concat()
}

fn listed(name: &str, state: &str, protocol_type: &str) -> ListedGroup {
    let protocol = if protocol_type == CONNECT { "sessioned" } else { "range" };
    let protocol = if state == "Stable" { protocol } else { "" }.to_owned();
    let (name, state, protocol_type) = (name.to_owned(), state.to_owned(), protocol_type.to_owned());
    ListedGroup { name, state, protocol_type, protocol, members: Vec::new(), error: None }
}

fn told(id: &str, metadata: Vec<u8>, assignment: Vec<u8>) -> ListedMember {
    ListedMember { id: id.into(), client_id: "billing".into(), client_host: "/192.0.2.7".into(), metadata, assignment }
}

fn described(name: &str, is_new_protocol: bool, state: &str, members: Vec<DescribedMember>) -> DescribedGroup {
    let assignor = if state == "Stable" { "uniform" } else { "" }.to_owned();
    DescribedGroup { name: name.into(), is_new_protocol, state: state.into(), assignor, members, error: None }
}

fn member(id: &str, instance: Option<&str>, assignment: &[(&str, &[i32])]) -> DescribedMember {
    let assignment = assignment.iter().map(|(topic, it)| ((*topic).to_owned(), it.to_vec())).collect();
    DescribedMember {
        id: id.into(),
        group_instance_id: instance.map(str::to_owned),
        client_id: "billing".into(),
        client_host: "node-1/192.0.2.7".into(),
        assignment,
    }
}

fn refused(code: &str) -> RequestError {
    RequestError { code: code.into(), text: "made up".into() }
}

fn expected(topics: &[(&str, &[i32])]) -> Member {
    Member {
        client_id: "billing".into(),
        client_host: "192.0.2.7".into(),
        group_instance_id: None,
        rack: None,
        topics: topics.iter().map(|(topic, it)| ((*topic).to_owned(), it.to_vec())).collect(),
        connect_url: None,
    }
}

fn named(name: &str, kind: GroupKind, state: &str, protocol: &str, members: Vec<Member>) -> Group {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Group {
        name: name.into(),
        kind,
        state: known(state),
        protocol: known(protocol),
        members,
        committed: BTreeMap::new(),
    }
}

#[test]
fn each_kind_is_taken_from_the_list_that_knows_it() {
    let url = "http://192.0.2.7:8083/";
    let worker = [&[0, 2, 0, 22][..], url.as_bytes(), &[0; 8]].concat();
    let listed = vec![
        ListedGroup {
            members: vec![told("m1", subscribed_to("orders"), Vec::new())],
            ..listed("classic", "Stable", CONSUMER)
        },
        listed("new", DEAD, ""),
        listed("share", DEAD, ""),
        ListedGroup { members: vec![told("w1", worker, Vec::new())], ..listed("connect", "Stable", CONNECT) },
        listed("registry", "Stable", "sr"),
        listed("offsets", "Empty", ""),
    ];
    let names = vec!["new".to_owned(), "classic".to_owned(), "offsets".to_owned()];
    let asked = to_describe(&listed, &names);
    assert_eq!(asked, ["classic", "new", "offsets", "share"]);

    let described = vec![
        described("classic", false, "Stable", vec![member("m1", Some("billing-0"), &[("payments", &[1, 0])])]),
        described("new", true, "Stable", vec![member("m2", None, &[("orders", &[2])])]),
        described("share", false, DEAD, Vec::new()),
        described("offsets", false, "Empty", Vec::new()),
    ];
    let (groups, limits) = groups(listed, names, described, None);
    let rack = Some("eu-central-1a".to_owned());
    let classic = expected(&[("orders", &[]), ("payments", &[0, 1])]);
    let classic = Member { group_instance_id: Some("billing-0".into()), rack, ..classic };
    let worker = Member { connect_url: Some(url.into()), ..expected(&[]) };
    assert_eq!(
        groups,
        [
            named("classic", GroupKind::Classic, "Stable", "uniform", vec![classic]),
            named("connect", GroupKind::Connect, "Stable", "sessioned", vec![worker]),
            named("new", GroupKind::Consumer, "Stable", "uniform", vec![expected(&[("orders", &[2])])]),
            named("offsets", GroupKind::Classic, "Empty", "", Vec::new()),
            named("registry", GroupKind::Other, "Stable", "range", Vec::new()),
            named("share", GroupKind::ShareOrUnknown, "", "", Vec::new()),
        ]
    );
    let [limit] = limits.as_slice() else { panic!("{limits:?}") };
    assert_eq!((limit.part, &limit.names, &limit.needs), (Part::GroupMembers, &vec!["share".to_owned()], &None));
    assert!(limit.reason.contains("share groups"), "{}", limit.reason);
}

#[test]
fn a_group_that_may_not_be_described_names_the_entry_that_is_missing() {
    let denied = refused("GROUP_AUTHORIZATION_FAILED");
    let listed = vec![ListedGroup { error: Some(denied.clone()), ..listed("a", "", "") }];
    let described = vec![DescribedGroup { error: Some(denied), ..described("b", false, "Unknown", Vec::new()) }];
    let (groups, limits) = groups(listed, vec!["b".to_owned()], described, None);
    let unknown = |name| named(name, GroupKind::Unknown, "", "", Vec::new());
    assert_eq!(groups, [unknown("a"), unknown("b")]);
    let limit = Limit::new(Part::GroupMembers, "members of groups may not be seen");
    assert_eq!(limits, [limit.about(&["a", "b"]).needs(Permission::describe_groups())]);
}

#[test]
fn what_the_older_way_has_is_kept_where_the_newer_one_fails() {
    let members = vec![
        told("m1", subscribed_to("orders"), assigned_to("payments")),
        // What a member tells is made up by whoever is the member.
        told("m2", vec![0, 3, 0x7f], vec![0xff]),
    ];
    let listed = vec![ListedGroup { members, ..listed("classic", "Stable", CONSUMER) }, listed("new", DEAD, "")];
    let error = refused("_TIMED_OUT");
    let (groups, limits) = groups(listed, Vec::new(), Vec::new(), Some(&error));
    let first = expected(&[("orders", &[]), ("payments", &[0, 1])]);
    let first = Member { rack: Some("eu-central-1a".into()), ..first };
    assert_eq!(
        groups,
        [
            named("classic", GroupKind::Classic, "Stable", "range", vec![expected(&[]), first]),
            named("new", GroupKind::Unknown, "", "", Vec::new()),
        ]
    );
    let limit = Limit::new(Part::GroupMembers, "groups could not be described: made up (_TIMED_OUT)");
    assert_eq!(limits, [limit.about(&["classic", "new"])]);
}
