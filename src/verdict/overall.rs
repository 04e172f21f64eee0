//! One verdict for a claim from the rulings on its cases.

use crate::{Role, Ruling, Verdict};

/// The verdict on a whole claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Overall<'a> {
    /// Refuted if any deciding case is; else inconclusive if any is; else confirmed if one is; else out of scope.
    /// Not decided here where no case decides.
    pub verdict: Verdict,
    /// What its cases are for, where none decides.
    pub role: Option<Role>,
    /// The speaking case's reason, and how many deciding cases, controls and analogues came out which way.
    pub why: String,
    /// The case that speaks for the claim: the first deciding one with the overall verdict; where none decides, the first
    /// analogue, else control, with the worst.
    pub speaker: Option<&'a Ruling>,
}

impl Overall<'_> {
    /// The word that the claim stands under: its verdict, or what its cases are for where none decides.
    pub fn word(&self) -> &'static str {
        self.role.map_or(self.verdict.word(), Role::word)
    }
}

/// The claim's verdict over the regime that the paper states: the rulings that decide.
///
/// All rulings are taken to be of one claim.
pub fn overall<'a>(rulings: impl IntoIterator<Item = &'a Ruling>) -> Overall<'a> {
    let rulings: Vec<&Ruling> = rulings.into_iter().collect();
    let of_role = |role| -> Vec<&'a Ruling> {
        let own = rulings.iter().copied();
        own.filter(|ruling| ruling.role == role).collect()
    };
    let deciding = of_role(Role::Decides);
    let beside: Vec<(Role, Vec<&Ruling>)> = [Role::Analogue, Role::Control]
        .map(|role| (role, of_role(role)))
        .into_iter()
        .filter(|(_, own)| !own.is_empty())
        .collect();
    let role = beside.first().filter(|_| deciding.is_empty());
    let speaking = role.map_or(&deciding, |(_, own)| own);
    let first = |verdict| {
        let mut own = speaking.iter().filter(|ruling| ruling.verdict == verdict);
        own.next().copied()
    };
    let speaker = Verdict::ALL.into_iter().find_map(first);
    let Some(speaker) = speaker else {
        return Overall {
            verdict: Verdict::NotDecidedHere,
            role: None,
            why: "No case here lies in the regime that the paper states: the claim is left to other experiments."
                .to_owned(),
            speaker: None,
        };
    };
    let alone = speaking.len() == 1;
    let mut counts = Vec::new();
    if deciding.len() > 1 {
        counts.push(tally("deciding case", &deciding));
    }
    let beside = beside.iter();
    counts.extend(beside.map(|(role, own)| tally(role.word(), own)));
    let mut why = speaker.why.clone();
    if !alone && !speaker.case.is_empty() {
        why = format!("{}: {why}", speaker.case);
    }
    if !counts.is_empty() {
        why = format!("{why} ({})", counts.join("; "));
    }
    Overall {
        verdict: match role {
            Some(_) => Verdict::NotDecidedHere,
            None => speaker.verdict,
        },
        role: role.map(|(role, _)| *role),
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
pub mod tests {
    use super::*;

    pub fn ruling(case: &str, verdict: Verdict, role: Role) -> Ruling {
        Ruling {
            id: "paper.claim".into(),
            case: case.into(),
            role,
            verdict,
            why: format!("because of {case}."),
            tolerance: 0.1,
            quantity: "slope".into(),
            paper: None,
            rivals: Vec::new(),
            exact: None,
            measured: None,
            allowed: None,
        }
    }

    #[test]
    fn the_worst_deciding_case_speaks() {
        use Verdict::{Confirmed, Inconclusive, OutOfScope, Refuted};
        let order = [OutOfScope, Confirmed, Inconclusive, Refuted];
        for (last, expected) in order.iter().enumerate() {
            let rulings: Vec<Ruling> = order[..=last]
                .iter()
                .map(|&v| ruling("a", v, Role::Decides))
                .collect();
            assert_eq!(overall(&rulings).verdict, *expected);
        }
    }

    #[test]
    fn cases_outside_the_stated_regime_do_not_count() {
        let rulings = [
            ruling("inside", Verdict::Confirmed, Role::Decides),
            ruling("outside", Verdict::Refuted, Role::Control),
        ];
        let whole = overall(&rulings);
        assert_eq!(whole.verdict, Verdict::Confirmed);
        assert_eq!(whole.why, "because of inside. (1 control: 1 refuted)");
        assert_eq!(overall(&rulings[1..]).verdict, Verdict::NotDecidedHere);
        assert_eq!(overall([]).verdict, Verdict::NotDecidedHere);
    }

    #[test]
    fn controls_and_analogues_are_counted_apart() {
        let beside = |role, verdict| ruling("beside", verdict, role);
        let rulings = [
            ruling("k = 1", Verdict::Confirmed, Role::Decides),
            beside(Role::Control, Verdict::Refuted),
            beside(Role::Control, Verdict::Confirmed),
            beside(Role::Analogue, Verdict::Confirmed),
        ];
        let whole = overall(&rulings);
        assert_eq!(whole.verdict, Verdict::Confirmed);
        assert_eq!(
            whole.why,
            "because of k = 1. (1 analogue: 1 confirmed; 2 controls: 1 refuted, 1 confirmed)"
        );
    }

    #[test]
    fn what_stands_beside_alone_is_headed_as_such_and_says_what_it_gave() {
        let beside = |case, role, verdict| ruling(case, verdict, role);
        let rulings = [
            beside("a", Role::Control, Verdict::Confirmed),
            beside("b", Role::Control, Verdict::Refuted),
            beside("c", Role::Analogue, Verdict::Confirmed),
        ];
        let whole = overall(&rulings);
        assert_eq!(
            (whole.verdict, whole.word()),
            (Verdict::NotDecidedHere, "analogue")
        );
        assert_eq!(
            whole.why,
            "because of c. (1 analogue: 1 confirmed; 2 controls: 1 refuted, 1 confirmed)"
        );
        assert_eq!(whole.speaker, Some(&rulings[2]));
        let whole = overall(&rulings[..2]);
        assert_eq!(
            (whole.word(), whole.why.as_str()),
            (
                "control",
                "b: because of b. (2 controls: 1 refuted, 1 confirmed)"
            )
        );
        let mixed = [
            ruling("d", Verdict::Confirmed, Role::Decides),
            rulings[1].clone(),
        ];
        assert_eq!(overall(&mixed).word(), "confirmed");
    }

    #[test]
    fn the_reason_names_the_case_and_counts_the_rest() {
        let rulings = [
            ruling("k = 1", Verdict::Confirmed, Role::Decides),
            ruling("k = 2", Verdict::Refuted, Role::Decides),
            ruling("k = 3", Verdict::Refuted, Role::Decides),
        ];
        assert_eq!(
            overall(&rulings).why,
            "k = 2: because of k = 2. (3 deciding cases: 2 refuted, 1 confirmed)"
        );
    }
}
