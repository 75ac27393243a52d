//! Black-box tests of `oic-tokend` and `oic-token`.
//!
//! * [`harness`]: starts both, and waits without sleeping.
//! * [`simulator`]: an OCI IAM identity domain and an OIC runtime host on
//!   loopback; the program `oic-sim` is a thin shell around it.

pub mod harness;
pub mod simulator;
