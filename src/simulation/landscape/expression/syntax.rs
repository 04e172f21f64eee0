//! The grammar of formulas: what may stand where, and what is said when it does not.
//!
//! Numbers (2, 0.5, 1e-3), names, + − * / ^ with their usual order (^ binds tightest and to the right, so
//! that −x^2 = −(x²) and 2^3^2 = 2⁹), parentheses, functions of one or two arguments, and pi.

use std::collections::BTreeMap;
use std::fmt;

use super::graph::{Function, Graph, Operation};

/// What is wrong with a formula, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Characters before the one that is wrong.
    pub at: usize,
    /// What is wrong with it.
    pub what: String,
    /// The formula.
    pub text: String,
}

impl Mistake {
    /// The line of the formula that is wrong, and under it a caret at the character.
    pub fn picture(&self) -> String {
        let before: Vec<char> = self.text.chars().take(self.at).collect();
        let start = before.iter().rposition(|c| *c == '\n').map_or(0, |n| n + 1);
        let line: String = self
            .text
            .chars()
            .skip(start)
            .take_while(|c| *c != '\n')
            .collect();
        format!("\n    {line}\n    {}^", " ".repeat(self.at - start))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "character {}: {}{}",
            self.at + 1,
            self.what,
            self.picture()
        )
    }
}

/// Deepest nesting of parentheses, signs and powers.
const DEEPEST: usize = 200;

/// Functions of one argument.
const FUNCTIONS: &[(&str, Function)] = &[
    ("abs", Function::Abs),
    ("exp", Function::Exp),
    ("ln", Function::Ln),
    ("log", Function::Ln),
    ("sqrt", Function::Sqrt),
    ("sin", Function::Sin),
    ("cos", Function::Cos),
    ("tan", Function::Tan),
    ("asin", Function::Asin),
    ("acos", Function::Acos),
    ("atan", Function::Atan),
    ("sinh", Function::Sinh),
    ("cosh", Function::Cosh),
    ("tanh", Function::Tanh),
];
/// Functions of two arguments.
const PAIRED: &[&str] = &["min", "max", "pow"];

/// Whether a name has a meaning of its own.
pub fn reserved(name: &str) -> bool {
    name == "pi" || PAIRED.contains(&name) || FUNCTIONS.iter().any(|(known, _)| *known == name)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(char),
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Number(x) => write!(f, "`{x}`"),
            Token::Name(name) => write!(f, "`{name}`"),
            Token::Sign(c) => write!(f, "`{c}`"),
            Token::End => f.write_str("the end"),
        }
    }
}

/// Digits as exponents, which are letters or numbers to Unicode.
const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁻";

/// What to write instead of signs from elsewhere.
fn instead(rest: &[char]) -> Option<String> {
    match *rest {
        ['*', '*', ..] => Some("a power is written with ^, as in x^2, not with **".into()),
        [c, ..] if RAISED.contains(c) => Some(format!(
            "a power is written with ^, as in x^2, not as a raised `{c}`"
        )),
        [c @ ('·' | '×' | '∙' | '⋅'), ..] => {
            Some(format!("a product is written with *, not `{c}`"))
        }
        [c @ ('−' | '–'), ..] => Some(format!("minus is written as -, not `{c}`")),
        [c @ ('÷' | ':'), ..] => Some(format!("a quotient is written with /, not `{c}`")),
        [c @ ('[' | '{'), ..] => Some(format!("brackets are ( and ), not `{c}`")),
        _ => None,
    }
}

