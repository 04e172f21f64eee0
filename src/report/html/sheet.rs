//! A page of its own, apart from records: tables and figures of one thing.

use std::fmt::Write;

use super::{STYLE, escape, figure};
use crate::figure::Figure;
use base::error::Result;

/// What stands on it.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Heading of the page.
    pub title: String,
    /// What is said first, a paragraph each.
    pub lead: Vec<String>,
    /// Headings of the columns of its table.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// The page, which needs nothing else.
///
/// # Errors
/// If a figure cannot be drawn.
pub fn sheet(sheet: &Sheet) -> Result<String> {
    let title = escape(&sheet.title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    for paragraph in &sheet.lead {
        let _ = writeln!(html, "<p>{}</p>", escape(paragraph).replace('\n', "<br>"));
    }
    let row = |cells: &[String], element: &str| -> String {
        let cells = cells
            .iter()
            .map(|cell| format!("<{element}>{}</{element}>", escape(cell)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let head = row(&sheet.columns, "th");
    let body: String = sheet.rows.iter().map(|cells| row(cells, "td")).collect();
    let _ = write!(
        html,
        "<div class=\"wide\"><table class=\"numbers\">\n<thead>{head}</thead>\n<tbody>\n{body}</tbody></table></div>\n"
    );
    for own in &sheet.figures {
        html.push_str(&figure::figure(own)?);
    }
    html.push_str("</main>\n</body>\n</html>\n");
    Ok(html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn text_stays_text_and_elements_are_closed() {
        let evil = "<script>\u{1b}".to_string();
        let page = sheet(&Sheet {
            title: evil.clone(),
            lead: vec![evil.clone()],
            columns: vec![evil.clone()],
            rows: vec![vec![evil]],
            figures: fixture::figures(),
        })
        .unwrap();
        assert!(!page.contains("<script") && !page.contains('\u{1b}'));
        for element in [
            "table", "tr", "td", "th", "figure", "svg", "p", "div", "main",
        ] {
            let opened = page.matches(&format!("<{element}>")).count()
                + page.matches(&format!("<{element} ")).count();
            assert_eq!(
                opened,
                page.matches(&format!("</{element}>")).count(),
                "{element}"
            );
        }
        assert_eq!(page.matches("<svg ").count(), fixture::figures().len());
    }
}
