//! Faults of a cluster and of what is in it: each is named, counted and got over. (`landfall kafka sample` and what it stands on)

mod bombs;
mod brokers;
mod credentials;
mod network;
