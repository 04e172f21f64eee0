//! Whether a scheme has its declared order for an SDE by formula: one step from the start against two of half the length, in mean and in mean
//! square, by quadrature over the normals. No chance is involved.

use formula::{Kind, Tree};
use prediction::exact::GaussHermite;
use simulation::ensemble::{Process, Workspace};
use simulation::random::Stream;
use simulation::sde::registry::find;
use simulation::sde::{Noise, Sde as _};
use verdict::{SelfCheck, decide};

use crate::cell::Cell;
use crate::system::Motion;

/// Nodes for each normal: the moments are polynomials of few degrees in them, but for what the drift adds.
const NODES: usize = 9;

/// Normals of a step up to which two steps are integrated.
const NORMALS: usize = 2;

/// Below this part of the state's size a difference is rounding.
const ROUNDING: f64 = 1e-11;

/// What the order that is found may lack: the next order at steps that are not short.
const LACK: f64 = 0.25;

/// The check of a cell's scheme; `None` where it has none that this can judge: no SDE by formula, a start that is random, more than two
/// normals a step, or a scheme that remembers normals.
pub fn check(cell: &Cell) -> Option<SelfCheck> {
    let Motion::Sde(sde) = &cell.system.motion else {
        return None;
    };
    let (formula, entry) = (sde.formula()?, find(sde.integrator)?);
    let start = cell.system.start.point()?;
    let surface = cell.system.landscape.build().ok()?;
    let (own, _) = formula.on(surface, sde.dt, cell.system.clock).ok()?;
    let declared = match own.noise() {
        Noise::Additive => entry.additive.weak,
        _ => entry.weak_order,
    };
    // Of the length of a step in units of dt, how far one is from two halves.
    let apart = |part: f64| {
        let one = moments(&*process(cell, part)?, &start, 1)?;
        let two = moments(&*process(cell, 0.5 * part)?, &start, 2)?;
        let pairs = one.iter().zip(&two).map(|(a, b)| (a - b).abs());
        Some(pairs.fold(0.0, f64::max))
    };
    if !entry.bridged || process(cell, 1.0)?.normals() > NORMALS {
        return None;
    }
    let scale = 1.0 + start.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let mut found = None;
    let mut last = apart(1.0)?;
    for halvings in 1..=4 {
        let next = apart(0.5f64.powi(halvings))?;
        if next <= ROUNDING * scale {
            break;
        }
        found = Some((last / next).log2() - 1.0);
        last = next;
    }
    let id = format!("{}/order of {}", cell.label, entry.name);
    let order = found?;
    let mut check = decide::exact_check(&id, (declared - order).max(0.0), LACK);
    check.why = format!(
        "{} has weak order {order:.2} there, {declared} declared; {}",
        entry.name, check.why
    );
    // Where the formulas bend, no scheme has its order, right as it may be.
    if check.failed() && formula.texts().iter().any(|text| bends(text)) {
        check.passed = None;
    }
    Some(check)
}

/// Whether a formula has no derivative somewhere.
fn bends(text: &str) -> bool {
    let mut found = false;
    if let Ok(tree) = Tree::parse(text) {
        tree.root.visit(&mut |node| {
            if let Kind::Call(name, _) = &node.kind {
                found |= ["abs", "sign", "min", "max", "where", "sqrt"].contains(&name.as_str());
            }
            true
        });
    }
    found
}

/// The process of the cell, at a part of its time step.
fn process(cell: &Cell, part: f64) -> Option<Box<dyn Process>> {
    let mut system = cell.system.clone();
    system.clock *= part;
    if let Motion::Sde(sde) = &mut system.motion {
        sde.dt *= part;
    }
    system.process(&Stream::new(0, 0)).ok()
}

/// E(θᵢ − θ₀ᵢ) and E(θᵢ − θ₀ᵢ)(θⱼ − θ₀ⱼ) after some steps from θ₀.
fn moments(process: &dyn Process, start: &[f64], steps: u32) -> Option<Vec<f64>> {
    let rule = GaussHermite::new(NODES);
    let each = process.normals();
    let lanes = NODES.checked_pow(each as u32 * steps)?;
    let digit = |lane: usize, k: usize| lane / NODES.pow(k as u32) % NODES;
    let mut block = process.idle(lanes);
    let memory = process.start(start);
    (0..lanes).for_each(|lane| block.place(lane, lane as u64, start, &memory));
    let mut work = Workspace::new(process, lanes);
    let stream = Stream::new(0, 0);
    for step in 0..steps as usize {
        let rows = (0..each).flat_map(|k| (0..lanes).map(move |lane| (lane, step * each + k)));
        let normals: Vec<f64> = rows.map(|(lane, k)| rule.nodes[digit(lane, k)]).collect();
        process.step(&mut block, &stream, &normals, &mut work);
        block.count_step();
    }
    let weight = |lane: usize| -> f64 {
        let all = 0..each * steps as usize;
        all.map(|k| rule.weights[digit(lane, k)]).product()
    };
    let weights: Vec<f64> = (0..lanes).map(weight).collect();
    let moved = |i: usize, lane: usize| block.theta[i * lanes + lane] - start[i];
    let mean = |f: &dyn Fn(usize) -> f64| -> f64 {
        weights
            .iter()
            .enumerate()
            .map(|(lane, w)| w * f(lane))
            .sum()
    };
    let mut found = Vec::new();
    for i in 0..start.len() {
        found.push(mean(&|lane| moved(i, lane)));
        found.extend((0..=i).map(|j| mean(&|lane| moved(i, lane) * moved(j, lane))));
    }
    found.iter().all(|x| x.is_finite()).then_some(found)
}
