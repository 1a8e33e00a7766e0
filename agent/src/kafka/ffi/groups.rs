//! Groups, by the two ways that librdkafka has: one knows Connect's workers, the other the groups of KIP-848.

use std::{
    collections::BTreeMap,
    ffi::{CString, c_char, c_int},
    ptr::{self, NonNull},
    slice,
};

use rdkafka::{
    bindings::{
        RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT, RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT,
        rd_kafka_ConsumerGroupDescription_error, rd_kafka_ConsumerGroupDescription_group_id,
        rd_kafka_ConsumerGroupDescription_member, rd_kafka_ConsumerGroupDescription_member_count,
        rd_kafka_ConsumerGroupDescription_partition_assignor, rd_kafka_ConsumerGroupDescription_state,
        rd_kafka_ConsumerGroupDescription_t, rd_kafka_ConsumerGroupDescription_type,
        rd_kafka_ConsumerGroupListing_group_id, rd_kafka_DescribeConsumerGroups,
        rd_kafka_DescribeConsumerGroups_result_groups, rd_kafka_ListConsumerGroups,
        rd_kafka_ListConsumerGroups_result_errors, rd_kafka_ListConsumerGroups_result_valid,
        rd_kafka_MemberAssignment_partitions, rd_kafka_MemberDescription_assignment,
        rd_kafka_MemberDescription_client_id, rd_kafka_MemberDescription_consumer_id,
        rd_kafka_MemberDescription_group_instance_id, rd_kafka_MemberDescription_host, rd_kafka_MemberDescription_t,
        rd_kafka_admin_op_t, rd_kafka_consumer_group_state_name, rd_kafka_consumer_group_type_t, rd_kafka_error_name,
        rd_kafka_error_string, rd_kafka_error_t, rd_kafka_event_DescribeConsumerGroups_result,
        rd_kafka_event_ListConsumerGroups_result, rd_kafka_group_info, rd_kafka_group_list,
        rd_kafka_group_list_destroy, rd_kafka_group_member_info, rd_kafka_t,
    },
    consumer::ConsumerContext,
};

use super::{RequestError, Requests, elements, pointers, text};

unsafe extern "C" {
    #[link_name = "rd_kafka_list_groups"]
    fn list_groups(
        client: *mut rd_kafka_t,
        group: *const c_char,
        found: *mut *const rd_kafka_group_list,
        timeout: c_int,
    ) -> c_int;
}

/// A group by the older way: of every kind, but without members where it is not of the classic protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedGroup {
    pub(crate) name: String,
    /// In Kafka's words, such as `Stable`; a group that is not classic is `Dead`.
    pub(crate) state: String,
    /// What speaks in the group: `consumer`, `connect`, or what another program has chosen; empty if nothing has.
    pub(crate) protocol_type: String,
    /// What its members have agreed on: of consumers the assignor.
    pub(crate) protocol: String,
    pub(crate) members: Vec<ListedMember>,
    pub(crate) error: Option<RequestError>,
}

/// A member by the older way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedMember {
    pub(crate) id: String,
    pub(crate) client_id: String,
    /// As the broker gives it: an address behind a slash.
    pub(crate) client_host: String,
    /// What it has told its group, in the form of the protocol type.
    pub(crate) metadata: Vec<u8>,
    /// What its group has told it.
    pub(crate) assignment: Vec<u8>,
}

/// A group of consumers by the newer way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DescribedGroup {
    pub(crate) name: String,
    /// Whether it is of the protocol of KIP-848; else it is classic, or none that librdkafka knows.
    pub(crate) is_new_protocol: bool,
    pub(crate) state: String,
    pub(crate) assignor: String,
    pub(crate) members: Vec<DescribedMember>,
    pub(crate) error: Option<RequestError>,
}

/// A member by the newer way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DescribedMember {
    pub(crate) id: String,
    pub(crate) group_instance_id: Option<String>,
    pub(crate) client_id: String,
    /// As the broker gives it: an address behind a slash.
    pub(crate) client_host: String,
    /// What it reads: partitions by topic.
    pub(crate) assignment: BTreeMap<String, Vec<i32>>,
}

/// Groups in memory of librdkafka.
struct Groups(NonNull<rd_kafka_group_list>);

