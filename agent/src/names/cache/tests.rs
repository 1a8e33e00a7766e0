use super::*;

const HOST: Namespace = Namespace(0);

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn client(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn requester(last: u8) -> Requester {
    Requester::Address(HOST, client(last))
}

fn known_names(cache: &NameCache, requesters: &[Requester], addresses: &[IpAddr], at: i64) -> Vec<String> {
    cache.names(requesters, addresses.iter().copied(), after(at)).iter().map(ToString::to_string).collect()
}

fn names(cache: &NameCache, at: i64) -> Vec<String> {
    known_names(cache, &[requester(1)], &[address(1)], at)
}

fn answer(cache: &mut NameCache, name: &str, at: i64) {
    cache.answered(requester(1), address(1), &Arc::from(name), after(at));
}

/// Room for so many names of nine letters.
fn room_for(names: usize) -> NameCache {
    NameCache::within(names * cost(&Arc::from("a.example")))
}

#[test]
fn a_name_is_valid_for_the_client_that_asked_and_the_address_in_the_answer() {
    let mut cache = NameCache::default();
    answer(&mut cache, "api.example.org", 0);
    assert_eq!(names(&cache, 1), ["api.example.org"]);
    assert!(known_names(&cache, &[requester(2)], &[address(1)], 1).is_empty());
    assert!(known_names(&cache, &[requester(1)], &[address(2)], 1).is_empty());
    assert!(known_names(&cache, &[Requester::Address(Namespace(1), client(1))], &[address(1)], 1).is_empty());
}

#[test]
fn a_name_ages_by_the_clock_of_the_packets() {
    let mut cache = NameCache::default();
    answer(&mut cache, "api.example.org", 0);
    assert_eq!(names(&cache, 600), ["api.example.org"]);
    assert!(names(&cache, 601).is_empty());
    answer(&mut cache, "api.example.org", 590);
    assert_eq!(names(&cache, 1190), ["api.example.org"], "answered again");
    assert_eq!(cache.len(), 1);
}

#[test]
fn all_live_names_of_an_address_are_listed_newest_first() {
    let mut cache = NameCache::default();
    answer(&mut cache, "old.example.org", 0);
    answer(&mut cache, "b.example.org", 300);
    answer(&mut cache, "a.example.org", 300);
    assert_eq!(names(&cache, 310), ["a.example.org", "b.example.org", "old.example.org"]);
    assert_eq!(names(&cache, 700), ["a.example.org", "b.example.org"]);
}

#[test]
fn a_packet_slightly_before_the_answer_still_finds_it() {
    let mut cache = NameCache::default();
    answer(&mut cache, "api.example.org", 10);
    assert_eq!(names(&cache, 9), ["api.example.org"]);
}

#[test]
fn the_oldest_go_when_there_is_no_room_and_what_was_asked_again_stays() {
    let mut cache = room_for(3);
    for (name, at) in [("a.example", 0), ("b.example", 1), ("c.example", 2), ("a.example", 3), ("d.example", 4)] {
        answer(&mut cache, name, at);
    }
    assert_eq!(names(&cache, 5), ["d.example", "a.example", "c.example"]);
    assert_eq!((cache.len(), cache.counters().evicted), (3, 1));
    assert_eq!(cache.memory_bytes(), 3 * cost(&Arc::from("a.example")));
}

#[test]
fn expired_names_are_dropped_and_do_not_count_as_evicted() {
    let mut cache = room_for(1000);
    for n in 0..50 {
        answer(&mut cache, &format!("n{n}.example"), 0);
        cache.answered(requester(n), address(2), &Arc::from("x.example"), after(0));
    }
    answer(&mut cache, "new.example", 10_000);
    assert_eq!((cache.len(), cache.counters().evicted), (1, 0));
    assert_eq!(cache.entries.len(), 1);
}

#[test]
fn an_address_with_very_many_names_keeps_some_and_stays_ambiguous() {
    let mut cache = NameCache::default();
    for n in 0..100 {
        answer(&mut cache, &format!("n{n}.example"), n);
    }
    assert_eq!(names(&cache, 100).len(), MAX_NAMES);
    assert_eq!(cache.counters(), NameCounters { evicted: 0, beyond: 100 - MAX_NAMES as u64 });
}

#[test]
fn the_bound_holds_whatever_is_answered() {
    let mut cache = room_for(64);
    for n in 0..5_000_u32 {
        let [_, _, high, low] = n.to_be_bytes();
        let name = Arc::from(format!("n{}.example", n % 7).as_str());
        cache.answered(requester(low % 5), IpAddr::from([192, 0, high, low]), &name, after(i64::from(n % 900)));
        assert!(cache.len() <= 65 && cache.memory_bytes() <= cache.limit);
        assert!(cache.entries.values().map(Vec::len).sum::<usize>() <= cache.len());
    }
}

#[test]
fn names_of_several_clients_and_addresses_are_listed_once() {
    let mut cache = NameCache::default();
    for (who, what, name, at) in
        [(1, 1, "a.example", 0), (2, 1, "b.example", 2), (2, 2, "a.example", 3), (3, 1, "c.example", 4)]
    {
        cache.answered(requester(who), address(what), &Arc::from(name), after(at));
    }
    let both = [address(1), address(2)];
    assert_eq!(known_names(&cache, &[requester(1), requester(2)], &both, 5), ["a.example", "b.example"]);
    assert_eq!(known_names(&cache, &[requester(1)], &both, 5), ["a.example"]);
}
