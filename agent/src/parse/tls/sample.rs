//! Hellos made for tests, field by field.

/// A ClientHello in the making.
pub(crate) struct Hello {
    legacy_version: u16,
    extensions: Vec<(u16, Vec<u8>)>,
}

/// Bytes behind a length of two bytes.
pub(crate) fn vec16(body: &[u8]) -> Vec<u8> {
    [&u16::try_from(body.len()).unwrap().to_be_bytes()[..], body].concat()
}

/// Bytes behind a length of one byte.
pub(crate) fn vec8(body: &[u8]) -> Vec<u8> {
    [&[u8::try_from(body.len()).unwrap()], body].concat()
}

/// A handshake message cut into records of at most `fragment` bytes.
pub(crate) fn records(message: &[u8], fragment: usize) -> Vec<u8> {
    message.chunks(fragment).flat_map(|part| [vec![22, 3, 1], vec16(part)].concat()).collect()
}

/// A handshake message.
pub(crate) fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind, a, b, c], body].concat()
}

fn alpn_body(names: &[&[u8]]) -> Vec<u8> {
    vec16(&names.iter().flat_map(|name| vec8(name)).collect::<Vec<_>>())
}

impl Hello {
    pub(crate) fn new() -> Self {
        Self { legacy_version: 0x0303, extensions: vec![] }
    }

    pub(crate) fn legacy_version(mut self, version: u16) -> Self {
        self.legacy_version = version;
        self
    }

    pub(crate) fn extension(mut self, kind: u16, body: &[u8]) -> Self {
        self.extensions.push((kind, body.to_vec()));
        self
    }

    pub(crate) fn server_name(self, name: impl AsRef<[u8]>) -> Self {
        let entry = [vec![0], vec16(name.as_ref())].concat();
        self.extension(0, &vec16(&entry))
    }

    pub(crate) fn alpn(self, names: &[&[u8]]) -> Self {
        self.extension(16, &alpn_body(names))
    }

    pub(crate) fn versions(self, versions: &[u16]) -> Self {
        let list: Vec<u8> = versions.iter().flat_map(|v| v.to_be_bytes()).collect();
        self.extension(43, &vec8(&list))
    }

    pub(crate) fn ech(self) -> Self {
        self.extension(0xfe0d, &[0; 40])
    }

    /// The handshake message.
    pub(crate) fn message(&self) -> Vec<u8> {
        let mut body = self.legacy_version.to_be_bytes().to_vec();
        body.extend([7; 32]);
        body.extend(vec8(&[9; 32]));
        body.extend(vec16(&[0x1a, 0x1a, 0x13, 0x01, 0xc0, 0x2f]));
        body.extend(vec8(&[0]));
        let extensions: Vec<u8> = self
            .extensions
            .iter()
            .flat_map(|(kind, body)| [kind.to_be_bytes().to_vec(), vec16(body)].concat())
            .collect();
        if !self.extensions.is_empty() {
            body.extend(vec16(&extensions));
        }
        handshake(1, &body)
    }

    /// The message in one record.
    pub(crate) fn stream(&self) -> Vec<u8> {
        records(&self.message(), 1 << 14)
    }
}

/// The body of a ServerHello.
pub(crate) fn server_hello_body(version: u16, random: &[u8; 32], extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let block: Vec<u8> =
        extensions.iter().flat_map(|(kind, body)| [kind.to_be_bytes().to_vec(), vec16(body)].concat()).collect();
    let block = if extensions.is_empty() { vec![] } else { vec16(&block) };
    [version.to_be_bytes().to_vec(), random.to_vec(), vec8(&[9; 32]), vec![0x13, 0x01, 0], block].concat()
}

/// A ServerHello of TLS 1.2 or older in one record, with a Certificate message behind it.
pub(crate) fn server_hello(version: u16, alpn: Option<&[u8]>) -> Vec<u8> {
    let extensions: Vec<_> = alpn.map(|name| (16, alpn_body(&[name]))).into_iter().collect();
    let hello = handshake(2, &server_hello_body(version, &[5; 32], &extensions));
    records(&[hello, handshake(11, &[0; 300])].concat(), 1 << 14)
}

/// A ServerHello of TLS 1.3 in one record.
pub(crate) fn server_hello_13() -> Vec<u8> {
    let body = server_hello_body(0x0303, &[5; 32], &[(43, vec![3, 4]), (51, vec![0; 36])]);
    records(&handshake(2, &body), 1 << 14)
}
