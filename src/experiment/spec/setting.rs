//! Where each value of an experiment came from: a place in its file, a scale, the command line, or a default.

use super::tree::{Node, Value};

/// A value of a resolved experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its path, as `--set` takes it.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where it came from.
    pub from: String,
}

/// Every value below `node`, by the names of its keys.
pub fn given(path: &str, node: &Node) -> Vec<Setting> {
    match &node.value {
        Value::Table(entries) => {
            let each = entries.iter();
            each.flat_map(|(key, node)| given(&within(path, key), node))
                .collect()
        }
        Value::List(items) if items.iter().any(|i| matches!(i.value, Value::Table(_))) => {
            let each = items.iter().enumerate();
            each.flat_map(|(k, node)| given(&within(path, &k.to_string()), node))
                .collect()
        }
        value => vec![Setting {
            key: path.to_string(),
            value: shown(value),
            from: node.origin.said(),
        }],
    }
}

/// The path of `key` in the table at `path`.
pub fn within(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_string()
    } else {
        format!("{path}.{key}")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Integer(i) => i.to_string(),
        Value::Float(x) => super::written(*x),
        Value::Bool(b) => b.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(_) => "{…}".into(),
    }
}
