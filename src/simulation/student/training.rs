//! Full-batch training of a student by any of the crate's update rules.

use std::sync::atomic::{AtomicBool, Ordering};

use super::network::{Network, Pass};
use super::task::Task;
use crate::optimizer::Optimizer;
use crate::optimizer::trajectory::Trajectory;

/// The parameters after `steps` steps from `parameters`; `None` when `stop` was set before the end.
pub fn train(
    network: &Network,
    task: &Task,
    rule: &dyn Optimizer,
    mut parameters: Vec<f64>,
    steps: u64,
    stop: &AtomicBool,
) -> Option<Vec<f64>> {
    let all = (0..parameters.len()).collect();
    let mut trajectory = Trajectory::new(vec![rule.group(all)]);
    let mut gradient = vec![0.0; parameters.len()];
    let mut pass = Pass::new(network, task.inputs.length());
    for _ in 0..steps {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let aimed = trajectory.aim(&parameters);
        let at = aimed.as_deref().unwrap_or(&parameters);
        pass.outputs(at, &task.inputs.values);
        pass.gradient(at, task, &mut gradient);
        trajectory.step(&mut parameters, &gradient);
    }
    Some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::Values;
    use crate::optimizer::registry::Rules;
    use crate::random::Stream;
    use crate::student::network::Architecture;
    use crate::student::task::{Inputs, label};

    #[test]
    fn a_student_learns_its_teacher() {
        let stream = Stream::new(2, 7);
        let teacher = Architecture::OneMlp.network(10, 3);
        let sets = vec![Inputs::draw(&stream, 0, 100, 10)];
        let task = label(&teacher, &teacher.draw(&stream, 1), sets).remove(0);
        let student = Architecture::OneMlp.network(10, 30);
        let entry = Rules::default().find("sgdm").unwrap();
        let rule = (entry.build)(&Values::defaults(entry, 0.5));
        let start = student.draw(&stream, 2);
        let flag = AtomicBool::new(false);
        let trained = train(&student, &task, &*rule, start.clone(), 1000, &flag).unwrap();
        assert!(task.accuracy(&task.inputs.through(&student, &start)) < 0.8);
        assert_eq!(task.accuracy(&task.inputs.through(&student, &trained)), 1.0);
        flag.store(true, Ordering::Relaxed);
        assert_eq!(train(&student, &task, &*rule, start, 1, &flag), None);
    }
}
