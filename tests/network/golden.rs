//! The recorded trajectories of the reference implementations, through tensors.

use std::path::Path;

use kramers::network::replay::replay_on_tensors;

#[test]
fn every_recorded_trajectory_is_reproduced_to_rounding() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            for case in replay_on_tensors(&path).unwrap() {
                let (file, id, worst) = (&case.file, &case.id, case.worst);
                assert!(case.passed, "{file} {id}: deviation {worst:e}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 385);
}
