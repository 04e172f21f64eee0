//! Functions and operations, by the names and signs under which formulas use them.

/// A function of one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    Neg,
    Abs,
    Sign,
    Exp,
    Ln,
    Sqrt,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    /// 1/cosh², the slope of tanh: 1 − tanh² has none of its digits far from 0.
    SechSquare,
}

impl Function {
    /// f(x).
    #[inline(always)]
    pub fn of(self, x: f64) -> f64 {
        match self {
            Function::Neg => -x,
            Function::Abs => x.abs(),
            Function::Sign => sign(x),
            Function::Exp => x.exp(),
            Function::Ln => x.ln(),
            Function::Sqrt => x.sqrt(),
            Function::Sin => x.sin(),
            Function::Cos => x.cos(),
            Function::Tan => x.tan(),
            Function::Asin => x.asin(),
            Function::Acos => x.acos(),
            Function::Atan => x.atan(),
            Function::Sinh => x.sinh(),
            Function::Cosh => x.cosh(),
            Function::Tanh => x.tanh(),
            Function::SechSquare => x.cosh().powi(-2),
        }
    }
}

/// −1, 0 or 1; NaN stays NaN.
#[inline(always)]
pub fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// An operation on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}

impl Operation {
    /// a ∘ b.
    #[inline(always)]
    pub fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Operation::Add => a + b,
            Operation::Sub => a - b,
            Operation::Mul => a * b,
            Operation::Div => a / b,
            Operation::Pow => a.powf(b),
        }
    }
}

/// A comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    /// Every sign, the longer first.
    pub(crate) const SIGNS: [(&str, Comparison); 6] = [
        ("==", Comparison::Equal),
        ("!=", Comparison::Unequal),
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];

    /// Whether two numbers compare so; never where one is NaN.
    pub fn of(self, a: f64, b: f64) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::Unequal => a != b && !a.is_nan() && !b.is_nan(),
            Comparison::Less => a < b,
            Comparison::AtMost => a <= b,
            Comparison::Greater => a > b,
            Comparison::AtLeast => a >= b,
        }
    }
}

/// Functions of one argument.
pub const FUNCTIONS: &[(&str, Function)] = &[
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
    ("sign", Function::Sign),
];

/// Functions of more arguments.
const LARGER: &[&str] = &["min", "max", "pow", "where"];

/// The function of one argument of that name.
pub fn called_function(name: &str) -> Option<Function> {
    let found = FUNCTIONS.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// The names of all functions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let one = FUNCTIONS.iter().map(|(name, _)| *name);
    one.chain(LARGER.iter().copied())
}

/// Whether a name has a meaning of its own.
pub fn reserved(name: &str) -> bool {
    name == "pi" || names().any(|known| known == name)
}
