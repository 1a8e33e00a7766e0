//! What a release of an image consists of: an OCI layout, a docker-archive, the layer with a Dockerfile over it.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    Image, ImageError,
    layer::{self, Hashing, hex},
};

const DOCKERFILE: &str = include_str!("Dockerfile");
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Digest of the manifest in the OCI layout, as a registry names it.
    pub digest: String,
    /// Bytes of the layer unpacked.
    pub bytes: u64,
    /// Bytes of the layer as it is pulled.
    pub compressed: u64,
}

impl Image {
    /// Writes `oci/`, `docker-archive.tar`, `rootfs.tar` and `Dockerfile` to a folder that is made if it is missing;
    /// what an earlier run left there is replaced.
    pub fn write_release(&self, folder: &Path) -> Result<Written, ImageError> {
        self.release(folder).map_err(ImageError::file("write the image to", folder))
    }

    fn release(&self, folder: &Path) -> io::Result<Written> {
        let layout = folder.join("oci");
        if layout.exists() {
            fs::remove_dir_all(&layout)?;
        }
        let blobs = layout.join("blobs/sha256");
        fs::create_dir_all(&blobs)?;
        let rootfs = folder.join("rootfs.tar");
        let layer_digest = layer::write(&self.entries, &rootfs)?;
        self.write_archive(&folder.join("docker-archive.tar"), &rootfs, &layer_digest)?;
        let program = self.entrypoint.first().map_or("", String::as_str);
        fs::write(folder.join("Dockerfile"), DOCKERFILE.replace("PROGRAM", program))?;

        let unfinished = blobs.join("unfinished");
        // Neither a name nor a time is in the header.
        let mut compressed = GzBuilder::new().write(Hashing::new(File::create(&unfinished)?), Compression::best());
        let bytes = io::copy(&mut File::open(&rootfs)?, &mut compressed)?;
        let Hashing { hash, len: compressed, .. } = compressed.finish()?;
        let digest = hex(&hash.finalize());
        fs::rename(&unfinished, blobs.join(&digest))?;
        let layer = json!({ "mediaType": LAYER, "digest": format!("sha256:{digest}"), "size": compressed });

        let config = put(&blobs, CONFIG, &self.configuration(&layer_digest))?;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": [layer],
            "annotations": self.labels.annotations(),
        });
        let mut manifest = put(&blobs, MANIFEST, &manifest.to_string())?;
        let digest = manifest["digest"].as_str().unwrap_or_default().to_owned();
        let (_, tag) = self.name.rsplit_once(':').unwrap_or(("", "latest"));
        manifest["platform"] = json!({ "architecture": self.architecture, "os": "linux" });
        manifest["annotations"] =
            json!({ "org.opencontainers.image.ref.name": tag, "io.containerd.image.name": self.name });
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [manifest] });
        fs::write(layout.join("index.json"), index.to_string())?;
        fs::write(layout.join("oci-layout"), json!({ "imageLayoutVersion": "1.0.0" }).to_string())?;
        Ok(Written { digest, bytes, compressed })
    }
}

/// Stores a blob, and returns its descriptor.
fn put(blobs: &Path, media_type: &str, text: &str) -> io::Result<Value> {
    let digest = hex(&Sha256::digest(text));
    fs::write(blobs.join(&digest), text)?;
    Ok(json!({ "mediaType": media_type, "digest": format!("sha256:{digest}"), "size": text.len() }))
}
