//! From a formula to a graph: what its names stand for, and where it may not be evaluated.

use std::collections::BTreeMap;

use formula::{Comparison, Kind, Mistake, Tree, called_function, no_function, of_one};

use super::graph::{Function, Graph, Operation};

/// What an argument has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    Positive,
    NotNegative,
    WithinOne,
    NotZero,
}

impl Domain {
    /// Whether a number lies in it.
    pub fn contains(self, x: f64) -> bool {
        match self {
            Domain::Positive => x > 0.0,
            Domain::NotNegative => x >= 0.0,
            Domain::WithinOne => x.abs() <= 1.0,
            Domain::NotZero => x != 0.0,
        }
    }

    /// What it asks for.
    pub fn words(self) -> &'static str {
        match self {
            Domain::Positive => "an argument above 0",
            Domain::NotNegative => "an argument of at least 0",
            Domain::WithinOne => "an argument from -1 to 1",
            Domain::NotZero => "a divisor other than 0",
        }
    }
}

/// A place in the formula that not every number may come to.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Characters before it.
    pub at: usize,
    /// What stands there.
    pub name: String,
    /// The node of its argument.
    pub argument: usize,
    /// What that has to be.
    pub domain: Domain,
}

/// A formula in a graph.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// Its node.
    pub root: usize,
    /// Its guards.
    pub guards: Vec<Guard>,
}

/// Puts the formula `text` into `graph`.
///
/// # Errors
/// What stands where it cannot, an unknown name, a wrong number of arguments, a number that is not finite.
pub fn parse(
    text: &str,
    variables: &[String],
    parameters: &BTreeMap<String, f64>,
    graph: &mut Graph,
) -> Result<Parsed, Mistake> {
    let variables: Vec<(String, usize)> = variables
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), graph.variable(i)))
        .collect();
    lower(&Tree::parse(text)?, &variables, parameters, graph)
}

/// Puts a formula that was read into `graph`, where its variables are nodes already.
///
/// # Errors
/// As [`parse`].
pub fn lower(
    tree: &Tree,
    variables: &[(String, usize)],
    parameters: &BTreeMap<String, f64>,
    graph: &mut Graph,
) -> Result<Parsed, Mistake> {
    let mut lowering = Lowering {
        tree,
        variables,
        parameters,
        graph,
        guards: Vec::new(),
    };
    let root = lowering.node(&tree.root)?;
    Ok(Parsed {
        root,
        guards: lowering.guards,
    })
}

struct Lowering<'a> {
    tree: &'a Tree,
    variables: &'a [(String, usize)],
    parameters: &'a BTreeMap<String, f64>,
    graph: &'a mut Graph,
    guards: Vec<Guard>,
}

