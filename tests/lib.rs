//! Black-box tests of `oic-tokend` and `oic-token`.
//!
//! * [`simulator`]: an OCI IAM identity domain and an OIC runtime host on
//!   loopback; the program `oic-sim` is a thin shell around it.

pub mod simulator;
