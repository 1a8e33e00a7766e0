//! The docker-archive: what `docker load`, `ctr images import` and `podman load` take.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    Image, ImageError,
    layer::{self, append_bytes, header, hex},
};

impl Image {
    /// Writes the image as `docker load` and `ctr images import` take it.
    pub fn write(&self, path: &Path) -> Result<(), ImageError> {
        let layer_path = path.with_extension("layer");
        let written = layer::write(&self.entries, &layer_path)
            .and_then(|digest| self.write_archive(path, &layer_path, &digest))
            .and_then(|()| fs::remove_file(&layer_path));
        written.map_err(ImageError::file("write the image", path))
    }

    pub(crate) fn write_archive(&self, path: &Path, layer: &Path, layer_digest: &str) -> io::Result<()> {
        let config = self.configuration(layer_digest);
        let config_name = format!("{}.json", hex(&Sha256::digest(&config)));
        let manifest = json!([{ "Config": config_name, "RepoTags": [self.name], "Layers": ["layer.tar"] }]).to_string();
        let mut archive = tar::Builder::new(File::create(path)?);
        append_bytes(&mut archive, &config_name, config.as_bytes())?;
        let mut layer = File::open(layer)?;
        archive.append_data(&mut header(0o644, layer.metadata()?.len()), "layer.tar", &mut layer)?;
        append_bytes(&mut archive, "manifest.json", manifest.as_bytes())?;
        archive.finish()
    }
}
