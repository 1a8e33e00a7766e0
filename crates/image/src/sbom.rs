//! What an image is made of, as CycloneDX 1.5: crates by what cargo says, libraries of the system by file and package.
//!
//! Crates that run only while others are built are left out: nothing of them is in the image.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    Image, ImageError,
    layer::{Hashing, hex},
};

/// The dependencies of the workspace for one target, and the checksums of its lock file.
#[derive(Debug)]
pub struct Crates {
    packages: BTreeMap<String, Package>,
    /// What each package uses at run time, by its id.
    uses: BTreeMap<String, Vec<String>>,
    /// What is linked into the program of a package: `name vVERSION`, by the package.
    linked: BTreeMap<String, BTreeSet<String>>,
    /// SHA-256 of the published archives, by name and version.
    checksums: BTreeMap<(String, String), String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
    workspace_root: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    description: Option<String>,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
struct DependencyKind {
    /// None for one at run time.
    kind: Option<String>,
}

// === impl Crates ===

impl Crates {
    /// What cargo says of the workspace that the current folder is in, and of these packages of it with the features that
    /// they were built with.
    pub fn of_workspace(target: &str, packages: &[(&str, &[String])]) -> Result<Self, ImageError> {
        let metadata = cargo(&["metadata", "--format-version=1", "--locked", "--filter-platform", target])?;
        let metadata: Metadata = serde_json::from_slice(&metadata)?;
        let lock = metadata.workspace_root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&lock).map_err(ImageError::file("read", &lock))?;
        let mut linked = BTreeMap::new();
        for &(package, features) in packages {
            linked.insert(package.to_owned(), linked_into(package, features, target)?);
        }
        Ok(Self::new(metadata, linked, &lock))
    }

    fn new(metadata: Metadata, linked: BTreeMap<String, BTreeSet<String>>, lock: &str) -> Self {
        let Metadata { packages, resolve, .. } = metadata;
        let at_run_time = |dependency: &Dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
        let uses = resolve.nodes.into_iter().map(|node| {
            let uses: BTreeSet<String> = node.deps.into_iter().filter(at_run_time).map(|used| used.pkg).collect();
            (node.id, uses.into_iter().collect())
        });
        Self {
            uses: uses.collect(),
            packages: packages.into_iter().map(|package| (package.id.clone(), package)).collect(),
            linked,
            checksums: checksums(lock),
        }
    }

    /// The SBOM of an image whose program comes from this package of the workspace.
    pub fn sbom(&self, image: &Image, package: &str) -> Result<String, ImageError> {
        let reference = format!("image:{}", image.name());
        let own = self.packages.values().find(|own| own.name == package && own.source.is_none());
        let roots = vec![own.ok_or_else(|| ImageError::Package(package.to_owned()))?.id.clone()];
        let linked = self.linked.get(package).ok_or_else(|| ImageError::Package(package.to_owned()))?;
        let is_linked =
            |id: &String| self.packages.get(id).is_some_and(|package| linked.contains(&package.as_in_trees()));
        let mut reached = BTreeSet::new();
        let mut open = roots.clone();
        while let Some(id) = open.pop() {
            // The metadata joins what all packages of the workspace ask for, which is more than this one gets.
            if is_linked(&id) && reached.insert(id.clone()) {
                open.extend(self.uses.get(&id).into_iter().flatten().cloned());
            }
        }

        let uses_of = |package: &Package| {
            let used = self.uses.get(&package.id).into_iter().flatten().filter(|id| reached.contains(*id)).cloned();
            self.purls(Some(&used.collect()))
        };
        let reached: Vec<&Package> = reached.iter().filter_map(|id| self.packages.get(id)).collect();
        let mut components: Vec<Value> = reached.iter().map(|package| self.component(package)).collect();
        let mut dependencies: Vec<Value> =
            reached.iter().map(|package| json!({ "ref": package.purl(), "dependsOn": uses_of(package) })).collect();
        let mut uses = self.purls(Some(&roots));
        for (inside, outside) in &image.libraries {
            let library = system_library(inside, outside)?;
            uses.push(library["bom-ref"].as_str().unwrap_or_default().to_owned());
            components.push(library);
        }
        dependencies.push(json!({ "ref": reference, "dependsOn": uses }));

        let labels = &image.labels;
        let mut sbom = json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {
                "timestamp": labels.created(),
                "tools": { "components": [{ "type": "application", "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }] },
                "component": {
                    "type": "container",
                    "bom-ref": reference,
                    "name": image.name(),
                    "version": labels.version,
                    "description": labels.description,
                    "licenses": licenses(Some(&labels.licenses)),
                },
            },
            "components": components,
            "dependencies": dependencies,
        });
        sbom["serialNumber"] = json!(format!("urn:uuid:{}", uuid(&sbom.to_string())));
        Ok(format!("{sbom:#}\n"))
    }

    fn component(&self, package: &Package) -> Value {
        let purl = package.purl();
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": package.name,
            "version": package.version,
            "licenses": licenses(package.license.as_deref()),
        });
        if let Some(description) = &package.description {
            component["description"] = json!(description.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        // Packages of the workspace are not published.
        if package.source.is_some() {
            component["purl"] = json!(purl);
        }
        if let Some(checksum) = self.checksums.get(&(package.name.clone(), package.version.clone())) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        component
    }

    fn purls(&self, ids: Option<&Vec<String>>) -> Vec<String> {
        ids.into_iter().flatten().filter_map(|id| self.packages.get(id)).map(Package::purl).collect()
    }
}

// === impl Package ===

impl Package {
    /// As `cargo tree` names it.
    fn as_in_trees(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }

    fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version.replace('+', "%2B"))
    }
}

/// The crates that are linked into a package's program, as `name vVERSION`, when it is built by itself: without procedural
/// macros.
fn linked_into(package: &str, features: &[String], target: &str) -> Result<BTreeSet<String>, ImageError> {
    let format = ["--prefix=none", "--format={p}", "--edges=normal,no-proc-macro"];
    let of = ["--target", target, "--package", package, "--features", &features.join(",")];
    let tree = cargo(&[&["tree", "--locked"], &of[..], &format].concat())?;
    // The folder of a package of the workspace stands behind its version.
    let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(String::from_utf8_lossy(&tree).lines().map(name).collect())
}

fn cargo(arguments: &[&str]) -> Result<Vec<u8>, ImageError> {
    let output = Command::new("cargo")
        .args(arguments)
        .output()
        .map_err(|source| ImageError::Start { program: "cargo", source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(ImageError::Command { command: format!("cargo {}", arguments.join(" ")), output: said })
}

/// A list of one SPDX expression, or none. Old crates write `/` for `OR`.
fn licenses(expression: Option<&str>) -> Value {
    match expression {
        Some(expression) if !expression.is_empty() => {
            json!([{ "expression": expression.replace(" / ", "/").replace('/', " OR ") }])
        }
        _ => json!([]),
    }
}

/// The `name`, `version` and `checksum` of each `[[package]]`.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
        line.map(|value| value.trim_end_matches('"').to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|package| {
            Some(((field(package, "name")?, field(package, "version")?), field(package, "checksum")?))
        })
        .collect()
}

/// A library of the machine: the file with its hash, and the Debian package that it is of where there is one.
fn system_library(inside: &str, outside: &Path) -> Result<Value, ImageError> {
    let mut hashing = Hashing::new(io::sink());
    let read = File::open(outside).and_then(|mut file| io::copy(&mut file, &mut hashing));
    read.map_err(ImageError::file("read", outside))?;
    let mut component = json!({
        "type": "file",
        "bom-ref": format!("file:{inside}"),
        "name": inside,
        "hashes": [{ "alg": "SHA-256", "content": hex(&hashing.hash.finalize()) }],
    });
    // Where /lib is a link to /usr/lib, the package may name either.
    if let Some((name, version, architecture)) = debian_package(outside).or_else(|| debian_package(Path::new(inside))) {
        component["type"] = json!("library");
        component["version"] = json!(version);
        let version = version.replace('+', "%2B").replace(':', "%3A");
        component["purl"] = json!(format!("pkg:deb/debian/{name}@{version}?arch={architecture}"));
    }
    Ok(component)
}

/// Name, version and architecture; none on a machine without dpkg.
fn debian_package(file: &Path) -> Option<(String, String, String)> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("dpkg-query").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let owner = ask(&["--search", file.to_str()?])?;
    let (package, _) = owner.lines().next()?.rsplit_once(": ")?;
    let shown = ask(&["--show", "--showformat=${Package} ${Version} ${Architecture}", package])?;
    let mut words = shown.split(' ').map(str::to_owned);
    Some((words.next()?, words.next()?, words.next()?))
}

/// A UUID of version 8 (RFC 9562) that depends on the text alone.
fn uuid(text: &str) -> String {
    let mut digest = Sha256::digest(text);
    digest[6] = 0x80 | digest[6] & 0x0f;
    digest[8] = 0x80 | digest[8] & 0x3f;
    let digits = hex(&digest[..16]);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests;
