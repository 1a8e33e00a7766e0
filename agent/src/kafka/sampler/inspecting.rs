//! The inspecting process: takes a plan, reads, inspects and reports.

mod beside;
mod consumer;
mod error;
mod inventories;
mod known_shapes;
mod leaders;
mod output;
mod positions;
mod scanner;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, Write},
    mem, panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rdkafka::{ClientContext as _, error::KafkaError, types::RDKafkaErrorCode};
use rustix::process::{Signal, set_parent_process_death_signal};

pub use self::error::InspectingError;
use self::{
    consumer::{Bounds, Consumer, PartitionKey},
    inventories::Inventories,
    leaders::Leaderless,
    output::Output,
    scanner::Scanner,
};
use super::{
    budget::Allowance,
    partition::{Partition, Passed, State, Take},
    plan::{Offset, Plan, Start, Until},
    report::{Problem, Report, Started},
};
use crate::kafka::{connect::ConnectClient, ffi::poll::Polled, schema_registry::SchemaRegistry};

/// How often partitions are reported.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// How often topics and partitions are looked up anew.
const DISCOVERY_INTERVAL: Duration = Duration::from_secs(30);
/// How soon after a failure.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);
/// How long a poll waits, so that the rest of the loop goes on.
const POLL_WAIT: Duration = Duration::from_millis(100);
/// Messages of a partition after which it is reported early, so that little is read again after a crash.
const REPORT_MESSAGES: u64 = 5000;

struct Inspecting<'a, W> {
    plan: &'a Plan,
    consumer: Consumer,
    scanner: Scanner,
    registry: Option<Arc<SchemaRegistry>>,
    partitions: BTreeMap<PartitionKey, Partition>,
    /// The partition of the last message.
    present: PartitionKey,
    leaderless: Leaderless,
    /// When a message or the end of a partition came last.
    heard: Instant,
    /// When it is told next how far the reading is behind.
    lag_due: Instant,
    inventories: Option<Inventories>,
    output: Output<W>,
}

/// What follows a message or an error.
enum Next {
    /// The next message: this one has ended nothing.
    Message,
    Poll,
    Report(PartitionKey),
    Rest(PartitionKey),
    Fail(RDKafkaErrorCode, Option<PartitionKey>),
}

/// Runs an inspecting process: one line of `input` is its plan, and the end of `input` asks it to end. Nothing but reports
/// is written to `output`.
pub fn inspect(mut input: impl BufRead + Send + 'static, output: impl Write) -> Result<(), InspectingError> {
    // Without its parent nobody accounts for what it reads.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    panic::set_hook(Box::new(|panicked| {
        // What was found wrong may be part of a message: the place alone is told.
        let place = panicked.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(io::stderr(), "landfall: the inspection of a message failed at {place}");
    }));
    let mut line = String::new();
    let plan = input.read_line(&mut line).map_err(|error| error.to_string());
    let plan = plan.and_then(|_| serde_json::from_str::<Plan>(&line).map_err(|error| error.to_string()));
    let plan = plan.map_err(|reason| InspectingError::Plan { reason })?;
    let stopped = Arc::new(AtomicBool::new(false));
    let is_stopped = Arc::clone(&stopped);
    thread::spawn(move || {
        // Nothing follows the plan but the end.
        let _ = io::copy(&mut input, &mut io::sink());
        stopped.store(true, Ordering::Relaxed);
    });

    let connect: Vec<_> = plan.connect.iter().map(ConnectClient::new).collect::<Result<_, _>>()?;
    let registry = plan.schema_registry.as_ref().map(SchemaRegistry::new).transpose()?.map(Arc::new);
    let mut inspecting = Inspecting {
        plan: &plan,
        consumer: Consumer::new(&plan.connection)?,
        scanner: Scanner::new(&plan, registry.as_ref()),
        partitions: BTreeMap::new(),
        present: PartitionKey::default(),
        leaderless: Leaderless::default(),
        heard: Instant::now(),
        // The first look at the topics starts their partitions.
        lag_due: Instant::now() + RETRY_INTERVAL,
        inventories: Inventories::start(&plan, connect, registry.clone()),
        registry,
        output: Output::new(output),
    };
    let ended = inspecting.run(&|| is_stopped.load(Ordering::Relaxed));
    // librdkafka may wait for ever when a consumer is closed (librdkafka #4674); the process ends anyway.
    mem::forget(inspecting.consumer);
    ended
}

