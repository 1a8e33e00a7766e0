//! The speed of the detectors: dense text of several kinds, and texts made to slow them down.
//!
//! Prints MB/s of the thread's processor time (the best of several slices), and for each hostile text how many times
//! longer its bytes take than those of dense text. Files given as arguments are read, too (`NAME.json` as JSON).

#![expect(clippy::print_stdout, reason = "prints figures")]
#![expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "figures are rounded anyway")]

use std::{env, fs, process::ExitCode, time::Instant};

use landfall_detect::{Hint, State, scan};

/// Size of each text, in bytes.
const SIZE: usize = 1 << 17;
/// How often each text is measured; the fastest counts.
const ROUNDS: usize = 5;
/// Seconds of each measurement: some kernels report processor time in steps of 4 ms.
const SLICE: f64 = 0.06;
/// Size of chunks in bytes, as from a network.
const CHUNK: usize = 1400;

/// Texts made to slow the reader down: their syntax, what is repeated, and what comes before.
const HOSTILE: &[(Hint, &str, &str)] = &[
    // Endless numbers, with every separator.
    (Hint::Text, "12 ", ""),
    (Hint::Text, "12-", ""),
    (Hint::Text, "12.", ""),
    (Hint::Text, "12/", ""),
    (Hint::Text, "12 - ", ""),
    (Hint::Text, "12\u{a0}", ""),
    (Hint::Text, "12\u{2013}", ""),
    (Hint::Text, "1 23 ", ""),
    (Hint::Text, "123 ", ""),
    (Hint::Text, "123-456-", ""),
    (Hint::Text, "123 456-7890", ""),
    (Hint::Text, "1234 ", ""),
    (Hint::Text, "4111 111 ", ""),
    (Hint::Text, "411 4111 4111 4111 4112 ", ""),
    (Hint::Text, "4111111111111112 ", ""),
    (Hint::Text, "12345678 ", ""),
    (Hint::Text, "1234567,", ""),
    (Hint::Text, "1", ""),
    (Hint::Text, "01 ", ""),
    (Hint::Text, "01-", ""),
    (Hint::Text, "01.", ""),
    (Hint::Text, "00 49 ", ""),
    (Hint::Text, "0049 ", ""),
    (Hint::Text, "0151 1 ", ""),
    (Hint::Text, "01511 ", ""),
    (Hint::Text, "0211 12 ", ""),
    (Hint::Text, "(12) ", ""),
    (Hint::Text, "(012) 1 ", ""),
    (Hint::Text, "(12", ""),
    (Hint::Text, "(", ""),
    (Hint::Text, "+4 ", ""),
    (Hint::Text, "+49 ", ""),
    (Hint::Text, "+49 1 2 3 4 5 6 7 8 9 0 1 ", ""),
    (Hint::Text, "+1 2345678 ", ""),
    (Hint::Text, "+(49", ""),
    // Words before numbers.
    (Hint::Text, "tel 12 ", ""),
    (Hint::Text, "tel 12 12 12 12 12 12 12 ", ""),
    (Hint::Text, "tel order 1234567 ", ""),
    (Hint::Text, "telefofonfaxsmsruf ", "1234567 "),
    (Hint::Text, "call me caller id 1234567 ", ""),
    (Hint::Text, "ttttttttttttttttttttttttttttttt 1234567 ", ""),
    (Hint::Text, "orderinvoicecontracttax1 5.6.7.8 ", ""),
    // IP addresses, complete and in part.
    (Hint::Text, "1.2.3 ", ""),
    (Hint::Text, "1.2.3.4 ", ""),
    (Hint::Text, "1.2.3.4,", ""),
    (Hint::Text, "5.6.7.8-", ""),
    (Hint::Text, "255.255.255.256 ", ""),
    (Hint::Text, "2001:", ""),
    (Hint::Text, "2001:db8::1:", ""),
    (Hint::Text, "2001:db8:1:2:3:4:5:6 ", ""),
    (Hint::Text, "20:", ""),
    // Accounts.
    (Hint::Text, "DE12 ", ""),
    (Hint::Text, "DE12 3456 7890 1234 5678 9", ""),
    (Hint::Text, "NO12", ""),
    (Hint::Text, "LC12ABCDEFGHIJKLMNOPQRSTUVWXYZ123 ", ""),
    // Mail.
    (Hint::Text, "@", ""),
    (Hint::Text, "a@", ""),
    (Hint::Text, "@.", ""),
    (Hint::Text, "a@b.", ""),
    (Hint::Text, "a@b.de,", ""),
    (Hint::Text, "a@b.de:", ""),
    (Hint::Text, "//a@b.de", ""),
    (Hint::Text, "<a@b.de", ""),
    (Hint::Text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@", ""),
    (Hint::Text, "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a@", ""),
    (Hint::Text, "é@", ""),
    (Hint::Text, "\u{2013}@\u{2013}", ""),
    // Quotes, escapes and the like.
    (Hint::Text, "\"", ""),
    (Hint::Text, "%", ""),
    (Hint::Text, "%4", ""),
    (Hint::Text, "%40", ""),
    (Hint::Text, "%C3", ""),
    (Hint::Text, "?", ""),
    (Hint::Text, "?a=", ""),
    (Hint::Text, "+", "?a="),
    (Hint::Text, "\n", ""),
    (Hint::Text, "\u{1f600}", ""),
    // JSON.
    (Hint::Json, "{", ""),
    (Hint::Json, "[", ""),
    (Hint::Json, "[]", ""),
    (Hint::Json, "\"", ""),
    (Hint::Json, "\"\",", "["),
    (Hint::Json, "1,", "["),
    (Hint::Json, ":", ""),
    (Hint::Json, "1:", ""),
    (Hint::Json, "\\", "\""),
    (Hint::Json, "\\u0031", "\""),
    (Hint::Json, "\\ud83d", "\""),
    (Hint::Json, "12 ", "\""),
    (Hint::Json, "\"a\":1,", "{"),
    (Hint::Json, "\"\":0,", "{"),
    (Hint::Json, "{\"a\":", ""),
    (Hint::Json, "{\"\":{}},", "["),
    (Hint::Json, "\"name\":\"Ab Cd\",", "{"),
    (Hint::Json, "{\"name\":\"Ab Cd\"},", "["),
    (Hint::Json, "{\"passenger\":\"Ab Cd\",", "["),
    (Hint::Json, "\"plz\":1,\"ort\":\"ab\",", "{"),
    (Hint::Json, "\"x1234567\":12345678,", "{"),
    (Hint::Json, "\"customercustomercustomercustomercustomercustomercustomer\":1,", "{"),
    (Hint::Json, "\"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\":1,", "{"),
    (Hint::Json, "\"äääääääääääääääääääääääääääää\":1,", "{"),
    (Hint::Json, "\"12 12 12 12 12 12 12 12 12 12 12 12\":1,", "{"),
    // Forms and headers.
    (Hint::Form, "&", ""),
    (Hint::Form, "=", ""),
    (Hint::Form, "a&", ""),
    (Hint::Form, "a=1&", ""),
    (Hint::Form, "%", "a="),
    (Hint::Form, "%31", "a="),
    (Hint::Form, "+", "a="),
    (Hint::Form, "12+", "a="),
    (Hint::Form, "name=Ab+Cd&", ""),
    (Hint::Headers, "\r\n", ""),
    (Hint::Headers, "a", ""),
    (Hint::Headers, "a:\r\n", ""),
    (Hint::Headers, "a: 1\r\n 1\r\n", ""),
    (Hint::Headers, "from: 12 12 12 12 12 12\r\n", ""),
    (Hint::Headers, " \r\n", "a: 1\r\n"),
];

fn main() -> ExitCode {
    println!("{:>8}  dense text", "MB/s");
    let dense = [("log", Hint::Text, log()), ("chat", Hint::Text, chat()), ("JSON", Hint::Json, json())];
    let mut slowest = f64::INFINITY;
    for (name, hint, text) in &dense {
        let speed = speed(text.as_bytes(), *hint);
        slowest = slowest.min(speed);
        println!("{speed:>8.0}  {name}");
    }
    for path in env::args().skip(1) {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("error: {path}: {error}");
                return ExitCode::from(2);
            }
        };
        let hint = if std::path::Path::new(&path).extension().is_some_and(|extension| extension == "json") {
            Hint::Json
        } else {
            Hint::Text
        };
        println!("{:>8.0}  {path}", speed(&bytes, hint));
    }
    println!("\n{:>8} {:>6}  hostile text, repeated", "MB/s", "times");
    let mut all: Vec<_> = HOSTILE
        .iter()
        .map(|(hint, unit, begin)| {
            let text = (*begin).to_owned() + &unit.repeat(SIZE / unit.len());
            (speed(text.as_bytes(), *hint), hint, unit)
        })
        .collect();
    all.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    for (speed, hint, unit) in all {
        println!("{speed:>8.0} {:>6.1}  {hint:?} {unit:?}", slowest / speed);
    }
    ExitCode::SUCCESS
}

