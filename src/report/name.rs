//! Names that become files and folders, wherever they are read: from an experiment file or from a record.

/// Longest name; file systems allow 255 bytes, and a figure's file has the experiment's name in it too.
const LONGEST: usize = 100;

/// Whether `name` may name an experiment, hence a folder.
///
/// # Errors
/// What is wrong with it, and what to use.
pub fn experiment(name: &str) -> Result<(), String> {
    plain(name, "", "letters, digits, - and _")
}

/// Whether `name` may name a figure, hence files.
///
/// # Errors
/// What is wrong with it, and what to use.
pub fn figure(name: &str) -> Result<(), String> {
    plain(name, ".", "letters, digits, -, _ and .")?;
    if name.starts_with('.') {
        return Err(format!("`{name}` begins with a dot; begin with a letter"));
    }
    Ok(())
}

fn plain(name: &str, also: &str, words: &str) -> Result<(), String> {
    let known = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c) || also.contains(c);
    if name.is_empty() || !name.chars().all(known) {
        return Err(format!("`{name}` names a file or folder; use {words}"));
    }
    if name.len() > LONGEST {
        return Err(format!(
            "a name of {} characters; a file or folder is named after it, so {LONGEST} at most",
            name.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_folder() {
        for name in ["a", "fig6-wide_data", "3"] {
            assert_eq!(experiment(name), Ok(()));
            assert_eq!(figure(name), Ok(()));
        }
        assert_eq!(figure("k=2".replace('=', ".").as_str()), Ok(()));
        let long = "a".repeat(LONGEST + 1);
        for name in [
            "", ".", "..", "../x", "/x", "a/b", "a\\b", "a\0", "ä", &long,
        ] {
            assert!(experiment(name).is_err() && figure(name).is_err(), "{name}");
        }
        assert!(experiment("a.b").is_err());
    }
}
