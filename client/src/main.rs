//! `oic-token`
fn main() {}