/// MB/s of processor time.
fn speed(bytes: &[u8], hint: Hint) -> f64 {
    let mut state = State::new();
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let clock = Clock::start();
        let mut read = 0;
        let seconds = loop {
            for chunk in bytes.chunks(CHUNK) {
                scan(&mut state, chunk, hint);
            }
            std::hint::black_box(state.finish().len());
            read += bytes.len();
            let seconds = clock.seconds();
            if seconds >= SLICE {
                break seconds;
            }
        };
        best = best.max(read as f64 / seconds / 1e6);
    }
    best
}

/// Processor time of the thread, or elapsed time where the kernel does not report it.
struct Clock {
    began: Instant,
    spent: Option<u64>,
}

impl Clock {
    fn start() -> Self {
        Self { began: Instant::now(), spent: spent() }
    }

    fn seconds(&self) -> f64 {
        match (self.spent, spent()) {
            (Some(before), Some(now)) => now.saturating_sub(before) as f64 / 1e9,
            _ => self.began.elapsed().as_secs_f64(),
        }
    }
}

/// Nanoseconds of processor time of the thread (Linux, Documentation/scheduler/sched-stats.rst).
fn spent() -> Option<u64> {
    fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// Pseudo-random numbers (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Calls `line` for line after line until the text is long enough.
fn repeat_lines(mut line: impl FnMut(&mut Numbers, u64) -> String) -> String {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut text = String::new();
    let mut count = 0;
    while text.len() < SIZE {
        text += &line(&mut numbers, count);
        count += 1;
    }
    text
}

/// Lines of services and of a web server: instants, durations, identifiers, private addresses.
fn log() -> String {
    repeat_lines(|n, count| {
        let (second, millisecond) = (count % 60, n.below(1000));
        match n.below(3) {
            0 => format!(
                "2026-01-05T10:00:{second:02}.{millisecond:03}Z INFO  [worker-{}] order={} took {}.{:03} ms for job {:08x}-{:04x}-4000-8000-{:012x}\n",
                n.below(16),
                10_000_000 + n.below(90_000_000),
                n.below(900),
                n.below(1000),
                n.next() as u32,
                n.below(65536),
                n.next() >> 16
            ),
            1 => format!(
                "10.{}.{}.{} - - [05/Jan/2026:10:00:{second:02} +0100] \"GET /api/v2/items/{}?page={} HTTP/1.1\" 200 {} \"-\" \"Mozilla/5.0 (X11) Chrome/120.0.{}.{}\" {}\n",
                n.below(256),
                n.below(256),
                n.below(256),
                n.below(1_000_000),
                n.below(50),
                n.below(100_000),
                n.below(7000),
                n.below(200),
                n.below(10_000_000)
            ),
            _ => format!(
                "2026-01-05 10:00:{second:02},{millisecond:03} WARN  Pool HikariPool-{} stats (total={}, active={}, waiting={}) at {} offset {}\n",
                n.below(9),
                n.below(100),
                n.below(100),
                n.below(100),
                1_767_600_000_000 + n.below(9_999_999),
                n.next() >> 20
            ),
        }
    })
}

/// Chat messages with names, dates and prices, and sometimes a telephone number.
fn chat() -> String {
    repeat_lines(|n, count| {
        let (hour, minute) = (count / 60 % 24, count % 60);
        match n.below(8) {
            0 => format!(
                "[05.01.26, {hour:02}:{minute:02}] Erika: Meine neue Nummer ist 0151 {:08}, bitte nicht weitergeben!\n",
                n.below(100_000_000)
            ),
            1 => format!(
                "[05.01.26, {hour:02}:{minute:02}] Max: Bestellung {} über {},{:02} € kommt am {:02}.02.2026 zwischen 8 und 12 Uhr.\n",
                10_000_000 + n.below(90_000_000),
                n.below(900),
                n.below(100),
                1 + n.below(28)
            ),
            _ => format!(
                "[05.01.26, {hour:02}:{minute:02}] Max: Treffen wir uns um {}:{:02} am Bahnhof, Gleis {}? Der Zug ICE {} fährt heute {} Minuten später.\n",
                n.below(24),
                n.below(60),
                n.below(20),
                n.below(1000),
                n.below(90)
            ),
        }
    })
}

/// Events of a shop: many keys and numbers, few personal data.
fn json() -> String {
    repeat_lines(|n, count| {
        let person = if n.below(20) == 0 { r#","email":"erika.muster@example.org","vorname":"Erika""# } else { "" };
        format!(
            "{{\"eventId\":\"{:08x}-{:04x}-4000-8000-{:012x}\",\"ts\":{},\"seq\":{count},\"type\":\"OrderLineUpdated\",\"warehouse\":{{\"id\":{},\"lat\":{}.{:06},\"lon\":{}.{:06}}},\"items\":[{{\"sku\":\"A-{}\",\"ean\":{},\"price\":{}.{:02},\"qty\":{}}}],\"version\":\"1.{}.{}\"{person}}}\n",
            n.next() as u32,
            n.below(65536),
            n.next() >> 16,
            1_767_600_000_000 + n.below(9_999_999),
            n.below(500),
            n.below(90),
            n.below(1_000_000),
            n.below(90),
            n.below(1_000_000),
            n.below(100_000),
            4_000_000_000_000 + n.below(999_999_999_999),
            n.below(900),
            n.below(100),
            n.below(20),
            n.below(20),
            n.below(99)
        )
    })
}
