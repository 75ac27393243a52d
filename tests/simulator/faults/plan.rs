//! Which requests the faults are to meet.

use std::collections::VecDeque;

use super::Fault;
use crate::simulator::endpoint::Endpoint;

/// Faults waiting for their requests; more are refused.
const PLANNED_MAX: usize = 1000;

/// Where in a request a hold lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldPoint {
    /// Before the domain sees the request.
    Before,
    /// Between the domain's decision and the answer.
    After,
}

/// The faults that wait for requests, first come, first served.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    planned: VecDeque<Planned>,
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    endpoint: Endpoint,
    times: u32,
}

impl FaultPlan {
    /// Plans `fault` for the next `times` requests to `endpoint`.
    pub(crate) fn add(
        &mut self,
        fault: Fault,
        times: u32,
        endpoint: Endpoint,
    ) -> Result<(), String> {
        if times == 0 {
            return Ok(());
        }
        if self.planned.len() == PLANNED_MAX {
            return Err(format!("{PLANNED_MAX} faults are waiting already"));
        }
        self.planned.push_back(Planned {
            fault,
            endpoint,
            times,
        });
        Ok(())
    }

    /// Whether a request to `endpoint` is to be held at `point`; counts it.
    pub(crate) fn take_hold(&mut self, endpoint: Endpoint, point: HoldPoint) -> Option<Fault> {
        let wanted = match point {
            HoldPoint::Before => Fault::Hold,
            HoldPoint::After => Fault::HoldAfterRotation,
        };
        self.take(endpoint, |fault| fault == wanted)
    }

    /// The fault for a request to `endpoint` that is not held (any more).
    pub(crate) fn take_fault(&mut self, endpoint: Endpoint) -> Option<Fault> {
        self.take(endpoint, |fault| !fault.is_hold())
    }

    /// Forgets the holds that no request has met.
    pub(crate) fn forget_holds(&mut self) {
        self.planned.retain(|planned| !planned.fault.is_hold());
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    fn take(&mut self, endpoint: Endpoint, wanted: impl Fn(Fault) -> bool) -> Option<Fault> {
        let matches = |planned: &Planned| planned.endpoint == endpoint && wanted(planned.fault);
        let at = self.planned.iter().position(matches)?;
        let planned = &mut self.planned[at];
        let fault = planned.fault;
        planned.times = planned.times.saturating_sub(1);
        if planned.times == 0 {
            self.planned.remove(at);
        }
        Some(fault)
    }
}
