//! Requests of librdkafka that its safe interface lacks. The only place of the agent with unsafe code for Kafka.
//!
//! Only requests that read. Nothing that a broker answers is taken for valid: texts are decoded with replacement, null
//! pointers are absent values, and codes of errors stay numbers, since the bindings' enum of them does not have every number
//! that a broker can send. What librdkafka has allocated is owned by guards that free it.

#![expect(unsafe_code, reason = "librdkafka is a library in C (house style, rule 28)")]

mod acls;
mod cluster;
mod configurations;
mod groups;
mod offsets;
pub(crate) mod poll;
#[cfg(test)]
mod tests;

use std::{
    ffi::{CStr, c_char, c_int},
    marker::PhantomData,
    ptr::NonNull,
    time::{Duration, Instant},
};

use rdkafka::{
    bindings::{
        rd_kafka_AdminOptions_destroy, rd_kafka_AdminOptions_new,
        rd_kafka_AdminOptions_set_include_authorized_operations, rd_kafka_AdminOptions_set_request_timeout,
        rd_kafka_AdminOptions_t, rd_kafka_admin_op_t, rd_kafka_error_destroy, rd_kafka_event_destroy,
        rd_kafka_event_error_string, rd_kafka_event_t, rd_kafka_event_type, rd_kafka_queue_destroy, rd_kafka_queue_new,
        rd_kafka_queue_poll, rd_kafka_queue_t, rd_kafka_t,
    },
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
};

pub use self::acls::AccessControlEntry;
pub(crate) use self::{
    cluster::{Cluster, Topic},
    configurations::{Configuration, ResourceKind},
    groups::{DescribedGroup, DescribedMember, ListedGroup, ListedMember},
};

#[cfg(test)]
pub(crate) use self::cluster::Partition;

/// How often the events of the client are looked at while an answer is awaited.
const POLL: Duration = Duration::from_millis(20);
/// What librdkafka may take longer than the time limit that it was given.
const GRACE: Duration = Duration::from_secs(1);

unsafe extern "C" {
    // The bindings give these an enum, in which a number that it does not have is undefined behaviour.
    #[link_name = "rd_kafka_event_error"]
    fn event_error(event: *mut rd_kafka_event_t) -> c_int;
    #[link_name = "rd_kafka_err2name"]
    fn error_name(code: c_int) -> *const c_char;
    #[link_name = "rd_kafka_err2str"]
    fn error_text(code: c_int) -> *const c_char;
}

/// Why a request, or a part of its answer, failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} ({code})")]
pub(crate) struct RequestError {
    /// As in Kafka's protocol, such as `GROUP_AUTHORIZATION_FAILED`; those of librdkafka itself begin with an underscore.
    pub(crate) code: String,
    /// For people.
    pub(crate) text: String,
}

/// Sends requests through a client and waits for the answers.
pub(crate) struct Requests<'a, Context: ConsumerContext> {
    consumer: &'a BaseConsumer<Context>,
    /// Of one request.
    timeout: Duration,
    /// Whether it is of no use to wait any longer.
    is_hopeless: &'a dyn Fn() -> bool,
}

/// A queue for the answer of one request.
struct Queue<'a>(NonNull<rd_kafka_queue_t>, PhantomData<&'a rd_kafka_t>);

/// The options of one request.
struct Options<'a>(NonNull<rd_kafka_AdminOptions_t>, PhantomData<&'a rd_kafka_t>);

/// The answer to a request. What it points to lives as long as it does.
struct Answer<'a>(NonNull<rd_kafka_event_t>, PhantomData<&'a rd_kafka_t>);

// === impl RequestError ===

impl RequestError {
    fn of(code: c_int) -> Self {
        // SAFETY: both functions take any number and give a constant text, or one of this thread that is copied at once.
        let (name, text) = unsafe { (text(error_name(code)), text(error_text(code))) };
        Self { code: name.unwrap_or_else(|| code.to_string()), text: text.unwrap_or_default() }
    }

    fn local(code: &str, text: &str) -> Self {
        Self { code: code.to_owned(), text: text.to_owned() }
    }

    /// Of a failed allocation, or an argument that C cannot take.
    fn not_made(what: &str) -> Self {
        Self::local("_FAIL", &format!("failed to make {what}"))
    }

    /// Of something that an answer leaves out.
    pub(crate) fn missing() -> Self {
        Self::local("_NOENT", "the broker has not answered it")
    }

    fn timed_out() -> Self {
        Self::local("_TIMED_OUT", "no answer in time")
    }

    /// Whether a broker has refused it for want of an access control entry.
    pub(crate) fn is_authorization(&self) -> bool {
        self.code.ends_with("_AUTHORIZATION_FAILED")
    }
}

// === impl Requests ===

impl<'a, Context: ConsumerContext> Requests<'a, Context> {
    pub(crate) fn new(
        consumer: &'a BaseConsumer<Context>,
        timeout: Duration,
        is_hopeless: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { consumer, timeout, is_hopeless }
    }

    fn client(&self) -> *mut rd_kafka_t {
        self.consumer.client().native_ptr()
    }

    fn timeout_milliseconds(&self) -> c_int {
        // librdkafka refuses more than an hour.
        c_int::try_from(self.timeout.as_millis()).unwrap_or(c_int::MAX).clamp(1, 3_600_000)
    }

