//! Protocols that begin in plaintext and may switch to TLS: STARTTLS and the like.
//!
//! What a client sends before the switch is read command by command and contains no personal data: a greeting, its
//! capabilities, the request for TLS. Any other command means that the connection stays in plaintext.

use crate::{
    packet::Way,
    parse::{Parse, tls},
    reassembly::{Buffer, Piece},
};

/// Maximum length of a command during negotiation.
const MAX_COMMAND: usize = 512;

/// How the clients of a protocol ask for TLS.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asking {
    /// RFC 4217.
    Ftp,
    /// RFC 9051, 6.2.1.
    Imap,
    /// RFC 2595, 4.
    Pop3,
    /// RFC 3207.
    Smtp,
    /// RFC 6120, 5.
    Xmpp,
    /// By the first message, of which this tells it.
    Message(fn(&[u8]) -> bool),
}

/// What a command means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    /// A greeting, or a command about capabilities.
    Negotiates,
    AsksTls,
    /// Anything else.
    Content,
}

/// State of a connection after a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Negotiating,
    /// TLS begins with the piece.
    Tls,
    /// It stays in plaintext.
    Plaintext,
}

/// A connection that may still switch to TLS.
#[derive(Debug)]
pub(super) struct Upgrade {
    asking: Asking,
    /// The client's command so far.
    command: Buffer,
    asked: bool,
}

impl Upgrade {
    pub(super) fn new(asking: Asking) -> Self {
        Self { asking, command: Buffer::default(), asked: false }
    }

    pub(super) fn piece(&mut self, way: Way, piece: Piece<'_>) -> Outcome {
        match (way, piece) {
            (Way::Back, _) | (Way::Out, Piece::End) => Outcome::Negotiating,
            // The lost bytes may be anything.
            (Way::Out, Piece::Gap(_)) => Outcome::Plaintext,
            (Way::Out, Piece::Data(bytes)) => self.client(bytes),
        }
    }

    fn client(&mut self, bytes: &[u8]) -> Outcome {
        // A hello can come in pieces: its first bytes suffice, for no command begins like it.
        if self.asked && self.command.is_empty() && tls::begins_client_hello(bytes) != Parse::NotThis {
            return Outcome::Tls;
        }
        if let Asking::Message(asks) = self.asking {
            let asks_now = !self.asked && asks(bytes);
            self.asked |= asks_now;
            return if asks_now { Outcome::Negotiating } else { Outcome::Plaintext };
        }
        self.command.extend(&bytes[..bytes.len().min(MAX_COMMAND)]);
        let held = std::mem::take(&mut self.command);
        let mut rest = held.as_slice();
        while let Some(end) = memchr::memchr(self.asking.ends_command(), rest) {
            match self.asking.command(&rest[..=end]) {
                Command::Negotiates => {}
                Command::AsksTls => self.asked = true,
                Command::Content => return Outcome::Plaintext,
            }
            rest = &rest[end + 1..];
        }
        if rest.len() >= MAX_COMMAND {
            return Outcome::Plaintext;
        }
        self.command = Buffer::copy_of(rest);
        Outcome::Negotiating
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.command.heap_bytes()
    }
}

impl Asking {
    fn ends_command(self) -> u8 {
        if matches!(self, Self::Xmpp) { b'>' } else { b'\n' }
    }

