//! Object storage over HTTPS from the operator's image: by the certificate authorities at the place where the image has
//! them, and with nothing else in its root.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use landfall_image::{HOST, recipe::Recipe};
use landfall_tests::{built, object_store::S3Server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

/// `landfall ledger verify` in the root of the image.
fn verify(root: &Path, server: &S3Server) -> Output {
    let mut command = Command::new("chroot");
    command.arg(root).args([
        "/landfall",
        "ledger",
        "verify",
        "s3://evidence/production",
        "--public-key",
        "/public.pem",
    ]);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    server.configure(&mut command);
    command.output().unwrap()
}

#[test]
fn the_operators_image_reaches_a_store_by_its_certificate_authorities() {
    if !nix::unistd::geteuid().is_root() {
        assert!(std::env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "a root of its own needs root");
        println!("skipped: a root of its own needs root");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["buckets", "image", "root", "ledger"] {
        fs::create_dir(path(name)).unwrap();
    }
    let authority = CertifiedIssuer::self_signed(
        {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params
        },
        KeyPair::generate().unwrap(),
    )
    .unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let server = S3Server::start_tls(&path("buckets"), tls).unwrap();
    server.bucket("evidence").unwrap();

    Recipe::of_tests(built("landfall-multicall").unwrap().parent().unwrap(), &path("image"))
        .operator(HOST)
        .and_then(|image| image.write_release(&path("image")))
        .unwrap();
    let unpacked =
        Command::new("tar").arg("-xf").arg(path("image/rootfs.tar")).arg("-C").arg(path("root")).status().unwrap();
    assert!(unpacked.success());
    let signer = landfall_evidence::Signer::open_or_create(&path("key.pem")).unwrap();
    fs::write(path("root/public.pem"), signer.public().to_pem()).unwrap();

    // Mozilla's authorities do not vouch for the server, but there are some.
    let strange = verify(&path("root"), &server);
    let said = String::from_utf8_lossy(&strange.stderr);
    assert_eq!(strange.status.code(), Some(2), "{said}");
    assert!(said.contains("s3://evidence/production") && !said.contains("SSL_CERT_FILE"), "{said}");

    // The store's authority stands at the image's own place: nothing is in the bucket, and the store has said so.
    fs::write(path("root/etc/ssl/certs/ca-certificates.crt"), authority.pem()).unwrap();
    let trusted = verify(&path("root"), &server);
    let said = String::from_utf8_lossy(&trusted.stderr);
    assert!(said.contains("nothing of a ledger is there"), "{said}");

    // And without any, that is said.
    fs::remove_file(path("root/etc/ssl/certs/ca-certificates.crt")).unwrap();
    let none = verify(&path("root"), &server);
    let said = String::from_utf8_lossy(&none.stderr);
    assert!(none.status.code() == Some(2) && said.contains("SSL_CERT_FILE"), "{said}");
}
