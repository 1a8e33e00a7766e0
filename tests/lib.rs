//! Integration tests over both halves; the tests themselves are in `integration/`.
