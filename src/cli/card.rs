//! `kramers card RULE`: what the lab can say of an update rule, as text, as JSON, or as a page with figures.

use std::path::Path;

use super::Program;
use super::args;
use super::rule::{known, named, tuned};
use super::stdout::say;
use base::error::{Error, Result};
use experiment::card::{Card, ETA, FACTS, Fact, figures};
use measurement::Estimate;
use report::figure::Figure;
use report::html::sheet::{Sheet, sheet};
use report::number::{estimate, short};
use report::{atomic, draw, own};

/// The page.
const PAGE: &str = "card.html";
/// Digits of a number that is exact.
const DIGITS: usize = 10;
/// Widths of the first columns of the text.
const NAME: usize = 20;
const VALUE: usize = 26;

/// Makes the cards of one rule or two, and says or writes them.
///
/// # Errors
/// A rule or a key that is not known, a file that cannot be read or written, or is not the program's own.
pub fn command(program: &Program, options: &args::Card) -> Result<()> {
    let rules = known(program, options.rules.as_deref())?;
    let mut asked: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for word in &options.words {
        match (word.split_once('='), asked.last_mut()) {
            (None, _) => asked.push((word, Vec::new())),
            (Some((key, value)), Some((_, given))) => given.push((key.trim(), value)),
            (Some(_), None) => {
                return Err(Error::Input(format!(
                    "card: `{word}` stands before any rule; name a rule first, as in kramers card sgdm beta1=0.9"
                )));
            }
        }
    }
    if asked.len() > 2 {
        return Err(Error::Input(format!(
            "card: {} rules; a card is of one, or compares two",
            asked.len()
        )));
    }
    if let (Some(folder), false) = (&options.out, options.force) {
        let drawn = ["response", "noise", "escape"]
            .iter()
            .flat_map(|name| draw::files(name));
        let files = drawn
            .chain([PAGE.to_string()])
            .map(|file| folder.join(file));
        own::spare(files, "or choose another --out")?;
    }
    let cards = asked.iter().map(|(name, given)| {
        let rule = tuned(named(&rules, name, "card")?, given, ETA, "card")?;
        Card::of(&rule)
    });
    let cards: Vec<Card> = cards.collect::<Result<_>>()?;
    let names = names(&asked);
    let shown: Vec<(String, &Card)> = names.into_iter().zip(&cards).collect();
    if options.json {
        say!("{:#}", serde_json::json!({ "cards": cards }));
    } else {
        say!("{}", text(&shown).trim_end());
    }
    let Some(folder) = &options.out else {
        return Ok(());
    };
    let figures = figures(&shown);
    write(folder, &shown, &figures)?;
    if !options.json {
        say!("");
        say!("page:    {}", folder.join(PAGE).display());
        say!("figures: {}", folder.join("*.svg").display());
    }
    Ok(())
}

/// What tells the cards apart: the rule, and what was given where both are of one rule.
fn names(asked: &[(&str, Vec<(&str, &str)>)]) -> Vec<String> {
    let same = asked.len() == 2 && asked[0].0 == asked[1].0;
    let name = |(name, given): &(&str, Vec<(&str, &str)>)| {
        let given: Vec<String> = given
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if same && !given.is_empty() {
            format!("{name} {}", given.join(" "))
        } else {
            (*name).to_string()
        }
    };
    asked.iter().map(name).collect()
}

fn write(folder: &Path, cards: &[(String, &Card)], figures: &[Figure]) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::Input(format!(
            "cannot make the folder {}: {error}",
            folder.display()
        ))
    })?;
    for figure in figures {
        draw::write(folder, figure)?;
    }
    atomic::write(&folder.join(PAGE), &own::markup(&page(cards, figures)?))
}

fn page(cards: &[(String, &Card)], figures: &[Figure]) -> Result<String> {
    let title: Vec<&str> = cards.iter().map(|(name, _)| name.as_str()).collect();
    let mut columns = vec![String::new()];
    columns.extend(title.iter().map(ToString::to_string));
    columns.push("what it is".into());
    let rows = FACTS.iter().map(|(name, meaning)| {
        let mut row = vec![(*name).to_string()];
        row.extend(cards.iter().map(|(_, card)| {
            let fact = card.fact(name);
            match fact.map(value) {
                Some(value) if value.is_empty() => {
                    fact.map_or(String::new(), |fact| fact.how.clone())
                }
                Some(value) => value,
                None => String::new(),
            }
        }));
        row.push((*meaning).to_string());
        row
    });
    sheet(&Sheet {
        title: format!("Card of {}", title.join(" and ")),
        lead: cards.iter().map(|(name, card)| head(name, card)).collect(),
        columns,
        rows: rows.collect(),
        figures: figures.to_vec(),
    })
}

/// The rule, its source and its hyper-parameters.
fn head(name: &str, card: &Card) -> String {
    let hyper = card
        .hyper
        .iter()
        .filter(|(key, _)| !simulation::optimizer::entry::is_decay(key));
    let hyper: Vec<String> = hyper
        .map(|(key, value)| format!("{key} = {}", short(*value, 12)))
        .collect();
    let source = if card.source.is_empty() {
        String::new()
    } else {
        format!("\n{}", card.source)
    };
    format!(
        "{name}: {}{source}\n{}",
        card.formula.trim_end(),
        hyper.join(", ")
    )
}

/// A number with its interval; nothing where there is none.
fn value(fact: &Fact) -> String {
    let Some(value) = fact.value else {
        return String::new();
    };
    match fact.interval {
        Some([ci_low, ci_high]) => estimate(&Estimate {
            ci_low,
            ci_high,
            ..Estimate::exact(value, "")
        }),
        None => short(value, DIGITS),
    }
}

/// The cards as text: a line for each fact, with the number or why there is none.
fn text(cards: &[(String, &Card)]) -> String {
    let mut text = String::new();
    for (name, card) in cards {
        text += &format!("{}\n\n", head(name, card));
    }
    let line = |first: &str, cells: &[String], last: &str| {
        let cells: String = cells.iter().map(|cell| format!("{cell:<VALUE$}")).collect();
        format!("{}\n", format!("{first:<NAME$}{cells}{last}").trim_end())
    };
    if cards.len() > 1 {
        let names: Vec<String> = cards.iter().map(|(name, _)| name.clone()).collect();
        text += &line("", &names, "");
    }
    let mut notes = String::new();
    for (name, meaning) in FACTS {
        let facts: Vec<Option<&Fact>> = cards.iter().map(|(_, card)| card.fact(name)).collect();
        let cells: Vec<String> = facts
            .iter()
            .map(|fact| {
                fact.map(value)
                    .filter(|value| !value.is_empty())
                    .unwrap_or("–".into())
            })
            .collect();
        text += &line(name, &cells, meaning);
        for ((rule, _), fact) in cards.iter().zip(facts) {
            if let Some(fact) = fact.filter(|fact| fact.value.is_none() || fact.interval.is_some())
            {
                let whose = if cards.len() > 1 {
                    format!("{rule}: ")
                } else {
                    String::new()
                };
                notes += &format!("{name:<NAME$}{whose}{}\n", fact.how);
            }
        }
    }
    format!("{text}\n{notes}")
}
