//! Every claim of the papers.

use super::claim::Claim;
use super::{adai, feature_learning, marginal_value, modified_equations, pnm};

const LISTS: [&[Claim]; 5] = [
    pnm::CLAIMS,
    adai::CLAIMS,
    marginal_value::CLAIMS,
    feature_learning::CLAIMS,
    modified_equations::CLAIMS,
];

/// All claims, paper by paper.
pub fn all() -> impl Iterator<Item = &'static Claim> {
    LISTS.into_iter().flatten()
}

/// The claim of that id.
pub fn find(id: &str) -> Option<&'static Claim> {
    all().find(|claim| claim.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_experiments_exist() {
        let mut seen = std::collections::HashSet::new();
        for claim in all() {
            assert!(seen.insert(claim.id), "{} twice", claim.id);
            if let Some(file) = claim.experiment {
                let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("../../experiments")
                    .join(file);
                assert!(path.is_file(), "{}", path.display());
            }
        }
        assert_eq!(seen.len(), 49);
    }
}
