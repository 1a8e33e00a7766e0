//! What groups without members have committed: which topics their consumers have read, as long as a broker keeps it
//! (`offsets.retention.minutes`, a week by default).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rdkafka::consumer::ConsumerContext;

use super::{
    super::ffi::{RequestError, Requests},
    Group, GroupKind, Limit, Part, Permission,
};

/// So many groups are asked for: each is a request, which takes some milliseconds.
const MAX_GROUPS: usize = 1000;

/// Adds what groups without members have committed, and says what is missing of it. It takes little longer than `limit`.
pub(super) fn of_groups<Context: ConsumerContext>(
    requests: &Requests<'_, Context>,
    groups: &mut [Group],
    limit: Duration,
) -> Vec<Limit> {
    let deadline = Instant::now() + limit;
    let mut left = MAX_GROUPS;
    add(groups, |name| {
        left = left.checked_sub(1)?;
        (Instant::now() < deadline).then(|| requests.committed(name))
    })
}

/// `ask` has no answer for a group once there is no time left.
fn add(
    groups: &mut [Group],
    mut ask: impl FnMut(&str) -> Option<Result<BTreeMap<String, Vec<i32>>, RequestError>>,
) -> Vec<Limit> {
    let (mut not_asked, mut failed) = (Vec::new(), Vec::new());
    let is_of_consumers = |group: &&mut Group| matches!(group.kind, GroupKind::Classic | GroupKind::Consumer);
    for group in groups.iter_mut().filter(is_of_consumers).filter(|group| group.members.is_empty()) {
        match ask(&group.name) {
            Some(Ok(committed)) => group.committed = committed,
            Some(Err(error)) => failed.push((group.name.clone(), error)),
            None => not_asked.push(group.name.clone()),
        }
    }
    let mut limits: Vec<Limit> = [true, false].into_iter().filter_map(|denied| of_failed(&failed, denied)).collect();
    if !not_asked.is_empty() {
        let reason = "there was no time left to ask for what these groups have committed";
        limits.push(Limit::new(Part::CommittedOffsets, reason).about(&not_asked));
    }
    limits
}

/// Of the groups that may not be seen, or of the others.
fn of_failed(failed: &[(String, RequestError)], is_denied: bool) -> Option<Limit> {
    let these: Vec<_> = failed.iter().filter(|(_, error)| error.is_authorization() == is_denied).collect();
    let (_, first) = these.first()?;
    let names: Vec<&String> = these.iter().map(|(name, _)| name).collect();
    let permission = Permission::describe_groups();
    Some(Limit::failed(Part::CommittedOffsets, "committed offsets", first, permission).about(&names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::inventory::Member;

    fn group(name: &str, kind: GroupKind, members: Vec<Member>) -> Group {
        let (name, committed) = (name.to_owned(), BTreeMap::new());
        Group { name, kind, state: None, protocol: None, members, committed }
    }

    #[test]
    fn groups_without_members_are_asked_for_and_what_is_missing_is_said() {
        let member = Member {
            client_id: String::new(),
            client_host: String::new(),
            group_instance_id: None,
            rack: None,
            topics: BTreeMap::new(),
            connect_url: None,
        };
        let mut groups = [
            group("connect", GroupKind::Connect, Vec::new()),
            group("denied", GroupKind::Classic, Vec::new()),
            group("failed", GroupKind::Classic, Vec::new()),
            group("late", GroupKind::Classic, Vec::new()),
            group("old", GroupKind::Consumer, Vec::new()),
            group("reads", GroupKind::Classic, vec![member]),
        ];
        let error = |code: &str| RequestError { code: code.into(), text: "made up".into() };
        let committed = BTreeMap::from([("orders".to_owned(), vec![0, 2])]);
        let limits = add(&mut groups, |name| match name {
            "denied" => Some(Err(error("GROUP_AUTHORIZATION_FAILED"))),
            "failed" => Some(Err(error("_TIMED_OUT"))),
            "late" => None,
            "old" => Some(Ok(committed.clone())),
            other => panic!("{other} is asked for"),
        });
        let seen: Vec<_> = groups.iter().filter(|group| !group.committed.is_empty()).collect();
        assert_eq!(seen, [&Group { committed, ..group("old", GroupKind::Consumer, Vec::new()) }]);
        let limit = |reason: &str| Limit::new(Part::CommittedOffsets, reason);
        let expected = [
            limit("committed offsets may not be seen").about(&["denied"]).needs(Permission::describe_groups()),
            limit("committed offsets could not be seen: made up (_TIMED_OUT)").about(&["failed"]),
            limit("there was no time left to ask for what these groups have committed").about(&["late"]),
        ];
        assert_eq!(limits, expected);
    }
}
