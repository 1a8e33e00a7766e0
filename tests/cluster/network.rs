//! Sockets in another network namespace, and the forwarder that joins two namespaces: the test stays in
//! its own and still reaches the API server of a cluster.

use std::{
    fs::File,
    io,
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use nix::sched::{CloneFlags, setns};

const DIAL_LIMIT: Duration = Duration::from_secs(5);

/// A network namespace; a socket stays in the one that it was made in.
#[derive(Debug, Clone)]
pub(super) enum Network {
    Own,
    Of(Arc<File>),
}

/// Listens at one place and passes every connection on to another, until dropped.
#[derive(Debug)]
pub(super) struct Forwarder {
    network: Network,
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Network {
    pub(super) fn of_process(pid: u32) -> io::Result<Self> {
        Ok(Self::Of(Arc::new(File::open(format!("/proc/{pid}/ns/net"))?)))
    }

    /// Does something on a thread in this namespace; the thread ends with it.
    pub(super) fn inside<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        let Self::Of(namespace) = self else { return work() };
        let entered = || {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            work()
        };
        let joined = thread::scope(|scope| scope.spawn(entered).join());
        joined.unwrap_or_else(|_| Err(io::Error::other("the thread in the namespace panicked")))
    }

    pub(super) fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.inside(|| TcpStream::connect_timeout(&address, DIAL_LIMIT))
    }
}

impl Forwarder {
    pub(super) fn start(from: Network, at: SocketAddr, to: Network, target: SocketAddr) -> io::Result<Self> {
        let listener = from.inside(|| TcpListener::bind(at))?;
        let address = listener.local_addr()?;
        let ended = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&ended);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if told.load(Ordering::Acquire) {
                    return;
                }
                let to = to.clone();
                // The near end sees a closed connection, as it would from the target itself.
                thread::spawn(move || to.connect(target).and_then(|far| join(&near, &far)));
            }
        });
        Ok(Self { network: from, address, ended })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        // Wakes the thread that accepts; where nobody answers it is gone already.
        let _ = self.network.connect(self.address);
    }
}

/// Passes bytes in both directions until both have ended.
fn join(near: &TcpStream, far: &TcpStream) -> io::Result<()> {
    // Small writes of requests and events are not worth waiting for.
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    thread::scope(|scope| {
        scope.spawn(|| pass(near, far));
        pass(far, near);
    });
    Ok(())
}

fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    let how = if io::copy(&mut from, &mut to).is_ok() { Shutdown::Write } else { Shutdown::Both };
    // Fails where the peer was faster.
    let _ = to.shutdown(how);
    if how == Shutdown::Both {
        let _ = from.shutdown(how);
    }
}

/// A port that the kernel chooses.
pub(super) fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn bytes_pass_in_both_directions_until_each_side_ends() {
        let server = TcpListener::bind(any_port()).unwrap();
        let target = server.local_addr().unwrap();
        let forwarder = Forwarder::start(Network::Own, any_port(), Network::Own, target).unwrap();
        let address = forwarder.address();
        let answering = thread::spawn(move || {
            let (mut connection, _) = server.accept().unwrap();
            let mut asked = String::new();
            connection.read_to_string(&mut asked).unwrap();
            connection.write_all(asked.to_uppercase().as_bytes()).unwrap();
        });

        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"a question").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();

        assert_eq!(answer, "A QUESTION");
        answering.join().unwrap();
        drop(forwarder);
        thread::sleep(Duration::from_millis(50));
        assert!(TcpStream::connect(address).is_err());
    }
}
