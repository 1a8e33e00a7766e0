//! Lists the interfaces of the kernel and listens for changes (rtnetlink).

use std::{
    collections::BTreeMap,
    io,
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::{
    AddressFamily, RouteNetlinkMessage,
    link::{InfoKind, LinkAttribute, LinkInfo, LinkMessage},
};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{Link, LinkKind, Message};

/// Messages about interfaces.
const GROUP_LINK: u32 = 1;
/// Room for the messages of a node on which many pods start at once.
const RECEIVE_BYTES: u32 = 1024 * 1024;
/// Timeout of a request.
const PATIENCE: Duration = Duration::from_secs(5);

/// A netlink socket of the namespace it was opened in.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: Socket,
    sequence: u32,
}

impl Netlink {
    /// For questions only.
    pub(super) fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        // More than the system's default needs a privilege; without it the default must suffice.
        let _ = socket.set_rx_buf_sz(RECEIVE_BYTES);
        socket.set_non_blocking(true)?;
        Ok(Self { socket, sequence: 0 })
    }

    /// For changes of interfaces, too.
    pub(super) fn subscribe() -> io::Result<Self> {
        let netlink = Self::open()?;
        netlink.socket.add_membership(GROUP_LINK)?;
        Ok(netlink)
    }

    /// All interfaces.
    pub(super) fn dump(&mut self) -> io::Result<BTreeMap<u32, Link>> {
        let mut links = BTreeMap::new();
        for message in self.ask_all(&RouteNetlinkMessage::GetLink(LinkMessage::default()))? {
            match about_link(message) {
                Some(Message::New(index, link)) => {
                    links.insert(index, link);
                }
                Some(Message::Gone(index)) => {
                    links.remove(&index);
                }
                None => {}
            }
        }
        Ok(links)
    }

    /// All entries of a table. Notifications that arrive between the parts of the answer are among them, in order.
    pub(super) fn ask_all(&mut self, question: &RouteNetlinkMessage) -> io::Result<Vec<RouteNetlinkMessage>> {
        self.ask(question, NLM_F_DUMP | NLM_F_REQUEST)
    }

    /// The answer to a question that has one.
    pub(super) fn ask_one(&mut self, question: &RouteNetlinkMessage) -> io::Result<Option<RouteNetlinkMessage>> {
        Ok(self.ask(question, NLM_F_REQUEST)?.pop())
    }

    fn ask(&mut self, question: &RouteNetlinkMessage, flags: u16) -> io::Result<Vec<RouteNetlinkMessage>> {
        let is_dump = flags & NLM_F_DUMP == NLM_F_DUMP;
        let deadline = Instant::now() + PATIENCE;
        'again: loop {
            self.send(question.clone(), flags)?;
            let mut answer = Vec::new();
            loop {
                if Instant::now() >= deadline {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                let Some(messages) = self.receive()? else { continue 'again };
                if messages.is_empty() {
                    self.wait()?;
                }
                for message in messages {
                    let is_answer = message.header.sequence_number == self.sequence;
                    match message.payload {
                        NetlinkPayload::Done(_) if is_answer => return Ok(answer),
                        NetlinkPayload::Error(error) if is_answer && error.code.is_some() => {
                            return Err(error.to_io());
                        }
                        NetlinkPayload::InnerMessage(message) if is_dump => answer.push(message),
                        NetlinkPayload::InnerMessage(message) if is_answer => return Ok(vec![message]),
                        _ => {}
                    }
                }
            }
        }
    }

    /// The messages since the last call; `None` if some were lost.
    pub(super) fn messages(&mut self) -> io::Result<Option<Vec<Message>>> {
        let mut all = Vec::new();
        loop {
            match self.receive()? {
                None => return Ok(None),
                Some(messages) if messages.is_empty() => return Ok(Some(all)),
                Some(messages) => all.extend(messages.into_iter().filter_map(|message| match message.payload {
                    NetlinkPayload::InnerMessage(message) => about_link(message),
                    _ => None,
                })),
            }
        }
    }

    fn send(&mut self, question: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(question));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send_to(&bytes, &SocketAddr::new(0, 0), 0).map(drop)
    }

    /// The messages of one datagram, none if none waits; `None` if the kernel had no room for some.
    fn receive(&self) -> io::Result<Option<Vec<NetlinkMessage<RouteNetlinkMessage>>>> {
        loop {
            let (bytes, sender) = match self.socket.recv_from_full() {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Some(Vec::new())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => return Ok(None),
                Err(error) => return Err(error),
            };
            // Other processes may write to the socket, too; the kernel's port is 0.
            if sender.port_number() == 0 {
                return Ok(Some(parse(&bytes)));
            }
        }
    }

    fn wait(&self) -> io::Result<()> {
        let mut waiting = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waiting, PollTimeout::from(100_u8)) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The messages of a datagram; an invalid one is skipped.
fn parse(mut bytes: &[u8]) -> Vec<NetlinkMessage<RouteNetlinkMessage>> {
    let mut messages = Vec::new();
    while let Some(length) = bytes.first_chunk::<4>().map(|length| u32::from_ne_bytes(*length) as usize)
        && let Some(one) = bytes.get(..length)
        && length >= 16
    {
        match NetlinkMessage::deserialize(one) {
            Ok(message) => messages.push(message),
            Err(error) => tracing::debug!(%error, "Failed to parse a netlink message"),
        }
        // Messages are aligned to four bytes.
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    messages
}

fn about_link(message: RouteNetlinkMessage) -> Option<Message> {
    match message {
        // A bridge reports of its ports by the same messages: a port that leaves it is not gone.
        RouteNetlinkMessage::NewLink(link) | RouteNetlinkMessage::DelLink(link)
            if link.header.interface_family != AddressFamily::Unspec =>
        {
            None
        }
        RouteNetlinkMessage::NewLink(link) => Some(Message::New(link.header.index, describe(link)?)),
        RouteNetlinkMessage::DelLink(link) => Some(Message::Gone(link.header.index)),
        _ => None,
    }
}

/// `None` if it has no name, as in messages that tell of something else.
fn describe(link: LinkMessage) -> Option<Link> {
    let (mut name, mut master, mut lower, mut elsewhere) = (None, None, None, false);
    let mut kind = LinkKind::Other;
    for attribute in link.attributes {
        match attribute {
            LinkAttribute::IfName(text) => name = Some(text),
            LinkAttribute::Controller(index) => master = Some(index),
            LinkAttribute::Link(index) => lower = Some(index),
            LinkAttribute::LinkNetNsId(_) => elsewhere = true,
            LinkAttribute::LinkInfo(infos) => kind = kind_of(&infos),
            _ => {}
        }
    }
    // 0 stands for none, and an index of another namespace says nothing here.
    let lower = lower.filter(|index| *index != 0 && *index != link.header.index && !elsewhere);
    Some(Link { name: name?, master: master.filter(|index| *index != 0), lower, kind, leads_elsewhere: elsewhere })
}

fn kind_of(infos: &[LinkInfo]) -> LinkKind {
    let kind = infos.iter().find_map(|info| match info {
        LinkInfo::Kind(kind) => Some(kind),
        _ => None,
    });
    match kind {
        Some(InfoKind::Bridge) => LinkKind::Bridge,
        Some(InfoKind::Netkit) => LinkKind::Netkit,
        _ => LinkKind::Other,
    }
}
