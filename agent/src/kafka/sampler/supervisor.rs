//! Runs inspecting processes, one at a time, and accounts for what they report.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    io, mem, thread,
    time::{Duration, Instant},
};

use landfall_process::backoff::Backoff;

use super::{
    budget::Budget,
    plan::{Offset, Plan, Position, Until},
    process::{Line, Process},
    report::{DeclaredByTopic, Lag, Problem, Progress, Report, Started, Unread},
};
use crate::kafka::{changes::ClusterState, landing::LandingGraph};

/// How long a process may be silent; it says something every second, and waits ten seconds at most for a broker.
const SILENCE_LIMIT: Duration = Duration::from_mins(1);
/// How long a process that was asked to end may take.
const END_LIMIT: Duration = Duration::from_secs(10);
/// How often memory and the wish to stop are looked at.
const LOOK: Duration = Duration::from_millis(100);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What happens, in this order for each partition: it is started, then ranges of offsets follow without a gap.
#[derive(Debug)]
pub enum Event<'a> {
    /// A process was started, with this id.
    Process(u32),
    /// Partitions are read from here. A partition that was read before begins elsewhere if its topic was made anew.
    Started(&'a [Started]),
    /// A range of offsets is accounted for. If this is not taken, the range is read again.
    Progress(&'a Progress),
    /// What the schema registry declares of topics; their landings follow.
    Declared(&'a DeclaredByTopic),
    /// What the cluster is like now.
    Landings(&'a LandingGraph),
    /// The same look at the cluster, to be compared with the one before; it follows the landings.
    Cluster(&'a ClusterState),
    /// How far the reading is behind.
    Lag(Lag),
    /// Nothing new: the process works. It comes every second.
    Alive,
    /// Something fails.
    Problem(&'a Problem),
    /// Partitions are left out, with [`Until::PresentEnd`].
    Unread(&'a Unread),
    /// The process ended on its own, for this reason; another one follows.
    Ended(&'a str),
}

/// Why nothing is read any more.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError<E: std::error::Error + 'static> {
    /// The program was not started.
    #[error("failed to start the inspecting process")]
    Start { source: io::Error },
    /// Processes end without having read anything.
    #[error("the inspecting process ended {times} times without progress: {reason}")]
    NoProgress { times: u32, reason: String },
    /// What was reported was not taken.
    #[error(transparent)]
    Taking(E),
}

/// Runs inspecting processes until all is read, or until it is told to stop.
#[derive(Debug)]
pub struct Supervisor {
    command: Vec<OsString>,
    plan: Plan,
    /// How many processes may end without progress, one after the other.
    attempts: Option<u32>,
    partitions: BTreeMap<(String, i32), Tracked>,
    /// The message that is inspected, while messages are announced.
    announced: Option<Offset>,
    /// Messages at which a process has died.
    suspects: BTreeSet<Offset>,
    failures: u32,
    backoff: Backoff,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tracked {
    next: i64,
    end: i64,
    budget: Budget,
}

/// How a process came to its end.
enum End {
    Done,
    Stopped,
    Died(String),
}

// === impl Supervisor ===

impl Supervisor {
    /// The command starts a program that calls [`super::inspect`] with its standard input and output. Without a limit
    /// of attempts, processes are started until it is told to stop.
    pub fn new(command: Vec<OsString>, plan: Plan, attempts: Option<u32>) -> Self {
        let partitions = plan.positions.iter().map(|position| {
            let Position { topic, partition, next, end, budget } = position.clone();
            ((topic, partition), Tracked { next, end, budget })
        });
        let backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        Self {
            partitions: partitions.collect(),
            command,
            plan,
            attempts,
            announced: None,
            suspects: BTreeSet::new(),
            failures: 0,
            backoff,
        }
    }

    /// Reads. Returns when all is read, or when `is_stopped` says so and what was read until then is taken.
    pub fn run<E: std::error::Error + 'static>(
        &mut self,
        is_stopped: &dyn Fn() -> bool,
        take: &mut dyn FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), SupervisorError<E>> {
        loop {
            self.plan.positions = self.positions();
            let process = Process::start(&self.command, &self.plan);
            let process = process.map_err(|source| SupervisorError::Start { source })?;
            take(Event::Process(process.id())).map_err(SupervisorError::Taking)?;
            let reason = match self.follow(process, is_stopped, take)? {
                End::Done | End::Stopped => return Ok(()),
                End::Died(reason) => reason,
            };
            take(Event::Ended(&reason)).map_err(SupervisorError::Taking)?;
            self.suspect();
            self.failures += 1;
            if self.attempts.is_some_and(|attempts| self.failures >= attempts) {
                return Err(SupervisorError::NoProgress { times: self.failures, reason });
            }
            let resumed = Instant::now() + self.backoff.next_wait();
            while Instant::now() < resumed {
                if is_stopped() {
                    return Ok(());
                }
                thread::sleep(LOOK.min(resumed.saturating_duration_since(Instant::now())));
            }
        }
    }

    /// Takes what one process reports, until it ends. One that is left for another reason is killed as it is dropped.
    fn follow<E: std::error::Error + 'static>(
        &mut self,
        mut process: Process,
        is_stopped: &dyn Fn() -> bool,
        take: &mut dyn FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<End, SupervisorError<E>> {
        let mut heard = Instant::now();
        let mut asked: Option<Instant> = None;
        let mut is_done = false;
        loop {
            if asked.is_none() && is_stopped() {
                process.ask_to_end();
                asked = Some(Instant::now());
            }
            if asked.is_some_and(|asked| asked.elapsed() > END_LIMIT) {
                return Ok(End::Stopped);
            }
            if heard.elapsed() > SILENCE_LIMIT {
                return Ok(End::Died(format!("it was silent for {} seconds", SILENCE_LIMIT.as_secs())));
            }
            let limit = self.plan.memory_limit;
            if process.resident_bytes().is_some_and(|bytes| bytes > limit) {
                return Ok(End::Died(format!("it took more than {} MiB of memory", limit >> 20)));
            }
            let line = process.next(LOOK);
            if line.is_some() {
                heard = Instant::now();
            }
            match line {
                None => {}
                Some(Line::Report(report)) => match *report {
                    Report::Alive => take(Event::Alive).map_err(SupervisorError::Taking)?,
                    Report::Landings { graph, declared, cluster } => {
                        take(Event::Declared(&declared)).map_err(SupervisorError::Taking)?;
                        take(Event::Landings(&graph)).map_err(SupervisorError::Taking)?;
                        take(Event::Cluster(&cluster)).map_err(SupervisorError::Taking)?;
                    }
                    Report::Done => is_done = true,
                    Report::Announced(offset) => self.announced = Some(offset),
                    Report::Lag(lag) => take(Event::Lag(lag)).map_err(SupervisorError::Taking)?,
                    Report::Problem(problem) => take(Event::Problem(&problem)).map_err(SupervisorError::Taking)?,
                    Report::Unread(unread) => take(Event::Unread(&unread)).map_err(SupervisorError::Taking)?,
                    Report::Started { partitions } => {
                        self.begin(&partitions);
                        take(Event::Started(&partitions)).map_err(SupervisorError::Taking)?;
                    }
                    Report::Progress(progress) => {
                        if let Err(reason) = self.check(&progress) {
                            return Ok(End::Died(reason));
                        }
                        take(Event::Progress(&progress)).map_err(SupervisorError::Taking)?;
                        self.account(&progress);
                    }
                },
                Some(Line::Garbage(reason)) => {
                    return Ok(End::Died(format!("it wrote a line that is no report: {reason}")));
                }
                Some(Line::End) => {
                    let reason = process.wait();
                    return Ok(match (is_done, asked) {
                        (true, _) => End::Done,
                        (false, Some(_)) => End::Stopped,
                        (false, None) => End::Died(reason),
                    });
                }
            }
        }
    }

    fn begin(&mut self, partitions: &[Started]) {
        for Started { topic, partition, begin, end } in partitions {
            let key = (topic.clone(), *partition);
            let budget = self.partitions.get(&key).map_or(self.plan.budget, |known| known.budget);
            self.partitions.insert(key, Tracked { next: *begin, end: *end, budget });
        }
    }

    /// Whether a report goes on where the last one ended, and leaves nothing out.
    fn check(&self, progress: &Progress) -> Result<(), String> {
        let Progress { topic, partition, begin, end, .. } = progress;
        let Some(Tracked { next, .. }) = self.partitions.get(&(topic.clone(), *partition)) else {
            return Err(format!("it reported partition {partition} of {topic}, which it had not started"));
        };
        if begin != next || !progress.is_complete() {
            return Err(format!(
                "it reported offsets {begin} to {end} of partition {partition} of {topic}, expected all from {next}"
            ));
        }
        Ok(())
    }

    fn account(&mut self, progress: &Progress) {
        self.failures = 0;
        self.backoff.reset();
        let key = (progress.topic.clone(), progress.partition);
        if let Some(tracked) = self.partitions.get_mut(&key) {
            tracked.next = progress.end;
            let budget = &mut tracked.budget;
            let counts = &progress.counts;
            budget.messages = budget.messages.saturating_sub(counts.inspected);
            budget.bytes = budget.bytes.saturating_sub(counts.bytes);
            let spent = progress.processor_microseconds / 1000;
            budget.processor_milliseconds = budget.processor_milliseconds.saturating_sub(spent);
        }
        let passed = |offset: &Offset| {
            offset.topic == progress.topic && offset.partition == progress.partition && offset.offset < progress.end
        };
        self.plan.skipped.retain(|offset| !passed(offset));
        self.suspects.retain(|offset| !passed(offset));
        if self.announced.as_ref().is_some_and(passed) {
            self.announced = None;
        }
        // Where nothing is suspected any more, messages need not be announced, which costs time.
        if self.plan.announces && self.suspects.is_empty() && self.plan.skipped.is_empty() {
            self.plan.announces = false;
        }
    }

    /// A process died. From now on messages are announced; the one at which it died twice is skipped.
    fn suspect(&mut self) {
        let announced = mem::take(&mut self.announced);
        self.plan.announces = true;
        let Some(offset) = announced else { return };
        if self.suspects.remove(&offset) {
            self.plan.skipped.push(offset);
        } else {
            self.suspects.insert(offset);
        }
    }

    fn positions(&self) -> Vec<Position> {
        let is_once = self.plan.until == Until::PresentEnd;
        let all = self.partitions.iter().map(|((topic, partition), tracked)| {
            let Tracked { next, end, budget } = tracked.clone();
            let budget = if is_once { budget } else { self.plan.budget };
            Position { topic: topic.clone(), partition: *partition, next, end, budget }
        });
        all.collect()
    }
}
