use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use landfall_agent::kafka::{
    sampler::{
        Event, Plan, Progress, Start, Until,
        budget::Budget,
        report::{Started, Unread},
    },
    schema_registry::SchemaRegistry,
};
use landfall_observation::{TopicPatterns, TopicSelector};

use crate::{
    bus, diagnostics,
    exit_status::ExitStatus,
    options::{FormatOptions, KafkaOptions, SchemaRegistryOptions},
    output::Printer,
    stop::StopSignal,
    tables::{KafkaSampleTable, SampledTopic},
};

/// Reads the newest messages of topics and shows which personal data they hold, by field.
#[derive(Debug, clap::Args)]
pub(super) struct Sample {
    #[command(flatten)]
    kafka: KafkaOptions,
    #[command(flatten)]
    schema_registry: SchemaRegistryOptions,
    /// Topics to read: names, or patterns such as 'crm.*' (`*` any characters, `?` one); several are separated by commas.
    /// Kafka's internal topics are never read.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',', default_value = "*")]
    topic: Vec<String>,
    /// Topics to leave out, as for --topic.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    exclude_topic: Vec<String>,
    /// The most messages to read of each partition.
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    messages: u64,
    /// The most to read of each partition in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    bytes: u64,
    /// The most time of a processor for each partition in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=86400))]
    processor_time: u64,
    /// Begin at the oldest message instead of as near to the end as --messages reaches.
    #[arg(long)]
    from_beginning: bool,
    /// Memory in MiB that the process may take which reads and inspects; it is started anew if it takes more.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(32..=65536))]
    memory: u64,
    #[command(flatten)]
    format: FormatOptions,
}

/// What was read so far, by topic.
#[derive(Default)]
struct Read {
    topics: BTreeMap<String, SampledTopic>,
    /// Where partitions end, and how far they are read.
    ends: BTreeMap<(String, i32), (i64, i64)>,
    /// Partitions that nobody answers for.
    left_out: BTreeSet<(String, i32)>,
}

impl Sample {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self {
            kafka,
            schema_registry,
            topic,
            exclude_topic,
            messages,
            bytes,
            processor_time,
            from_beginning,
            memory,
            format,
        } = self;
        let globs = |globs| TopicPatterns { globs, ..TopicPatterns::default() };
        let topics = TopicSelector { include: globs(topic), exclude: globs(exclude_topic), ..TopicSelector::default() };
        let timeout = kafka.timeout;
        let access = kafka.access()?;
        let service = access.schema_registry(schema_registry.url()?)?;
        let registry = service.as_ref().map(SchemaRegistry::new).transpose()?;
        let plan = Plan {
            connection: access.connection,
            cluster_id: None,
            inventory_seconds: None,
            connect: Vec::new(),
            schema_registry: service,
            topics: vec![topics],
            share: None,
            start: if from_beginning { Start::Earliest } else { Start::Tail },
            budget: Budget { messages, bytes: bytes << 20, processor_milliseconds: processor_time * 1000 },
            until: Until::PresentEnd,
            positions: Vec::new(),
            skipped: Vec::new(),
            announces: false,
            passes_known_shapes: false,
            memory_limit: memory << 20,
        };
        let stop = StopSignal::listen()?;
        let mut read = Read::default();
        let is_late = bus::read_once(plan, &stop, timeout, |event| match event {
            Event::Started(partitions) => read.start(partitions),
            Event::Progress(progress) => read.add(progress),
            Event::Unread(unread) => read.leave_out(unread),
            _ => {}
        })?;
        let unread = read.unread();
        if read.topics.is_empty() && is_late {
            bail!("nothing was read within {} s; the reasons stand above", timeout.as_secs());
        }
        let mut printer = Printer::<KafkaSampleTable>::new(format.format());
        for topic in read.topics.values_mut() {
            if let Some(registry) = &registry {
                topic.compare(registry);
            }
            printer.print(topic)?;
        }
        if let Some(problem) = registry.and_then(|registry| registry.take_problem()) {
            diagnostics::warning(&problem);
        }
        let note = (!unread.is_empty()).then(|| {
            let topics = unread.iter().map(|(topic, partitions)| format!("{topic} (partitions {partitions})"));
            let topics: Vec<_> = topics.collect();
            format!("not read to the end: {}", topics.join(", "))
        });
        printer.finish_with_note(note)?;
        Ok(ExitStatus::from_check(unread.is_empty() && !is_late))
    }
}

// === impl Read ===

impl Read {
    fn start(&mut self, partitions: &[Started]) {
        for Started { topic, partition, begin, end } in partitions {
            let is_new = self.ends.insert((topic.clone(), *partition), (*begin, *end)).is_none();
            self.topic(topic).partitions += usize::from(is_new);
        }
    }

    fn add(&mut self, progress: &Progress) {
        let key = (progress.topic.clone(), progress.partition);
        if let Some((next, _)) = self.ends.get_mut(&key) {
            *next = progress.end;
        }
        self.topic(&progress.topic).read.merge(progress.clone());
    }

    fn topic(&mut self, name: &str) -> &mut SampledTopic {
        self.topics.entry(name.to_owned()).or_insert_with(|| SampledTopic::new(name))
    }

    fn leave_out(&mut self, unread: &Unread) {
        let keys = unread.partitions.iter().map(|partition| (unread.topic.clone(), *partition));
        self.left_out.extend(keys);
    }

    /// The partitions that were not read to their ends, by topic.
    fn unread(&self) -> BTreeMap<String, String> {
        let short = self.ends.iter().filter(|(_, (next, end))| next < end).map(|(key, _)| key);
        let mut topics = BTreeMap::<String, String>::new();
        for (topic, partition) in short.chain(&self.left_out).collect::<BTreeSet<_>>() {
            let known = topics.entry(topic.clone()).or_default();
            let comma = if known.is_empty() { "" } else { ", " };
            *known = format!("{known}{comma}{partition}");
        }
        topics
    }
}