impl Lowering<'_> {
    fn node(&mut self, node: &formula::Node) -> Result<usize, Mistake> {
        let at = node.at;
        match &node.kind {
            Kind::Number(x) => Ok(self.graph.constant(*x)),
            Kind::Name(_) | Kind::Member(..) => self.name(node),
            Kind::Negative(a) => {
                let inner = self.node(a)?;
                Ok(self.graph.one(Function::Neg, inner))
            }
            Kind::Two(operation, a, b) => {
                let (left, right) = (self.node(a)?, self.node(b)?);
                let node = self.graph.two(*operation, left, right);
                self.guard_operation(*operation, at, left, right);
                self.finite(node, at)
            }
            Kind::Call(name, arguments) => self.call(at, name, arguments),
            Kind::Compared(..) => {
                let what = "a comparison chooses in where(condition, value, other value), and stands nowhere else";
                Err(self.tree.mistake(at, what))
            }
            Kind::Word(word) => {
                let what = format!("'{word}' is a word, not a number");
                Err(self.tree.mistake(at, what))
            }
            Kind::Narrowed(..) => Err(self.tree.mistake(at, "brackets are ( and ), not `[`")),
        }
    }

    fn guard(&mut self, at: usize, name: &str, argument: usize, domain: Domain) {
        if self.graph.number(argument).is_none() {
            self.guards.push(Guard {
                at,
                name: name.to_string(),
                argument,
                domain,
            });
        }
    }

    fn guard_operation(&mut self, operation: Operation, at: usize, left: usize, right: usize) {
        match (operation, self.graph.number(right)) {
            (Operation::Div, _) => self.guard(at, "/", right, Domain::NotZero),
            (Operation::Pow, Some(n)) if n.fract() == 0.0 && n < 0.0 => {
                self.guard(at, "^", left, Domain::NotZero);
            }
            (Operation::Pow, Some(n)) if n.fract() == 0.0 => {}
            (Operation::Pow, Some(n)) if n > 0.0 => self.guard(at, "^", left, Domain::NotNegative),
            (Operation::Pow, _) => self.guard(at, "^", left, Domain::Positive),
            _ => {}
        }
    }

    /// Refuses a node that is a number and not finite.
    fn finite(&self, node: usize, at: usize) -> Result<usize, Mistake> {
        match self.graph.number(node) {
            Some(x) if !x.is_finite() => Err(self.tree.mistake(at, format!("this comes to {x}"))),
            _ => Ok(node),
        }
    }

    fn name(&mut self, node: &formula::Node) -> Result<usize, Mistake> {
        let name = node.dotted().unwrap_or_default();
        if let Some((_, own)) = self.variables.iter().find(|(known, _)| *known == name) {
            return Ok(*own);
        }
        if let Some(value) = self.parameters.get(&name) {
            return Ok(self.graph.constant(*value));
        }
        if name == "pi" {
            return Ok(self.graph.constant(std::f64::consts::PI));
        }
        let variables = self.variables.iter().map(|(name, _)| name);
        let variables = variables.chain(self.parameters.keys());
        let known: Vec<&str> = variables.map(String::as_str).chain(["pi"]).collect();
        let what = format!(
            "unknown name `{name}`; it is neither a variable nor a parameter. Known: {}",
            known.join(", ")
        );
        Err(self.tree.mistake(node.at, what))
    }

    fn call(
        &mut self,
        at: usize,
        name: &str,
        arguments: &[formula::Node],
    ) -> Result<usize, Mistake> {
        if let ("where", [condition, yes, no]) = (name, arguments) {
            return self.chosen(condition, yes, no);
        }
        let given: Vec<usize> = arguments
            .iter()
            .map(|argument| self.node(argument))
            .collect::<Result<_, _>>()?;
        let function = called_function(name);
        let node = match (function, name, &given[..]) {
            (Some(function), _, [a]) => {
                match function {
                    Function::Ln => self.guard(at, name, *a, Domain::Positive),
                    Function::Sqrt => self.guard(at, name, *a, Domain::NotNegative),
                    Function::Asin | Function::Acos => self.guard(at, name, *a, Domain::WithinOne),
                    _ => {}
                }
                self.graph.one(function, *a)
            }
            (_, "pow", [a, b]) => {
                self.guard_operation(Operation::Pow, at, *a, *b);
                self.graph.two(Operation::Pow, *a, *b)
            }
            // min and max choose one of the two, so that what the other comes to is of no account.
            (_, "min" | "max", [_]) => return Err(self.tree.mistake(at, of_one(name))),
            (_, "min", [first, rest @ ..]) => rest
                .iter()
                .fold(*first, |a, b| self.graph.choice([a, *b], [a, *b])),
            (_, "max", [first, rest @ ..]) => rest
                .iter()
                .fold(*first, |a, b| self.graph.choice([a, *b], [*b, a])),
            _ => return Err(self.tree.mistake(at, no_function(name))),
        };
        self.finite(node, at)
    }

    /// One value where the condition holds, another where it does not. On the edge itself, which no path hits but by chance,
    /// it is half of both.
    fn chosen(
        &mut self,
        condition: &formula::Node,
        yes: &formula::Node,
        no: &formula::Node,
    ) -> Result<usize, Mistake> {
        let Kind::Compared(comparison, a, b) = &condition.kind else {
            let what = "where(…) chooses by a comparison, such as x > 0";
            return Err(self.tree.mistake(condition.at, what));
        };
        let compared = [self.node(a)?, self.node(b)?];
        let taken = [self.node(yes)?, self.node(no)?];
        let [first, second] = taken;
        match comparison {
            Comparison::Less | Comparison::AtMost => Ok(self.graph.choice(compared, taken)),
            Comparison::Greater | Comparison::AtLeast => {
                Ok(self.graph.choice(compared, [second, first]))
            }
            Comparison::Equal | Comparison::Unequal => {
                let what = "numbers of a path are never equal; compare with <, <=, > or >=";
                Err(self.tree.mistake(condition.at, what))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::Program;
    use super::*;

    fn value(text: &str, x: f64) -> f64 {
        let mut graph = Graph::default();
        let parsed = parse(text, &["x".into()], &BTreeMap::new(), &mut graph).unwrap();
        Program::new(&graph, &[parsed.root]).at(&[x])[0]
    }

    fn mistake(text: &str) -> Mistake {
        let parameters = BTreeMap::from([("a".to_string(), 0.1)]);
        parse(text, &["x".into()], &parameters, &mut Graph::default()).unwrap_err()
    }

    #[test]
    fn operators_bind_as_on_paper() {
        for (text, expected) in [
            ("-x^2", -9.0),
            ("2^3^2", 512.0),
            ("2^-x", 0.125),
            ("8/4/2", 1.0),
            ("1-2-3", -4.0),
            ("-2*-x", 6.0),
            ("2*x^2 - x*(x+1)", 6.0),
            ("1e-3*x + .5", 0.503),
            ("max(x, 5) - min(x,5)", 2.0),
            ("sqrt(x^2) + pow(x, 2)", 12.0),
            ("cos(pi)*x", -3.0),
            ("+x", 3.0),
            ("x^0.5^1", 3f64.sqrt()),
        ] {
            assert!((value(text, 3.0) - expected).abs() < 1e-14, "{text}");
        }
        assert_eq!(value("2*3e0", 0.0), 6.0);
    }

    #[test]
    fn a_mistake_points_at_its_character() {
        for (text, at, what) in [
            ("", 0, "expected a number"),
            ("0.25*(x^2-1", 5, "never closed"),
            ("x)", 1, "closes nothing"),
            ("2x", 1, "written with *"),
            ("x y", 2, "expected an operator"),
            ("a*", 2, "found the end"),
            ("x**2", 1, "written with ^"),
            (
                "x + y²",
                5,
                "written with ^, as in x^2, not as a raised `²`",
            ),
            ("x^²", 2, "written with ^"),
            ("2·x", 1, "product is written with *"),
            ("x − 1", 2, "minus is written as -"),
            ("[x+1]^2", 0, "brackets are ( and )"),
            ("a*b", 2, "unknown name `b`"),
            ("3 + a(x)", 4, "no function"),
            ("sin", 0, "write sin("),
            ("exp()", 0, "one argument, not 0"),
            ("x + exp(x, 1)", 4, "one argument, not 2"),
            ("max(x)", 0, "two arguments, not 1"),
            ("1.2.3", 0, "not a number"),
            ("1e999", 0, "beyond the range"),
            ("x + 1/0", 5, "comes to inf"),
            ("ln(-1)", 0, "comes to NaN"),
            ("x, 1", 1, "between a function's arguments"),
            ("x # 2", 2, "`#` has no meaning"),
            ("()", 1, "found `)`"),
            ("(x,1)", 2, "expected an operator or `)`"),
        ] {
            let found = mistake(text);
            assert_eq!(found.at, at, "{text}: {found}");
            assert!(found.what.contains(what), "{text}: {found}");
        }
        for open in ["(", "-", "2^", "sin("] {
            let found = mistake(&open.repeat(100_000));
            assert!(found.what.contains("nested"), "{found}");
        }
    }

    #[test]
    fn the_caret_stands_under_the_character() {
        let picture = mistake("x^2\n + θ*x").to_string();
        assert!(picture.ends_with("\n     + θ*x\n       ^"), "{picture}");
    }
}
