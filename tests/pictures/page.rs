//! Screens put into a page: each in the block of text that follows a comment
//! with its name.

const BLOCK: &str = "```text\n";
const BLOCK_END: &str = "```\n";

/// `page` with these screens, by name.
///
/// # Errors
///
/// When the page has no place for one of them.
pub fn with_screens(page: &str, screens: &[(&str, String)]) -> Result<String, String> {
    let mut page = page.to_owned();
    for (name, screen) in screens {
        let mark = format!("<!-- cargo pictures: {name} -->\n\n{BLOCK}");
        let start = page.find(&mark).map(|at| at + mark.len());
        let start = start.ok_or_else(|| format!("no place for the screen '{name}'"))?;
        let length = page[start..].find(BLOCK_END);
        let length = length.ok_or_else(|| format!("the screen '{name}' has no end"))?;
        page.replace_range(start..start + length, &format!("{screen}\n"));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# Screens

<!-- cargo pictures: one -->

```text
old
```

Words.

<!-- cargo pictures: two -->

```text
```
";

    #[test]
    fn a_screen_goes_where_its_name_stands_and_nothing_else_changes() {
        let screens = [
            ("two", "second".to_owned()),
            ("one", "$ first\nline".to_owned()),
        ];
        let page = with_screens(PAGE, &screens).unwrap();
        let expected = PAGE
            .replace("old\n", "$ first\nline\n")
            .replace("```text\n```", "```text\nsecond\n```");
        assert_eq!(page, expected);
        assert_eq!(with_screens(&page, &screens).unwrap(), page);
    }

    #[test]
    fn a_screen_without_a_place_is_no_silent_loss() {
        let screens = [("three", String::new())];
        assert!(with_screens(PAGE, &screens).unwrap_err().contains("three"));
    }
}
