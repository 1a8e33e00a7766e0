//! What a process takes, as the kernel counts it.

use std::{fs, io, time::Duration};

/// Memory, such as `189436 kB`: `VmRSS` is what is resident, `VmHWM` the most that was.
pub(crate) fn memory(pid: u32, field: &str) -> io::Result<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    Ok(value.unwrap_or_default().trim().to_owned())
}

/// Processor time so far.
pub(crate) fn processor(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}
