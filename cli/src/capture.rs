//! Reads capture files through to the end, or until somebody asks to stop.

use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context as _;
use landfall_agent::{
    decode::DecodeCounters,
    pipeline::ReadCounters,
    source::{CaptureFile, Frame, Source as _, SourceError},
};

use crate::{args::Capture, frames::tell_not_ip, pipe::Pipe, progress::ReadingBar, remark::remark};

/// Whether SIGINT or SIGTERM came. The first asks for a clean stop, which reports the flows under
/// way; the second ends the process.
#[derive(Debug, Clone)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn on_signal() -> anyhow::Result<Self> {
        let stop = Self(Arc::new(AtomicBool::new(false)));
        let asked = stop.clone();
        ctrlc::set_handler(move || {
            if asked.0.swap(true, Ordering::SeqCst) {
                std::process::abort();
            }
        })
        .context("failed to listen for signals")?;
        Ok(stop)
    }

    pub(crate) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Says on stderr what was read, and what a reader of the results should know about it.
pub(crate) fn summarise(counters: ReadCounters) {
    let ReadCounters { decoded, not_ip, table, inspected } = counters;
    let DecodeCounters { frames, packets, ip_bytes, malformed, truncated, .. } = decoded;
    remark(format_args!("{frames} frames, {packets} IP packets with {ip_bytes} bytes, {} flows", table.opened));
    tell_not_ip(&not_ip, packets);
    let odd = [
        (malformed, "malformed packets, accounted in a line of their own"),
        (truncated, "packets whose end was not captured; their bytes count, their payload was not seen whole"),
        (inspected.gaps, "gaps in TCP streams; what was in them was not seen"),
        (inspected.bodies_cut, "compressed bodies that were read in part, being too large"),
        (table.evicted, "flows reported early for want of memory, so that they stand in several lines (--flow-memory)"),
        (table.clock_set_back, "times the capture's clock was set back"),
    ];
    for (count, what) in odd {
        if count > 0 {
            remark(format_args!("note: {count} {what}"));
        }
    }
}

/// What was wrong with a file after its good frames were delivered.
#[derive(Debug)]
pub(crate) struct Damage(pub(crate) Vec<anyhow::Error>);

/// Feeds every frame of every file to `frame`. A damaged file is read as far as it goes, and the
/// next one is still read; what was wrong comes back.
pub(crate) fn read(
    capture: &Capture,
    stop: &Stop,
    mut frame: impl FnMut(&Frame<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<Damage> {
    let mut damage = Vec::new();
    for path in &capture.pcap {
        if stop.asked() {
            break;
        }
        let mut file = match open(path, stop) {
            Ok(file) => file,
            // A pipe ends where the signal found it, be it before its first byte.
            Err(_) if stop.asked() => break,
            Err(error) => {
                damage.push(error.into());
                continue;
            }
        };
        let name = path.file_name().map_or_else(|| "-".into(), |name| name.to_string_lossy());
        let mut bar = ReadingBar::new(&name);
        while !stop.asked() {
            match file.next_frame() {
                Ok(Some(next)) => frame(&next)?,
                Ok(None) => break,
                Err(_) if stop.asked() => break,
                Err(error) => {
                    damage.push(error.into());
                    break;
                }
            }
            bar.frame(|| file.progress());
        }
    }
    Ok(Damage(damage))
}

fn open(path: &Path, stop: &Stop) -> Result<CaptureFile, SourceError> {
    if path.as_os_str() == "-" {
        let stdin = Pipe::new(stop.clone(), || Ok(io::stdin().lock()));
        return CaptureFile::from_reader("standard input", stdin);
    }
    // Named pipes and the like can be quiet for good, even while they are opened.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let owned = path.to_owned();
        let pipe = Pipe::new(stop.clone(), move || File::open(owned));
        return CaptureFile::from_reader(&path.display().to_string(), pipe);
    }
    CaptureFile::open(path)
}

impl Damage {
    /// Whether everything was read.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// An error that lists what was wrong, after the results were printed.
    pub(crate) fn into_result(self) -> anyhow::Result<()> {
        let Self(errors) = self;
        if errors.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = errors.iter().map(|error| format!("{error:#}")).collect();
        Err(anyhow::anyhow!(lines.join("\nerror: ")))
    }
}
