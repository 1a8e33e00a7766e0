//! The inspecting process, seen from its parent.

use std::{
    ffi::OsString,
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use super::{plan::Plan, report::Report};

/// Lines that wait to be read: the process waits when there are more.
const LINES: usize = 64;
/// The longest line that is taken, in bytes.
const MAX_LINE: usize = 16 << 20;
/// How long an orderly end may take.
const END_LIMIT: Duration = Duration::from_secs(10);

/// An inspecting process; dropped, it is killed.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Line>,
}

/// What its standard output brought.
#[derive(Debug)]
pub(super) enum Line {
    Report(Box<Report>),
    /// No report: the process is not what it should be.
    Garbage(String),
    End,
}

impl Process {
    /// Starts one with its plan.
    pub(super) fn start(command: &[OsString], plan: &Plan) -> io::Result<Self> {
        let [program, arguments @ ..] = command else { return Err(io::ErrorKind::InvalidInput.into()) };
        let mut command = Command::new(program);
        // In a group of its own: Ctrl-C is for the parent, which asks for what was read before it ends.
        command.args(arguments).process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (mut input, output) = (child.stdin.take(), child.stdout.take());
        let (sender, lines) = sync_channel(LINES);
        if let Some(output) = output {
            let mut output = BufReader::new(output);
            // It ends with the process, or when nobody waits for lines any more.
            thread::spawn(move || {
                loop {
                    let line = next_line(&mut output);
                    let is_last = !matches!(line, Line::Report(_));
                    if sender.send(line).is_err() || is_last {
                        return;
                    }
                }
            });
        }
        if let Some(input) = &mut input {
            // A process that dies at once breaks the pipe; how it ended is told by its status.
            let _ = serde_json::to_writer(&mut *input, plan).map_err(io::Error::from);
            let _ = input.write_all(b"\n").and_then(|()| input.flush());
        }
        Ok(Self { child, input, lines })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line, if one comes in this time.
    pub(super) fn next(&self, wait: Duration) -> Option<Line> {
        match self.lines.recv_timeout(wait) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Line::End),
        }
    }

    /// Asks it to end: it reports what it has, and ends.
    pub(super) fn ask_to_end(&mut self) {
        self.input = None;
    }

    /// Resident memory in bytes; none once it has ended.
    pub(super) fn resident_bytes(&self) -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{}/statm", self.child.id())).ok()?;
        let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
        Some(pages * u64::try_from(rustix::param::page_size()).ok()?)
    }

    fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
    }

    /// Waits until it has ended, kills it if that takes too long, and says how.
    pub(super) fn wait(mut self) -> String {
        self.input = None;
        let began = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return describe(status),
                Ok(None) if began.elapsed() > END_LIMIT => self.kill(),
                Ok(None) => {}
                Err(error) => return error.to_string(),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        // A killed process is waited for, or it stays in the table of processes.
        let _ = self.child.wait();
    }
}

fn next_line(output: &mut impl io::BufRead) -> Line {
    let mut line = Vec::new();
    let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    let mut output = io::Read::take(output, limit);
    match output.read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => return Line::End,
        Ok(_) if line.last() != Some(&b'\n') && line.len() < MAX_LINE => return Line::End,
        Ok(_) => {}
    }
    match serde_json::from_slice(&line) {
        Ok(report) => Line::Report(Box::new(report)),
        // The text of the error has places and names of fields, and no values of ours.
        Err(error) => Line::Garbage(error.to_string()),
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with status {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => "it ended".to_owned(),
    }
}
