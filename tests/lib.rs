//! What integration tests, cluster stories and examples stand on; the tests themselves are in
//! `integration/` and `e2e/`.

pub mod cluster;
pub mod operator;
pub mod story;
