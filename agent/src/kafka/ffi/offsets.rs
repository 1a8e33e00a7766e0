//! Offsets that groups have committed.

use std::{
    collections::BTreeMap,
    ffi::{CString, c_int},
    ptr::{self, NonNull},
};

use rdkafka::{
    bindings::{
        RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT, rd_kafka_ListConsumerGroupOffsets,
        rd_kafka_ListConsumerGroupOffsets_destroy, rd_kafka_ListConsumerGroupOffsets_new,
        rd_kafka_ListConsumerGroupOffsets_result_groups, rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_admin_op_t,
        rd_kafka_event_ListConsumerGroupOffsets_result, rd_kafka_group_result_error, rd_kafka_group_result_partitions,
        rd_kafka_group_result_t, rd_kafka_topic_partition_t,
    },
    consumer::ConsumerContext,
};

use super::{RequestError, Requests, elements, groups::request_error, pointers, text};

/// Partitions by topic.
type Partitions = BTreeMap<String, Vec<i32>>;

/// Which group is asked for.
struct Asked(NonNull<rd_kafka_ListConsumerGroupOffsets_t>);

impl<Context: ConsumerContext> Requests<'_, Context> {
    /// The partitions that a group has committed offsets of, and that the client may see.
    pub(crate) fn committed(&self, group: &str) -> Result<Partitions, RequestError> {
        // A name with a zero byte comes from no broker: names were C strings.
        let name = CString::new(group).map_err(|_| RequestError::not_made("the name of a group"))?;
        // SAFETY: the name is alive and is copied; no list of partitions stands for all of them.
        let asked = unsafe { rd_kafka_ListConsumerGroupOffsets_new(name.as_ptr(), ptr::null()) };
        let asked = Asked(NonNull::new(asked).ok_or_else(|| RequestError::not_made("a question for offsets"))?);
        // librdkafka takes one group a request.
        let mut all = [asked.0.as_ptr()];
        let answer = self.ask(
            rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
            RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT,
            // SAFETY: `ask` passes a client, options and a queue that are alive, and so is the one group, which is copied.
            |client, options, queue| unsafe {
                rd_kafka_ListConsumerGroupOffsets(client, all.as_mut_ptr(), all.len(), options, queue);
            },
        )?;
        // SAFETY: the answer is alive, is of this kind, and owns all that the pointers lead to.
        unsafe {
            let result = rd_kafka_event_ListConsumerGroupOffsets_result(answer.0.as_ptr());
            if result.is_null() {
                return Err(RequestError::not_made("a list of offsets"));
            }
            let mut count = 0;
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &raw mut count);
            let group = pointers(groups.cast_const(), count).next().ok_or_else(RequestError::missing)?;
            partitions(group)
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its end.
        unsafe { rd_kafka_ListConsumerGroupOffsets_destroy(self.0.as_ptr()) }
    }
}

/// # Safety
/// `group` belongs to an answer that is alive.
unsafe fn partitions(group: *const rd_kafka_group_result_t) -> Result<Partitions, RequestError> {
    // SAFETY: as the caller promises.
    unsafe {
        if let Some(error) = request_error(rd_kafka_group_result_error(group)) {
            return Err(error);
        }
        let list = rd_kafka_group_result_partitions(group);
        let mut partitions = Partitions::new();
        if list.is_null() {
            return Ok(partitions);
        }
        for partition in elements((*list).elems.cast_const(), (*list).cnt) {
            if let Some((topic, partition)) = committed(partition) {
                partitions.entry(topic).or_default().push(partition);
            }
        }
        for numbers in partitions.values_mut() {
            numbers.sort_unstable();
        }
        Ok(partitions)
    }
}

/// A partition that has an offset and no error.
///
/// # Safety
/// `partition` belongs to an answer that is alive.
unsafe fn committed(partition: *const rd_kafka_topic_partition_t) -> Option<(String, i32)> {
    // SAFETY: as the caller promises. Fields are read one by one, and the error as the number that it is: a reference to the
    // whole would promise that the number is one that the bindings know.
    unsafe {
        let code = (&raw const (*partition).err).cast::<c_int>().read();
        // Where nothing is committed, the offset is negative.
        let is_committed = code == 0 && (*partition).offset >= 0;
        if is_committed { Some((text((*partition).topic)?, (*partition).partition)) } else { None }
    }
}
