//! A member of a consumer group somewhere in the world.

use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
};

use super::{Bus, PATIENCE, add_machine};
use crate::story::{Story, StoryError};

/// A reader; dropped, it leaves its group.
#[derive(Debug)]
pub struct Reader {
    is_stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Reader {
    /// Starts one on a machine with this address and waits until it has partitions of a topic.
    pub fn start(story: &mut Story, bus: &Bus, name: &str, address: Ipv4Addr, topic: &str) -> Result<Self, StoryError> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bus.bootstrap()).set("group.id", name).set("client.id", name);
        config.set("auto.offset.reset", "earliest");
        let topic = topic.to_owned();
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&is_stopped);
        let (started, is_started) = mpsc::channel();
        let machine = add_machine(story, name, address)?;
        // Its threads are started there, and so stay there.
        let thread = machine.inside(move || {
            Ok(thread::spawn(move || {
                let consumer: BaseConsumer = config.create().map_err(io::Error::other)?;
                consumer.subscribe(&[&topic]).map_err(io::Error::other)?;
                while !stopped.load(Ordering::Relaxed) {
                    drop(consumer.poll(Duration::from_millis(100)));
                    if consumer.assignment().is_ok_and(|assigned| assigned.count() > 0) {
                        // Nobody waits for it any more after the first time.
                        let _ = started.send(());
                    }
                }
                Ok(())
            }))
        })?;
        let reader = Self { is_stopped, thread: Some(thread) };
        match is_started.recv_timeout(PATIENCE) {
            Ok(()) => Ok(reader),
            Err(error) => Err(StoryError::Timeout {
                what: format!("a partition for reader {name}"),
                limit: PATIENCE,
                last: error.to_string(),
            }),
        }
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
