//! `verdicts.json`: rulings and self-checks on disk.
//!
//! JSON has no infinities and no NaN: they are written as `null`. An interval's end that is `null`
//! is read back as unbounded on its side, any other number as NaN.

use serde::{Deserialize, Deserializer, Serialize};

use measurement::Estimate;
use verdict::{Range, Rival, Role, Ruling, SelfCheck, Verdict};

/// What one experiment decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Verdicts {
    /// A row per claim, or per cell of a claim.
    #[serde(deserialize_with = "rulings")]
    pub claims: Vec<Ruling>,
    /// The lab against exact references.
    pub self_checks: Vec<SelfCheck>,
}

#[derive(Deserialize)]
struct RulingOnDisk {
    id: String,
    case: String,
    role: Role,
    verdict: Verdict,
    why: String,
    tolerance: Option<f64>,
    quantity: String,
    paper: Option<f64>,
    #[serde(default)]
    rivals: Vec<Rival>,
    exact: Option<f64>,
    measured: Option<EstimateOnDisk>,
    #[serde(default)]
    allowed: Option<Range>,
}

#[derive(Deserialize)]
struct EstimateOnDisk {
    value: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    confidence: Option<f64>,
    n: u64,
    method: String,
}

fn rulings<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Ruling>, D::Error> {
    let rows = Vec::<RulingOnDisk>::deserialize(from)?;
    Ok(rows.into_iter().map(Ruling::from).collect())
}

impl From<RulingOnDisk> for Ruling {
    fn from(row: RulingOnDisk) -> Self {
        Ruling {
            id: row.id,
            case: row.case,
            role: row.role,
            verdict: row.verdict,
            why: row.why,
            tolerance: row.tolerance.unwrap_or(f64::NAN),
            quantity: row.quantity,
            paper: row.paper,
            rivals: row.rivals,
            exact: row.exact,
            measured: row.measured.map(Estimate::from),
            allowed: row.allowed,
        }
    }
}

impl From<EstimateOnDisk> for Estimate {
    fn from(row: EstimateOnDisk) -> Self {
        Estimate {
            standard_error: None,
            value: row.value,
            ci_low: row.ci_low.unwrap_or(f64::NEG_INFINITY),
            ci_high: row.ci_high.unwrap_or(f64::INFINITY),
            confidence: row.confidence.unwrap_or(f64::NAN),
            n: row.n,
            method: row.method,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unbounded_intervals_and_missing_numbers_come_back() {
        let measured = Estimate {
            standard_error: None,
            value: None,
            ci_low: 410.0,
            ci_high: f64::INFINITY,
            confidence: 0.999,
            n: 0,
            method: "no exits".into(),
        };
        let ruling = Ruling {
            id: "adai.prop2".into(),
            case: "Adam, d = 1".into(),
            role: Role::Decides,
            verdict: Verdict::OutOfScope,
            why: "no exit".into(),
            tolerance: 0.2,
            quantity: "mean exit time".into(),
            paper: Some(0.1 + 0.2),
            rivals: vec![Rival {
                value: 0.7,
                excluded: true,
            }],
            exact: None,
            measured: Some(measured),
            allowed: Some(Range {
                low: 0.25,
                high: f64::INFINITY,
            }),
        };
        let check = SelfCheck {
            id: "a".into(),
            passed: Some(false),
            z: None,
            p: None,
            why: String::new(),
        };
        let written = Verdicts {
            claims: vec![ruling],
            self_checks: vec![check],
        };
        let text = serde_json::to_string(&written).unwrap();
        let read: Verdicts = serde_json::from_str(&text).unwrap();
        assert_eq!(read.claims, written.claims);
        assert_eq!(read.self_checks, written.self_checks);
        assert!(serde_json::from_str::<Verdicts>(r#"{"claims": []}"#).is_err());
    }
}
