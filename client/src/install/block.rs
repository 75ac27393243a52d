//! Our lines in another program's file of settings. Pure.

const BEGIN: &str = "# set up by 'oic-token helper install'; removed by 'uninstall'";
const END: &str = "# end of oic-token's lines";

/// `text` with these lines at its end, in place of those we put there before.
pub(super) fn with(text: &str, lines: &[String]) -> String {
    let mut text = without(text);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("{BEGIN}\n{}\n{END}\n", lines.join("\n")));
    text
}

/// `text` without our lines. Lines that have no end are not ours.
pub(super) fn without(text: &str) -> String {
    let Some(begin) = text.find(BEGIN) else {
        return text.to_owned();
    };
    let Some(end) = text[begin..].find(END) else {
        return text.to_owned();
    };
    let rest = &text[begin + end + END.len()..];
    let rest = rest.strip_prefix('\n').unwrap_or(rest);
    format!("{}{rest}", &text[..begin])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_lines_come_go_and_change_and_all_others_stay() {
        let one = ["a".to_owned(), "b".to_owned()];
        let two = ["c".to_owned()];
        for before in ["", "x\n", "x\n\n# y\n"] {
            let with_one = with(before, &one);
            assert_eq!(with_one, format!("{before}{BEGIN}\na\nb\n{END}\n"));
            assert_eq!(with(&with_one, &one), with_one);
            assert_eq!(
                with(&with_one, &two),
                format!("{before}{BEGIN}\nc\n{END}\n")
            );
            assert_eq!(without(&with_one), before);
            assert_eq!(without(&format!("{with_one}z\n")), format!("{before}z\n"));
            assert_eq!(without(before), before);
        }
        assert_eq!(with("x", &two), format!("x\n{BEGIN}\nc\n{END}\n"));
    }

    #[test]
    fn lines_without_an_end_are_left_alone() {
        let cut = format!("x\n{BEGIN}\na\n");
        assert_eq!(without(&cut), cut);
    }
}
