//! `[landscape] loss`: the loss of one example, and `data`, the examples that L is the mean over.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::error::Result;
use experiment::data::{Data, Source};
use experiment::memory;
use experiment::spec::{Node, Value as Toml};
use experiment::surface::Surface;
use formula::{Kind, Tree};
use nalgebra::DVector;
use report::columns;
use simulation::landscape::Landscape;
use simulation::landscape::examples::{
    Column, ExampleLoss, Inputs, MeanLoss, Origin, Standard, Table, generated, nodes,
};
use simulation::noise::Law;
use simulation::random::{Purpose, Sequence, Stream, cell_key};

use crate::file::{Block, Names};
use crate::observe::text_of;

/// A file, and which of its columns.
type Wanted = (PathBuf, Vec<String>);

/// What was read for earlier cells, which share it.
#[derive(Default)]
pub struct Known {
    /// With their checksums.
    files: RefCell<HashMap<Wanted, (Arc<Table>, String)>>,
    means: RefCell<Vec<Data>>,
}

/// Columns by formula: name, formula, what it says.
type Columns = Vec<(String, String, Column)>;

/// Examples that stand for a mean that no quadrature finds.
const MANY: usize = 16_384;

/// Keys of a landscape that is a mean over examples.
const KEYS: [&str; 4] = ["loss", "variables", "data", "search"];

/// The mean loss at a point of the sweep, with the names of its coordinates.
///
/// # Errors
/// Whatever is wrong with the loss, the columns or the file.
pub fn read(block: &Block, names: &Names<'_>, known: &Known) -> Result<(Surface, Vec<String>)> {
    block.only(KEYS, " of a loss per example")?;
    let reader = Reader {
        block,
        names,
        variables: variables(block)?,
        data: data(block)?,
    };
    let (tree, node) = reader.loss()?;
    let rows = reader.data.get("rows");
    let (examples, parameters, made) = match reader.data.get("file") {
        Some(file) => {
            for key in ["rows", "seed", "columns"] {
                if reader.data.get(key).is_some() {
                    return Err(reader.data.error(
                        key,
                        "stands beside `file`, which has the examples; keep one",
                    ));
                }
            }
            reader.of_file(file, &tree, &node, known)?
        }
        None => match rows.map(|node| &node.value) {
            None => {
                let what = "is missing: data = { file = \"points.csv\" }, or { rows = 1000, columns = { x = \"normal(0, 1)\" } }, or rows = \"fresh\"";
                return Err(reader.data.error("rows", what));
            }
            Some(Toml::Text(word)) if word == "fresh" => reader.fresh(&tree, &node)?,
            Some(_) => reader.drawn(&tree, &node)?,
        },
    };
    let mean = made.landscape(search(block, names)?);
    let data = Data {
        loss: tree.text.clone(),
        variables: reader.variables.clone(),
        parameters: parameters.clone(),
        examples,
        mean,
    };
    // Minima that were sought for an earlier cell are those of this one.
    let mut means = known.means.borrow_mut();
    let data = match means.iter().find(|own| **own == data) {
        Some(own) => own.clone(),
        None => {
            means.push(data.clone());
            data
        }
    };
    let surface = Surface {
        name: "data".into(),
        numbers: parameters,
        hessian: None,
        formula: None,
        data: Some(data),
        given: None,
    };
    Ok((surface, reader.variables))
}

/// Minima and saddles are sought in |θᵢ| ≤ this.
///
/// # Errors
/// It is no such number.
pub fn search(block: &Block, names: &Names<'_>) -> Result<f64> {
    let search = match block.get("search") {
        None => 10.0,
        Some(node) => number(block, "search", node, names)?,
    };
    if search > 0.0 && search <= 1e6 {
        return Ok(search);
    }
    Err(block.error("search", "must be above 0, and at most 1e6"))
}

/// What a mean is made of.
struct Made {
    loss: ExampleLoss,
    table: Arc<Table>,
    origin: Origin,
}

impl Made {
    fn of_table(loss: ExampleLoss, table: Arc<Table>) -> Self {
        Made {
            loss,
            table,
            origin: Origin::Table,
        }
    }

    fn landscape(self, search: f64) -> MeanLoss {
        MeanLoss::new(Arc::new(self.loss), self.table, self.origin, search)
    }
}

struct Reader<'a> {
    block: &'a Block,
    names: &'a Names<'a>,
    variables: Vec<String>,
    data: Block,
}

type Read = (Source, BTreeMap<String, f64>, Made);

