//! A figure on the page, with its caption.

use crate::draw;
use crate::figure::Figure;
use crate::html::base64::base64;
use crate::html::escape;
use base::error::Result;

/// A drawing longer than this (thousands of points) goes into the page as a picture instead.
const LONGEST_DRAWING: usize = 400_000;

/// The figure as an element.
///
/// # Errors
/// If it cannot be drawn.
pub(super) fn figure(figure: &Figure) -> Result<String> {
    let drawing = embedded(figure)?;
    let caption = escape(&figure.caption);
    Ok(format!(
        "<figure><div class=\"paper\">{drawing}</div><figcaption>{caption}</figcaption></figure>\n"
    ))
}

fn embedded(figure: &Figure) -> Result<String> {
    let drawing = draw::svg(figure)?;
    if drawing.len() <= LONGEST_DRAWING {
        return Ok(drawing);
    }
    let picture = base64(&draw::png(figure)?);
    Ok(format!(
        "<img alt=\"{}\" src=\"data:image/png;base64,{picture}\">",
        escape(&figure.name)
    ))
}
