//! The joint cells of a formula's readings: readings joined on the axes that they share.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use base::value::Value;
use formula::{Mistake, Node, Tree};

use super::leaf::{Leaf, Table, axis, distinct};

/// Axes of a frame, by their place in it.
pub(super) type Axes = BTreeSet<usize>;

/// One joint cell.
#[derive(Clone)]
pub(super) struct Joint {
    /// Its value on each axis of the frame.
    pub at: Vec<Option<Value>>,
    /// Its reading of each leaf.
    pub members: Vec<usize>,
    /// The cell of the frame that this one was extended from.
    pub base: usize,
}

/// Joint cells, their axes, and the readings in them.
pub(super) struct Frame<'a> {
    pub table: &'a Table<'a>,
    pub leaves: Vec<Leaf>,
    pub axes: Vec<String>,
    pub cells: Vec<Joint>,
    /// Axes of each leaf.
    leaf_axes: Vec<Axes>,
    /// How many of the leaves are the quantity's own: names without a reading in sight are theirs.
    pub own: usize,
    /// Per axis the first of those that it goes in step with; `None` where it does not vary.
    step: Vec<Option<usize>>,
    depends: RefCell<HashMap<(String, Vec<usize>), Axes>>,
}

impl<'a> Frame<'a> {
    /// The joint cells of a quantity.
    ///
    /// # Errors
    /// It holds no reading, or none that there is, or they share no cell.
    pub fn of(table: &'a Table<'a>, quantity: &Tree) -> Result<Self, Mistake> {
        let mut frame = Frame {
            table,
            leaves: Vec::new(),
            axes: Vec::new(),
            cells: vec![Joint {
                at: Vec::new(),
                members: Vec::new(),
                base: 0,
            }],
            leaf_axes: Vec::new(),
            own: 0,
            step: Vec::new(),
            depends: RefCell::default(),
        };
        frame.join(quantity)?;
        frame.own = frame.leaves.len();
        if frame.own == 0 {
            return Err(match quantity.names().first() {
                Some((at, name)) if !table.knows(name) => {
                    quantity.mistake(*at, table.unknown(name))
                }
                _ => quantity.mistake(0, "names no reading: a claim is about what is measured"),
            });
        }
        if frame.cells.is_empty() {
            return Err(quantity.mistake(0, "its readings share no cell"));
        }
        for (number, cell) in frame.cells.iter_mut().enumerate() {
            cell.base = number;
        }
        frame.settle();
        Ok(frame)
    }

