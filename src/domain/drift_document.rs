//! The form in which the doors answer a drift report.

use schemars::JsonSchema;
use serde::Serialize;

use super::{DriftReport, Timestamp};

/// A drift report as it is answered: its lines, by what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DriftDocument {
    /// Whether production and the repository differ.
    pub has_drift: bool,
    /// What differs.
    pub issues: Vec<String>,
    /// What to do about it.
    pub recommendations: Vec<String>,
    /// What could not be compared.
    pub unverified: Vec<String>,
    /// What does not apply here.
    pub not_applicable: Vec<String>,
    /// What was compared.
    pub checked: Vec<String>,
    /// When.
    pub checked_at: Timestamp,
}

impl From<&DriftReport> for DriftDocument {
    fn from(report: &DriftReport) -> Self {
        Self {
            has_drift: report.has_drift(),
            issues: report.issues(),
            recommendations: report.recommendations(),
            unverified: report.unverified(),
            not_applicable: report.not_applicable(),
            checked: report.checked(),
            checked_at: report.checked_at,
        }
    }
}
