//! Landfall's inspecting process, with its supervisor here.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use landfall_agent::kafka::{
    connection::Connection,
    properties::Properties,
    sampler::{Event, Plan, Start, Supervisor, Until, budget::Budget},
};
use landfall_observation::{TopicPatterns, TopicSelector};
use landfall_tests::{built, kafka::Broker};

use crate::{Failure, Run, TOPIC, peak_kib};

/// Runs one on the first core; whether values of known shapes are passed over.
pub(crate) fn run(broker: &Broker, passes_known_shapes: bool) -> Result<Run, Failure> {
    let names = vec![TOPIC.to_owned()];
    let plan = Plan {
        connection: Connection {
            bootstrap: broker.bootstrap(),
            client_id: "landfall-bench".to_owned(),
            rack: None,
            properties: Properties::default(),
        },
        cluster_id: None,
        inventory_seconds: None,
        schema_registry: None,
        connect: Vec::new(),
        topics: vec![TopicSelector {
            include: TopicPatterns { names, ..TopicPatterns::default() },
            ..TopicSelector::default()
        }],
        share: None,
        start: Start::Earliest,
        budget: Budget { messages: u64::MAX, bytes: u64::MAX, processor_milliseconds: u64::MAX },
        until: Until::PresentEnd,
        positions: Vec::new(),
        skipped: Vec::new(),
        announces: false,
        passes_known_shapes,
        memory_limit: 1 << 30,
    };
    let landfall = built("landfall")?.into_os_string();
    let command =
        ["taskset", "-c", "0"].map(Into::into).into_iter().chain([landfall, "kafka".into(), "inspect".into()]);
    let mut supervisor = Supervisor::new(command.collect(), plan, Some(1));
    let (mut process, mut began) = (0, Instant::now());
    let mut run = Run { bytes: 0, wall: Duration::default(), peak_kib: 0, broker_seconds: 0.0, scanned: Some(0) };
    supervisor.run(&|| false, &mut |event| {
        match event {
            Event::Process(id) => process = id,
            Event::Started(_) => began = Instant::now(),
            Event::Progress(progress) => {
                let counts = progress.counts;
                run.bytes += counts.bytes;
                run.scanned = run.scanned.map(|scanned| scanned + counts.inspected - counts.known_shape);
                run.wall = began.elapsed();
                run.peak_kib = run.peak_kib.max(peak_kib(process));
            }
            _ => {}
        }
        Ok::<_, Infallible>(())
    })?;
    Ok(run)
}