impl<Context: ConsumerContext> Requests<'_, Context> {
    /// All groups that the client may see, whatever their kind, with the members of the classic ones.
    pub(crate) fn list_groups(&self) -> Result<Vec<ListedGroup>, RequestError> {
        let mut found = ptr::null();
        // SAFETY: the client is alive; no group is named; what is found is ours to free.
        let code = unsafe { list_groups(self.client(), ptr::null(), &raw mut found, self.timeout_milliseconds()) };
        self.serve();
        let Some(found) = NonNull::new(found.cast_mut()) else { return Err(RequestError::of(code)) };
        let found = Groups(found);
        if code != 0 {
            // Some brokers have not answered, or not in time.
            return Err(RequestError::of(code));
        }
        // SAFETY: the list is alive. Fields are read one by one: a reference to a whole structure would promise that its code
        // of an error is one that the bindings know.
        unsafe {
            let list = found.0.as_ptr();
            let (groups, count) = ((*list).groups.cast_const(), (*list).group_cnt);
            Ok(elements(groups, count).filter_map(|it| listed_group(it)).collect())
        }
    }

    /// The names of the groups of consumers that the client may see, with what went wrong at single brokers.
    pub(crate) fn list_consumer_groups(&self) -> Result<(Vec<String>, Vec<RequestError>), RequestError> {
        let answer = self.ask(
            rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
            RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT,
            // SAFETY: `ask` passes a client, options and a queue that are alive.
            |client, options, queue| unsafe { rd_kafka_ListConsumerGroups(client, options, queue) },
        )?;
        // SAFETY: the answer is alive, is of this kind, and owns all that the pointers lead to.
        unsafe {
            let result = rd_kafka_event_ListConsumerGroups_result(answer.0.as_ptr());
            if result.is_null() {
                return Err(RequestError::not_made("a list of groups"));
            }
            let mut count = 0;
            let groups = rd_kafka_ListConsumerGroups_result_valid(result, &raw mut count);
            let names = pointers(groups.cast_const(), count)
                .filter_map(|it| text(rd_kafka_ConsumerGroupListing_group_id(it)))
                .collect();
            let mut count = 0;
            let errors = rd_kafka_ListConsumerGroups_result_errors(result, &raw mut count);
            let errors = pointers(errors.cast_const(), count).filter_map(|it| request_error(it)).collect();
            Ok((names, errors))
        }
    }

    /// The groups with these names, each with an error of its own if there is one.
    pub(crate) fn describe_consumer_groups(&self, names: &[String]) -> Result<Vec<DescribedGroup>, RequestError> {
        // A name with a zero byte comes from no broker: names were C strings.
        let names: Vec<CString> = names.iter().filter_map(|name| CString::new(name.as_str()).ok()).collect();
        let mut names_of: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
        if names_of.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self.ask(
            rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
            RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT,
            // SAFETY: `ask` passes a client, options and a queue that are alive, and so are the names, which are copied.
            |client, options, queue| unsafe {
                rd_kafka_DescribeConsumerGroups(client, names_of.as_mut_ptr(), names_of.len(), options, queue);
            },
        )?;
        // SAFETY: the answer is alive, is of this kind, and owns all that the pointers lead to.
        unsafe {
            let result = rd_kafka_event_DescribeConsumerGroups_result(answer.0.as_ptr());
            if result.is_null() {
                return Err(RequestError::not_made("a description of groups"));
            }
            let mut count = 0;
            let groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
            Ok(pointers(groups.cast_const(), count).filter_map(|it| described_group(it)).collect())
        }
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its end.
        unsafe { rd_kafka_group_list_destroy(self.0.as_ptr()) }
    }
}

/// # Safety
/// `group` belongs to a list that is alive.
unsafe fn listed_group(group: *const rd_kafka_group_info) -> Option<ListedGroup> {
    // SAFETY: as the caller promises; the code of the error is read as the number that it is.
    unsafe {
        let code = (&raw const (*group).err).cast::<c_int>().read();
        let (members, count) = ((*group).members.cast_const(), (*group).member_cnt);
        Some(ListedGroup {
            name: text((*group).group)?,
            state: text((*group).state).unwrap_or_default(),
            protocol_type: text((*group).protocol_type).unwrap_or_default(),
            protocol: text((*group).protocol).unwrap_or_default(),
            members: elements(members, count).map(|it| listed_member(it)).collect(),
            error: (code != 0).then(|| RequestError::of(code)),
        })
    }
}

