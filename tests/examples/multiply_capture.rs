//! Makes a large capture of small ones, for benchmarks: every Ethernet frame again and again,
//! each round with other client addresses and later times, so that rounds are flows of their own.
//!
//!     cargo run --release --example multiply_capture -- OUT.pcap MEGABYTES IN.pcapng…
//!
//! Payloads stay as recorded. The low 16 bits of the clients' addresses (192.0.2.0/26 and
//! 2001:db8:0:1::/64) change into private ones; checksums are not mended, readers do not check them.

use std::{
    env,
    fs::File,
    io::{BufWriter, Write},
};

use landfall_agent::source::{CaptureFile, LinkType};

/// Microseconds between two rounds.
const ROUND: i64 = 1_000_000;

struct Frame {
    offset: i64,
    original: u32,
    data: Vec<u8>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let out = arguments.next().ok_or("expected OUT.pcap MEGABYTES IN…")?;
    let target = arguments.next().ok_or("expected MEGABYTES")?.parse::<u64>()? * 1_000_000;
    let mut frames = Vec::new();
    for input in arguments {
        collect(&input, &mut frames)?;
    }
    if frames.is_empty() {
        return Err("the inputs hold no Ethernet frames".into());
    }

    let mut file = BufWriter::new(File::create(out)?);
    let header: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1];
    for word in header {
        file.write_all(&word.to_le_bytes())?;
    }
    let mut written = 24;
    let mut round = 0_u16;
    while written < target {
        for frame in &frames {
            let at = 1_780_000_000_000_000 + frame.offset + i64::from(round) * ROUND;
            let mut data = frame.data.clone();
            move_clients(&mut data, round);
            let length = u32::try_from(data.len())?;
            for word in [u32::try_from(at / 1_000_000)?, u32::try_from(at % 1_000_000)?, length, frame.original] {
                file.write_all(&word.to_le_bytes())?;
            }
            file.write_all(&data)?;
            written += 16 + u64::from(length);
        }
        round = round.wrapping_add(1);
    }
    file.flush()?;
    Ok(())
}

fn collect(input: &str, frames: &mut Vec<Frame>) -> Result<(), Box<dyn std::error::Error>> {
    let mut capture = CaptureFile::open(input)?;
    let mut first = None;
    while let Some(frame) = capture.next_frame()? {
        if frame.link != LinkType::Ethernet {
            break;
        }
        let micros = frame.at.as_microsecond();
        let offset = micros - *first.get_or_insert(micros);
        frames.push(Frame { offset, original: frame.original_len, data: frame.data.to_vec() });
    }
    Ok(())
}

/// Gives the clients of this round addresses of their own.
fn move_clients(frame: &mut [u8], round: u16) {
    let [high, low] = round.to_be_bytes();
    match frame.get(12..14) {
        Some([0x08, 0x00]) => {
            for start in [26, 30] {
                if let Some(address) = frame.get_mut(start..start + 4)
                    && address[..3] == [192, 0, 2]
                    && address[3] < 64
                {
                    // 10.x.y.h
                    (address[0], address[1], address[2]) = (10, high, low);
                }
            }
        }
        Some([0x86, 0xdd]) => {
            for start in [22, 38] {
                if let Some(address) = frame.get_mut(start..start + 16)
                    && address[..8] == [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1]
                {
                    (address[8], address[9]) = (high, low);
                }
            }
        }
        _ => {}
    }
}
