//! CAP_NET_RAW of a thread that is about to open the packet socket.
//!
//! In a cluster the agent is not root, and Kubernetes cannot give such a process an effective capability (it has no
//! ambient ones). The program's file carries `cap_net_raw=p`: the kernel makes it permitted if the container has it, and
//! the program makes it effective. With `cap_net_raw=ep` a container without it could not even execute the file, so that
//! nothing could say what is missing.

use std::io;

use rustix::{
    process::geteuid,
    thread::{CapabilitySet, capabilities, capability_is_in_bounding_set, set_capabilities},
};

/// Why a process has no CAP_NET_RAW.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// It could not have it: the capability is outside of what its container or service may have at all.
    NotBounding,
    /// It could, but the program's file did not bring it.
    NotPermitted {
        /// The effective user.
        user: u32,
    },
}

/// Makes the capability effective in this thread if it is permitted. Threads that it starts inherit that.
pub(super) fn raise() -> io::Result<()> {
    let mut sets = capabilities(None)?;
    if sets.permitted.contains(CapabilitySet::NET_RAW) && !sets.effective.contains(CapabilitySet::NET_RAW) {
        sets.effective |= CapabilitySet::NET_RAW;
        set_capabilities(None, sets)?;
    }
    Ok(())
}

/// Why it is not there after [`raise`].
pub(super) fn lack() -> Lack {
    if capability_is_in_bounding_set(CapabilitySet::NET_RAW) == Ok(false) {
        Lack::NotBounding
    } else {
        Lack::NotPermitted { user: geteuid().as_raw() }
    }
}
