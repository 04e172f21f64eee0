//! Functional forms of a quantity, compared by the rule of [`crate::decide::form`].

use formula::{Mistake, Tree};
use measurement::Estimate;
use measurement::forms::{Comparison, Linear, rank};
use nalgebra::DMatrix;

use super::evaluate::{Evaluation, Stop};
use super::frame::Axes;
use super::{Forms, Question};

/// A form and the parameters that it uses.
struct Read<'q> {
    name: &'q str,
    parameters: Vec<&'q str>,
    linear: Linear,
}

/// The axes along which the forms vary: those that they are fitted over.
pub(super) fn axes(here: &Evaluation<'_, '_>, forms: &Forms) -> Result<Axes, Mistake> {
    let mut all = Axes::new();
    let with = with(here, forms, &vec![0.0; forms.free.len()]);
    for (_, tree) in &forms.named {
        if let Some((at, _)) = here.frame.table.first_leaf(tree)? {
            let what = "a form is made of what is known of a cell, not of readings";
            return Err(tree.mistake(at, what));
        }
        all.extend(with.axes(tree, &tree.root, &with.own())?);
    }
    Ok(all)
}

/// Refuses forms that no numbers could tell apart.
pub(super) fn check(
    here: &Evaluation<'_, '_>,
    forms: &Forms,
    question: &Question,
    group: &[usize],
) -> Result<(), Mistake> {
    let cells = cells(here, forms, question, group)?;
    for &cell in &cells {
        match here.value(
            &question.quantity,
            &question.quantity.root,
            cell,
            &here.own(),
        ) {
            Ok(_) | Err(Stop::Open(_)) => {}
            Err(Stop::Wrong(mistake) | Stop::Few(mistake)) => return Err(mistake),
        }
    }
    for (name, tree) in &forms.named {
        let form = read(here, forms, name, tree, &cells)?;
        let (n, free) = (cells.len(), form.parameters.len());
        if n < free + 1 {
            let what = format!(
                "{n} cells cannot tell a form of {free} free parameters from others: at least {} are needed",
                free + 1
            );
            return Err(tree.mistake(0, what));
        }
        let ones = vec![1.0; n];
        if rank([(name, form.linear)], &ones, &ones, question.confidence).is_err() {
            let what = "does not vary over its cells in a way that tells its free parameters apart";
            return Err(tree.mistake(0, what));
        }
    }
    Ok(())
}

/// The forms fitted to the same cells.
pub(super) struct Compared<'q> {
    pub comparison: Comparison<&'q str>,
    /// The coefficients of the best of the claimed, by their names.
    pub coefficients: Vec<(&'q str, Estimate)>,
}

/// The comparison of the forms at these cells.
pub(super) fn compare<'q>(
    here: &Evaluation<'_, '_>,
    forms: &'q Forms,
    question: &Question,
    group: &[usize],
) -> Result<Compared<'q>, Stop> {
    let cells = cells(here, forms, question, group)?;
    let (mut values, mut sigma) = (Vec::new(), Vec::new());
    for &cell in &cells {
        let found = here.value(
            &question.quantity,
            &question.quantity.root,
            cell,
            &here.own(),
        )?;
        match found.deviation() {
            Some(error) if error > 0.0 && found.point.is_finite() => {
                values.push(found.point);
                sigma.push(error);
            }
            _ => {
                let all = (0..here.frame.axes.len()).collect();
                return Err(Stop::Open(format!(
                    "at {} there is no number with an error of its own, which the comparison of forms needs",
                    here.frame.place(cell, &all)
                )));
            }
        }
    }
    let mut read_forms = Vec::new();
    for (name, tree) in &forms.named {
        let form = read(here, forms, name, tree, &cells)?;
        if cells.len() < form.parameters.len() + 1 {
            let what = format!("{} cells are left, too few for `{name}`", cells.len());
            return Err(Stop::Few(tree.mistake(0, what)));
        }
        read_forms.push(form);
    }
    let linear = read_forms
        .iter()
        .map(|form| (form.name, form.linear.clone()));
    let compared = rank(linear, &values, &sigma, question.confidence);
    let compared = compared.map_err(|error| Stop::Open(error.to_string()))?;
    let mut own = Vec::new();
    let claimed: Vec<&str> = forms.claimed.iter().map(String::as_str).collect();
    if let Some((best, _)) = compared.against(&claimed)
        && let Some(form) = read_forms.iter().find(|form| form.name == best.form)
    {
        for (place, name) in form.parameters.iter().enumerate() {
            if let Ok(found) = best.fit.coefficient(place, question.confidence) {
                own.push((*name, found));
            }
        }
    }
    Ok(Compared {
        comparison: compared,
        coefficients: own,
    })
}

