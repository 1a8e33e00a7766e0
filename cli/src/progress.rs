//! A progress bar on the terminal for large files.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use landfall_agent::source::Progress;

/// Frames between updates of the bar: reading the clock for each frame would cost more than decoding it.
const UPDATE_INTERVAL: u64 = 4096;

/// Shows how far a capture has been read, on stderr if that is a terminal.
pub(crate) struct ReadingBar {
    bar: ProgressBar,
    frames: u64,
}

impl ReadingBar {
    pub(crate) fn new(name: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        let style = ProgressStyle::with_template("{prefix} [{bar:30}] {bytes}/{total_bytes} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, frames: 0 }
    }

    pub(crate) fn frame(&mut self, progress: impl FnOnce() -> Progress) {
        self.frames += 1;
        if self.frames.is_multiple_of(UPDATE_INTERVAL) {
            let Progress { bytes_read, bytes_total, .. } = progress();
            if let Some(total) = bytes_total {
                self.bar.set_length(total);
            }
            self.bar.set_position(bytes_read);
        }
    }
}

impl Drop for ReadingBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