/// The tokens of `text`, each with the number of characters before it.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Mistake> {
    let wrong = |at: usize, what: String| Mistake {
        at,
        what,
        text: text.to_string(),
    };
    let chars: Vec<char> = text.chars().collect();
    let run = |from: usize, belongs: &dyn Fn(char) -> bool| {
        chars[from..].iter().take_while(|c| belongs(**c)).count()
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let begin = at;
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        if c.is_ascii_digit() || c == '.' {
            at += run(at, &|c| c.is_ascii_digit() || c == '.');
            if matches!(chars.get(at), Some('e' | 'E')) {
                let sign = usize::from(matches!(chars.get(at + 1), Some('+' | '-')));
                let digits = chars
                    .get(at + 1 + sign..)
                    .map_or(0, |_| run(at + 1 + sign, &|c| c.is_ascii_digit()));
                if digits > 0 {
                    at += 1 + sign + digits;
                }
            }
            let number: String = chars[begin..at].iter().collect();
            let value: f64 = number
                .parse()
                .map_err(|_| wrong(begin, format!("`{number}` is not a number")))?;
            if !value.is_finite() {
                return Err(wrong(
                    begin,
                    format!("{number} is beyond the range of numbers"),
                ));
            }
            found.push((begin, Token::Number(value)));
        } else if c.is_alphabetic() || c == '_' {
            at += run(at, &|c| {
                (c.is_alphanumeric() || c == '_') && !RAISED.contains(c)
            });
            let name = chars[begin..at].iter().collect();
            found.push((begin, Token::Name(name)));
        } else if let Some(instead) = instead(&chars[at..]) {
            return Err(wrong(begin, instead));
        } else if "+-*/^(),".contains(c) {
            at += 1;
            found.push((begin, Token::Sign(c)));
        } else {
            return Err(wrong(
                begin,
                format!("`{c}` has no meaning here; there are numbers, names, + - * / ^ ( ) and ,"),
            ));
        }
    }
    found.push((chars.len(), Token::End));
    Ok(found)
}

/// The names in `text` that have no meaning of their own, each once, in the order of appearance.
///
/// # Errors
/// A character that cannot occur.
pub fn names(text: &str) -> Result<Vec<(usize, String)>, Mistake> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (at, token) in tokens(text)? {
        if let Token::Name(name) = token
            && !reserved(&name)
            && !found.iter().any(|(_, known)| *known == name)
        {
            found.push((at, name));
        }
    }
    Ok(found)
}

/// Names that are written like functions.
///
/// # Errors
/// As [`names`].
pub fn called(text: &str) -> Result<Vec<String>, Mistake> {
    let all = tokens(text)?;
    let pairs = all.iter().zip(all.iter().skip(1));
    let called = pairs.filter_map(|((_, name), (_, next))| match name {
        Token::Name(name) if *next == Token::Sign('(') => Some(name.clone()),
        _ => None,
    });
    Ok(called.collect())
}

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
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
        variables,
        parameters,
        graph,
        guards: Vec::new(),
    };
    let root = parser.expression(0)?;
    let (at, token) = parser.take();
    match token {
        Token::End => Ok(Parsed {
            root,
            guards: parser.guards,
        }),
        Token::Sign(')') => Err(parser.wrong(at, "this `)` closes nothing")),
        Token::Sign(',') => {
            Err(parser.wrong(at, "a `,` stands between a function's arguments only"))
        }
        _ => Err(parser.wrong(
            at,
            format!("expected an operator before {token}; a product is written with *"),
        )),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    variables: &'a [String],
    parameters: &'a BTreeMap<String, f64>,
    graph: &'a mut Graph,
    guards: Vec<Guard>,
}

/// How tightly a sign in front of an operand binds: less than ^, more than *.
const PREFIX: u8 = 3;

