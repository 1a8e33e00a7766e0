//! Short connections: a request with a few lines of JSON, an answer, and the server closes.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    Failure,
    network::{Network, PODS, SERVERS},
};

const PORT: u16 = 80;
/// Connections that a pod has open at once.
const CLIENTS: u32 = 4;
/// Names that the servers go by.
const HOSTS: u64 = 40;
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\
    Connection: close\r\n\r\n{\"id\":4711,\"state\":\"stored\"}";
/// How far a client may be ahead of its pace without a sleep: the kernel's own timers are no finer.
const SLACK: Duration = Duration::from_micros(200);

/// Clients and servers at work.
#[derive(Debug)]
pub(crate) struct Traffic {
    made: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<io::Result<()>>>,
}

impl Traffic {
    pub(crate) fn start(network: &Network, rate: u32) -> Result<Self, Failure> {
        for server in SERVERS {
            let listening = network.spawn("node", move || TcpListener::bind((server, PORT)))?;
            let listener = listening.join().map_err(|_| "a server failed to start")??;
            thread::spawn(move || {
                // They end with the process.
                for stream in listener.incoming() {
                    let _ = stream.and_then(answer);
                }
            });
        }
        let (made, stop) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let count = u32::try_from(PODS.len())? * CLIENTS;
        let pace = Duration::from_secs(1) * count / rate;
        let mut clients = Vec::new();
        for number in 0..count {
            let (pod, _) = PODS[usize::try_from(number / CLIENTS)?];
            let (made, stop) = (Arc::clone(&made), Arc::clone(&stop));
            clients.push(network.spawn(pod, move || ask(u64::from(number), pace, &made, &stop))?);
        }
        Ok(Self { made, stop, clients })
    }

    /// Connections made so far.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Acquire)
    }

    /// Ends the clients; how many connections there were.
    pub(crate) fn stop(self) -> Result<u64, Failure> {
        self.stop.store(true, Ordering::Release);
        for client in self.clients {
            client.join().map_err(|_| "a client failed")??;
        }
        Ok(self.made.load(Ordering::Acquire))
    }
}

/// Asks one server after the other, each time by another connection, no faster than `pace`.
fn ask(number: u64, pace: Duration, made: &AtomicU64, stop: &AtomicBool) -> io::Result<()> {
    let began = Instant::now();
    let mut due = Duration::ZERO;
    let mut answer = Vec::with_capacity(ANSWER.len());
    for turn in number.. {
        if stop.load(Ordering::Acquire) {
            return Ok(());
        }
        let ahead = due.saturating_sub(began.elapsed());
        if ahead > SLACK {
            thread::sleep(ahead);
        }
        // What could not be done in time is not made up for.
        due = due.max(began.elapsed().saturating_sub(pace * 100)) + pace;
        let [server, host] = [SERVERS.len() as u64, HOSTS].map(|count| turn % count);
        let server: Ipv4Addr = SERVERS[usize::try_from(server).map_err(io::Error::other)?];
        let mut stream = TcpStream::connect(SocketAddr::from((server, PORT)))?;
        stream.write_all(&request(host, turn))?;
        answer.clear();
        stream.read_to_end(&mut answer)?;
        if answer != ANSWER {
            return Err(io::Error::other("a server gave another answer"));
        }
        made.fetch_add(1, Ordering::Release);
    }
    Ok(())
}

fn request(host: u64, turn: u64) -> Vec<u8> {
    let body = format!(
        r#"{{"customer":{{"firstName":"Erika","lastName":"Mustermann","email":"erika.{turn}@example.org"}},"items":[{{"sku":"A-{host}","count":2,"price":"19.90"}}],"note":"Please ring twice.","consent":true}}"#
    );
    let length = body.len();
    let head = format!(
        "POST /v1/orders HTTP/1.1\r\nHost: api-{host}.example.com\r\nUser-Agent: client/1.0\r\nAccept: */*\r\n\
        Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head, body].concat().into_bytes()
}

fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 2048];
    let mut length = 0;
    // As every request does.
    while !request[..length].ends_with(b"true}") {
        match stream.read(&mut request[length..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => length += read,
        }
    }
    stream.write_all(ANSWER)
}
