//! As much of Kafka's protocol as the harness itself needs, over any stream, without the client that is tested: the versions, the
//! metadata, a new topic and more partitions, the mechanisms of SASL. <https://kafka.apache.org/protocol>

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

const METADATA: i16 = 3;
const SASL_HANDSHAKE: i16 = 17;
const API_VERSIONS: i16 = 18;
const CREATE_TOPICS: i16 = 19;
const CREATE_PARTITIONS: i16 = 37;

const CLIENT: &str = "landfall-test";
const LIMIT: Duration = Duration::from_secs(20);
/// A broker with some thousand topics answers with less.
const LARGEST_ANSWER: i32 = 64 << 20;

/// A connection to a broker.
#[derive(Debug)]
pub struct Connection<S> {
    stream: S,
    correlation: i32,
}

/// What a broker tells about its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub cluster_id: Option<String>,
    pub brokers: Vec<BrokerSeen>,
    /// All that one may see, by name.
    pub topics: BTreeMap<String, Topic>,
}

/// A broker as it is advertised on the listener that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerSeen {
    pub id: i32,
    pub host: String,
    pub port: i32,
    pub rack: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub internal: bool,
    pub partitions: usize,
}

/// The bytes of an answer that are not read yet.
struct Answer(io::Cursor<Vec<u8>>);

impl Connection<TcpStream> {
    /// To an address with a port.
    pub fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        Ok(Self::over(stream))
    }
}

impl<S: Read + Write> Connection<S> {
    pub fn over(stream: S) -> Self {
        Self { stream, correlation: 0 }
    }

    /// The kinds of requests that the broker takes: number, lowest and highest version.
    pub fn api_versions(&mut self) -> io::Result<Vec<(i16, i16, i16)>> {
        let mut answer = self.ask(API_VERSIONS, 0, &[])?;
        answer.accepted("ApiVersions")?;
        answer.list(|answer| Ok((answer.i16()?, answer.i16()?, answer.i16()?)))
    }

    pub fn metadata(&mut self) -> io::Result<Metadata> {
        // All topics; none is created.
        let all = [(-1_i32).to_be_bytes().as_slice(), &[0]].concat();
        let mut answer = self.ask(METADATA, 4, &all)?;
        let _throttled = answer.i32()?;
        let brokers = answer.list(|answer| {
            Ok(BrokerSeen {
                id: answer.i32()?,
                host: answer.text()?,
                port: answer.i32()?,
                rack: answer.optional_text()?,
            })
        })?;
        let cluster_id = answer.optional_text()?;
        let _controller = answer.i32()?;
        let topics = answer.list(|answer| {
            let _error = answer.i16()?;
            let (name, internal) = (answer.text()?, answer.bool()?);
            let partitions = answer.list(|answer| {
                let _error = answer.i16()?;
                let _id_and_leader = (answer.i32()?, answer.i32()?);
                let _replicas = answer.list(Answer::i32)?;
                answer.list(Answer::i32)
            })?;
            Ok((name, Topic { internal, partitions: partitions.len() }))
        })?;
        Ok(Metadata { cluster_id, brokers, topics: topics.into_iter().collect() })
    }

    /// Creates a topic with one replica; the error code of the broker, 0 if it did.
    pub fn create_topic(&mut self, name: &str, partitions: i32, configuration: &[(&str, &str)]) -> io::Result<i16> {
        let mut body = 1_i32.to_be_bytes().to_vec();
        put_text(&mut body, name);
        body.extend(partitions.to_be_bytes());
        body.extend(1_i16.to_be_bytes());
        body.extend(0_i32.to_be_bytes());
        body.extend(length(configuration.len()).to_be_bytes());
        for (name, value) in configuration {
            put_text(&mut body, name);
            put_text(&mut body, value);
        }
        self.change_topic(CREATE_TOPICS, 2, body)
    }

