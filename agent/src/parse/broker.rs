//! Recognises message brokers whose connections begin in plaintext, by their first message.

use super::{Parse, begins_with, printable};

/// Maximum key and version of a request that count as Kafka's; today's maxima are 92 and 18.
const KAFKA_HIGHEST: [u16; 2] = [127, 31];
/// `message.max.bytes` is a megabyte by default; no first request is longer.
const KAFKA_LONGEST: u32 = 16 << 20;

/// Whether a client begins to speak to Kafka: length, key and version of the request, a correlation number, and
/// the client's name in letters (Kafka protocol guide, "Request Header").
pub fn kafka_request(stream: &[u8]) -> Parse<()> {
    let short = |at: usize| stream.get(at..at + 2).and_then(|b| b.try_into().ok()).map(u16::from_be_bytes);
    let long = |at: usize| stream.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    let [key, version] = KAFKA_HIGHEST;
    let holds = long(0).is_none_or(|len| (10..=KAFKA_LONGEST).contains(&len))
        && short(4).is_none_or(|k| k <= key)
        && short(6).is_none_or(|v| v <= version);
    // No name at all is -1, which too little else would speak for.
    let Some(len) = short(12).map(usize::from) else { return Parse::need_more_if(holds && stream.len() < 14) };
    let name = &stream[14..stream.len().min(14 + len)];
    if !holds || !(1..=255).contains(&len) || !name.iter().all(|b| printable(*b)) {
        return Parse::NotThis;
    }
    if name.len() < len { Parse::NeedMore } else { Parse::Value(()) }
}

/// Whether a client begins to speak MQTT 3.1, 3.1.1 or 5: a CONNECT packet (MQTT 5.0, 3.1).
pub fn mqtt_connect(stream: &[u8]) -> Parse<()> {
    let Some((&first, rest)) = stream.split_first() else { return Parse::NeedMore };
    if first != 0x10 {
        return Parse::NotThis;
    }
    let continued = rest.iter().take(4).take_while(|b| **b & 0x80 != 0).count();
    if continued == rest.len() && continued < 4 {
        return Parse::NeedMore;
    }
    let Some(name) = rest.get(continued + 1..).filter(|_| continued < 4) else { return Parse::NotThis };
    begins_with(name, b"\x00\x04MQTT").or(begins_with(name, b"\x00\x06MQIsdp"))
}

/// Whether either side begins to speak AMQP: the protocol header (AMQP 0-9-1, 4.2.2; AMQP 1.0, 2.2). That of TLS
/// (identifier 2) is followed by it.
pub fn amqp_header(stream: &[u8]) -> Parse<()> {
    match begins_with(stream, b"AMQP") {
        Parse::Value(()) => match stream.get(4) {
            None => Parse::NeedMore,
            Some(0 | 1 | 3) => Parse::Value(()),
            Some(_) => Parse::NotThis,
        },
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_told_by_their_first_message_and_every_prefix_waits() {
        type Recogniser = fn(&[u8]) -> Parse<()>;
        let beginnings: [(&[u8], usize, Recogniser); 5] = [
            (b"\x00\x00\x00\x19\x00\x12\x00\x04\x00\x00\x00\x01\x00\x07rdkafka\x00\x00", 21, kafka_request),
            (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04dev1", 8, mqtt_connect),
            (b"\x10\x90\x01\x00\x06MQIsdp\x03", 11, mqtt_connect),
            (b"AMQP\x00\x00\x09\x01", 5, amqp_header),
            (b"AMQP\x03\x01\x00\x00", 5, amqp_header),
        ];
        for (stream, enough, recognise) in beginnings {
            for end in 0..=stream.len() {
                let expected = if end < enough { Parse::NeedMore } else { Parse::Value(()) };
                assert_eq!(recognise(&stream[..end]), expected, "{end} bytes of {stream:02x?}");
            }
        }
    }

    #[test]
    fn what_only_resembles_a_broker_is_not_taken_for_one() {
        assert_eq!(kafka_request(b"\x00\x00\x00\x19\x00\x12\x00\x04\x00\x00\x00\x01\x00\x02\x80\xff"), Parse::NotThis);
        assert_eq!(kafka_request(b"\x00\x00\x00\x19\x01\x12\x00\x04"), Parse::NotThis);
        assert_eq!(kafka_request(b"GET / HTTP/1.1"), Parse::NotThis);
        assert_eq!(mqtt_connect(b"\x10\x80\x80\x80\x80\x00\x04MQTT"), Parse::NotThis);
        assert_eq!(mqtt_connect(b"\x10\x04\x00\x04HTTP"), Parse::NotThis);
        assert_eq!(amqp_header(b"AMQP\x02"), Parse::NotThis);
    }
}