impl Reader<'_> {
    fn loss(&self) -> Result<(Tree, Node)> {
        let Some((text, node)) = self.block.word("loss").zip(self.block.get("loss")) else {
            let what =
                "is missing: the loss of one example, a formula of the variables and the columns";
            return Err(self.block.error("loss", what));
        };
        let tree = Tree::parse(text).map_err(|m| self.block.mistaken("loss", node, &m))?;
        Ok((tree, node.clone()))
    }

    /// The numbers that a formula names beside these rows.
    fn constants(
        &self,
        block: &Block,
        key: &str,
        node: &Node,
        tree: &Tree,
        rows: &[String],
    ) -> Result<BTreeMap<String, f64>> {
        self.names
            .constants(tree, rows)
            .map_err(|m| block.mistaken(key, node, &m))
    }

    fn of_file(&self, file: &Node, tree: &Tree, node: &Node, known: &Known) -> Result<Read> {
        let Toml::Text(text) = &file.value else {
            return Err(self
                .data
                .error("file", "expected the path of a CSV or Parquet file"));
        };
        // Beside the file that names it.
        let beside = file.origin.file().and_then(Path::parent);
        let path = beside.map_or_else(|| PathBuf::from(text), |folder| folder.join(text));
        let there = columns::names(&path).map_err(|e| self.data.error("file", e))?;
        let wanted: Vec<String> = tree
            .names()
            .into_iter()
            .map(|(_, name)| name)
            .filter(|name| !self.variables.contains(name) && there.contains(name))
            .collect();
        if let Some(twice) = there.iter().find(|name| self.variables.contains(name)) {
            let what =
                format!("the file has a column `{twice}`, and a variable is called so; rename one");
            return Err(self.block.error("variables", what));
        }
        let mut taken = None;
        tree.root.visit(&mut |node| {
            if let Kind::Name(name) = &node.kind
                && formula::reserved(name)
                && there.contains(name)
            {
                taken = Some(tree.mistake(node.at, format!("the file has a column `{name}`, and formulas have a number of that name; rename the column")));
            }
            taken.is_none()
        });
        if let Some(mistake) = taken {
            return Err(self.block.mistaken("loss", node, &mistake));
        }
        let mut rows = self.variables.clone();
        let columns = there.join(", ");
        rows.extend(there);
        let parameters = self.names.constants(tree, &rows).map_err(|mut mistake| {
            mistake.what += &format!("; the columns of {text} are {columns}");
            self.block.mistaken("loss", node, &mistake)
        })?;
        if wanted.is_empty() {
            return Err(self.block.error(
                "loss",
                format!("names no column of {text}, so that every example has the same loss"),
            ));
        }
        let key = (path.clone(), wanted.clone());
        let before = known.files.borrow().get(&key).cloned();
        let (table, checksum) = match before {
            Some(read) => read,
            None => {
                let count = columns::rows(&path).map_err(|e| self.data.error("file", e))?;
                self.room(count, wanted.len())?;
                let columns =
                    columns::read(&path, &wanted).map_err(|e| self.data.error("file", e))?;
                let checksum = columns::checksum(&columns);
                let read = (tabled(columns), checksum);
                known.files.borrow_mut().insert(key, read.clone());
                read
            }
        };
        let loss = self.compiled(tree, node, Inputs::Columns(&wanted), &parameters)?;
        let source = Source::File {
            rows: table.rows(),
            checksum,
        };
        Ok((source, parameters, Made::of_table(loss, table)))
    }

    fn compiled(
        &self,
        tree: &Tree,
        node: &Node,
        inputs: Inputs<'_>,
        parameters: &BTreeMap<String, f64>,
    ) -> Result<ExampleLoss> {
        let loss = ExampleLoss::new(tree, &self.variables, inputs, parameters);
        loss.map_err(|m| self.block.mistaken("loss", node, &m))
    }

    /// The columns by formula, the random numbers in them, and the numbers that they name.
    fn columns(&self) -> Result<(Columns, Vec<Standard>, BTreeMap<String, f64>)> {
        let Some(Toml::Table(entries)) = self.data.get("columns").map(|node| &node.value) else {
            let what = "is missing: what an example holds, such as { x = \"normal(0, 1)\", y = \"x + normal(0, 0.1)\" }";
            return Err(self.data.error("columns", what));
        };
        let (mut all, mut drawn, mut parameters) = (Columns::new(), Vec::new(), BTreeMap::new());
        for (name, node) in entries {
            let block = &self.data;
            if self.variables.contains(name) {
                let what = format!("`{name}` is a variable and a column; rename one");
                return Err(block.error("columns", what));
            }
            let text = text_of(&node.value).ok_or_else(|| {
                block.error(
                    "columns",
                    format!("`{name}`: expected a number or a formula"),
                )
            })?;
            let wrong = |m: formula::Mistake| block.mistaken("columns", node, &m);
            let tree = Tree::parse(&text).map_err(wrong)?;
            let rows: Vec<String> = all.iter().map(|(name, ..)| name.clone()).collect();
            parameters.extend(self.names.constants(&tree, &rows).map_err(wrong)?);
            let column = Column::new(name, &tree, &mut drawn).map_err(wrong)?;
            all.push((name.clone(), text, column));
        }
        if drawn.is_empty() {
            let what = "nothing in them is random: use normal(mean, deviation) or uniform(low, high), or give a file";
            return Err(self.data.error("columns", what));
        }
        Ok((all, drawn, parameters))
    }

    /// Numbers of the columns and of the loss.
    fn parameters(
        &self,
        tree: &Tree,
        node: &Node,
        columns: &Columns,
        mut own: BTreeMap<String, f64>,
    ) -> Result<BTreeMap<String, f64>> {
        let mut rows = self.variables.clone();
        rows.extend(columns.iter().map(|(name, ..)| name.clone()));
        own.extend(self.constants(self.block, "loss", node, tree, &rows)?);
        Ok(own)
    }

    fn drawn(&self, tree: &Tree, node: &Node) -> Result<Read> {
        let whole = |key: &str, usual: Option<f64>, least: f64, most: f64| -> Result<u64> {
            let x = match (self.data.get(key), usual) {
                (Some(node), _) => number(&self.data, key, node, self.names)?,
                (None, Some(usual)) => usual,
                (None, None) => return Err(self.data.error(key, "is missing")),
            };
            if x.fract() == 0.0 && (least..=most).contains(&x) {
                return Ok(x as u64);
            }
            Err(self.data.error(
                key,
                format!("{x}: expected a whole number from {least} to {most:e}"),
            ))
        };
        let (n, seed) = (
            whole("rows", None, 1.0, 1e7)? as usize,
            whole("seed", Some(0.0), 0.0, 9e15)?,
        );
        let (columns, drawn, parameters) = self.columns()?;
        let parameters = self.parameters(tree, node, &columns, parameters)?;
        self.room(n as u64, columns.len() + drawn.len())?;
        let names: Vec<String> = columns.iter().map(|(name, ..)| name.clone()).collect();
        let values = self.values(&columns, &draws(&drawn, n, seed), &parameters)?;
        let loss = self.compiled(tree, node, Inputs::Columns(&names), &parameters)?;
        let table = tabled(values);
        let source = Source::Drawn {
            rows: n,
            seed,
            columns: said(&columns),
        };
        Ok((source, parameters, Made::of_table(loss, table)))
    }

    /// Refuses a table that there is no room for, beside the one that it grows out of.
    fn room(&self, rows: u64, columns: usize) -> Result<()> {
        let bytes = memory::numbers(&[2, rows, columns as u64]);
        let what = format!("a table of {rows} rows and {columns} columns");
        memory::room(&what, bytes, "take fewer rows", 1).map_err(|e| self.data.error("rows", e))
    }

    /// The columns of so many examples, each number finite.
    fn values(
        &self,
        columns: &Columns,
        draws: &[Vec<f64>],
        parameters: &BTreeMap<String, f64>,
    ) -> Result<Vec<Vec<f64>>> {
        let own: Vec<Column> = columns.iter().map(|(.., column)| column.clone()).collect();
        let values =
            generated(&own, draws, parameters).map_err(|m| self.data.error("columns", m.what))?;
        for (column, (name, ..)) in values.iter().zip(columns) {
            if let Some(row) = column.iter().position(|x| !x.is_finite()) {
                let what = format!("`{name}` comes to {} in row {}", column[row], row + 1);
                return Err(self.data.error("columns", what));
            }
        }
        Ok(values)
    }

    fn fresh(&self, tree: &Tree, node: &Node) -> Result<Read> {
        if self.data.get("seed").is_some() {
            let what =
                "examples that are always new have the run's own random numbers; take the seed out";
            return Err(self.data.error("seed", what));
        }
        let (columns, drawn, parameters) = self.columns()?;
        let parameters = self.parameters(tree, node, &columns, parameters)?;
        let own: Vec<Column> = columns.iter().map(|(.., column)| column.clone()).collect();
        let loss = self.compiled(tree, node, Inputs::Draws(&own, drawn.len()), &parameters)?;
        let table =
            |(columns, weights): (Vec<Vec<f64>>, Vec<f64>)| Table::new(columns, Some(weights));
        // The mean by a quadrature that agrees with a coarser one; else over many examples drawn once.
        let shared = Arc::new(loss.clone());
        let of = |table: Table| MeanLoss::new(shared.clone(), Arc::new(table), Origin::Table, 1.0);
        let sizes = [(48, 41), (32, 27), (16, 13), (8, 7)];
        let found = sizes.into_iter().find_map(|(fine, coarse)| {
            let fine = table(nodes(&drawn, fine)?);
            let coarse = of(table(nodes(&drawn, coarse)?));
            let own = of(fine.clone());
            agree(&own, &coarse).then_some(fine)
        });
        let source = Source::Fresh {
            columns: said(&columns),
            sampled: found.is_none().then_some(MANY),
        };
        let table = found.unwrap_or_else(|| Table::new(draws(&drawn, MANY, 0), None));
        let made = Made {
            loss,
            table: Arc::new(table),
            origin: Origin::Fresh(drawn),
        };
        Ok((source, parameters, made))
    }
}

