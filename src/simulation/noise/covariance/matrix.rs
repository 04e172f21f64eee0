//! A formula whose value may be a matrix, written out as one formula for each entry.

use formula::{Kind, Mistake, Node, Operation, Tree};

/// The name of the matrix ∇²L.
pub const HESSIAN: &str = "hessian";

/// What a part of a formula comes to.
#[derive(Debug)]
pub enum Part {
    /// A number.
    Number(Node),
    /// The lower triangle of a symmetric matrix, by rows.
    Matrix(Vec<Node>),
}

/// Writes matrices of `dim` rows out; the Hessian of a separable surface is diagonal.
pub struct Expansion<'a> {
    /// The formula.
    pub tree: &'a Tree,
    /// d.
    pub dim: usize,
    /// Whether ∇²L is diagonal.
    pub separable: bool,
}

/// The name of the row of an entry of ∇²L, i ≤ j.
pub fn entry_name(i: usize, j: usize) -> String {
    format!("{HESSIAN} {i} {j}")
}

/// The entries of a lower triangle, by rows.
pub fn lower_triangle(dim: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..dim).flat_map(|i| (0..=i).map(move |j| (i, j)))
}

fn leaf(at: usize, kind: Kind) -> Node {
    Node { at, kind }
}

fn is_zero(node: &Node) -> bool {
    matches!(node.kind, Kind::Number(x) if x == 0.0)
}

impl Expansion<'_> {
    /// The formula, written out.
    ///
    /// # Errors
    /// A matrix where only a number has a meaning, at its character.
    pub fn part(&self, node: &Node) -> Result<Part, Mistake> {
        use Part::{Matrix, Number};
        let at = node.at;
        let two = |operation: Operation, a: &Node, b: &Node| {
            let (a, b) = (Box::new(a.clone()), Box::new(b.clone()));
            leaf(at, Kind::Two(operation, a, b))
        };
        Ok(match &node.kind {
            Kind::Name(name) if name == HESSIAN && self.dim == 1 => {
                Number(leaf(at, Kind::Name(entry_name(0, 0))))
            }
            Kind::Name(name) if name == HESSIAN => Matrix(
                lower_triangle(self.dim)
                    .map(|(i, j)| match self.separable && i != j {
                        true => leaf(at, Kind::Number(0.0)),
                        false => leaf(at, Kind::Name(entry_name(j, i))),
                    })
                    .collect(),
            ),
            Kind::Negative(a) => match self.part(a)? {
                Number(a) => Number(leaf(at, Kind::Negative(Box::new(a)))),
                Matrix(all) => Matrix(each(all, |a| leaf(at, Kind::Negative(Box::new(a.clone()))))),
            },
            Kind::Two(operation, a, b) => match (self.part(a)?, *operation, self.part(b)?) {
                (Number(a), _, Number(b)) => Number(two(*operation, &a, &b)),
                (Matrix(all), Operation::Mul | Operation::Div, Number(b)) => {
                    Matrix(each(all, |a| two(*operation, a, &b)))
                }
                (Number(a), Operation::Mul, Matrix(all)) => {
                    Matrix(each(all, |b| two(Operation::Mul, &a, b)))
                }
                // A number beside a matrix multiplies the unit matrix.
                (Matrix(all), Operation::Add | Operation::Sub, Number(b)) => {
                    let pairs = all.iter().zip(lower_triangle(self.dim));
                    let entry = |(a, (i, j)): (&Node, _)| match i == j {
                        true => two(*operation, a, &b),
                        false => a.clone(),
                    };
                    Matrix(pairs.map(entry).collect())
                }
                (Number(a), Operation::Add | Operation::Sub, Matrix(all)) => {
                    let zero = leaf(at, Kind::Number(0.0));
                    let pairs = all.iter().zip(lower_triangle(self.dim));
                    let entry = |(b, (i, j)): (&Node, _)| match i == j {
                        true => two(*operation, &a, b),
                        false if is_zero(b) => b.clone(),
                        false => two(*operation, &zero, b),
                    };
                    Matrix(pairs.map(entry).collect())
                }
                (Matrix(all), Operation::Add | Operation::Sub, Matrix(others)) => {
                    let pairs = all.iter().zip(&others);
                    let entry = |(a, b): (&Node, &Node)| match is_zero(a) && is_zero(b) {
                        true => a.clone(),
                        false => two(*operation, a, b),
                    };
                    Matrix(pairs.map(entry).collect())
                }
                (_, operation, _) => {
                    let what = match operation {
                        Operation::Pow => {
                            "a matrix has no powers here; a covariance is a number times `hessian`"
                        }
                        Operation::Mul => {
                            "the product of two matrices has no meaning here; a covariance is a number times `hessian`"
                        }
                        _ => {
                            "nothing is divided by a matrix here; a covariance is a number times `hessian`"
                        }
                    };
                    return Err(self.tree.mistake(at, what));
                }
            },
            Kind::Call(name, arguments) => {
                let arguments = self.numbers(name, arguments.iter())?;
                Number(leaf(at, Kind::Call(name.clone(), arguments)))
            }
            Kind::Compared(comparison, a, b) => {
                let mut both = self.numbers("a comparison", [&**a, &**b].into_iter())?;
                let (b, a) = (both.pop(), both.pop());
                match (a, b) {
                    (Some(a), Some(b)) => Number(leaf(
                        at,
                        Kind::Compared(*comparison, Box::new(a), Box::new(b)),
                    )),
                    _ => return Err(self.tree.mistake(at, "compares nothing")),
                }
            }
            _ => Number(node.clone()),
        })
    }

    fn numbers<'n>(
        &self,
        of: &str,
        parts: impl Iterator<Item = &'n Node>,
    ) -> Result<Vec<Node>, Mistake> {
        parts
            .map(|node| match self.part(node)? {
                Part::Number(node) => Ok(node),
                Part::Matrix(_) => {
                    let what = format!(
                        "{of} takes numbers, and `hessian` is a matrix in {} coordinates; `h_top` is its largest eigenvalue",
                        self.dim
                    );
                    Err(self.tree.mistake(node.at, what))
                }
            })
            .collect()
    }
}

fn each(all: Vec<Node>, of: impl Fn(&Node) -> Node) -> Vec<Node> {
    // What is 0 stays so, whatever multiplies it: a diagonal matrix remains one.
    let entry = |node: Node| if is_zero(&node) { node } else { of(&node) };
    all.into_iter().map(entry).collect()
}
