//! Columns of text on a terminal, no wider than it is.

/// What stands where there is nothing to say.
pub const NONE: &str = "–";
/// Letters of a column of words, where all columns together are too wide.
const NARROWEST: usize = 10;
const GAP: usize = 2;

/// A column: its header, then a cell for every row.
pub struct Column {
    cells: Vec<String>,
    width: usize,
    words: bool,
}

impl Column {
    /// Words, to the left; cut where the table is too wide.
    pub fn words(header: &str, cells: Vec<String>) -> Self {
        Self::new(header, cells, true)
    }

    /// Numbers, to the right.
    pub fn numbers(header: &str, cells: Vec<String>) -> Self {
        Self::new(header, cells, false)
    }

    fn new(header: &str, mut cells: Vec<String>, words: bool) -> Self {
        cells.insert(0, header.to_string());
        Column {
            width: cells.iter().map(|c| c.chars().count()).max().unwrap_or(0),
            words,
            cells,
        }
    }

    fn is_empty(&self) -> bool {
        self.cells.iter().skip(1).all(|cell| cell == NONE)
    }

    fn cell(&self, text: &str) -> String {
        let (text, width) = (cut(text, self.width), self.width);
        if self.words {
            format!("{:GAP$}{text:width$}", "")
        } else {
            format!("{:GAP$}{text:>width$}", "")
        }
    }
}

/// The lines of a table, headers first; columns in which nothing stands are left out.
pub fn layout(mut columns: Vec<Column>, width: usize) -> Vec<String> {
    columns.retain(|column| !column.is_empty());
    let total = |columns: &[Column]| -> usize { columns.iter().map(|c| GAP + c.width).sum() };
    while total(&columns) > width {
        let words = columns
            .iter_mut()
            .filter(|c| c.words && c.width > NARROWEST);
        let Some(widest) = words.max_by_key(|c| c.width) else {
            break;
        };
        widest.width -= 1;
    }
    let lines = columns.first().map_or(0, |column| column.cells.len());
    let line = |k: usize| {
        let cells = columns.iter().filter_map(|c| Some(c.cell(c.cells.get(k)?)));
        cut(cells.collect::<String>().trim_end(), width)
    };
    (0..lines).map(line).collect()
}

/// The text, its end replaced by a mark where it is longer than that.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    let kept = text.chars().take(width.saturating_sub(1));
    kept.chain(['…']).collect()
}
