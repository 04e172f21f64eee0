//! One verdict for a claim from the rulings on its cases.

use crate::{Role, Ruling, Verdict};

/// The verdict on a whole claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Overall<'a> {
    /// Refuted if any deciding case is; else inconclusive if any is; else confirmed if one is; else out of scope.
    /// Not decided here where no case decides.
    pub verdict: Verdict,
    /// The deciding case's reason, and how many deciding cases, controls and analogues came out which way.
    pub why: String,
    /// The case that speaks for the claim: the first deciding one with the overall verdict.
    pub speaker: Option<&'a Ruling>,
}

/// The claim's verdict over the regime that the paper states: the rulings with `decides`.
///
/// All rulings are taken to be of one claim.
pub fn overall<'a>(rulings: impl IntoIterator<Item = &'a Ruling>) -> Overall<'a> {
    let (deciding, beside): (Vec<&Ruling>, Vec<&Ruling>) =
        rulings.into_iter().partition(|ruling| ruling.decides);
    let first = |verdict| {
        let mut own = deciding.iter().filter(|ruling| ruling.verdict == verdict);
        own.next().copied()
    };
    let speaker = Verdict::ALL.into_iter().find_map(first);
    let Some(speaker) = speaker else {
        return Overall {
            verdict: Verdict::NotDecidedHere,
            why: "No case here lies in the regime that the paper states: the claim is left to other experiments."
                .to_owned(),
            speaker: None,
        };
    };
    let alone = deciding.len() == 1;
    let mut counts = if alone {
        Vec::new()
    } else {
        vec![tally("deciding case", &deciding)]
    };
    for (role, name) in [(Role::Control, "control"), (Role::Analogue, "analogue")] {
        let own: Vec<&Ruling> = beside
            .iter()
            .copied()
            .filter(|r| r.role == Some(role))
            .collect();
        if !own.is_empty() {
            counts.push(tally(name, &own));
        }
    }
    let mut why = speaker.why.clone();
    if !alone && !speaker.case.is_empty() {
        why = format!("{}: {why}", speaker.case);
    }
    if !counts.is_empty() {
        why = format!("{why} ({})", counts.join("; "));
    }
    Overall {
        verdict: speaker.verdict,
        why,
        speaker: Some(speaker),
    }
}

fn tally(name: &str, rulings: &[&Ruling]) -> String {
    let count = |verdict| rulings.iter().filter(|r| r.verdict == verdict).count();
    let parts: Vec<String> = Verdict::ALL
        .into_iter()
        .map(|verdict| (count(verdict), verdict.word()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!(
        "{} {name}{}: {}",
        rulings.len(),
        if rulings.len() == 1 { "" } else { "s" },
        parts.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruling(case: &str, verdict: Verdict, decides: bool) -> Ruling {
        Ruling {
            id: "paper.claim".into(),
            case: case.into(),
            decides,
            role: None,
            verdict,
            why: format!("because of {case}."),
            tolerance: 0.1,
            quantity: "slope".into(),
            paper: None,
            exact: None,
            measured: None,
        }
    }

    #[test]
    fn the_worst_deciding_case_speaks() {
        use Verdict::{Confirmed, Inconclusive, OutOfScope, Refuted};
        let order = [OutOfScope, Confirmed, Inconclusive, Refuted];
        for (last, expected) in order.iter().enumerate() {
            let rulings: Vec<Ruling> = order[..=last]
                .iter()
                .map(|&v| ruling("a", v, true))
                .collect();
            assert_eq!(overall(&rulings).verdict, *expected);
        }
    }

    #[test]
    fn cases_outside_the_stated_regime_do_not_count() {
        let rulings = [
            ruling("inside", Verdict::Confirmed, true),
            ruling("outside", Verdict::Refuted, false),
        ];
        let whole = overall(&rulings);
        assert_eq!(whole.verdict, Verdict::Confirmed);
        assert_eq!(whole.why, "because of inside.");
        assert_eq!(overall(&rulings[1..]).verdict, Verdict::NotDecidedHere);
        assert_eq!(overall([]).verdict, Verdict::NotDecidedHere);
    }

    #[test]
    fn controls_and_analogues_are_counted_apart() {
        let beside = |role, verdict| Ruling {
            role: Some(role),
            ..ruling("beside", verdict, false)
        };
        let rulings = [
            ruling("k = 1", Verdict::Confirmed, true),
            beside(Role::Control, Verdict::Refuted),
            beside(Role::Control, Verdict::Confirmed),
            beside(Role::Analogue, Verdict::Confirmed),
        ];
        let whole = overall(&rulings);
        assert_eq!(whole.verdict, Verdict::Confirmed);
        assert_eq!(
            whole.why,
            "because of k = 1. (2 controls: 1 refuted, 1 confirmed; 1 analogue: 1 confirmed)"
        );
    }

    #[test]
    fn the_reason_names_the_case_and_counts_the_rest() {
        let rulings = [
            ruling("k = 1", Verdict::Confirmed, true),
            ruling("k = 2", Verdict::Refuted, true),
            ruling("k = 3", Verdict::Refuted, true),
        ];
        assert_eq!(
            overall(&rulings).why,
            "k = 2: because of k = 2. (3 deciding cases: 2 refuted, 1 confirmed)"
        );
    }
}
