//! Container images from files of this machine: one layer, the same bytes for the same files, without a registry.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::ClusterError;

/// What an image holds; paths inside are absolute.
#[derive(Debug, Clone)]
pub struct Image {
    name: String,
    entries: BTreeMap<String, Entry>,
    entrypoint: Vec<String>,
}

#[derive(Debug, Clone)]
enum Entry {
    Folder { mode: u32 },
    Copy { from: PathBuf },
    Text { bytes: Vec<u8> },
    Link { target: String },
}

impl Image {
    /// `NAME:TAG`; pods name it so, with `imagePullPolicy: Never`.
    pub fn new(name: &str) -> Self {
        let entries = BTreeMap::from([("tmp".to_owned(), Entry::Folder { mode: 0o1777 })]);
        Self { name: name.to_owned(), entries, entrypoint: Vec::new() }
    }

    /// A shell, a few commands of every day, and curl.
    pub fn clients(name: &str) -> Result<Self, ClusterError> {
        let mut image = Self::new(name)
            .text("/etc/nsswitch.conf", "passwd: files\nhosts: files dns\n")
            .text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
            .program("/bin/sh", "/bin/dash")?;
        for program in ["cat", "date", "head", "id", "ls", "sleep", "tr", "wc"] {
            image = image.program(&format!("/bin/{program}"), format!("/bin/{program}"))?;
        }
        image.program("/usr/bin/curl", "/usr/bin/curl")
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// A program of this machine, with the loader and the libraries that `ldd` names.
    pub fn program(mut self, inside: &str, outside: impl AsRef<Path>) -> Result<Self, ClusterError> {
        let outside = outside.as_ref();
        let from = fs::canonicalize(outside).map_err(ClusterError::file("find", outside))?;
        for library in libraries(&from)? {
            let from = fs::canonicalize(&library).map_err(ClusterError::file("find", &library))?;
            self = self.add(&library, Entry::Copy { from });
        }
        Ok(self.add(inside, Entry::Copy { from }))
    }

    /// A file with the rights that it has here.
    pub fn file(self, inside: &str, outside: impl Into<PathBuf>) -> Self {
        self.add(inside, Entry::Copy { from: outside.into() })
    }

    pub fn text(self, inside: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.add(inside, Entry::Text { bytes: bytes.into() })
    }

    pub fn link(self, inside: &str, target: &str) -> Self {
        self.add(inside, Entry::Link { target: target.to_owned() })
    }

    pub fn folder(self, inside: &str) -> Self {
        self.add(inside, Entry::Folder { mode: 0o755 })
    }

    pub fn entrypoint(mut self, command: &[&str]) -> Self {
        self.entrypoint = command.iter().map(|&part| part.to_owned()).collect();
        self
    }

    /// Writes the image as `docker load` and `ctr images import` take it.
    pub fn write(&self, path: &Path) -> Result<(), ClusterError> {
        self.write_to(path).map_err(ClusterError::file("write the image", path))
    }

    fn add(mut self, inside: &str, entry: Entry) -> Self {
        let inside = inside.trim_start_matches('/');
        // In the map a folder comes before what it holds.
        for (end, _) in inside.match_indices('/') {
            self.entries.entry(inside[..end].to_owned()).or_insert(Entry::Folder { mode: 0o755 });
        }
        self.entries.insert(inside.to_owned(), entry);
        self
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let layer_path = path.with_extension("layer");
        let mut layer = tar::Builder::new(Hashing { file: File::create(&layer_path)?, hash: Sha256::new() });
        for (inside, entry) in &self.entries {
            entry.append(&mut layer, inside)?;
        }
        let layer_digest = hex(&layer.into_inner()?.hash.finalize());

        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
        let config = json!({
            "architecture": architecture,
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": { "Env": ["PATH=/usr/bin:/bin"], "Entrypoint": self.entrypoint },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{layer_digest}")] },
        })
        .to_string();
        let config_name = format!("{}.json", hex(&Sha256::digest(&config)));
        let manifest = json!([{ "Config": config_name, "RepoTags": [self.name], "Layers": ["layer.tar"] }]).to_string();

        let mut archive = tar::Builder::new(File::create(path)?);
        append_bytes(&mut archive, &config_name, config.as_bytes())?;
        let mut layer = File::open(&layer_path)?;
        archive.append_data(&mut header(0o644, layer.metadata()?.len()), "layer.tar", &mut layer)?;
        append_bytes(&mut archive, "manifest.json", manifest.as_bytes())?;
        archive.finish()?;
        fs::remove_file(layer_path)
    }
}

