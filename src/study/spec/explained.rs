//! What the keys mean that are resolved before any section reads them.

use base::error::Result;
use experiment::spec::Section;

use crate::file::Block;

/// A key, what it takes, and what it means.
type Said = (&'static str, &'static str, &'static str);

/// What the keys mean that are resolved before any section reads them.
pub(super) fn explained(root: &Section<'_>) -> Result<()> {
    let said: [(&'static str, &[Said]); 4] = [
        (
            "define",
            &[(
                "…",
                "a number, a formula, or a list that sweeps",
                "a name of one's own, evaluated where it is used",
            )],
        ),
        (
            "sweep",
            &[
                ("name", "a string", "names the block, for sweep == 'name'"),
                (
                    "…",
                    "a list of numbers or words",
                    "an axis; keys of one block multiply, blocks unite",
                ),
                ("zip", "a table of lists", "axes that go in step"),
            ],
        ),
        (
            "start",
            &[
                (
                    "at",
                    "\"minimum\", \"saddle\", or a point",
                    "where particles begin; the leftmost minimum if left out",
                ),
                (
                    "x",
                    "a number, \"normal(mean, deviation)\" or \"uniform(low, high)\"",
                    "where a coordinate begins",
                ),
                (
                    "momentum",
                    "\"zero\", \"gradient\" or \"stationary\"",
                    "what a rule remembers at the start: nothing, or what many steps leave with θ held there, without noise or with it",
                ),
                (
                    "after",
                    "a process",
                    "the process that goes first, from its own start",
                ),
                ("steps", "a whole number", "how long that goes"),
                (
                    "keep",
                    "\"theta\"",
                    "empties the memory between the two; else it is kept for the same rule",
                ),
            ],
        ),
        (
            "process",
            &[
                (
                    "label",
                    "a string",
                    "its name in claims and records; the rule's or SDE's if left out",
                ),
                (
                    "clock",
                    "a number above 0",
                    "how much time a step takes; η of a rule, dt of an SDE, if left out",
                ),
                (
                    "reference",
                    "true or false",
                    "never simulated: its exact law serves others; an SDE's dt is 1e-6 then, if left out, of which times must be multiples",
                ),
                ("landscape", "as [landscape]", "a landscape of its own"),
                ("noise", "as [noise]", "a noise of its own"),
                ("start", "as [start]", "a start of its own"),
            ],
        ),
    ];
    for (path, keys) in said {
        let blocks = Block::all(root, path)?;
        let Some(block) = blocks.first() else {
            continue;
        };
        let section = Section::new(path, &block.node)?;
        keys.iter()
            .for_each(|(key, takes, meaning)| section.says(key, takes, meaning));
    }
    Ok(())
}
