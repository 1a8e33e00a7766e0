//! Access control lists.

use std::ptr::{self, NonNull};

use rdkafka::{
    bindings::{
        RD_KAFKA_EVENT_DESCRIBEACLS_RESULT, rd_kafka_AclBinding_destroy, rd_kafka_AclBinding_host,
        rd_kafka_AclBinding_name, rd_kafka_AclBinding_operation, rd_kafka_AclBinding_permission_type,
        rd_kafka_AclBinding_principal, rd_kafka_AclBinding_resource_pattern_type, rd_kafka_AclBinding_restype,
        rd_kafka_AclBinding_t, rd_kafka_AclBindingFilter_new, rd_kafka_AclOperation_name, rd_kafka_AclOperation_t,
        rd_kafka_AclPermissionType_name, rd_kafka_AclPermissionType_t, rd_kafka_DescribeAcls,
        rd_kafka_DescribeAcls_result_acls, rd_kafka_ResourcePatternType_name, rd_kafka_ResourcePatternType_t,
        rd_kafka_ResourceType_name, rd_kafka_ResourceType_t, rd_kafka_admin_op_t, rd_kafka_event_DescribeAcls_result,
    },
    consumer::ConsumerContext,
};

use serde::{Deserialize, Serialize};

use super::{RequestError, Requests, pointers, text};

/// Who may, or may not, do what with which resource, in Kafka's names such as `DESCRIBE_CONFIGS` and `PREFIXED`. `UNKNOWN` is
/// what librdkafka does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessControlEntry {
    pub principal: String,
    pub host: String,
    pub operation: String,
    pub permission: String,
    pub resource_type: String,
    pub resource: String,
    pub pattern: String,
}

/// A filter in memory of librdkafka; filters and entries are one type there.
struct Filter(NonNull<rd_kafka_AclBinding_t>);

impl<Context: ConsumerContext> Requests<'_, Context> {
    /// All entries. Without DESCRIBE on the cluster, and without an authorizer, the list is empty and no error comes:
    /// librdkafka drops the code of the answer.
    pub(crate) fn describe_acls(&self) -> Result<Vec<AccessControlEntry>, RequestError> {
        let filter = Filter::any()?;
        let answer = self.ask(
            rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBEACLS,
            RD_KAFKA_EVENT_DESCRIBEACLS_RESULT,
            // SAFETY: `ask` passes a client, options and a queue that are alive, and so is the filter, which is copied.
            |client, options, queue| unsafe { rd_kafka_DescribeAcls(client, filter.0.as_ptr(), options, queue) },
        )?;
        // SAFETY: the answer is alive, is of this kind, and owns all that the pointers lead to.
        unsafe {
            let result = rd_kafka_event_DescribeAcls_result(answer.0.as_ptr());
            if result.is_null() {
                return Err(RequestError::not_made("a list of access control entries"));
            }
            let mut count = 0;
            let entries = rd_kafka_DescribeAcls_result_acls(result, &raw mut count);
            Ok(pointers(entries.cast_const(), count).map(|it| entry(it)).collect())
        }
    }
}

impl Filter {
    /// Everything.
    fn any() -> Result<Self, RequestError> {
        let mut reason = [0; 128];
        // SAFETY: null stands for any text, and the buffer is as long as is said.
        let filter = unsafe {
            rd_kafka_AclBindingFilter_new(
                rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_ANY,
                ptr::null(),
                rd_kafka_ResourcePatternType_t::RD_KAFKA_RESOURCE_PATTERN_ANY,
                ptr::null(),
                ptr::null(),
                rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_ANY,
                rd_kafka_AclPermissionType_t::RD_KAFKA_ACL_PERMISSION_TYPE_ANY,
                reason.as_mut_ptr(),
                reason.len(),
            )
        };
        NonNull::new(filter).map(Self).ok_or_else(|| RequestError::not_made("a filter"))
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its end.
        unsafe { rd_kafka_AclBinding_destroy(self.0.as_ptr()) }
    }
}

/// # Safety
/// `entry` belongs to an answer that is alive.
unsafe fn entry(entry: *const rd_kafka_AclBinding_t) -> AccessControlEntry {
    // SAFETY: as the caller promises. librdkafka turns numbers of an answer that its enums do not have into their "unknown".
    unsafe {
        let resource_type = text(rd_kafka_ResourceType_name(rd_kafka_AclBinding_restype(entry))).unwrap_or_default();
        AccessControlEntry {
            principal: text(rd_kafka_AclBinding_principal(entry)).unwrap_or_default(),
            host: text(rd_kafka_AclBinding_host(entry)).unwrap_or_default(),
            operation: text(rd_kafka_AclOperation_name(rd_kafka_AclBinding_operation(entry))).unwrap_or_default(),
            permission: text(rd_kafka_AclPermissionType_name(rd_kafka_AclBinding_permission_type(entry)))
                .unwrap_or_default(),
            // The number that means a broker among resources with a configuration means the cluster here.
            resource_type: if resource_type == "BROKER" { "CLUSTER".to_owned() } else { resource_type },
            resource: text(rd_kafka_AclBinding_name(entry)).unwrap_or_default(),
            pattern: text(rd_kafka_ResourcePatternType_name(rd_kafka_AclBinding_resource_pattern_type(entry)))
                .unwrap_or_default(),
        }
    }
}
