//! Layers, archives and layouts, read back.

use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use super::*;
use crate::layer::hex;

fn sample() -> Image {
    Image::new("registry.example/sample:1.2")
        .program("/bin/sh", "/bin/dash")
        .unwrap()
        .text("/etc/passwd", "root:x:0:0:root:/:/bin/sh\n")
        .link("/bin/bash", "sh")
        .entrypoint(&["/bin/sh"])
        .user("65532:65532")
        .labels(Labels { title: "Sample".to_owned(), version: "1.2".to_owned(), ..Labels::default() })
        .capability("/bin/sh", FileCapability::NetRawPermitted)
}

/// The entries of an archive with their contents.
fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().display().to_string(), bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

#[test]
fn an_archive_is_the_same_bytes_each_time_and_names_its_layer_by_hash() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.tar", "second.tar"].map(|name| folder.path().join(name));
    let image = sample();
    image.write(&first).unwrap();
    image.write(&second).unwrap();
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());

    let parts = entries(&fs::read(&first).unwrap());
    let [(config_name, config), (_, layer), (_, manifest)] = &parts[..] else { panic!("three parts were expected") };
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    let config: Value = serde_json::from_slice(config).unwrap();
    assert_eq!(manifest[0]["Config"], *config_name);
    assert_eq!(manifest[0]["RepoTags"], json!(["registry.example/sample:1.2"]));
    assert_eq!(config["rootfs"]["diff_ids"][0], digest(layer));
    assert_eq!(
        (&config["config"]["User"], &config["config"]["Entrypoint"]),
        (&json!("65532:65532"), &json!(["/bin/sh"]))
    );
    assert_eq!(
        config["config"]["Labels"],
        json!({ "org.opencontainers.image.title": "Sample", "org.opencontainers.image.version": "1.2" })
    );

    let names: Vec<String> = entries(layer).into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name.ends_with("libc.so.6")), "{names:?}");
    assert!(names.iter().any(|name| name.contains("ld-linux")), "{names:?}");
    let place = |wanted: &str| names.iter().position(|name| name.trim_end_matches('/') == wanted);
    assert!(place("bin") < place("bin/sh"), "{names:?}");
}

#[test]
fn one_file_of_the_layer_carries_the_capability() {
    let folder = tempfile::tempdir().unwrap();
    sample().write_release(folder.path()).unwrap();
    let layer = fs::read(folder.path().join("rootfs.tar")).unwrap();
    let mut archive = tar::Archive::new(layer.as_slice());
    let mut found = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        for extension in entry.pax_extensions().unwrap().into_iter().flatten() {
            let extension = extension.unwrap();
            found.push((name.clone(), extension.key().unwrap().to_owned(), extension.value_bytes().to_owned()));
        }
    }
    // As `setcap cap_net_raw=p` writes it.
    let attribute = [0, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let expected = ("bin/sh".to_owned(), "SCHILY.xattr.security.capability".to_owned(), attribute.to_vec());
    assert_eq!(found, [expected]);
}

#[test]
fn the_blobs_of_a_layout_are_what_their_names_say() {
    let folder = tempfile::tempdir().unwrap();
    let image = sample();
    let written = image.write_release(folder.path()).unwrap();
    // A second run replaces the first.
    assert_eq!(image.write_release(folder.path()).unwrap(), written);
    let layout = folder.path().join("oci");
    let parsed = |path: PathBuf| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let blob = |descriptor: &Value| {
        let named = descriptor["digest"].as_str().unwrap();
        let bytes = fs::read(layout.join("blobs").join(named.replace(':', "/"))).unwrap();
        assert_eq!((digest(&bytes).as_str(), bytes.len() as u64), (named, descriptor["size"].as_u64().unwrap()));
        bytes
    };
    assert_eq!(parsed(layout.join("oci-layout")), json!({ "imageLayoutVersion": "1.0.0" }));
    let index = parsed(layout.join("index.json"));
    let descriptor = &index["manifests"][0];
    assert_eq!(descriptor["digest"], written.digest);
    assert_eq!(descriptor["annotations"]["org.opencontainers.image.ref.name"], "1.2");
    let manifest: Value = serde_json::from_slice(&blob(descriptor)).unwrap();
    let config: Value = serde_json::from_slice(&blob(&manifest["config"])).unwrap();
    let mut layer = Vec::new();
    let packed = blob(&manifest["layers"][0]);
    flate2::read::GzDecoder::new(packed.as_slice()).take(1 << 30).read_to_end(&mut layer).unwrap();
    assert_eq!((written.compressed, written.bytes), (packed.len() as u64, layer.len() as u64));
    assert_eq!(config["rootfs"]["diff_ids"], json!([digest(&layer)]));
    assert_eq!(layer, fs::read(folder.path().join("rootfs.tar")).unwrap());
    assert_eq!(fs::read_dir(layout.join("blobs/sha256")).unwrap().count(), 3);
    let dockerfile = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
    assert!(dockerfile.ends_with("FROM scratch\nADD rootfs.tar /\nUSER 65532:65532\nENTRYPOINT [\"/bin/sh\"]\n"));
}

#[test]
fn a_program_for_another_architecture_is_refused() {
    let foreign = if HOST == "amd64" { "arm64" } else { "amd64" };
    let error = Image::new("x:1").architecture(foreign).program("/bin/sh", "/bin/dash").unwrap_err();
    assert!(error.to_string().contains(foreign), "{error}");
    let script = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(Image::new("x:1").program("/x", script.path()), Err(ImageError::Architecture { .. })));
}

#[test]
fn symbols_stay_beside_a_stripped_program() {
    let folder = tempfile::tempdir().unwrap();
    // This very test is a program with symbols.
    let program = std::env::current_exe().unwrap();
    let stripped = crate::strip(&program, &folder.path().join("programs"), &folder.path().join("debug")).unwrap();
    let len = |path: &Path| fs::metadata(path).unwrap().len();
    assert!(len(&stripped.program) < len(&program));
    let bytes = fs::read(&stripped.program).unwrap();
    let link = stripped.symbols.file_name().unwrap().as_encoded_bytes();
    assert!(bytes.windows(link.len()).any(|window| window == link));
    assert!(std::process::Command::new(&stripped.program).arg("--list").output().unwrap().status.success());
    let missing = crate::strip(Path::new("/nowhere"), folder.path(), folder.path()).unwrap_err();
    assert!(missing.to_string().contains("/nowhere"), "{missing}");
}
