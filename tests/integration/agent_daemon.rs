//! The agent as a daemon: what it sees arrives, once, at whoever takes observations in.

mod attributing;
mod operator;
mod shipping;
mod without_capture;
