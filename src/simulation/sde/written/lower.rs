//! From the lines of an SDE to programs: its drift in the Itô reading, D and the slope of D.

use std::cell::Cell;
use std::sync::Arc;

use formula::{Mistake, Operation, Tree};

use super::scheme::{Drives, Frame};
use super::{Line, Multiplies, Part, SdeFormula, WrongLine};
use crate::landscape::expression::{Compiled, Graph, lower as put};
use crate::landscape::{Landscape, upper_triangle};
use crate::sde::Noise;

/// What formulas need below the coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    gradient: bool,
    loss: bool,
    hessian: bool,
}

impl Needs {
    /// Whether anything.
    pub fn any(self) -> bool {
        self.gradient || self.loss || self.hessian
    }
}

thread_local! {
    // The rows of the formulas at hand; kept between calls, since a step must not allocate.
    static ROWS: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// Shows to `with` the coordinates of a block, `dim` of them, then ∇L, L and the upper triangle of ∇²L as far as they are needed.
pub fn with_rows(
    surface: &dyn Landscape,
    needs: Needs,
    (theta, dim): (&[f64], usize),
    lanes: usize,
    with: impl FnOnce(&[f64]),
) {
    let d = surface.dim();
    let layout = Layout { d, dim };
    let mut all = ROWS.take();
    all.resize(layout.rows() * lanes, 0.0);
    let (own, below) = all.split_at_mut(dim * lanes);
    own.copy_from_slice(&theta[..dim * lanes]);
    let place = &theta[..d * lanes];
    let (gradient, below) = below.split_at_mut(d * lanes);
    if needs.gradient {
        surface.gradient(place, lanes, gradient);
    }
    let (loss, hessian) = below.split_at_mut(lanes);
    if needs.loss {
        surface.values(place, lanes, loss);
    }
    if needs.hessian {
        surface.hessians(place, lanes, hessian);
    }
    with(&all[..layout.rows() * lanes]);
    ROWS.set(all);
}

/// Which row is which.
#[derive(Clone, Copy)]
struct Layout {
    /// Coordinates of θ.
    d: usize,
    /// Coordinates of the SDE.
    dim: usize,
}

impl Layout {
    fn gradient(self, i: usize) -> usize {
        self.dim + i
    }

    fn loss(self) -> usize {
        self.dim + self.d
    }

    fn hessian(self, i: usize, j: usize) -> usize {
        let wanted = (i.min(j), i.max(j));
        let before = upper_triangle(self.d).take_while(|at| *at != wanted);
        self.loss() + 1 + before.count()
    }

    fn rows(self) -> usize {
        self.loss() + 1 + self.d * (self.d + 1) / 2
    }
}

/// What an SDE is made of.
pub struct Lowered {
    /// Coordinates of the SDE.
    pub dim: usize,
    /// The drift in the Itô reading.
    pub drift: Part,
    /// D.
    pub diffusion: Part,
    /// ∂D.
    pub slope: Part,
    /// On what D depends.
    pub noise: Noise,
    /// D, where it is the same of all coordinates and everywhere.
    pub constant: Option<f64>,
    /// How θ is moved by it.
    pub frame: Frame,
}

/// Puts an SDE on a landscape whose steps are `dt` of its time and take `clock`.
pub fn lower(
    sde: &SdeFormula,
    surface: &Arc<dyn Landscape>,
    dt: f64,
    clock: f64,
) -> Result<Lowered, WrongLine> {
    let d = surface.dim();
    let own = d * (1 + sde.state.len());
    let timed = !sde.is_steady();
    let mut lines = Lines {
        sde,
        layout: Layout {
            d,
            dim: own + usize::from(timed),
        },
        graph: Graph::default(),
        names: Vec::new(),
        locals: vec![Vec::new(); d],
    };
    lines.name_all(timed.then_some(clock));
    lines.all_read()?;
    let drift = lines.given("drift", &sde.drift)?;
    let shown = |key: &str, lines: &[(Option<usize>, String)]| -> Vec<String> {
        lines
            .iter()
            .map(|(_, text)| format!("the {key} of {text}"))
            .collect()
    };
    let mut told = shown("drift", &drift);
    let mut moves = Vec::new();
    for (node, text) in &drift {
        moves.push(node.ok_or_else(|| {
            let name = text.split(':').next().unwrap_or(text);
            WrongLine {
                key: "drift",
                line: 0,
                what: format!(
                    "`{name}` has none; of what stays as it is, it is 0, written {name} = 0"
                ),
            }
        })?);
    }
    let half = lines.graph.constant(0.5);
    let zero = lines.graph.constant(0.0);
    let (mut diffusion, mut slope) = (vec![zero; own], vec![zero; own]);
    let (drives, noise, roots);
    match &sde.noise {
        Multiplies::Lines(given) => {
            let sigma = lines.given("noise", given)?;
            told.extend(shown("noise", &sigma));
            let mut kind = Noise::Additive;
            for (i, (node, _)) in sigma.iter().enumerate() {
                let Some(node) = *node else { continue };
                kind = kind.max(lines.kind(node, i, own, surface.separable()));
                let square = lines.graph.two(Operation::Mul, node, node);
                diffusion[i] = lines.graph.two(Operation::Mul, half, square);
                let bent = lines.derivative(node, i);
                slope[i] = lines.graph.two(Operation::Mul, node, bent);
                moves[i] = lines.shifted(moves[i], slope[i]);
            }
            let noisy: Vec<usize> = (0..own)
                .filter(|i| sigma[*i].0.is_some_and(|n| n != zero))
                .collect();
            roots = sigma
                .iter()
                .map(|(node, _)| node.unwrap_or(zero))
                .collect::<Vec<_>>();
            drives = Drives::Own(noisy);
            noise = kind;
        }
        Multiplies::Matrix(rows) => {
            let entries = lines.matrix(rows)?;
            let columns = entries.first().map_or(0, Vec::len);
            for i in 0..d {
                diffusion[i] = half;
                // The drift of the reading, Σ B_jk ∂_j B_ik.
                let mut sum = zero;
                for k in 0..columns {
                    for (j, row) in entries.iter().enumerate() {
                        let bent = lines.derivative(entries[i][k], j);
                        let part = lines.graph.two(Operation::Mul, row[k], bent);
                        sum = lines.graph.two(Operation::Add, sum, part);
                    }
                }
                moves[i] = lines.shifted(moves[i], sum);
            }
            roots = entries.concat();
            let texts = rows.iter().flatten();
            told.extend(texts.map(|text| format!("the noise: {text}")));
            let constant = roots.iter().all(|node| lines.graph.number(*node).is_some());
            noise = if constant {
                Noise::Additive
            } else {
                Noise::Crossed
            };
            drives = Drives::Mixed {
                columns,
                matrix: lines.part(&roots),
            };
        }
    }
    let rate = lines.graph.constant(clock / dt);
    let looked: Vec<usize> = moves.iter().copied().chain(roots).collect();
    let looked = lines.part(&looked);
    if timed {
        moves.push(rate);
        diffusion.push(zero);
        slope.push(zero);
    }
    let first = diffusion.first().and_then(|node| lines.graph.number(*node));
    let alike = diffusion.iter().all(|node| *node == diffusion[0]);
    Ok(Lowered {
        dim: lines.layout.dim,
        drift: lines.part(&moves),
        diffusion: lines.part(&diffusion),
        slope: lines.part(&slope),
        noise,
        constant: first.filter(|_| alike),
        frame: Frame {
            surface: Arc::clone(surface),
            names: lines.coordinates(),
            start: sde.state.iter().flat_map(|(_, x)| vec![*x; d]).collect(),
            clock: timed.then_some(clock),
            drives,
            looked,
            told,
        },
    })
}

/// The lines that are being put into a graph.
struct Lines<'a> {
    sde: &'a SdeFormula,
    layout: Layout,
    graph: Graph,
    /// What names stand for, whatever the coordinate.
    names: Vec<(String, usize)>,
    /// What they stand for in lines of a coordinate.
    locals: Vec<Vec<(String, usize)>>,
}