fn said(columns: &Columns) -> Vec<(String, String)> {
    let columns = columns.iter();
    columns
        .map(|(name, text, _)| (name.clone(), text.clone()))
        .collect()
}

/// Examples that count alike.
fn tabled(columns: Vec<Vec<f64>>) -> Arc<Table> {
    Arc::new(Table::new(columns, None))
}

/// Random numbers of n examples, one row for each law.
fn draws(drawn: &[Standard], n: usize, seed: u64) -> Vec<Vec<f64>> {
    let stream = Stream::new(seed, cell_key("data"));
    let row = |(k, law): (usize, &Standard)| {
        let one = |j: u64| match law {
            Standard::Normal => {
                let mut numbers = Sequence::new(&stream, Purpose::Pool, j, k as u64);
                Law::Normal.draw(1.0, &mut numbers)
            }
            Standard::Uniform => stream.uniform(Purpose::Pool, j, k as u64, 0),
        };
        (0..n as u64).map(one).collect()
    };
    drawn.iter().enumerate().map(row).collect()
}

/// Whether two means agree to eight digits, in value and slope, at some places.
fn agree(a: &MeanLoss, b: &MeanLoss) -> bool {
    let d = a.dim();
    (0..4).all(|n| {
        let point: Vec<f64> = (0..d)
            .map(|i| 1.3 * ((0.618 * (n + 1) as f64 + 0.271 * i as f64).fract() * 2.0 - 1.0))
            .collect();
        let look = |mean: &MeanLoss| {
            let mut slope = vec![0.0; d];
            simulation::landscape::Gradient::<f64>::gradient(mean, &point, 1, &mut slope);
            slope.push(mean.value(&point));
            DVector::from_vec(slope)
        };
        let (a, b) = (look(a), look(b));
        let size = a.amax().max(1e-300);
        // Where there is no number, there is none in either.
        (&a - &b).amax() <= 1e-8 * size || a.iter().all(|x| x.is_nan())
    })
}

