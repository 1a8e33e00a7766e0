//! Who makes up a cluster: its brokers, and the partitions of its topics.

use std::{
    ffi::c_int,
    ptr::{self, NonNull},
};

use rdkafka::{
    bindings::{
        RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT, rd_kafka_AclOperation_name, rd_kafka_DescribeCluster,
        rd_kafka_DescribeCluster_result_authorized_operations, rd_kafka_DescribeCluster_result_cluster_id,
        rd_kafka_DescribeCluster_result_controller, rd_kafka_DescribeCluster_result_nodes, rd_kafka_Node_host,
        rd_kafka_Node_id, rd_kafka_Node_port, rd_kafka_Node_rack, rd_kafka_Node_t, rd_kafka_admin_op_t,
        rd_kafka_event_DescribeCluster_result, rd_kafka_metadata, rd_kafka_metadata_destroy,
        rd_kafka_metadata_partition, rd_kafka_metadata_topic, rd_kafka_t, rd_kafka_topic_t,
    },
    consumer::ConsumerContext,
};

use super::{RequestError, Requests, elements, pointers, text};

unsafe extern "C" {
    #[link_name = "rd_kafka_metadata"]
    fn metadata(
        client: *mut rd_kafka_t,
        all_topics: c_int,
        only: *mut rd_kafka_topic_t,
        metadata: *mut *const rd_kafka_metadata,
        timeout: c_int,
    ) -> c_int;
}

/// A cluster, as one of its brokers describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub(crate) id: Option<String>,
    /// The broker that acts on requests of administrators.
    pub(crate) controller: Option<i32>,
    pub(crate) nodes: Vec<Node>,
    /// What the client may do with the cluster, in Kafka's names such as `DESCRIBE`; none if the broker does not tell.
    pub(crate) operations: Option<Vec<String>>,
}

/// A broker, as it is advertised to this client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) id: i32,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) rack: Option<String>,
}

/// A topic that the client may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) partitions: Vec<Partition>,
}

/// The brokers of a partition, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) id: i32,
    /// None while there is none.
    pub(crate) leader: Option<i32>,
    pub(crate) replicas: Vec<i32>,
    pub(crate) in_sync: Vec<i32>,
}

/// Brokers, topics and partitions in memory of librdkafka.
struct Metadata(NonNull<rd_kafka_metadata>);

impl<Context: ConsumerContext> Requests<'_, Context> {
    /// The brokers of the cluster, and what the client may do with it. Every client may ask this.
    pub(crate) fn describe_cluster(&self) -> Result<Cluster, RequestError> {
        let answer = self.ask_with(
            rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER,
            RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT,
            true,
            // SAFETY: `ask` passes a client, options and a queue that are alive.
            |client, options, queue| unsafe { rd_kafka_DescribeCluster(client, options, queue) },
        )?;
        // SAFETY: the answer is alive, is of this kind, and owns all that the pointers lead to.
        unsafe {
            let result = rd_kafka_event_DescribeCluster_result(answer.0.as_ptr());
            if result.is_null() {
                return Err(RequestError::not_made("a description of the cluster"));
            }
            let controller = rd_kafka_DescribeCluster_result_controller(result);
            let mut count = 0;
            let operations = rd_kafka_DescribeCluster_result_authorized_operations(result, &raw mut count);
            let operations = (!operations.is_null()).then(|| {
                // Without operations the array has no element, and its count is 0.
                elements(operations, count).filter_map(|it| text(rd_kafka_AclOperation_name(*it))).collect()
            });
            let mut count = 0;
            let nodes = rd_kafka_DescribeCluster_result_nodes(result, &raw mut count);
            Ok(Cluster {
                id: text(rd_kafka_DescribeCluster_result_cluster_id(result)),
                controller: (!controller.is_null()).then(|| rd_kafka_Node_id(controller)),
                nodes: pointers(nodes.cast_const(), count).map(|it| node(it)).collect(),
                operations,
            })
        }
    }

    /// All topics that the client may see.
    pub(crate) fn topics(&self) -> Result<Vec<Topic>, RequestError> {
        let mut found = ptr::null();
        // SAFETY: the client is alive; no topic is named; what is found is ours to free.
        let code = unsafe { metadata(self.client(), 1, ptr::null_mut(), &raw mut found, self.timeout_milliseconds()) };
        self.serve();
        let Some(found) = NonNull::new(found.cast_mut()) else { return Err(RequestError::of(code)) };
        let found = Metadata(found);
        if code != 0 {
            return Err(RequestError::of(code));
        }
        // SAFETY: the metadata is alive. Fields are read one by one: a reference to a whole structure would promise that its
        // code of an error is one that the bindings know.
        unsafe {
            let list = found.0.as_ptr();
            let (topics, count) = ((*list).topics.cast_const(), (*list).topic_cnt);
            Ok(elements(topics, count).filter_map(|it| topic(it)).collect())
        }
    }
}

impl Drop for Metadata {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its end.
        unsafe { rd_kafka_metadata_destroy(self.0.as_ptr()) }
    }
}

/// # Safety
/// `node` belongs to an answer that is alive.
unsafe fn node(node: *const rd_kafka_Node_t) -> Node {
    // SAFETY: as the caller promises.
    unsafe {
        Node {
            id: rd_kafka_Node_id(node),
            host: text(rd_kafka_Node_host(node)).unwrap_or_default(),
            port: rd_kafka_Node_port(node),
            rack: text(rd_kafka_Node_rack(node)).filter(|rack| !rack.is_empty()),
        }
    }
}

/// # Safety
/// `topic` belongs to metadata that is alive.
unsafe fn topic(topic: *const rd_kafka_metadata_topic) -> Option<Topic> {
    // SAFETY: as the caller promises.
    unsafe {
        let (partitions, count) = ((*topic).partitions.cast_const(), (*topic).partition_cnt);
        let partitions = elements(partitions, count).map(|it| partition(it)).collect();
        Some(Topic { name: text((*topic).topic)?, partitions })
    }
}

/// # Safety
/// `partition` belongs to metadata that is alive.
unsafe fn partition(partition: *const rd_kafka_metadata_partition) -> Partition {
    // SAFETY: as the caller promises.
    unsafe {
        let leader = (*partition).leader;
        let (replicas, count) = ((*partition).replicas.cast_const(), (*partition).replica_cnt);
        let replicas = elements(replicas, count).map(|it| *it).collect();
        let (in_sync, count) = ((*partition).isrs.cast_const(), (*partition).isr_cnt);
        let in_sync = elements(in_sync, count).map(|it| *it).collect();
        Partition { id: (*partition).id, leader: (leader >= 0).then_some(leader), replicas, in_sync }
    }
}
