//! What is compressed, or encoded in a string.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::read::{MultiGzDecoder, ZlibDecoder};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The shortest string that is taken for Base64: words of a language are shorter, or no text when they are decoded.
const MIN_BASE64: usize = 16;
/// The largest window that a zstd frame may ask for: 8 MiB, which RFC 8878 wants decoders to have.
const ZSTD_WINDOW_LOG: u32 = 23;

const INDIFFERENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, INDIFFERENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, INDIFFERENT);

/// Bytes that were decompressed, and whether that is all.
pub(super) struct Decompressed {
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
}

/// How a decompression ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    /// There is more than is wanted.
    Cut,
    Damaged,
}

pub(super) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP) || bytes.starts_with(&ZSTD)
}

/// Decompresses up to `limit` bytes of gzip (RFC 1952) or zstd (RFC 8878).
pub(super) fn decompress(bytes: &[u8], limit: usize) -> Decompressed {
    if bytes.starts_with(&GZIP) {
        return read(MultiGzDecoder::new(bytes), limit);
    }
    let decoder = zstd::Decoder::new(bytes).and_then(|mut decoder| {
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Ok(decoder)
    });
    match decoder {
        Ok(decoder) => read(decoder, limit),
        Err(_) => Decompressed { bytes: Vec::new(), end: End::Damaged },
    }
}

/// Decompresses up to `limit` bytes of zlib (RFC 1950), where a framing says that it is.
pub(super) fn inflate(bytes: &[u8], limit: usize) -> Decompressed {
    read(ZlibDecoder::new(bytes), limit)
}

/// Bytes in Base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn read(decoder: impl Read, limit: usize) -> Decompressed {
    let mut bytes = Vec::new();
    let more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let end = match decoder.take(more).read_to_end(&mut bytes) {
        Ok(read) if read > limit => End::Cut,
        Ok(_) => End::Complete,
        Err(error) if error.kind() == io::ErrorKind::OutOfMemory => End::Cut,
        Err(_) => End::Damaged,
    };
    bytes.truncate(limit);
    Decompressed { bytes, end }
}

/// What a text holds in another encoding: JSON as it is, or JSON, compressed data or text in Base64 (RFC 4648).
pub(super) fn in_text(text: &str) -> Option<Cow<'_, [u8]>> {
    let trimmed = text.trim();
    if is_json(trimmed.as_bytes()) {
        return Some(Cow::Borrowed(trimmed.as_bytes()));
    }
    if trimmed.len() < MIN_BASE64
        || !trimmed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte))
    {
        return None;
    }
    let bytes = STANDARD.decode(trimmed).or_else(|_| URL_SAFE.decode(trimmed)).ok()?;
    (is_json(&bytes) || is_compressed(&bytes) || is_text(&bytes)).then_some(Cow::Owned(bytes))
}

/// Whether it begins as a document of JSON that holds others.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let first = bytes.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some(rest) = first.and_then(|first| bytes.get(first..)) else { return false };
    let next = rest.iter().skip(1).find(|byte| !byte.is_ascii_whitespace());
    matches!(
        (rest.first(), next),
        (Some(b'{'), Some(b'"' | b'}'))
            | (Some(b'['), Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'))
    )
}

/// Whether it is UTF-8 without control characters.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')))
}