/// One cell of each that the quantity or a form tells apart.
fn cells(
    here: &Evaluation<'_, '_>,
    forms: &Forms,
    question: &Question,
    group: &[usize],
) -> Result<Vec<usize>, Mistake> {
    let mut all = axes(here, forms)?;
    all.extend(here.axes(&question.quantity, &question.quantity.root, &here.own())?);
    let classes = here.frame.classes(group, &all);
    Ok(classes.iter().map(|class| class[0]).collect())
}

/// A form as numbers: it is evaluated at parameters of 0 and at each of 1, and must be linear in between and beyond.
fn read<'q>(
    here: &Evaluation<'_, '_>,
    forms: &'q Forms,
    name: &'q str,
    tree: &Tree,
    cells: &[usize],
) -> Result<Read<'q>, Mistake> {
    let named = tree.names();
    let used = |free: &&String| named.iter().any(|(_, name)| name == *free);
    let parameters: Vec<&str> = forms.free.iter().filter(used).map(String::as_str).collect();
    let at = |values: &dyn Fn(usize) -> f64| -> Result<Vec<f64>, Mistake> {
        let place = |free: &String| parameters.iter().position(|p| p == free);
        let free = forms
            .free
            .iter()
            .map(|name| place(name).map_or(0.0, values));
        let with = with(here, forms, &free.collect::<Vec<_>>());
        let one = |cell: &usize| match with.value(tree, &tree.root, *cell, &with.own()) {
            Ok(found) => Ok(found.point),
            Err(Stop::Wrong(mistake) | Stop::Few(mistake)) => Err(mistake),
            Err(Stop::Open(what)) => Err(tree.mistake(0, what)),
        };
        cells.iter().map(one).collect()
    };
    let known = at(&|_| 0.0)?;
    let columns: Vec<Vec<f64>> = (0..parameters.len())
        .map(|own| at(&|place| f64::from(u8::from(place == own))))
        .collect::<Result<_, _>>()?;
    let design = DMatrix::from_fn(cells.len(), parameters.len(), |i, j| {
        columns[j][i] - known[i]
    });
    for trial in [0.7, -1.9] {
        let parameter = |place: usize| trial * (1.0 + place as f64);
        for (i, found) in at(&parameter)?.into_iter().enumerate() {
            let terms = (0..parameters.len()).map(|j| parameter(j) * design[(i, j)]);
            let (sum, size) = terms.fold((known[i], known[i].abs()), |(sum, size), term| {
                (sum + term, size + term.abs())
            });
            let off = (found - sum).abs();
            if off.is_nan() || off > 1e-9 * size {
                let what = format!(
                    "is not linear in {}: write it so that each free parameter multiplies what is known",
                    parameters.join(", ")
                );
                return Err(tree.mistake(0, what));
            }
        }
    }
    if parameters.is_empty() {
        return Err(tree.mistake(
            0,
            "has no free parameter; name those that are fitted in `free`",
        ));
    }
    Ok(Read {
        name,
        parameters,
        linear: Linear { known, design },
    })
}

fn with<'f, 'a>(here: &Evaluation<'f, 'a>, forms: &Forms, values: &[f64]) -> Evaluation<'f, 'a> {
    let mut with =
        super::plan::evaluation(here.frame, here.cells.clone(), here.draws, here.confidence);
    with.free = forms
        .free
        .iter()
        .cloned()
        .zip(values.iter().copied())
        .collect();
    with
}
