//! Whether bytes are text, whatever protocol they belong to.

/// Maximum number of bytes of a direction that are examined.
pub const SAMPLE: u16 = 1024;
/// Minimum share of printable bytes in text, per thousand: letters, digits, punctuation, line ends and well-formed
/// UTF-8. Random bytes, as in encrypted or compressed data, have 380.
const LEAST_PRINTABLE: u32 = 850;
/// Minimum number of bytes: fewer random ones can look like text by chance.
const ENOUGH: u16 = 24;
/// Minimum number of bytes if they form a complete line.
const ENOUGH_FOR_A_LINE: u16 = 4;

/// The beginning of a direction: the number of examined and of printable bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextSample {
    seen: u16,
    printable: u16,
    ends_line: bool,
}

impl TextSample {
    /// Looks at more bytes, as far as there is room.
    pub fn add(&mut self, bytes: &[u8]) {
        let room = usize::from(SAMPLE - self.seen);
        let bytes = &bytes[..bytes.len().min(room)];
        let Some(last) = bytes.last() else { return };
        let printable: usize = bytes.utf8_chunks().map(|chunk| chunk.valid().chars().map(printed).sum::<usize>()).sum();
        let count = |number: usize| u16::try_from(number).unwrap_or(SAMPLE);
        self.seen += count(bytes.len());
        self.printable += count(printable);
        self.ends_line = *last == b'\n';
    }

    /// Whether there is no room for more.
    pub fn is_full(&self) -> bool {
        self.seen >= SAMPLE
    }

    /// Whether it is text, as far as it was seen.
    pub fn is_text(&self) -> bool {
        let Self { seen, printable, ends_line } = *self;
        let enough = seen >= ENOUGH || (ends_line && seen >= ENOUGH_FOR_A_LINE && printable == seen);
        enough && self.is_printable()
    }

    /// Whether it is something else than text, as far as it was seen.
    pub fn is_binary(&self) -> bool {
        self.seen > 0 && !self.is_printable()
    }

    fn is_printable(self) -> bool {
        u32::from(self.printable) * 1000 >= u32::from(self.seen) * LEAST_PRINTABLE
    }
}

/// How many of the bytes of a character count as printed.
fn printed(character: char) -> usize {
    if character.is_control() && !matches!(character, '\t' | '\r' | '\n') { 0 } else { character.len_utf8() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pieces: &[&[u8]]) -> TextSample {
        let mut sample = TextSample::default();
        for piece in pieces {
            sample.add(piece);
        }
        sample
    }

    /// Bytes as good as random: a linear congruential generator.
    fn random(seed: u32, len: usize) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn text_is_distinguished_from_random_bytes() {
        assert!(sample(&[b"name=Muster;city=Bonn;field=1\n"]).is_text());
        assert!(sample(&["größe=überall;straße=Königsallee".as_bytes()]).is_text());
        assert!(sample(&[b"PING\r\n"]).is_text(), "a whole line");
        assert!(sample(&[b"\x00\x00\x01\x00{\"name\":\"Muster\",\"city\":\"Bonn\",\"zip\":\"53111\"}"]).is_text());
        assert!(!sample(&[b"PING"]).is_text(), "too little");
        assert!(!sample(&[]).is_text());
        for seed in 0..2000 {
            for len in [4, 24, 64, 1024] {
                assert!(!sample(&[&random(seed, len)]).is_text(), "seed {seed}, {len} bytes");
            }
        }
    }

    #[test]
    fn only_the_first_kilobyte_counts() {
        let text = [b'a'; SAMPLE as usize];
        let sampled = sample(&[&text, &random(1, 4096)]);
        assert!(sampled.is_full() && sampled.is_text());
        assert!(!sample(&[&random(1, 1024), &text]).is_text());
    }
}