impl<W: Write> Inspecting<'_, W> {
    fn run(&mut self, is_stopped: &dyn Fn() -> bool) -> Result<(), InspectingError> {
        let start = Instant::now();
        let (mut discovery, mut report) = (start, start + REPORT_INTERVAL);
        let period = match self.plan.until {
            Until::PresentEnd => None,
            Until::Stopped { period_seconds } => Some(Duration::from_secs(u64::from(period_seconds.max(1)))),
        };
        let mut period_ends = period.map(|period| start + period);
        let mut is_discovered = false;
        loop {
            let now = Instant::now();
            if is_stopped() {
                return self.report_all();
            }
            if now >= discovery && is_discovered && period.is_none() {
                self.look_for_leaders()?;
                discovery = Instant::now() + RETRY_INTERVAL;
            } else if now >= discovery {
                let complete = self.discover()?;
                is_discovered |= complete;
                let is_watching = complete && period.is_some();
                discovery = Instant::now() + if is_watching { DISCOVERY_INTERVAL } else { RETRY_INTERVAL };
            }
            if now >= report {
                self.report_all()?;
                self.output.write(&Report::Alive)?;
                self.report_inventory()?;
                self.report_registry()?;
                report = Instant::now() + REPORT_INTERVAL;
            }
            if let (Some(ends), Some(period)) = (period_ends, period)
                && now >= ends
            {
                self.begin_period()?;
                period_ends = Some(Instant::now() + period);
            }
            // Looking through all partitions after each message would take longer than the messages.
            let may_be_done = self.poll()?;
            let is_done = || self.partitions.values().all(|partition| partition.state() == State::Done);
            if period.is_none() && is_discovered && may_be_done && is_done() {
                self.report_all()?;
                self.report_registry()?;
                return self.output.write(&Report::Done);
            }
        }
    }

    /// Starts partitions that are not read yet, and ends those that are gone. Whether all of them could be started.
    fn discover(&mut self) -> Result<bool, InspectingError> {
        if self.partitions.is_empty()
            && let Some(expected) = &self.plan.cluster_id
            && let Err(text) = self.consumer.check_cluster(expected)
        {
            self.output.problem(None, text)?;
            return Ok(false);
        }
        let found = match self.consumer.partitions(|topic| self.plan.reads(topic)) {
            Ok(mut found) => {
                found.retain(|(topic, partition)| self.plan.has(topic, *partition));
                found
            }
            Err(error) => {
                if self.partitions.is_empty() {
                    self.consumer.hear_reasons();
                }
                self.leaderless.forget();
                let text = self.consumer.context().explain(&error);
                self.output.problem(None, format!("failed to list the topics: {text}"))?;
                return Ok(false);
            }
        };
        let gone: Vec<_> = self.partitions.keys().filter(|key| !found.contains(*key)).cloned().collect();
        for key in gone {
            self.leave(&key)?;
        }
        self.report_lag(found.len())?;
        let begun = Instant::now();
        let is_fresh = |key: &PartitionKey| !self.partitions.contains_key(key) && !self.leaderless.is_given_up(key);
        let (fresh, known): (Vec<_>, Vec<_>) = found.into_iter().partition(is_fresh);
        let bounds = self.consumer.bounds(&fresh);
        let unasked = fresh.into_iter().filter(|key| !bounds.contains_key(key));
        let is_wanted = |key: &PartitionKey| self.partitions.get(key).is_some_and(|known| known.state() != State::Done);
        let lost = known.into_iter().filter(|key| is_wanted(key) && !self.consumer.is_led(key));
        let missing = unasked.chain(lost).collect();
        self.start(bounds)?;
        self.see_leaderless(&missing, begun).map(|are_left| !are_left)
    }

    /// Starts partitions where they are continued, or as the plan says.
    fn start(&mut self, bounds: BTreeMap<PartitionKey, Bounds>) -> Result<(), InspectingError> {
        let mut started = Vec::with_capacity(bounds.len());
        let positions = self.plan.positions.iter().map(|known| ((known.topic.as_str(), known.partition), known));
        let positions: BTreeMap<_, _> = positions.collect();
        for (key, Bounds { low, high }) in bounds {
            let known = positions.get(&(key.0.as_str(), key.1));
            let budget = known.map_or(self.plan.budget, |known| known.budget);
            let is_once = self.plan.until == Until::PresentEnd;
            let end = is_once.then(|| known.map_or(high, |known| known.end));
            // A position beyond the end is one of a topic of the same name that was there before.
            let next = known.map(|known| known.next).filter(|&next| next <= high).unwrap_or(low);
            let skipped = self.plan.skipped.iter().filter(|skip| (&skip.topic, skip.partition) == (&key.0, key.1));
            let skipped: BTreeSet<_> = skipped.map(|skip| skip.offset).collect();
            let mut partition = Partition::new(&key.0, key.1, next, end, Allowance::new(budget), skipped);
            let end_now = end.unwrap_or(high);
            started.push(Started { topic: key.0.clone(), partition: key.1, begin: next, end: end_now });
            partition.pass(low, Passed::Deleted);
            if known.is_none() && self.plan.start == Start::Tail {
                let newest = i64::try_from(budget.messages).unwrap_or(i64::MAX);
                partition.pass(high.saturating_sub(newest), Passed::NotSampled);
            }
            if end.is_some_and(|end| partition.next() >= end) {
                partition.finish();
            } else {
                self.assign(&key, partition.next())?;
            }
            self.partitions.insert(key, partition);
        }
        if started.is_empty() { Ok(()) } else { self.output.write(&Report::Started { partitions: started }) }
    }

    /// Takes what comes next. Whether a partition may be done since.
    fn poll(&mut self) -> Result<bool, InspectingError> {
        match self.take_next()? {
            Next::Message => return Ok(false),
            Next::Poll => {}
            Next::Report(key) => self.report(&key)?,
            Next::Rest(key) => self.rest(&key)?,
            Next::Fail(code, partition) => self.take_error(code, partition)?,
        }
        Ok(true)
    }

    /// Takes a message or an error, if one is there.
    fn take_next(&mut self) -> Result<Next, InspectingError> {
        let Self { consumer, partitions, scanner, output, plan, heard, present: key, .. } = self;
        let message = match consumer.poll(POLL_WAIT) {
            None => return Ok(Next::Poll),
            Some(Polled::Message(message)) => message,
            Some(Polled::End { topic, partition, offset }) => {
                *heard = Instant::now();
                let key = (topic, partition);
                let Some(partition) = partitions.get_mut(&key) else { return Ok(Next::Poll) };
                partition.reach_end(offset);
                return Ok(if partition.state() == State::Done { Next::Rest(key) } else { Next::Poll });
            }
            Some(Polled::Error { code, reason, partition }) => {
                // Kept as every client's, without credentials.
                consumer.context().error(KafkaError::Global(code), &reason);
                return Ok(Next::Fail(code, partition));
            }
        };
        *heard = Instant::now();
        // Most messages are of the same partition as the one before.
        if (key.0.as_str(), key.1) != (message.topic(), message.partition()) {
            *key = (message.topic().to_owned(), message.partition());
        }
        let Some(partition) = partitions.get_mut(key) else { return Ok(Next::Message) };
        let offset = message.offset();
        let before = partition.state();
        if partition.take(offset) == Take::Inspect {
            if plan.announces {
                let announced = Offset { topic: key.0.clone(), partition: key.1, offset };
                output.write(&Report::Announced(announced))?;
            }
            scanner.scan(&message, partition);
            partition.advance();
        }
        Ok(if before == State::Reading && partition.state() != State::Reading {
            Next::Rest(key.clone())
        } else if partition.progress.counts.inspected >= REPORT_MESSAGES {
            Next::Report(key.clone())
        } else {
            Next::Message
        })
    }

    /// No more messages of a partition are fetched for now. Those that come nevertheless are left aside.
    fn rest(&mut self, key: &PartitionKey) -> Result<(), InspectingError> {
        self.consumer.pause(key);
        self.report(key)
    }

    /// A partition is no longer read.
    fn leave(&mut self, key: &PartitionKey) -> Result<(), InspectingError> {
        self.report(key)?;
        self.consumer.unassign(key);
        self.partitions.remove(key);
        Ok(())
    }

    fn take_error(&mut self, code: RDKafkaErrorCode, partition: Option<PartitionKey>) -> Result<(), InspectingError> {
        let Some(key) = partition.filter(|key| self.partitions.contains_key(key)) else {
            let text = self.consumer.context().explain_code(code);
            return self.output.problem(None, text);
        };
        match code {
            RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange => self.reposition(&key),
            RDKafkaErrorCode::TopicAuthorizationFailed => {
                let text = "the client may not read it: it needs READ on the topic".to_owned();
                self.output.problem(Some(&key.0), text)?;
                self.give_up(&key)
            }
            RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic => {
                self.output.problem(Some(&key.0), "it no longer exists".to_owned())?;
                self.give_up(&key)
            }
            code => self.output.problem(Some(&key.0), self.consumer.context().explain_code(code)),
        }
    }

    fn report(&mut self, key: &PartitionKey) -> Result<(), InspectingError> {
        match self.partitions.get_mut(key).and_then(Partition::take_progress) {
            Some(progress) => self.output.write(&Report::Progress(progress)),
            None => Ok(()),
        }
    }

    fn report_all(&mut self) -> Result<(), InspectingError> {
        for partition in self.partitions.values_mut() {
            if let Some(progress) = partition.take_progress() {
                self.output.write(&Report::Progress(progress))?;
            }
        }
        Ok(())
    }
}