    /// With the readings of further formulas at each cell. What they leave open of the axes on which the quantity is narrowed
    /// is the quantity's own.
    ///
    /// # Errors
    /// A reading that there is not, or that is missing at a cell.
    pub fn extended<'t>(
        &self,
        trees: impl IntoIterator<Item = &'t Tree>,
    ) -> Result<Frame<'a>, Mistake> {
        let mut frame = Frame {
            table: self.table,
            leaves: self.leaves.clone(),
            axes: self.axes.clone(),
            cells: self.cells.clone(),
            leaf_axes: self.leaf_axes.clone(),
            own: self.own,
            step: Vec::new(),
            depends: RefCell::default(),
        };
        for (number, cell) in frame.cells.iter_mut().enumerate() {
            cell.base = number;
        }
        for tree in trees {
            frame.join(tree)?;
            let left: BTreeSet<usize> = frame.cells.iter().map(|cell| cell.base).collect();
            if let Some(lost) = (0..self.cells.len()).find(|n| !left.contains(n)) {
                let place = self.place(lost, &(0..self.axes.len()).collect());
                return Err(tree.mistake(0, format!("has no reading at {place}")));
            }
        }
        frame.settle();
        Ok(frame)
    }

    /// Keeps some of the cells.
    pub fn keep(&mut self, cells: &[usize]) {
        self.cells = cells.iter().map(|i| self.cells[*i].clone()).collect();
        for (number, cell) in self.cells.iter_mut().enumerate() {
            cell.base = number;
        }
        self.settle();
    }

    fn join(&mut self, tree: &Tree) -> Result<(), Mistake> {
        let mut found = Ok(());
        tree.root.visit(&mut |node| {
            if found.is_err() {
                return false;
            }
            match self.table.leaf(tree, node) {
                Ok(None) => true,
                Ok(Some(leaf)) => {
                    if !self.leaves.contains(&leaf) {
                        found = self.join_leaf(tree, leaf);
                    }
                    false
                }
                Err(mistake) => {
                    found = Err(mistake);
                    false
                }
            }
        });
        found
    }

    fn join_leaf(&mut self, tree: &Tree, leaf: Leaf) -> Result<(), Mistake> {
        let mut readings = self.table.cells(tree, &leaf)?;
        let axes_of = |i: &usize| self.table.readings[*i].axes.0.iter().map(|(name, _)| name);
        let mut axes: Vec<String> = distinct(readings.iter().flat_map(axes_of).cloned());
        axes.retain(|name| !leaf.narrowed.iter().any(|n| axis(n) == name));
        for name in axes.clone() {
            if self.axes.contains(&name) {
                continue;
            }
            let own = self.leaves[..self.own].iter();
            let narrowed = own.flat_map(|l| &l.narrowed).filter(|n| axis(n) == name);
            let values: Vec<&str> = distinct(narrowed.map(|n| n.value.as_str()));
            if values.is_empty() {
                continue;
            }
            readings.retain(|i| {
                let value = self.table.readings[*i].axes.get(&name);
                value.is_some_and(|v| values.iter().any(|written| v.is(written)))
            });
            if values.len() == 1 {
                axes.retain(|kept| *kept != name);
            }
        }
        let (shared, new): (Vec<String>, Vec<String>) = axes
            .iter()
            .cloned()
            .partition(|name| self.axes.contains(name));
        let places: Vec<usize> = shared
            .iter()
            .filter_map(|name| self.axes.iter().position(|a| a == name))
            .collect();
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for i in readings {
            let values = shared
                .iter()
                .map(|name| self.table.readings[i].axes.get(name));
            by_key.entry(key(values)).or_default().push(i);
        }
        let mut cells = Vec::new();
        for cell in &self.cells {
            let own = key(places.iter().map(|place| cell.at[*place].as_ref()));
            for i in by_key.get(&own).map_or(&[][..], Vec::as_slice) {
                let mut joint = cell.clone();
                let values = new
                    .iter()
                    .map(|name| self.table.readings[*i].axes.get(name));
                joint.at.extend(values.map(Option::<&Value>::cloned));
                joint.members.push(*i);
                cells.push(joint);
            }
            if cells.len() > MOST {
                let what = format!("joins to more than {MOST} cells; narrow its readings");
                return Err(tree.mistake(0, what));
            }
        }
        self.cells = cells;
        self.axes.extend(new);
        let place = |name: &String| self.axes.iter().position(|a| a == name);
        self.leaf_axes.push(axes.iter().filter_map(place).collect());
        self.leaves.push(leaf);
        Ok(())
    }

    /// Finds which axes vary, and which of them go in step.
    fn settle(&mut self) {
        self.depends.take();
        let column = |axis: usize| -> Vec<String> {
            let one = |cell: &Joint| key([cell.at[axis].as_ref()]);
            self.cells.iter().map(one).collect()
        };
        let columns: Vec<Vec<String>> = (0..self.axes.len()).map(column).collect();
        let varies = |axis: &usize| columns[*axis].iter().any(|v| *v != columns[*axis][0]);
        let count = |of: &dyn Fn(usize) -> String| {
            (0..self.cells.len()).map(of).collect::<BTreeSet<_>>().len()
        };
        let in_step = |a: usize, b: usize| {
            let pairs = count(&|i| format!("{}\u{0}{}", columns[a][i], columns[b][i]));
            pairs == count(&|i| columns[a][i].clone()) && pairs == count(&|i| columns[b][i].clone())
        };
        self.step = (0..self.axes.len())
            .map(|axis| {
                varies(&axis).then(|| {
                    let before = (0..axis).filter(varies);
                    before
                        .into_iter()
                        .find(|other| in_step(*other, axis))
                        .unwrap_or(axis)
                })
            })
            .collect();
    }

    /// All axes that go in step with one; none where it does not vary.
    pub fn in_step(&self, axis: usize) -> Axes {
        let own = self.step[axis];
        let same = |other: &usize| own.is_some() && self.step[*other] == own;
        (0..self.axes.len()).filter(same).collect()
    }

    /// The axes of a leaf that vary.
    pub fn varying(&self, leaf: usize) -> Axes {
        let axes = self.leaf_axes[leaf].iter().copied();
        axes.filter(|axis| self.step[*axis].is_some()).collect()
    }

    /// Whether any of these leaves has the axis, varying or not.
    pub fn has_axis(&self, leaves: &[usize], axis: usize) -> bool {
        leaves
            .iter()
            .any(|leaf| self.leaf_axes[*leaf].contains(&axis))
    }

    /// The leaf that a part of a formula is.
    ///
    /// # Errors
    /// As [`Table::leaf`].
    pub fn leaf(&self, tree: &Tree, node: &Node) -> Result<Option<usize>, Mistake> {
        let leaf = self.table.leaf(tree, node)?;
        Ok(leaf.and_then(|leaf| self.leaves.iter().position(|l| *l == leaf)))
    }

    /// Leaves in the parts of a formula; `scope` where there is none.
    ///
    /// # Errors
    /// As [`Table::leaf`].
    pub fn scope(
        &self,
        tree: &Tree,
        nodes: &[&Node],
        scope: &[usize],
    ) -> Result<Vec<usize>, Mistake> {
        let mut found = Ok(Vec::new());
        for node in nodes {
            node.visit(&mut |node| match (&mut found, self.leaf(tree, node)) {
                (Err(_), _) => false,
                (Ok(leaves), Ok(Some(leaf))) => {
                    leaves.push(leaf);
                    false
                }
                (_, Ok(None)) => true,
                (_, Err(mistake)) => {
                    found = Err(mistake);
                    false
                }
            });
        }
        let found = found?;
        Ok(if found.is_empty() {
            scope.to_vec()
        } else {
            found
        })
    }

    /// What a name is at a cell: its value on that axis, or a fact on which all readings of the scope agree.
    ///
    /// # Errors
    /// It is nothing there, or the readings disagree.
    pub fn value(&self, name: &str, cell: usize, scope: &[usize]) -> Result<Value, String> {
        let cell = &self.cells[cell];
        let on_axis = self.axes.iter().position(|axis| axis == name);
        if let Some(value) = on_axis.and_then(|axis| cell.at[axis].clone()) {
            return Ok(value);
        }
        let mut found: Option<&Value> = None;
        for leaf in scope {
            let reading = &self.table.readings[cell.members[*leaf]];
            let value = reading.axes.get(name).or_else(|| reading.facts.get(name));
            match (found, value) {
                (None, value) => found = value,
                (Some(a), Some(b)) if rounded(a) != rounded(b) => {
                    return Err(format!(
                        "the readings of this formula disagree on `{name}`: {a} and {b}; narrow them, or name the \
                         value under [define]"
                    ));
                }
                _ => {}
            }
        }
        found.cloned().ok_or_else(|| match self.table.knows(name) {
            true => format!("`{name}` is not known of these readings"),
            false => self.table.unknown(name),
        })
    }

    /// The axes on which a name depends: it changes between cells that agree on all others.
    ///
    /// # Errors
    /// As [`Frame::value`].
    pub fn dependence(&self, name: &str, scope: &[usize]) -> Result<Axes, String> {
        let known = (name.to_string(), scope.to_vec());
        if let Some(found) = self.depends.borrow().get(&known) {
            return Ok(found.clone());
        }
        let values: Vec<String> = (0..self.cells.len())
            .map(|i| Ok(rounded(&self.value(name, i, scope)?)))
            .collect::<Result<_, String>>()?;
        let all: Axes = (0..self.axes.len())
            .filter(|a| self.step[*a].is_some())
            .collect();
        let differs = |fixed: &Axes| {
            let mut seen: HashMap<String, &String> = HashMap::new();
            let mut pairs = values.iter().enumerate();
            pairs.any(|(i, value)| *seen.entry(self.key(i, fixed)).or_insert(value) != value)
        };
        let mut found = Axes::new();
        for axis in all.iter().filter(|a| self.step[**a] == Some(**a)) {
            let own = self.in_step(*axis);
            if differs(&all.difference(&own).copied().collect()) {
                found.extend(own);
            }
        }
        // Cells that are no grid may leave nothing that differs in one axis alone.
        if differs(&found) {
            found = all;
        }
        self.depends.borrow_mut().insert(known, found.clone());
        Ok(found)
    }

    /// The same for two cells that agree on `axes`.
    pub fn key(&self, cell: usize, axes: &Axes) -> String {
        key(axes.iter().map(|axis| self.cells[cell].at[*axis].as_ref()))
    }

    /// Of each class of `cells` that agree on `axes`, its cells.
    pub fn classes(&self, cells: &[usize], axes: &Axes) -> Vec<Vec<usize>> {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut found: Vec<Vec<usize>> = Vec::new();
        for cell in cells {
            let place = *places.entry(self.key(*cell, axes)).or_insert(found.len());
            match found.get_mut(place) {
                Some(class) => class.push(*cell),
                None => found.push(vec![*cell]),
            }
        }
        found
    }

    /// Where a cell lies on some axes, in words.
    pub fn place(&self, cell: usize, axes: &Axes) -> String {
        let of = |axis: &usize| {
            let value = self.cells[cell].at[*axis].as_ref()?;
            Some(format!("{} = {value}", self.axes[*axis]))
        };
        axes.iter().filter_map(of).collect::<Vec<_>>().join(", ")
    }
}

/// Most joint cells of a formula.
const MOST: usize = 200_000;

/// Equal for values that are equal to rounding: facts of two systems are computed apart.
fn rounded(value: &Value) -> String {
    match value {
        Value::Number(x) => format!("{:.11e}", x + 0.0),
        Value::Word(word) => format!("'{word}"),
    }
}

/// Equal for equal values.
fn key<'v>(values: impl IntoIterator<Item = Option<&'v Value>>) -> String {
    let mut key = String::new();
    for value in values {
        match value {
            None => key.push('-'),
            Some(Value::Number(x)) => key.push_str(&(x + 0.0).to_string()),
            Some(Value::Word(word)) => key.push_str(&format!("'{word}")),
        }
        key.push('\u{0}');
    }
    key
}
