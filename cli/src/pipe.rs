//! Reads standard input or a named pipe so that a signal can end it: a blocked read would ignore the signal.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use crate::stop::StopSignal;

/// Bytes per read.
const CHUNK: usize = 64 * 1024;
/// Chunks that are read ahead of the decoder: half a megabyte.
const READ_AHEAD: usize = 8;

/// How often the stop signal is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Reads a pipe on a thread of its own, until its end or until a stop is requested.
pub(crate) struct Pipe {
    stop: StopSignal,
    chunks: Receiver<io::Result<Vec<u8>>>,
    rest: io::Cursor<Vec<u8>>,
}

impl Pipe {
    /// Opens a pipe, which may block until there is a writer, and reads it.
    pub(crate) fn new<R: Read>(stop: StopSignal, open: impl FnOnce() -> io::Result<R> + Send + 'static) -> Self {
        let (send, chunks) = sync_channel(READ_AHEAD);
        // The thread ends with the input or with the process; it is not joined.
        thread::spawn(move || {
            let mut pipe = match open() {
                Ok(pipe) => pipe,
                Err(error) => {
                    // If this fails the reader is gone.
                    let _ = send.send(Err(error));
                    return;
                }
            };
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = pipe.read(&mut chunk);
                let last = !matches!(read, Ok(1..));
                let read = read.map(|length| {
                    chunk.truncate(length);
                    chunk
                });
                if send.send(read).is_err() || last {
                    return;
                }
            }
        });
        Self { stop, chunks, rest: io::Cursor::new(Vec::new()) }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.rest.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.chunks.recv_timeout(POLL_INTERVAL) {
                Ok(Ok(chunk)) if chunk.is_empty() => return Ok(0),
                Ok(chunk) => self.rest = io::Cursor::new(chunk?),
                Err(RecvTimeoutError::Timeout) if !self.stop.is_requested() => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}
