//! `oic-tokend`
fn main() {}