/// The names of the coordinates that a block lists.
///
/// # Errors
/// No list, or a name that is none.
pub fn variables(block: &Block) -> Result<Vec<String>> {
    let names = match block.get("variables").map(|node| &node.value) {
        Some(Toml::List(items)) => items.iter().map(|item| match &item.value {
            Toml::Text(name) => Some(name.clone()),
            _ => None,
        }),
        _ => {
            let what = "is missing: the coordinates, such as [\"w\", \"b\"]; what else the loss names is a column or a parameter";
            return Err(block.error("variables", what));
        }
    };
    let names: Option<Vec<String>> = names.collect();
    let names = names.filter(|names| !names.is_empty());
    let Some(names) = names else {
        return Err(block.error(
            "variables",
            "expected a list of names, such as [\"w\", \"b\"]",
        ));
    };
    let word = |name: &String| {
        let named = Tree::parse(name).ok().and_then(|tree| tree.root.dotted());
        named.as_ref() == Some(name) && !name.contains('.') && !formula::reserved(name)
    };
    for (i, name) in names.iter().enumerate() {
        if !word(name) || ["loss", "step", "time", "h_top"].contains(&name.as_str()) {
            return Err(block.error("variables", format!("`{name}` is no name for a variable")));
        }
        if names[..i].contains(name) {
            return Err(block.error("variables", format!("`{name}` stands in it twice")));
        }
    }
    Ok(names)
}

fn data(block: &Block) -> Result<Block> {
    let Some(node) = block.get("data") else {
        let what = "is missing: the examples, { file = \"points.csv\" } or { rows = 1000, columns = { x = \"normal(0, 1)\" } }";
        return Err(block.error("data", what));
    };
    if !matches!(node.value, Toml::Table(_)) {
        let what = "expected a table, such as { file = \"points.csv\" }";
        return Err(block.error("data", what));
    }
    let data = Block {
        path: "landscape.data".into(),
        node: node.clone(),
    };
    data.only(["file", "rows", "seed", "columns"], "")?;
    Ok(data)
}

fn number(block: &Block, key: &str, node: &Node, names: &Names<'_>) -> Result<f64> {
    let text =
        text_of(&node.value).ok_or_else(|| block.error(key, "expected a number or a formula"))?;
    names.number(block, key, node, &text)
}
