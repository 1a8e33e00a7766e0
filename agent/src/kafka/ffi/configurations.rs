//! Configurations of brokers and topics.

use std::{
    ffi::{CString, c_int},
    ptr::NonNull,
};

use rdkafka::{
    bindings::{
        RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT, rd_kafka_ConfigEntry_is_sensitive, rd_kafka_ConfigEntry_name,
        rd_kafka_ConfigEntry_value, rd_kafka_ConfigResource_configs, rd_kafka_ConfigResource_destroy,
        rd_kafka_ConfigResource_error_string, rd_kafka_ConfigResource_name, rd_kafka_ConfigResource_new,
        rd_kafka_ConfigResource_set_config, rd_kafka_ConfigResource_t, rd_kafka_DescribeConfigs,
        rd_kafka_DescribeConfigs_result_resources, rd_kafka_ResourceType_t, rd_kafka_admin_op_t,
        rd_kafka_event_DescribeConfigs_result,
    },
    consumer::ConsumerContext,
};

use super::{RequestError, Requests, pointers, text};

unsafe extern "C" {
    #[link_name = "rd_kafka_ConfigResource_error"]
    fn resource_error(resource: *const rd_kafka_ConfigResource_t) -> c_int;
}

/// What has a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResourceKind {
    Broker,
    Topic,
}

/// The configuration of a broker or a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// The name of the topic, or the id of the broker.
    pub(crate) resource: String,
    /// Names and values. What the broker calls sensitive, and what it gives no value for, is left out.
    pub(crate) entries: Result<Vec<(String, String)>, RequestError>,
}

/// What is asked about, in memory of librdkafka.
struct Resource(NonNull<rd_kafka_ConfigResource_t>);

impl<Context: ConsumerContext> Requests<'_, Context> {
    /// The settings with these names of all these resources, in one request. Only one broker can be asked about at a time.
    pub(crate) fn describe_configurations(
        &self,
        kind: ResourceKind,
        resources: &[&str],
        names: &[&str],
    ) -> Result<Vec<Configuration>, RequestError> {
        let made: Vec<Resource> =
            resources.iter().map(|resource| Resource::new(kind, resource, names)).collect::<Result<_, _>>()?;
        let mut pointers_to: Vec<*mut rd_kafka_ConfigResource_t> = made.iter().map(|it| it.0.as_ptr()).collect();
        let answer = self.ask(
            rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
            RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT,
            // SAFETY: `ask` passes a client, options and a queue that are alive, and so are the resources, which are copied.
            |client, options, queue| unsafe {
                rd_kafka_DescribeConfigs(client, pointers_to.as_mut_ptr(), pointers_to.len(), options, queue);
            },
        )?;
        // SAFETY: the answer is alive, is of this kind, and owns all that the pointers lead to.
        unsafe {
            let result = rd_kafka_event_DescribeConfigs_result(answer.0.as_ptr());
            if result.is_null() {
                return Err(RequestError::not_made("a list of configurations"));
            }
            let mut count = 0;
            let found = rd_kafka_DescribeConfigs_result_resources(result, &raw mut count);
            Ok(pointers(found.cast_const(), count).map(|it| configuration(it)).collect())
        }
    }
}

impl Resource {
    fn new(kind: ResourceKind, name: &str, settings: &[&str]) -> Result<Self, RequestError> {
        let kind = match kind {
            ResourceKind::Broker => rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_BROKER,
            ResourceKind::Topic => rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC,
        };
        let not_made = || RequestError::not_made("a request for a configuration");
        let name = CString::new(name).map_err(|_| not_made())?;
        // SAFETY: the name is a C string, which is copied.
        let resource = unsafe { rd_kafka_ConfigResource_new(kind, name.as_ptr()) };
        let resource = Self(NonNull::new(resource).ok_or_else(not_made)?);
        for setting in settings {
            let setting = CString::new(*setting).map_err(|_| not_made())?;
            // SAFETY: the resource is alive; name and value are C strings, which are copied. In a request that describes, the
            // names alone are sent.
            unsafe { rd_kafka_ConfigResource_set_config(resource.0.as_ptr(), setting.as_ptr(), c"".as_ptr()) };
        }
        Ok(resource)
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its end.
        unsafe { rd_kafka_ConfigResource_destroy(self.0.as_ptr()) }
    }
}

/// # Safety
/// `resource` belongs to an answer that is alive.
unsafe fn configuration(resource: *const rd_kafka_ConfigResource_t) -> Configuration {
    // SAFETY: as the caller promises.
    unsafe {
        let name = text(rd_kafka_ConfigResource_name(resource)).unwrap_or_default();
        let code = resource_error(resource);
        if code != 0 {
            let error = RequestError::of(code);
            let said = text(rd_kafka_ConfigResource_error_string(resource)).unwrap_or(error.text);
            return Configuration { resource: name, entries: Err(RequestError { code: error.code, text: said }) };
        }
        let mut count = 0;
        let entries = rd_kafka_ConfigResource_configs(resource, &raw mut count);
        let entries = pointers(entries.cast_const(), count)
            .filter(|entry| rd_kafka_ConfigEntry_is_sensitive(*entry) == 0)
            .filter_map(|entry| {
                Some((text(rd_kafka_ConfigEntry_name(entry))?, text(rd_kafka_ConfigEntry_value(entry))?))
            })
            .collect();
        Configuration { resource: name, entries: Ok(entries) }
    }
}
