//! What the images of Landfall hold: one recipe for those that are published and those that the tests run.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{FileCapability, Image, ImageError, Labels, strip};

/// User and group of both images, by number: nobody on the node has them.
pub const USER: &str = "65532:65532";

/// The program of an image, and of which package of the workspace it is.
pub const AGENT: &str = "landfall-agent";
/// The same of the operator's image: operator and command line in one, since `kubectl exec` reads the ledger with it.
pub const OPERATOR: &str = "landfall-multicall";

/// Mozilla's certificate authorities, in Debian's package ca-certificates: without those that this machine trusts beside.
const AUTHORITIES: &str = "/usr/share/ca-certificates/mozilla";

/// Where the parts of images come from, and what they are called.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Folder of the programs as cargo built them.
    pub programs: PathBuf,
    /// Folder for the stripped programs.
    pub stripped: PathBuf,
    /// Folder for their debug symbols.
    pub symbols: PathBuf,
    /// What stands before `/landfall-agent:TAG` in the names of images.
    pub registry: String,
    /// Tag of the images.
    pub tag: String,
    /// Version, revision, source, licences and time; the titles are the recipe's.
    pub labels: Labels,
}

impl Recipe {
    /// With all folders below `folder`, and no labels but titles.
    pub fn of_tests(programs: &Path, folder: &Path) -> Self {
        Self {
            programs: programs.to_owned(),
            stripped: folder.join("stripped"),
            symbols: folder.join("symbols"),
            registry: "localhost".to_owned(),
            tag: "test".to_owned(),
            labels: Labels::default(),
        }
    }

    /// The agent, which gets CAP_NET_RAW from its file, for an architecture as OCI names it.
    pub fn agent(&self, architecture: &'static str) -> Result<Image, ImageError> {
        let description = "Observes where the data of a node's pods goes";
        let image = self.image(architecture, "landfall-agent", AGENT, "Landfall agent", description)?;
        Ok(image.capability("/landfall-agent", FileCapability::NetRawPermitted))
    }

    /// The operator and the command line.
    pub fn operator(&self, architecture: &'static str) -> Result<Image, ImageError> {
        let description = "Judges transfers of personal data, and keeps the evidence";
        let image = self.image(architecture, "landfall-operator", OPERATOR, "Landfall operator", description)?;
        // Object storage is reached over public HTTPS.
        let image = image.text("/etc/ssl/certs/ca-certificates.crt", authorities()?);
        Ok(image.link("/landfall", "landfall-operator"))
    }

    fn image(
        &self,
        architecture: &'static str,
        name: &str,
        program: &str,
        title: &str,
        description: &str,
    ) -> Result<Image, ImageError> {
        let stripped = strip(&self.programs.join(program), &self.stripped, &self.symbols)?;
        let image = Image::new(&format!("{}/{name}:{}", self.registry, self.tag))
            .text("/etc/passwd", "root:x:0:0:root:/:/nologin\nlandfall:x:65532:65532:landfall:/:/nologin\n")
            .text("/etc/group", "root:x:0:\nlandfall:x:65532:\n")
            // Without it glibc asks DNS before /etc/hosts, where the kubelet writes hostAliases.
            .text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
            .entrypoint(&[&format!("/{name}")])
            .user(USER)
            .architecture(architecture)
            .labels(Labels { title: title.to_owned(), description: description.to_owned(), ..self.labels.clone() });
        image.program(&format!("/{name}"), stripped.program)
    }
}

/// All authorities in one file (PEM), in the order of their names.
fn authorities() -> Result<Vec<u8>, ImageError> {
    let entries = fs::read_dir(AUTHORITIES).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut files: Vec<_> = entries
        .map_err(ImageError::file("read (Debian package ca-certificates)", AUTHORITIES))?
        .into_iter()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let mut bytes = Vec::new();
    for file in files {
        bytes.extend(fs::read(&file).map_err(ImageError::file("read", &file))?);
    }
    Ok(bytes)
}
