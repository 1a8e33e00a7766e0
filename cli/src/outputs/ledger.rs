//! Whether a folder is a ledger that a run may go on with. Nothing is made: a key that was put beside a ledger of somebody
//! else would be one more thing to clean up.

use std::{fs, io, path::Path};

use landfall_evidence::{Owner, Signer, owner};

use super::{
    OutputError, Outputs, Taken, called,
    inputs::{Identity, files_of},
    place_of,
};

/// The private key in the folder of a ledger that `landfall watch` keeps.
pub(crate) const SIGNING_KEY: &str = "signing-key.pem";

/// What a ledger begins with, until there is something in it.
const BEGINNINGS: [&str; 7] = [
    SIGNING_KEY,
    "signing-key.pem.new",
    "public-key.pem",
    "public-key.pem.unfinished",
    "ledger.lock",
    "segments",
    "ledger.db",
];

impl Outputs {
    /// The folder of a ledger of `cluster` that `flag` names: appended to if it is one.
    pub(crate) fn ledger(&mut self, flag: &str, folder: &Path, cluster: &str) -> Result<(), OutputError> {
        let named = called(flag, folder);
        let output = || named.clone();
        let unreadable = |source| OutputError::Unreadable { output: output(), source };
        let metadata = match fs::metadata(folder) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if folder.symlink_metadata().is_ok() {
                    return Err(OutputError::LeadsNowhere { output: output() });
                }
                return self.take(&named, None, place_of(folder).ok());
            }
            Err(error) => return Err(unreadable(error)),
        };
        if !metadata.is_dir() {
            return Err(OutputError::NotAFolder { output: output() });
        }
        let identity = Identity::of(&metadata);
        self.outside(folder, identity)?;
        self.take(&named, Some(identity), fs::canonicalize(folder).ok())?;
        for (identity, file) in files_of(folder) {
            if let Some(input) = self.inputs.get(&identity) {
                return Err(OutputError::IsInput {
                    output: format!("{} of {named}", file.display()),
                    input: input.clone(),
                });
            }
        }
        let held = owner(folder).map_err(|source| OutputError::Ledger { output: output(), source })?;
        let Some(Owner { key_id, clusters, .. }) = held else {
            let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(unreadable)?;
            let mut others: Vec<_> = entries.into_iter().map(|entry| entry.file_name()).collect();
            others.sort();
            others.retain(|name| !BEGINNINGS.iter().any(|known| name == known));
            return match others.first() {
                Some(found) => {
                    let found = found.to_string_lossy().into_owned();
                    Err(OutputError::NotALedger { output: output(), found })
                }
                None => Ok(()),
            };
        };
        let ours = signing_key(&folder.join(SIGNING_KEY));
        if ours.as_deref() != Ok(&key_id) {
            let ours = ours.map_or_else(|why| why, |ours| format!("is {ours}"));
            return Err(OutputError::OtherKey { output: output(), held: key_id, file: SIGNING_KEY, ours });
        }
        match clusters.first().filter(|_| !clusters.contains(cluster)) {
            Some(held) => {
                let (held, ours) = (held.clone(), cluster.to_owned());
                Err(OutputError::OtherCluster { output: output(), held, ours })
            }
            None => Ok(()),
        }
    }

    /// Whether none of the files checked so far lies in the folder of the ledger.
    fn outside(&self, folder: &Path, identity: Identity) -> Result<(), OutputError> {
        let is_inside = |taken: &&Taken| {
            let above = taken.place.as_deref().map(|place| place.ancestors().skip(1)).into_iter().flatten();
            above.filter_map(|above| fs::metadata(above).ok()).any(|metadata| Identity::of(&metadata) == identity)
        };
        match self.taken.iter().find(is_inside) {
            Some(taken) => Err(OutputError::InLedger { output: taken.named.clone(), ledger: folder.to_owned() }),
            None => Ok(()),
        }
    }
}

/// The id of the key in a file, or why there is none.
fn signing_key(path: &Path) -> Result<String, String> {
    match fs::read_to_string(path) {
        Ok(text) => match Signer::from_pem(&text) {
            Ok(signer) => Ok(signer.public().id().to_string()),
            Err(error) => Err(format!("is no key ({error})")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err("is not there".to_owned()),
        Err(error) => Err(format!("cannot be read ({error})")),
    }
}
