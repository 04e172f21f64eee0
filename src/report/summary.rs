//! What a reader wants first: each claim once, over all the records that speak to it.

use crate::number::short;
use crate::record::{Record, Statement};
use verdict::decide::LEVEL;
use verdict::overall::{Overall, overall};
use verdict::{Role, Ruling, SelfCheck, Verdict};

/// A claim with everything that was decided about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its words, if a record has them.
    pub statement: Option<&'a Statement>,
    /// Names of the experiments that decide it.
    pub experiments: Vec<&'a str>,
    /// All rulings, in the records' order.
    pub rulings: Vec<&'a Ruling>,
    /// The verdict on the whole.
    pub overall: Overall<'a>,
}

impl Claim<'_> {
    /// Whether a record decides something of it.
    pub fn is_of(&self, record: &Record) -> bool {
        speaks(record, self.id)
    }
}

fn speaks(record: &Record, id: &str) -> bool {
    record.verdicts.claims.iter().any(|ruling| ruling.id == id)
}

/// The claims of some records, in order of first appearance.
pub fn claims(records: &[Record]) -> Vec<Claim<'_>> {
    let mut ids: Vec<&str> = Vec::new();
    for ruling in records.iter().flat_map(|record| &record.verdicts.claims) {
        if !ids.contains(&ruling.id.as_str()) {
            ids.push(&ruling.id);
        }
    }
    ids.into_iter().map(|id| claim(id, records)).collect()
}

fn claim<'a>(id: &'a str, records: &'a [Record]) -> Claim<'a> {
    let rulings: Vec<&Ruling> = records
        .iter()
        .flat_map(|record| &record.verdicts.claims)
        .filter(|ruling| ruling.id == id)
        .collect();
    Claim {
        id,
        statement: records
            .iter()
            .flat_map(|r| &r.text.statements)
            .find(|s| s.id == id),
        experiments: records
            .iter()
            .filter(|record| speaks(record, id))
            .map(|r| r.manifest.name.as_str())
            .collect(),
        overall: overall(rulings.iter().copied()),
        rulings,
    }
}

/// All self-checks.
pub fn self_checks(records: &[Record]) -> Vec<&SelfCheck> {
    records
        .iter()
        .flat_map(|record| &record.verdicts.self_checks)
        .collect()
}

/// How the self-checks came out, and how seldom right physics fails one.
pub fn self_check_sentence(records: &[Record]) -> String {
    let checks = self_checks(records);
    let count = |passed| checks.iter().filter(|c| c.passed == passed).count();
    let mut text = format!("{} of {} passed", count(Some(true)), checks.len());
    let open = count(None);
    if open > 0 {
        text += &format!(", {open} without enough data");
    }
    let chance = |check: &&SelfCheck| check.p.is_some();
    let families = records
        .iter()
        .filter(|record| record.verdicts.self_checks.iter().any(|c| chance(&c)))
        .count();
    if families > 0 {
        let worst = checks.iter().filter_map(|c| c.z).map(f64::abs);
        let level = LEVEL * families as f64;
        text += &format!(
            ", worst |z| = {}; if the lab is right, one or more fail by chance with a probability of at most {level:.1e}",
            short(worst.fold(0.0, f64::max), 3)
        );
    }
    text
}

/// One sentence: how many claims came out which way, and whether the lab agrees with itself.
pub fn sentence(records: &[Record]) -> String {
    let claims = claims(records);
    let count = |word| claims.iter().filter(|c| c.overall.word() == word).count();
    let roles = [Role::Control, Role::Analogue].map(Role::word);
    let words = Verdict::ALL.map(Verdict::word).into_iter().chain(roles);
    let parts: Vec<String> = words
        .map(|word| (count(word), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let noun = if claims.len() == 1 { "claim" } else { "claims" };
    let verdicts = if parts.is_empty() {
        String::new()
    } else {
        format!(": {}", parts.join(", "))
    };
    format!(
        "{} {noun}{verdicts}. Self-checks against exact references: {}.",
        claims.len(),
        self_check_sentence(records)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_claim_stands_once_over_all_records() {
        let mut second = fixture::record();
        second.manifest.name = "again".into();
        second.verdicts.claims.truncate(1);
        second.verdicts.self_checks.clear();
        let records = [fixture::record(), second];
        let claims = claims(&records);
        assert_eq!(
            claims.iter().map(|c| c.id).collect::<Vec<_>>(),
            ["adai.prop2", "adai.prop4"]
        );
        assert_eq!(claims[0].rulings.len(), 3);
        assert_eq!(claims[0].experiments, ["escape-styblinski-tang", "again"]);
        assert_eq!(claims[0].overall.verdict, Verdict::Refuted);
        assert_eq!(
            sentence(&records),
            "2 claims: 1 refuted, 1 out of scope. Self-checks against exact references: 1 of 2 passed, worst |z| = 9.1; \
             if the lab is right, one or more fail by chance with a probability of at most 1.0e-4."
        );
    }
}