impl Lines<'_> {
    /// The names of the coordinates, of what is remembered, and of what lies below.
    fn name_all(&mut self, clock: Option<f64>) {
        let Layout { d, .. } = self.layout;
        for (i, name) in self.sde.variables.iter().enumerate() {
            self.names.push((name.clone(), self.graph.variable(i)));
        }
        for (i, name) in self.sde.variables.iter().enumerate() {
            let slope = self.graph.variable(self.layout.gradient(i));
            self.names.push((format!("{name}.grad"), slope));
            let theta = self.graph.variable(i);
            self.locals[i].extend([("theta".to_string(), theta), ("g".to_string(), slope)]);
            for (s, (own, _)) in self.sde.state.iter().enumerate() {
                let node = self.graph.variable((1 + s) * d + i);
                self.names.push((format!("{name}.{own}"), node));
                self.locals[i].push((own.clone(), node));
            }
        }
        let loss = self.graph.variable(self.layout.loss());
        self.names.push(("loss".into(), loss));
        if let Some(clock) = clock {
            let time = self.graph.variable(self.layout.dim - 1);
            let unit = self.graph.constant(clock);
            let one = self.graph.constant(1.0);
            let taken = self.graph.two(Operation::Div, time, unit);
            let step = self.graph.two(Operation::Add, one, taken);
            self.names
                .extend([("time".into(), time), ("step".into(), step)]);
        }
    }

    /// The names of all coordinates but the time.
    fn coordinates(&self) -> Vec<String> {
        let variables = &self.sde.variables;
        let state = self.sde.state.iter();
        let state = state.flat_map(|(own, _)| variables.iter().map(move |v| format!("{v}.{own}")));
        variables.iter().cloned().chain(state).collect()
    }

    fn wrong(key: &'static str, line: usize, what: impl Into<String>) -> WrongLine {
        let what = what.into();
        WrongLine { key, line, what }
    }

    /// The node of a formula in a line of coordinate i.
    fn node(&mut self, text: &str, i: usize) -> Result<usize, Mistake> {
        let tree = Tree::parse(text)?;
        let (coordinates, others) = self.names.split_at(self.sde.variables.len());
        let names: Vec<(String, usize)> = [coordinates, &self.locals[i], others].concat();
        Ok(put(&tree, &names, &self.sde.constants, &mut self.graph)?.root)
    }

    /// Which coordinates a line is of; none where its name is the line's own.
    fn targets(&self, of: &str) -> Vec<usize> {
        let d = self.layout.d;
        let family = match of {
            "theta" => Some(0),
            _ => self
                .sde
                .state
                .iter()
                .position(|(own, _)| own == of)
                .map(|s| s + 1),
        };
        if let Some(k) = self.coordinates().iter().position(|name| name == of) {
            return vec![k];
        }
        family.map_or(Vec::new(), |s| (s * d..(s + 1) * d).collect())
    }

    /// What the lines of a key give to each coordinate but the time, and its name with the formula.
    fn given(
        &mut self,
        key: &'static str,
        lines: &[Line],
    ) -> Result<Vec<(Option<usize>, String)>, WrongLine> {
        let names = self.coordinates();
        let d = self.layout.d;
        let mut found: Vec<(Option<usize>, String)> =
            names.into_iter().map(|name| (None, name)).collect();
        for (at, line) in lines.iter().enumerate() {
            let targets = self.targets(&line.of);
            if targets.is_empty() {
                self.local(key, at, line)?;
                continue;
            }
            for k in targets {
                let node = self
                    .node(&line.formula, k % d)
                    .map_err(|mistake| Self::wrong(key, at, mistake.what))?;
                if found[k].0.is_some() {
                    let what = format!(
                        "`{}` has one already",
                        found[k].1.split(':').next().unwrap_or("")
                    );
                    return Err(Self::wrong(key, at, what));
                }
                found[k] = (Some(node), format!("{}: {}", found[k].1, line.formula));
            }
        }
        Ok(found)
    }

    /// A line whose name is its own.
    fn local(&mut self, key: &'static str, at: usize, line: &Line) -> Result<(), WrongLine> {
        let known = |(name, _): &(String, usize)| *name == line.of;
        if self.names.iter().chain(&self.locals[0]).any(known)
            || self.sde.constants.contains_key(&line.of)
        {
            let what = format!(
                "`{}` stands for something else already; choose another name",
                line.of
            );
            return Err(Self::wrong(key, at, what));
        }
        for i in 0..self.layout.d {
            let node = self
                .node(&line.formula, i)
                .map_err(|mistake| Self::wrong(key, at, mistake.what))?;
            self.locals[i].push((line.of.clone(), node));
        }
        Ok(())
    }

    /// Refuses lines of a name of their own that no other line names.
    fn all_read(&self) -> Result<(), WrongLine> {
        let texts = self.sde.texts();
        let noise = match &self.sde.noise {
            Multiplies::Lines(lines) => &lines[..],
            Multiplies::Matrix(_) => &[],
        };
        for (key, lines) in [("drift", &self.sde.drift[..]), ("noise", noise)] {
            for (at, line) in lines.iter().enumerate() {
                let names = |text: &&str| {
                    Tree::parse(text)
                        .is_ok_and(|tree| tree.names().iter().any(|(_, n)| *n == line.of))
                };
                if self.targets(&line.of).is_empty() && !texts.iter().any(names) {
                    let known = self.coordinates();
                    let state = self.sde.state.iter().map(|(own, _)| own.as_str());
                    let known = known
                        .iter()
                        .map(String::as_str)
                        .chain(state)
                        .chain(["theta"]);
                    let hint = formula::nearest(&line.of, known)
                        .map_or_else(String::new, formula::did_you_mean);
                    let what = format!(
                        "nothing reads `{}`, and it is none of the state{hint}",
                        line.of
                    );
                    return Err(Self::wrong(key, at, what));
                }
            }
        }
        Ok(())
    }

    /// The entries of a matrix, by rows.
    fn matrix(&mut self, rows: &[Vec<String>]) -> Result<Vec<Vec<usize>>, WrongLine> {
        let d = self.layout.d;
        let columns = rows.first().map_or(0, Vec::len);
        if rows.len() != d || columns == 0 || rows.iter().any(|row| row.len() != columns) {
            let lengths: Vec<String> = rows.iter().map(|row| row.len().to_string()).collect();
            let what = format!(
                "{} rows of {} formulas, and the drift has {d} coordinate{}: a matrix has a row for each, all equally long",
                rows.len(),
                lengths.join(", "),
                if d == 1 { "" } else { "s" }
            );
            return Err(Self::wrong("noise", 0, what));
        }
        let mut entries = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let row = row.iter().map(|text| {
                self.node(text, i)
                    .map_err(|mistake| Self::wrong("noise", i, mistake.what))
            });
            entries.push(row.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(entries)
    }

    /// The derivative of a node along coordinate j, through ∇L and L too.
    fn derivative(&mut self, node: usize, j: usize) -> usize {
        let layout = self.layout;
        if self.graph.number(node).is_some() {
            return self.graph.constant(0.0);
        }
        let partial = self.graph.gradient(node, layout.loss() + 1);
        let mut sum = partial[j];
        if j >= layout.d {
            return sum;
        }
        let rows = (0..layout.d).map(|i| (layout.gradient(i), layout.hessian(i, j)));
        let rows: Vec<_> = rows.chain([(layout.loss(), layout.gradient(j))]).collect();
        for (of, row) in rows {
            let factor = self.graph.variable(row);
            let part = self.graph.two(Operation::Mul, partial[of], factor);
            sum = self.graph.two(Operation::Add, sum, part);
        }
        sum
    }

    /// A drift with that of the reading, of which `slope` is the whole.
    fn shifted(&mut self, drift: usize, slope: usize) -> usize {
        let share = self.graph.constant(self.sde.reading.share());
        let part = self.graph.two(Operation::Mul, share, slope);
        self.graph.two(Operation::Add, drift, part)
    }

    /// On what a formula of coordinate i depends.
    fn kind(&self, node: usize, i: usize, own: usize, separable: bool) -> Noise {
        let layout = self.layout;
        let of = |row: usize| {
            let itself = row == i
                || (separable && i < layout.d && row == layout.gradient(i))
                || (layout.d == 1 && i == 0 && row == layout.loss());
            match row {
                _ if itself => Noise::Own,
                row if row == own && layout.dim > own => Noise::Additive,
                _ => Noise::Crossed,
            }
        };
        let rows = self.graph.rows_of(&[node]);
        rows.into_iter().map(of).max().unwrap_or(Noise::Additive)
    }

    /// The program of some nodes.
    fn part(&self, nodes: &[usize]) -> Part {
        let layout = self.layout;
        let rows = self.graph.rows_of(nodes);
        let any = |from: usize, to: usize| rows.iter().any(|row| (from..to).contains(row));
        Part {
            program: Compiled::of(&self.graph, nodes),
            needs: Needs {
                gradient: any(layout.dim, layout.loss()),
                loss: any(layout.loss(), layout.loss() + 1),
                hessian: any(layout.loss() + 1, layout.rows()),
            },
        }
    }
}