impl Entry {
    fn append(&self, layer: &mut tar::Builder<impl Write>, inside: &str) -> io::Result<()> {
        match self {
            Self::Folder { mode } => {
                let mut header = header(*mode, 0);
                header.set_entry_type(tar::EntryType::Directory);
                layer.append_data(&mut header, format!("{inside}/"), io::empty())
            }
            Self::Copy { from } => {
                let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", from.display()));
                let mut file = File::open(from).map_err(named)?;
                let metadata = file.metadata()?;
                let mut header = header(metadata.permissions().mode() & 0o7777, metadata.len());
                layer.append_data(&mut header, inside, &mut file)
            }
            Self::Text { bytes } => append_bytes(layer, inside, bytes),
            Self::Link { target } => {
                let mut header = header(0o777, 0);
                header.set_entry_type(tar::EntryType::Symlink);
                layer.append_link(&mut header, inside, target)
            }
        }
    }
}

fn append_bytes(archive: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    archive.append_data(&mut header(0o644, bytes.len() as u64), name, bytes)
}

/// Owner, group and time are nobody's.
fn header(mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_size(size);
    header
}

struct Hashing {
    file: File,
    hash: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn hex(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The paths in what `ldd` prints: `NAME => PATH (ADDRESS)` or, for the loader, `PATH (ADDRESS)`. A static program has none.
fn libraries(program: &Path) -> Result<Vec<String>, ClusterError> {
    let output = Command::new("ldd")
        .arg(program)
        .output()
        .map_err(|source| ClusterError::Start { program: "ldd".into(), source })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if text.contains("not found") {
        return Err(ClusterError::Command { command: format!("ldd {}", program.display()), output: text });
    }
    let paths = text.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')));
    Ok(paths.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn an_image_is_the_same_bytes_each_time_and_names_its_layer_by_hash() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first.tar", "second.tar"].map(|name| folder.path().join(name));
        let image = Image::clients("localhost/clients:1").unwrap().link("/bin/bash", "sh").entrypoint(&["/bin/sh"]);
        image.write(&first).unwrap();
        image.write(&second).unwrap();
        assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());

        let mut archive = tar::Archive::new(File::open(&first).unwrap());
        let parts: Vec<(String, Vec<u8>)> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                (entry.path().unwrap().display().to_string(), bytes)
            })
            .collect();
        let [(config_name, config), (_, layer), (_, manifest)] = &parts[..] else {
            panic!("three parts were expected")
        };
        let manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap();
        let config: serde_json::Value = serde_json::from_slice(config).unwrap();
        assert_eq!(manifest[0]["Config"], *config_name);
        assert_eq!(manifest[0]["RepoTags"], json!(["localhost/clients:1"]));
        assert_eq!(config["rootfs"]["diff_ids"][0], format!("sha256:{}", hex(&Sha256::digest(layer))));

        let mut layer = tar::Archive::new(layer.as_slice());
        let names: Vec<String> =
            layer.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect();
        assert!(names.iter().any(|name| name.ends_with("libc.so.6")), "{names:?}");
        assert!(names.iter().any(|name| name.contains("ld-linux")), "{names:?}");
        let place = |wanted: &str| names.iter().position(|name| name.trim_end_matches('/') == wanted);
        assert!(place("usr/bin") < place("usr/bin/curl"), "{names:?}");
    }
}
