//! Stories on a real Kubernetes, for `make e2e`.

mod control_plane;
mod nodes;
mod traces;
