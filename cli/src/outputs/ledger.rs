//! Checks that a folder is a ledger which a run may continue. Nothing is created, so that no new key is left behind in
//! the folder of somebody else's ledger.

use std::{fs, io, path::Path};

use landfall_evidence::{Owner, Signer, owner};
use landfall_process::file::UNFINISHED;

use super::{
    ClaimedOutput, OutputError, Outputs, flag_and_path,
    inputs::{Identity, files_below},
    resolved_path,
};

/// The private key in the folder of a ledger that `landfall watch` writes.
pub(crate) const SIGNING_KEY: &str = "signing-key.pem";

/// The files of a new ledger before its first record.
const INITIAL_FILES: [&str; 5] = [SIGNING_KEY, "public-key.pem", "ledger.lock", "segments", "ledger.db"];

impl Outputs {
    /// The folder that `flag` names, for a ledger of `cluster`; an existing one is continued.
    pub(crate) fn ledger(&mut self, flag: &str, folder: &Path, cluster: &str) -> Result<(), OutputError> {
        let named = flag_and_path(flag, folder);
        let output = || named.clone();
        let unreadable = |source| OutputError::Unreadable { output: output(), source };
        let metadata = match fs::metadata(folder) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if folder.symlink_metadata().is_ok() {
                    return Err(OutputError::LeadsNowhere { output: output() });
                }
                return self.claim(&named, None, resolved_path(folder).ok());
            }
            Err(error) => return Err(unreadable(error)),
        };
        if !metadata.is_dir() {
            return Err(OutputError::NotAFolder { output: output() });
        }
        let identity = Identity::from_metadata(&metadata);
        self.require_outputs_outside(folder, identity)?;
        self.claim(&named, Some(identity), fs::canonicalize(folder).ok())?;
        for (identity, file) in files_below(folder) {
            if let Some(input) = self.inputs.get(&identity) {
                return Err(OutputError::IsInput {
                    output: format!("{} of {named}", file.display()),
                    input: input.clone(),
                });
            }
        }
        let owner = owner(folder).map_err(|source| OutputError::Ledger { output: output(), source })?;
        let Some(Owner { key_id, clusters, .. }) = owner else {
            let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(unreadable)?;
            let mut others: Vec<_> = entries.into_iter().map(|entry| entry.file_name()).collect();
            others.sort();
            others.retain(|name| !is_initial(&name.to_string_lossy()));
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
            return Err(OutputError::OtherKey { output: output(), actual: key_id, file: SIGNING_KEY, ours });
        }
        match clusters.first().filter(|_| !clusters.contains(cluster)) {
            Some(actual) => {
                let (actual, ours) = (actual.clone(), cluster.to_owned());
                Err(OutputError::OtherCluster { output: output(), actual, ours })
            }
            None => Ok(()),
        }
    }

    /// Fails if one of the outputs claimed so far is in the folder of the ledger.
    fn require_outputs_outside(&self, folder: &Path, identity: Identity) -> Result<(), OutputError> {
        let is_inside = |claimed: &&ClaimedOutput| {
            let ancestors = claimed.place.as_deref().map(|place| place.ancestors().skip(1)).into_iter().flatten();
            ancestors
                .filter_map(|folder| fs::metadata(folder).ok())
                .any(|metadata| Identity::from_metadata(&metadata) == identity)
        };
        match self.claimed.iter().find(is_inside) {
            Some(claimed) => Err(OutputError::InLedger { output: claimed.named.clone(), ledger: folder.to_owned() }),
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

/// Whether a ledger begins with a file of this name, or left it unfinished when it was killed.
fn is_initial(name: &str) -> bool {
    let begun = name.strip_suffix(UNFINISHED).map(|name| name.trim_start_matches('.'));
    let is = |known: &str| name == known || begun.is_some_and(|begun| begun.starts_with(known));
    INITIAL_FILES.into_iter().any(is)
}