    /// Gives a topic more partitions, up to so many; the error code of the broker, 0 if it did.
    pub fn create_partitions(&mut self, name: &str, partitions: i32) -> io::Result<i16> {
        let mut body = 1_i32.to_be_bytes().to_vec();
        put_text(&mut body, name);
        body.extend(partitions.to_be_bytes());
        // The controller assigns them to brokers.
        body.extend((-1_i32).to_be_bytes());
        self.change_topic(CREATE_PARTITIONS, 1, body)
    }

    /// The ways to log in that the broker offers here.
    pub fn sasl_mechanisms(&mut self) -> io::Result<Vec<String>> {
        let mut body = Vec::new();
        // One that there is not: the broker refuses it and names its own.
        put_text(&mut body, "NONE");
        let mut answer = self.ask(SASL_HANDSHAKE, 1, &body)?;
        let _unsupported = answer.i16()?;
        answer.list(Answer::text)
    }

    /// Asks for a change of one topic within ten seconds, not only whether it could be made; the error code of the answer.
    fn change_topic(&mut self, kind: i16, version: i16, mut body: Vec<u8>) -> io::Result<i16> {
        body.extend(10_000_i32.to_be_bytes());
        body.push(0);
        let mut answer = self.ask(kind, version, &body)?;
        let _throttled = answer.i32()?;
        let codes = answer.list(|answer| {
            let (_name, code, _text) = (answer.text()?, answer.i16()?, answer.optional_text()?);
            Ok(code)
        })?;
        codes.first().copied().ok_or_else(|| malformed("no topic in the answer"))
    }

    fn ask(&mut self, kind: i16, version: i16, body: &[u8]) -> io::Result<Answer> {
        self.correlation += 1;
        let mut request = Vec::new();
        request.extend(kind.to_be_bytes());
        request.extend(version.to_be_bytes());
        request.extend(self.correlation.to_be_bytes());
        put_text(&mut request, CLIENT);
        request.extend(body);
        self.stream.write_all(&length(request.len()).to_be_bytes())?;
        self.stream.write_all(&request)?;
        self.stream.flush()?;

        let mut size = [0; 4];
        self.stream.read_exact(&mut size)?;
        let size = i32::from_be_bytes(size);
        let fits = (4..=LARGEST_ANSWER).contains(&size).then(|| usize::try_from(size).ok()).flatten();
        let mut bytes = vec![0; fits.ok_or_else(|| malformed("an answer of an impossible size"))?];
        self.stream.read_exact(&mut bytes)?;
        let mut answer = Answer(io::Cursor::new(bytes));
        if answer.i32()? == self.correlation { Ok(answer) } else { Err(malformed("an answer to another request")) }
    }
}

impl Answer {
    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn bool(&mut self) -> io::Result<bool> {
        Ok(self.bytes::<1>()? != [0])
    }

    fn i16(&mut self) -> io::Result<i16> {
        self.bytes().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> io::Result<i32> {
        self.bytes().map(i32::from_be_bytes)
    }

    fn text(&mut self) -> io::Result<String> {
        self.optional_text()?.ok_or_else(|| malformed("no text"))
    }

    fn optional_text(&mut self) -> io::Result<Option<String>> {
        let Ok(size) = usize::try_from(self.i16()?) else { return Ok(None) };
        let mut bytes = vec![0; size];
        self.0.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map(Some).map_err(|_| malformed("text that is not UTF-8"))
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> io::Result<T>) -> io::Result<Vec<T>> {
        (0..self.i32()?).map(|_| item(self)).collect()
    }

    fn accepted(&mut self, request: &str) -> io::Result<()> {
        match self.i16()? {
            0 => Ok(()),
            code => Err(malformed(&format!("{request} was refused with {code}"))),
        }
    }
}

fn put_text(request: &mut Vec<u8>, text: &str) {
    request.extend(i16::try_from(text.len()).unwrap_or(i16::MAX).to_be_bytes());
    request.extend(text.as_bytes());
}

fn length(size: usize) -> i32 {
    i32::try_from(size).unwrap_or(i32::MAX)
}

fn malformed(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text.to_owned())
}
