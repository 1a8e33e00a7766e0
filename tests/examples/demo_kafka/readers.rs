//! A member of a consumer group in a network of its own.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
};

use crate::{Failure, PATIENCE, network::Network};

/// A reader; dropped, it leaves its group.
pub(crate) struct Reader {
    what: String,
    is_stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Reader {
    /// Starts one in a network and waits until it has partitions of all topics.
    pub(crate) fn start(
        network: &Network,
        name: &str,
        bootstrap: &str,
        group: &str,
        topics: &'static [&'static str],
    ) -> Result<Self, Failure> {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&is_stopped);
        let (started, is_started) = mpsc::channel();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap).set("group.id", group).set("client.id", group);
        let thread = network.spawn(name, move || {
            // librdkafka's threads are started here, and so in this network.
            let consumer: BaseConsumer = config.create().map_err(io::Error::other)?;
            consumer.subscribe(topics).map_err(io::Error::other)?;
            while !stopped.load(Ordering::Relaxed) {
                drop(consumer.poll(Duration::from_millis(100)));
                if consumer.assignment().is_ok_and(|assigned| assigned.count() >= topics.len()) {
                    // Nobody waits for it any more after the first time.
                    let _ = started.send(());
                }
            }
            Ok(())
        })?;
        is_started.recv_timeout(PATIENCE).map_err(|_| format!("reader {group} got no partitions"))?;
        let address = Network::reader(name).map(|address| address.to_string()).unwrap_or_default();
        let what = format!("group {group} at {address} reads {}", topics.join(" and "));
        Ok(Self { what, is_stopped, thread: Some(thread) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}
