//! Volumes for the operator's claim. The test cluster has no provisioner: somebody offers one, as on bare metal.

use std::{fs, os::unix::fs::chown};

use serde_json::{Value, json};

use super::{Story, StoryError};

/// The storage class of the volumes, and of the claim in `values/claim.yaml`.
const CLASS: &str = "static";
/// The operator's user, who is not root.
const OPERATOR: u32 = 65532;

impl Story {
    /// Offers a volume that every node reaches under one path, as network storage. The machines of the cluster share the
    /// host's files, so both nodes have the same one.
    pub fn offer_shared_volume(&mut self, name: &str) -> Result<(), StoryError> {
        let folder = self.cluster.folder().join("volumes").join(name);
        let made = || {
            fs::create_dir_all(&folder)?;
            chown(&folder, Some(OPERATOR), Some(OPERATOR))
        };
        made().map_err(|source| StoryError::Io { action: format!("make {}", folder.display()), source })?;
        self.volume = folder.display().to_string();
        self.offer(name, json!({}))
    }

    /// Offers a volume that only one node has, as its own disk.
    pub fn offer_local_volume(&self, name: &str, node: &str) -> Result<(), StoryError> {
        let is_there = json!({ "key": "kubernetes.io/hostname", "operator": "In", "values": [node] });
        let required = json!({ "nodeSelectorTerms": [{ "matchExpressions": [is_there] }] });
        self.offer(name, json!({ "nodeAffinity": { "required": required } }))
    }

    fn offer(&self, name: &str, more: Value) -> Result<(), StoryError> {
        let mut spec = json!({
            "capacity": { "storage": "1Gi" },
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": CLASS,
            "hostPath": { "path": self.volume, "type": "Directory" },
        });
        if let (Value::Object(spec), Value::Object(more)) = (&mut spec, more) {
            spec.extend(more);
        }
        let volume =
            json!({ "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": name }, "spec": spec });
        self.cluster.kubectl(&["apply", "--server-side", "-f", "-"], &volume.to_string())?;
        Ok(())
    }
}