    fn command(self, line: &[u8]) -> Command {
        let line = line.trim_ascii().to_ascii_uppercase();
        let mut words = line.split(|b| *b == b' ').filter(|word| !word.is_empty());
        // Commands of IMAP stand behind a tag.
        let first = if matches!(self, Self::Imap) { words.nth(1) } else { words.next() };
        let second = words.next();
        match (self, first.unwrap_or_default(), second) {
            (Self::Smtp | Self::Imap, b"STARTTLS", None)
            | (Self::Pop3, b"STLS", None)
            | (Self::Ftp, b"AUTH", Some(b"TLS" | b"SSL" | b"TLS-C" | b"TLS-P"))
            | (Self::Xmpp, b"<STARTTLS", _) => Command::AsksTls,
            (Self::Xmpp, b"<?XML" | b"<STREAM:STREAM" | b"</STREAM:STREAM>", _)
            | (Self::Smtp, b"EHLO" | b"HELO" | b"LHLO" | b"NOOP" | b"RSET" | b"HELP" | b"QUIT", _)
            | (Self::Imap, b"CAPABILITY" | b"NOOP" | b"LOGOUT", None)
            | (Self::Pop3, b"CAPA" | b"NOOP" | b"QUIT", None)
            | (Self::Ftp, b"FEAT" | b"SYST" | b"NOOP" | b"QUIT" | b"HELP", _) => Command::Negotiates,
            _ => Command::Content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{database, ldap, tls::sample};

    fn outcome(asking: Asking, pieces: &[&[u8]]) -> Outcome {
        let mut upgrade = Upgrade::new(asking);
        let mut outcomes = pieces.iter().map(|piece| upgrade.piece(Way::Out, Piece::Data(piece)));
        outcomes.find(|outcome| *outcome != Outcome::Negotiating).unwrap_or(Outcome::Negotiating)
    }

    #[test]
    fn a_client_that_asks_for_tls_and_begins_it_has_said_nothing() {
        let hello = sample::Hello::new().server_name("mail.example").stream();
        let asked: [(Asking, &[&[u8]]); 9] = [
            (Asking::Smtp, &[b"EHLO c.example\r\n", b"STARTTLS\r\n"]),
            (Asking::Smtp, &[b"ehlo c.exa", b"mple\r\nstart", b"tls\r\n"]),
            (Asking::Imap, &[b"a1 CAPABILITY\r\n", b"a2 STARTTLS\r\n"]),
            (Asking::Pop3, &[b"CAPA\r\n", b"STLS\r\n"]),
            (Asking::Ftp, &[b"AUTH TLS\r\n"]),
            (Asking::Xmpp, &[b"<stream:stream to='x.example'>", b"<starttls xmlns='urn:x'/>"]),
            (Asking::Message(ldap::asks_encryption), &[b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"]),
            (Asking::Message(database::asks_postgresql_encryption), &[b"\x00\x00\x00\x08\x04\xd2\x16\x2f"]),
            (
                Asking::Message(database::asks_mysql_encryption),
                &[b"\x20\0\0\x01\x85\xae\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"],
            ),
        ];
        for (asking, pieces) in asked {
            assert_eq!(outcome(asking, pieces), Outcome::Negotiating, "{asking:?}");
            assert_eq!(outcome(asking, &[pieces, &[&hello]].concat()), Outcome::Tls, "{asking:?}");
            assert_eq!(outcome(asking, &[pieces, &[b"LOGIN a b\r\n>"]].concat()), Outcome::Plaintext, "{asking:?}");
        }
    }

    #[test]
    fn anything_else_stays_in_the_clear() {
        let said: [(Asking, &[&[u8]]); 8] = [
            (Asking::Smtp, &[b"EHLO c.example\r\n", b"MAIL FROM:<a@example.org>\r\n"]),
            (Asking::Smtp, &[b"EHLO c.example\r\nSTARTTLS\r\nAUTH PLAIN x\r\n"]),
            (Asking::Imap, &[b"a1 LOGIN a b\r\n"]),
            (Asking::Pop3, &[b"USER a\r\n"]),
            (Asking::Ftp, &[b"USER anonymous\r\n"]),
            (Asking::Xmpp, &[b"<stream:stream to='x.example'>", b"<auth mechanism='PLAIN'>"]),
            (
                Asking::Message(database::asks_postgresql_encryption),
                &[b"\x00\x00\x00\x29\x00\x03\x00\x00user\x00a\x00"],
            ),
            (Asking::Smtp, &[&[b'a'; MAX_COMMAND]]),
        ];
        for (asking, pieces) in said {
            assert_eq!(outcome(asking, pieces), Outcome::Plaintext, "{asking:?}");
        }
        let mut upgrade = Upgrade::new(Asking::Smtp);
        assert_eq!(upgrade.piece(Way::Out, Piece::Gap(1)), Outcome::Plaintext);
    }

    #[test]
    fn a_client_that_only_asks_what_there_is_says_nothing() {
        assert_eq!(outcome(Asking::Smtp, &[b"EHLO probe.example\r\n", b"QUIT\r\n"]), Outcome::Negotiating);
        assert_eq!(outcome(Asking::Smtp, &[]), Outcome::Negotiating);
    }
}
