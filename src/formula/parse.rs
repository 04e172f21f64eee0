//! From words and signs to a tree.

use crate::function::{Operation, called_function, names, reserved};
use crate::mistake::Mistake;
use crate::token::{Token, tokens};
use crate::tree::{Kind, Narrowing, Node};

/// Deepest nesting of parentheses, signs and powers.
const DEEPEST: usize = 200;

/// How tightly a sign in front of an operand binds: less than ^, more than *.
const PREFIX: u8 = 3;

pub(crate) fn parse(text: &str) -> Result<Node, Mistake> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let root = parser.expression(0)?;
    let (at, token) = parser.take();
    match token {
        Token::End => Ok(root),
        Token::Sign(")") => Err(parser.wrong(at, "this `)` closes nothing")),
        Token::Sign("]") => Err(parser.wrong(at, "this `]` closes nothing")),
        Token::Sign(",") => {
            Err(parser.wrong(at, "a `,` stands between a function's arguments only"))
        }
        Token::Sign("=") => Err(parser.wrong(at, "equality is written with ==")),
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
}

/// An operator between two operands.
enum Operator {
    Operation(Operation),
    Comparison(crate::function::Comparison),
}

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
    fn expression(&mut self, least: u8) -> Result<Node, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let (at, _) = self.take();
            return Err(self.wrong(at, format!("nested more than {DEEPEST} deep")));
        }
        let mut left = self.operand()?;
        let mut terms = 0;
        loop {
            let (operator, binds) = match self.peek() {
                Token::Comparison(_, comparison) => (Operator::Comparison(*comparison), 0),
                Token::Sign("+") => (Operator::Operation(Operation::Add), 1),
                Token::Sign("-") => (Operator::Operation(Operation::Sub), 1),
                Token::Sign("*") => (Operator::Operation(Operation::Mul), 2),
                Token::Sign("/") => (Operator::Operation(Operation::Div), 2),
                Token::Sign("^") => (Operator::Operation(Operation::Pow), 4),
                _ => break,
            };
            if binds < least {
                break;
            }
            let (at, _) = self.take();
            // Each term nests what is left of it, which other parts of the program walk down.
            terms += 1;
            if terms > MOST_TERMS {
                return Err(self.wrong(
                    at,
                    format!("more than {MOST_TERMS} terms or factors in a row; use parentheses"),
                ));
            }
            let power = matches!(operator, Operator::Operation(Operation::Pow));
            let right = self.expression(if power { PREFIX } else { binds + 1 })?;
            let (left_box, right_box) = (Box::new(left), Box::new(right));
            let kind = match operator {
                Operator::Operation(operation) => Kind::Two(operation, left_box, right_box),
                Operator::Comparison(comparison) => {
                    if let Kind::Compared(..) = left_box.kind {
                        let what = "compares what was compared already; write two conditions";
                        return Err(self.wrong(at, what));
                    }
                    Kind::Compared(comparison, left_box, right_box)
                }
            };
            left = Node { at, kind };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Node, Mistake> {
        let (at, token) = self.take();
        let node = |kind| Node { at, kind };
        let found = match token {
            Token::Number(x) => return Ok(node(Kind::Number(x))),
            Token::Word(word) => return Ok(node(Kind::Word(word))),
            Token::Name(name) => node(self.name(at, name)?),
            Token::Sign("-") => {
                let inner = self.expression(PREFIX)?;
                return Ok(node(Kind::Negative(Box::new(inner))));
            }
            Token::Sign("+") => return self.expression(PREFIX),
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                self.close(at)?;
                inner
            }
            Token::Sign("[") => return Err(self.wrong(at, "brackets are ( and ), not `[`")),
            Token::Comparison("<" | ">", _) | Token::Sign("=") => {
                return Err(self.wrong(
                    at,
                    format!("expected a number, a name or `(`, found {token}"),
                ));
            }
            other => {
                return Err(self.wrong(
                    at,
                    format!("expected a number, a name or `(`, found {other}"),
                ));
            }
        };
        self.behind(found)
    }

    /// A node with the members and brackets behind it.
    fn behind(&mut self, mut node: Node) -> Result<Node, Mistake> {
        loop {
            let kind = match self.peek() {
                Token::Sign(".") => {
                    self.take();
                    match self.take() {
                        (_, Token::Name(name)) => Kind::Member(Box::new(node.clone()), name),
                        (at, other) => {
                            let what = format!("expected a name after `.`, found {other}");
                            return Err(self.wrong(at, what));
                        }
                    }
                }
                Token::Sign("[") => {
                    let (open, _) = self.take();
                    Kind::Narrowed(Box::new(node.clone()), self.narrowings(open)?)
                }
                _ => return Ok(node),
            };
            node = Node { at: node.at, kind };
        }
    }

    /// Conditions up to the `]` that belongs to the `[` at `open`, as they are written.
    fn narrowings(&mut self, open: usize) -> Result<Vec<Narrowing>, Mistake> {
        let chars: Vec<char> = self.text.chars().collect();
        let mut found = Vec::new();
        loop {
            let (begin, token) = self.take();
            let axis = match (&token, self.peek()) {
                (Token::Name(name), Token::Sign("=") | Token::Comparison("==", _)) => {
                    self.take();
                    Some(name.clone())
                }
                _ => {
                    self.next -= 1;
                    None
                }
            };
            let from = self.tokens[self.next.min(self.tokens.len() - 1)].0;
            let (to, last) = loop {
                match self.take() {
                    (at, Token::Sign(",")) => break (at, false),
                    (at, Token::Sign("]")) => break (at, true),
                    (_, Token::End) => {
                        return Err(self.wrong(open, "this `[` is never closed"));
                    }
                    _ => {}
                }
            };
            let value: String = chars[from..to].iter().collect();
            let value = value.trim().trim_matches(|c| c == '\'' || c == '"').trim();
            if value.is_empty() {
                let what = "expected a process or `axis=value` here";
                return Err(self.wrong(begin, what));
            }
            found.push(Narrowing {
                at: begin,
                axis,
                value: value.to_string(),
            });
            if last {
                return Ok(found);
            }
        }
    }

    /// The `)` that belongs to the `(` at `open`.
    fn close(&mut self, open: usize) -> Result<(), Mistake> {
        let (at, token) = self.take();
        match token {
            Token::Sign(")") => Ok(()),
            Token::End => Err(self.wrong(open, "this `(` is never closed")),
            other => Err(self.wrong(at, format!("expected an operator or `)`, found {other}"))),
        }
    }

    fn name(&mut self, at: usize, name: String) -> Result<Kind, Mistake> {
        if *self.peek() != Token::Sign("(") {
            if name != "pi" && reserved(&name) {
                return Err(self.wrong(at, format!("{name} is a function; write {name}(…)")));
            }
            return Ok(Kind::Name(name));
        }
        let (open, _) = self.take();
        let mut arguments = Vec::new();
        if *self.peek() != Token::Sign(")") {
            arguments.push(self.expression(0)?);
            while *self.peek() == Token::Sign(",") {
                self.take();
                arguments.push(self.expression(0)?);
            }
        }
        self.close(open)?;
        let n = arguments.len();
        let wanted = match name.as_str() {
            "pow" => (n != 2).then_some("two arguments"),
            "min" | "max" => (n < 1).then_some("two arguments"),
            "where" => (n != 3).then_some("a condition and two values"),
            _ if called_function(&name).is_some() => (n != 1).then_some("one argument"),
            _ => None,
        };
        match wanted {
            Some(wanted) => Err(self.wrong(at, format!("{name} takes {wanted}, not {n}"))),
            None => Ok(Kind::Call(name, arguments)),
        }
    }
}

/// Most operators in a row without parentheses.
const MOST_TERMS: usize = 2000;

/// What is said of a call that has no meaning where it stands.
pub fn no_function(name: &str) -> String {
    let all: Vec<&str> = names().collect();
    format!(
        "`{name}` is no function; a product is written with *, and the functions are {}",
        all.join(", ")
    )
}

/// What is said of a least or greatest of one number: only readings have one, over their axes.
pub fn of_one(name: &str) -> String {
    format!("{name} takes two arguments, not 1")
}