impl Parser<'_> {
    fn wrong(&self, at: usize, what: impl Into<String>) -> Mistake {
        Mistake {
            at,
            what: what.into(),
            text: self.text.to_string(),
        }
    }

    /// The next token, which stays where it is the end.
    fn take(&mut self) -> (usize, Token) {
        let last = self.tokens.len() - 1;
        let found = self.tokens[self.next.min(last)].clone();
        self.next += 1;
        found
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)].1
    }

    /// What binds at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<usize, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let (at, _) = self.take();
            return Err(self.wrong(at, format!("nested more than {DEEPEST} deep")));
        }
        let mut left = self.operand()?;
        loop {
            let (operation, binds) = match self.peek() {
                Token::Sign('+') => (Operation::Add, 1),
                Token::Sign('-') => (Operation::Sub, 1),
                Token::Sign('*') => (Operation::Mul, 2),
                Token::Sign('/') => (Operation::Div, 2),
                Token::Sign('^') => (Operation::Pow, 4),
                _ => break,
            };
            if binds < least {
                break;
            }
            let (at, _) = self.take();
            let right = self.expression(if operation == Operation::Pow {
                PREFIX
            } else {
                binds + 1
            })?;
            let node = self.graph.two(operation, left, right);
            self.guard_operation(operation, at, left, right);
            left = self.finite(node, at)?;
        }
        self.depth -= 1;
        Ok(left)
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
            Some(x) if !x.is_finite() => Err(self.wrong(at, format!("this comes to {x}"))),
            _ => Ok(node),
        }
    }

    fn operand(&mut self) -> Result<usize, Mistake> {
        let (at, token) = self.take();
        match token {
            Token::Number(x) => Ok(self.graph.constant(x)),
            Token::Name(name) => self.name(at, &name),
            Token::Sign('-') => {
                let inner = self.expression(PREFIX)?;
                Ok(self.graph.one(Function::Neg, inner))
            }
            Token::Sign('+') => self.expression(PREFIX),
            Token::Sign('(') => {
                let inner = self.expression(0)?;
                self.close(at)?;
                Ok(inner)
            }
            other => Err(self.wrong(
                at,
                format!("expected a number, a name or `(`, found {other}"),
            )),
        }
    }

    /// The `)` that belongs to the `(` at `open`.
    fn close(&mut self, open: usize) -> Result<(), Mistake> {
        let (at, token) = self.take();
        match token {
            Token::Sign(')') => Ok(()),
            Token::End => Err(self.wrong(open, "this `(` is never closed")),
            other => Err(self.wrong(at, format!("expected an operator or `)`, found {other}"))),
        }
    }

    fn name(&mut self, at: usize, name: &str) -> Result<usize, Mistake> {
        if *self.peek() == Token::Sign('(') {
            return self.call(at, name);
        }
        if let Some(i) = self.variables.iter().position(|known| known == name) {
            return Ok(self.graph.variable(i));
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(self.graph.constant(*value));
        }
        if name == "pi" {
            return Ok(self.graph.constant(std::f64::consts::PI));
        }
        if reserved(name) {
            return Err(self.wrong(at, format!("{name} is a function; write {name}(…)")));
        }
        let known: Vec<&str> = self
            .variables
            .iter()
            .chain(self.parameters.keys())
            .map(String::as_str)
            .chain(["pi"])
            .collect();
        Err(self.wrong(
            at,
            format!(
                "unknown name `{name}`; it is neither a variable nor a parameter. Known: {}",
                known.join(", ")
            ),
        ))
    }

    fn call(&mut self, at: usize, name: &str) -> Result<usize, Mistake> {
        let (open, _) = self.take();
        let function = FUNCTIONS.iter().find(|(known, _)| *known == name);
        if function.is_none() && !PAIRED.contains(&name) {
            let all: Vec<&str> = FUNCTIONS
                .iter()
                .map(|(n, _)| *n)
                .chain(PAIRED.iter().copied())
                .collect();
            return Err(self.wrong(
                at,
                format!(
                    "`{name}` is no function; a product is written with *, and the functions are {}",
                    all.join(", ")
                ),
            ));
        }
        let mut arguments = Vec::new();
        if *self.peek() != Token::Sign(')') {
            arguments.push(self.expression(0)?);
            while *self.peek() == Token::Sign(',') {
                self.take();
                arguments.push(self.expression(0)?);
            }
        }
        self.close(open)?;
        match (function, arguments.as_slice()) {
            (Some((_, Function::Ln)), [a]) => self.guard(at, name, *a, Domain::Positive),
            (Some((_, Function::Sqrt)), [a]) => self.guard(at, name, *a, Domain::NotNegative),
            (Some((_, Function::Asin | Function::Acos)), [a]) => {
                self.guard(at, name, *a, Domain::WithinOne);
            }
            (None, [a, b]) if name == "pow" => self.guard_operation(Operation::Pow, at, *a, *b),
            _ => {}
        }
        let node = match (function, arguments.as_slice()) {
            (Some((_, f)), [a]) => self.graph.one(*f, *a),
            (None, [a, b]) => self.paired(name, *a, *b),
            (function, given) => {
                let wanted = if function.is_some() {
                    "one argument"
                } else {
                    "two arguments"
                };
                return Err(self.wrong(at, format!("{name} takes {wanted}, not {}", given.len())));
            }
        };
        self.finite(node, at)
    }

    /// min and max choose one of the two, so that what the other comes to is of no account.
    fn paired(&mut self, name: &str, a: usize, b: usize) -> usize {
        match name {
            "min" => self.graph.choice([a, b], [a, b]),
            "max" => self.graph.choice([a, b], [b, a]),
            _ => self.graph.two(Operation::Pow, a, b),
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