    /// Serves the client's events, such as its errors.
    fn serve(&self) {
        drop(self.consumer.poll(Duration::from_millis(1)));
    }

    /// Sends what `send` sends, and waits for the answer of this kind.
    fn ask(
        &self,
        operation: rd_kafka_admin_op_t,
        kind: c_int,
        send: impl FnOnce(*mut rd_kafka_t, *const rd_kafka_AdminOptions_t, *mut rd_kafka_queue_t),
    ) -> Result<Answer<'a>, RequestError> {
        self.ask_with(operation, kind, false, send)
    }

    fn ask_with(
        &self,
        operation: rd_kafka_admin_op_t,
        kind: c_int,
        with_operations: bool,
        send: impl FnOnce(*mut rd_kafka_t, *const rd_kafka_AdminOptions_t, *mut rd_kafka_queue_t),
    ) -> Result<Answer<'a>, RequestError> {
        let options = self.options(operation, with_operations)?;
        let queue = self.queue()?;
        send(self.client(), options.0.as_ptr(), queue.0.as_ptr());
        let deadline = Instant::now() + self.timeout + GRACE;
        let answer = loop {
            let milliseconds = c_int::try_from(POLL.as_millis()).unwrap_or(1);
            // SAFETY: the queue is alive.
            let event = unsafe { rd_kafka_queue_poll(queue.0.as_ptr(), milliseconds) };
            if let Some(event) = NonNull::new(event) {
                break Answer(event, PhantomData);
            }
            self.serve();
            if Instant::now() > deadline || (self.is_hopeless)() {
                return Err(RequestError::timed_out());
            }
        };
        self.serve();
        let event = answer.0.as_ptr();
        // SAFETY: the answer is alive.
        let (is_expected, code) = unsafe { (rd_kafka_event_type(event) == kind, event_error(event)) };
        if code != 0 {
            // SAFETY: as above.
            let said = unsafe { text(rd_kafka_event_error_string(event)) };
            let error = RequestError::of(code);
            return Err(RequestError { text: said.filter(|said| !said.is_empty()).unwrap_or(error.text), ..error });
        }
        if is_expected { Ok(answer) } else { Err(RequestError::local("_BAD_MSG", "the answer is of another kind")) }
    }

    fn queue(&self) -> Result<Queue<'a>, RequestError> {
        // SAFETY: the client outlives the queue ('a).
        let queue = unsafe { rd_kafka_queue_new(self.client()) };
        NonNull::new(queue).map(|queue| Queue(queue, PhantomData)).ok_or_else(|| RequestError::not_made("a queue"))
    }

    fn options(&self, operation: rd_kafka_admin_op_t, with_operations: bool) -> Result<Options<'a>, RequestError> {
        // SAFETY: the client outlives the options ('a).
        let options = unsafe { rd_kafka_AdminOptions_new(self.client(), operation) };
        let options = NonNull::new(options).ok_or_else(|| RequestError::not_made("options"))?;
        let options = Options(options, PhantomData);
        let mut reason = [0; 128];
        // SAFETY: the buffer is as long as is said; the options are alive.
        unsafe {
            rd_kafka_AdminOptions_set_request_timeout(
                options.0.as_ptr(),
                self.timeout_milliseconds(),
                reason.as_mut_ptr(),
                reason.len(),
            );
        }
        if with_operations {
            // SAFETY: the options are alive; the error, if there is one, is ours to free.
            unsafe {
                let error = rd_kafka_AdminOptions_set_include_authorized_operations(options.0.as_ptr(), 1);
                if !error.is_null() {
                    rd_kafka_error_destroy(error);
                }
            }
        }
        Ok(options)
    }
}

// === impl guards ===

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its end. An answer that is still to come is dropped by librdkafka.
        unsafe { rd_kafka_queue_destroy(self.0.as_ptr()) }
    }
}

impl Drop for Options<'_> {
    fn drop(&mut self) {
        // SAFETY: they are ours; librdkafka has copied them into the request.
        unsafe { rd_kafka_AdminOptions_destroy(self.0.as_ptr()) }
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        // SAFETY: it is ours, and nothing that points into it outlives the functions of this module.
        unsafe { rd_kafka_event_destroy(self.0.as_ptr()) }
    }
}

/// A text from C, safe to print: what is not UTF-8 and what controls a terminal is replaced.
///
/// # Safety
/// `text` is null or a C string that is not changed during the call.
unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    Some(super::printable::printable(&text))
}

/// The addresses of the elements of an array in C; none if the address is null or the count is negative.
fn elements<T>(array: *const T, count: impl TryInto<usize>) -> impl Iterator<Item = *const T> {
    let count = if array.is_null() { 0 } else { count.try_into().unwrap_or(0) };
    (0..count).map(move |index| array.wrapping_add(index))
}

/// The pointers in an array of pointers, without null.
///
/// # Safety
/// `array` is null or has `count` pointers, and is not changed while they are taken.
unsafe fn pointers<T>(array: *const *const T, count: usize) -> impl Iterator<Item = *const T> {
    // SAFETY: each address is that of an element, as the caller promises.
    elements(array, count).map(|element| unsafe { *element }).filter(|pointer| !pointer.is_null())
}
