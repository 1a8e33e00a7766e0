//! Stories on a real Kubernetes, for `make e2e`.

mod control_plane;
mod killed;
mod nodes;
mod traces;
