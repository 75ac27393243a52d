//! Percentiles and ratios. Times are in microseconds.

use serde::Serialize;

/// How long something took, over all rounds, in microseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distribution {
    /// The shortest.
    pub min_us: f64,
    /// Half took no longer.
    pub median_us: f64,
    /// 95 of 100 took no longer.
    pub p95_us: f64,
    /// 99 of 100 took no longer.
    pub p99_us: f64,
}

impl Distribution {
    /// Of these times, in any order; at least one.
    pub fn of(times_us: &[f64]) -> Self {
        Self {
            min_us: percentile(times_us, 0.0),
            median_us: percentile(times_us, 50.0),
            p95_us: percentile(times_us, 95.0),
            p99_us: percentile(times_us, 99.0),
        }
    }
}

/// The median of `values`; at least one.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// The median of the ratios `ours / floor`, pair by pair. Both of a pair were
/// measured right after each other, so what disturbed one mostly disturbed
/// the other, and the ratio is steadier than one of medians.
pub fn median_ratio(ours: &[f64], floor: &[f64]) -> f64 {
    let pairs = ours.iter().zip(floor);
    let ratios: Vec<f64> = pairs.map(|(ours, floor)| ours / floor).collect();
    median(&ratios)
}

/// The smallest value that `percent` of all do not exceed.
fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted[rank.saturating_sub(1)]
}
