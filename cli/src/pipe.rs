//! Standard input, or a named pipe, that a signal can end: a blocked read would outlast it.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use crate::stop::Stop;

/// Bytes a read, and reads that wait at most: half a megabyte ahead of the decoder.
const CHUNK: usize = 64 * 1024;
const AHEAD: usize = 8;

/// How soon a signal is noticed.
const PATIENCE: Duration = Duration::from_millis(100);

/// Reads a pipe on a thread of its own, until its end or until `stop` is asked for.
pub(crate) struct Pipe {
    stop: Stop,
    chunks: Receiver<io::Result<Vec<u8>>>,
    rest: io::Cursor<Vec<u8>>,
}

impl Pipe {
    /// Opens a pipe, which can wait for its writer, and reads it.
    pub(crate) fn new<R: Read>(stop: Stop, open: impl FnOnce() -> io::Result<R> + Send + 'static) -> Self {
        let (send, chunks) = sync_channel(AHEAD);
        // The thread ends with the input or with the process; nothing waits for it.
        thread::spawn(move || {
            let mut pipe = match open() {
                Ok(pipe) => pipe,
                Err(error) => {
                    // Nobody waits for it any more if this fails.
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
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(Ok(chunk)) if chunk.is_empty() => return Ok(0),
                Ok(chunk) => self.rest = io::Cursor::new(chunk?),
                Err(RecvTimeoutError::Timeout) if !self.stop.asked() => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}
