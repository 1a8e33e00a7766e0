//! Polls a consumer for messages, and for errors with the partition and the offset that they are about: rdkafka's own
//! poll leaves the topic of both out.

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    marker::PhantomData,
    ptr::{self, NonNull},
    slice,
    time::Duration,
};

use rdkafka::{
    bindings::{
        rd_kafka_consumer_poll, rd_kafka_header_get_all, rd_kafka_headers_t, rd_kafka_message_destroy,
        rd_kafka_message_headers, rd_kafka_message_t, rd_kafka_resp_err_t, rd_kafka_topic_name,
    },
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    types::{RDKafkaErrorCode, RDKafkaRespErr},
};

/// Headers of a message that are read; the rest is left out.
const MAX_HEADERS: usize = 256;

/// What a poll brought.
#[derive(Debug)]
pub(crate) enum Polled<'c> {
    Message(Message<'c>),
    /// All that a partition held was passed: the next offset is this one.
    End {
        topic: String,
        partition: i32,
        offset: i64,
    },
    /// An error of a partition, or of the client as a whole if there is none.
    Error {
        code: RDKafkaErrorCode,
        /// What librdkafka says of it, which may quote what a broker said.
        reason: String,
        partition: Option<(String, i32)>,
    },
}

/// A message in the memory of librdkafka; it is freed with this.
pub(crate) struct Message<'c> {
    message: NonNull<rd_kafka_message_t>,
    consumer: PhantomData<&'c ()>,
}

/// Waits for the next message or error.
pub(crate) fn poll<C: ConsumerContext>(consumer: &BaseConsumer<C>, wait: Duration) -> Option<Polled<'_>> {
    let milliseconds = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the client lives as long as the consumer, which is borrowed.
    let message = unsafe { rd_kafka_consumer_poll(consumer.client().native_ptr(), milliseconds) };
    let message = Message { message: NonNull::new(message)?, consumer: PhantomData };
    Some(match message.error() {
        None => Polled::Message(message),
        Some(RDKafkaErrorCode::PartitionEOF) if message.has_topic() => {
            Polled::End { topic: message.topic().to_owned(), partition: message.partition(), offset: message.offset() }
        }
        Some(code) => {
            let partition = message.has_topic().then(|| (message.topic().to_owned(), message.partition()));
            // Of an error the payload is a text.
            let reason = message.value().map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
            Polled::Error { code, reason, partition }
        }
    })
}

// === impl Message ===

impl Message<'_> {
    pub(crate) fn topic(&self) -> &str {
        if !self.has_topic() {
            return "";
        }
        // SAFETY: the topic lives as long as the message, and so does its name, which ends with a zero. Kafka allows
        // letters, digits, '.', '_' and '-' in names of topics.
        unsafe { CStr::from_ptr(rd_kafka_topic_name((*self.message.as_ptr()).rkt)) }.to_str().unwrap_or_default()
    }

    pub(crate) fn partition(&self) -> i32 {
        // SAFETY: the message is valid until this is dropped.
        unsafe { (*self.message.as_ptr()).partition }
    }

    pub(crate) fn offset(&self) -> i64 {
        // SAFETY: as for the partition.
        unsafe { (*self.message.as_ptr()).offset }
    }

    pub(crate) fn key(&self) -> Option<&[u8]> {
        let message = self.message.as_ptr();
        // SAFETY: librdkafka gives pointer and length of the key, which lives as long as the message.
        unsafe { bytes((*message).key, (*message).key_len) }
    }

    pub(crate) fn value(&self) -> Option<&[u8]> {
        let message = self.message.as_ptr();
        // SAFETY: as for the key.
        unsafe { bytes((*message).payload, (*message).len) }
    }

    /// Names and values; a name that is no UTF-8 reads as empty.
    pub(crate) fn headers(&self) -> Vec<(&str, Option<&[u8]>)> {
        let mut headers: *mut rd_kafka_headers_t = ptr::null_mut();
        // SAFETY: the message is there; the headers stay its own.
        let error = unsafe { rd_kafka_message_headers(self.message.as_ptr(), &raw mut headers) };
        if error != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || headers.is_null() {
            return Vec::new();
        }
        let mut all = Vec::new();
        for index in 0..MAX_HEADERS {
            let (mut name, mut value, mut length) = (ptr::null::<c_char>(), ptr::null::<c_void>(), 0);
            // SAFETY: the headers live as long as the message; past the last one an error is answered.
            let error =
                unsafe { rd_kafka_header_get_all(headers, index, &raw mut name, &raw mut value, &raw mut length) };
            if error != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || name.is_null() {
                break;
            }
            // SAFETY: the name ends with a zero and, like the value, lives as long as the message.
            let header = unsafe { (CStr::from_ptr(name).to_str().unwrap_or_default(), bytes(value, length)) };
            all.push(header);
        }
        all
    }

    fn has_topic(&self) -> bool {
        // SAFETY: as for the partition.
        !unsafe { (*self.message.as_ptr()).rkt }.is_null()
    }

    /// The error that this is instead of a message.
    fn error(&self) -> Option<RDKafkaErrorCode> {
        // SAFETY: as for the partition. It is read as a number: a broker may send one that the enum of the bindings does
        // not have.
        let code = unsafe { (&raw const (*self.message.as_ptr()).err).cast::<c_int>().read() };
        (code != 0).then(|| RDKafkaRespErr::try_from(code).map_or(RDKafkaErrorCode::Unknown, RDKafkaErrorCode::from))
    }
}

impl Drop for Message<'_> {
    fn drop(&mut self) {
        // SAFETY: nothing else frees it.
        unsafe { rd_kafka_message_destroy(self.message.as_ptr()) };
    }
}

/// Where a message stands, and nothing of what it says.
impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (topic, partition, offset) = (self.topic(), self.partition(), self.offset());
        f.debug_struct("Message")
            .field("topic", &topic)
            .field("partition", &partition)
            .field("offset", &offset)
            .finish()
    }
}

/// # Safety
///
/// The pointer is null, or that many bytes are there for as long as the result is used.
unsafe fn bytes<'m>(pointer: *const c_void, length: usize) -> Option<&'m [u8]> {
    // SAFETY: by the contract of this function.
    (!pointer.is_null()).then(|| unsafe { slice::from_raw_parts(pointer.cast(), length) })
}