/// # Safety
/// `member` belongs to a list that is alive.
unsafe fn listed_member(member: *const rd_kafka_group_member_info) -> ListedMember {
    // SAFETY: as the caller promises.
    unsafe {
        ListedMember {
            id: text((*member).member_id).unwrap_or_default(),
            client_id: text((*member).client_id).unwrap_or_default(),
            client_host: text((*member).client_host).unwrap_or_default(),
            metadata: bytes((*member).member_metadata.cast(), (*member).member_metadata_size),
            assignment: bytes((*member).member_assignment.cast(), (*member).member_assignment_size),
        }
    }
}

/// # Safety
/// `group` belongs to an answer that is alive.
unsafe fn described_group(group: *const rd_kafka_ConsumerGroupDescription_t) -> Option<DescribedGroup> {
    // SAFETY: as the caller promises. librdkafka derives state and type from texts, and gives those of its enums only.
    unsafe {
        let error = request_error(rd_kafka_ConsumerGroupDescription_error(group));
        let kind = rd_kafka_ConsumerGroupDescription_type(group);
        let state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group));
        let members = 0..rd_kafka_ConsumerGroupDescription_member_count(group);
        let members = members.map(|index| rd_kafka_ConsumerGroupDescription_member(group, index));
        Some(DescribedGroup {
            name: text(rd_kafka_ConsumerGroupDescription_group_id(group))?,
            is_new_protocol: kind == rd_kafka_consumer_group_type_t::RD_KAFKA_CONSUMER_GROUP_TYPE_CONSUMER,
            state: text(state).unwrap_or_default(),
            assignor: text(rd_kafka_ConsumerGroupDescription_partition_assignor(group)).unwrap_or_default(),
            members: members.filter(|it| !it.is_null()).map(|it| described_member(it)).collect(),
            error,
        })
    }
}

/// # Safety
/// `member` belongs to an answer that is alive.
unsafe fn described_member(member: *const rd_kafka_MemberDescription_t) -> DescribedMember {
    // SAFETY: as the caller promises. Of the partitions, fields are read one by one (see `Requests::list_groups`).
    unsafe {
        let mut assignment: BTreeMap<String, Vec<i32>> = BTreeMap::new();
        let given = rd_kafka_MemberDescription_assignment(member);
        let given = if given.is_null() { ptr::null() } else { rd_kafka_MemberAssignment_partitions(given) };
        if !given.is_null() {
            for partition in elements((*given).elems.cast_const(), (*given).cnt) {
                if let Some(topic) = text((*partition).topic) {
                    assignment.entry(topic).or_default().push((*partition).partition);
                }
            }
        }
        DescribedMember {
            id: text(rd_kafka_MemberDescription_consumer_id(member)).unwrap_or_default(),
            group_instance_id: text(rd_kafka_MemberDescription_group_instance_id(member)).filter(|it| !it.is_empty()),
            client_id: text(rd_kafka_MemberDescription_client_id(member)).unwrap_or_default(),
            client_host: text(rd_kafka_MemberDescription_host(member)).unwrap_or_default(),
            assignment,
        }
    }
}

/// # Safety
/// `error` is null or belongs to an answer that is alive.
pub(super) unsafe fn request_error(error: *const rd_kafka_error_t) -> Option<RequestError> {
    if error.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    let (code, said) = unsafe { (text(rd_kafka_error_name(error)), text(rd_kafka_error_string(error))) };
    Some(RequestError { code: code.unwrap_or_default(), text: said.unwrap_or_default() })
}

/// # Safety
/// `bytes` is null, or an address of as many bytes as are said.
unsafe fn bytes(bytes: *const u8, count: c_int) -> Vec<u8> {
    match usize::try_from(count) {
        // SAFETY: as the caller promises.
        Ok(count) if count > 0 && !bytes.is_null() => unsafe { slice::from_raw_parts(bytes, count) }.to_vec(),
        _ => Vec::new(),
    }
}
