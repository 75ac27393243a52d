//! A film as an animated SVG.
//!
//! Each line of text is there once for each of its states, and CSS shows it at
//! its time; lines that leave the screen at the top do so by a step of all of
//! them. Without animation, whether nobody wants any or nothing plays it, the
//! last screen stands there. Columns are held in place by number, so that every
//! monospaced font will do; a QR code is drawn, so that it can be scanned.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::film::{Film, Look, Row, Run};

/// The size of a character. Six tenths of a font's size is how wide nearly all
/// monospaced fonts are, and half of its height makes the squares of a QR code.
const FONT_SIZE: usize = 15;
const CELL_WIDTH: usize = 9;
const CELL_HEIGHT: usize = 18;
/// From the top of a character to the line it stands on.
const ASCENT: usize = 14;

/// Around the text.
const MARGIN: usize = 16;

/// How long the last screen stays before it begins anew.
const END: Duration = Duration::from_secs(6);

/// Both sets of colours have their own background and a contrast of 4.5 and
/// more upon it (WCAG 2.2, 1.4.3).
const STYLE: &str = "\
svg{color-scheme:light dark}\
text{font:15px ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono','Liberation Mono',Consolas,monospace;\
white-space:pre;fill:#1f2328}\
.w{fill:#f6f8fa;stroke:#d1d9e0}\
.b{font-weight:700}.d{fill:#59636e}.g{fill:#116329}.y{fill:#7d4e00}.r{fill:#cf222e}\
.q{fill:#fff}.i{fill:#000;shape-rendering:crispEdges}\
.h{visibility:hidden}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.w{fill:#161b22;stroke:#3d444d}\
.d{fill:#9198a1}.g{fill:#3fb950}.y{fill:#d29922}.r{fill:#ff7b72}}";

/// What people read who do not see it.
pub struct Caption<'a> {
    pub title: &'a str,
    pub description: &'a str,
}

/// When something is seen: from, and until.
type Spans = Vec<(Duration, Duration)>;

/// `film` in a window of this many columns.
pub fn picture(film: &Film, columns: usize, caption: &Caption<'_>) -> String {
    let frames = film.frames();
    let last = frames.last().expect("something was filmed");
    let length = last.at + END;
    let height = frames.iter().map(|frame| frame.rows.len()).max();
    let height = height.unwrap_or(0) * CELL_HEIGHT;
    let width = columns * CELL_WIDTH;
    let mut motion = Motion::new(length);
    let text = lines(film, length, &mut motion);
    let scroll = scroll(film, &mut motion);
    let (outer_width, outer_height) = (width + 2 * MARGIN, height + 2 * MARGIN);
    let Caption { title, description } = caption;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {outer_width} {outer_height}\" \
         width=\"{outer_width}\" height=\"{outer_height}\" font-size=\"{FONT_SIZE}\" \
         font-family=\"monospace\" xml:space=\"preserve\" role=\"img\" aria-labelledby=\"t d\">\n\
         <title id=\"t\">{}</title>\n<desc id=\"d\">{}</desc>\n<style>{STYLE}{}</style>\n\
         <rect class=\"w\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n\
         <svg x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{width}\" height=\"{height}\">\n\
         <g{scroll}>\n{text}</g>\n</svg>\n</svg>\n",
        escaped(title),
        escaped(description),
        motion.style(),
        outer_width - 1,
        outer_height - 1,
    )
}

/// Every line in every state that it had.
fn lines(film: &Film, length: Duration, motion: &mut Motion) -> String {
    let frames = film.frames();
    let ends = frames.iter().skip(1).map(|frame| frame.at).chain([length]);
    let mut states = BTreeMap::<(usize, &Row), Spans>::new();
    for (frame, end) in frames.iter().zip(ends) {
        for (number, row) in frame.rows.iter().enumerate() {
            if row.is_empty() {
                continue;
            }
            let spans = states.entry((frame.top + number, row)).or_default();
            match spans.last_mut().filter(|(_, until)| *until == frame.at) {
                Some((_, until)) => *until = end,
                None => spans.push((frame.at, end)),
            }
        }
    }
    let mut text = String::new();
    for ((line, row), spans) in states {
        let class = motion.visible(&spans);
        // Where it has left the screen it is out of sight anyway.
        let shown = line_of(line * CELL_HEIGHT, row);
        let _ = writeln!(text, "<g{class}>{shown}</g>");
    }
    text
}

fn line_of(y: usize, row: &Row) -> String {
    let mut drawn = String::new();
    let mut written = String::new();
    for run in row {
        if run.look == Look::Ink {
            drawn.push_str(&ink(y, run));
        } else {
            written.push_str(&spans_of(run));
        }
    }
    if !written.is_empty() {
        let _ = write!(drawn, "<text y=\"{}\">{written}</text>", y + ASCENT);
    }
    drawn
}

/// The words of a run, each held at its column where more than one space
/// stands before it: there columns of tables begin.
fn spans_of(run: &Run) -> String {
    let class = match run.look {
        Look::Plain | Look::Ink => "",
        Look::Strong => " class=\"b\"",
        Look::Faint => " class=\"d\"",
        Look::Good => " class=\"g\"",
        Look::Warning => " class=\"y\"",
        Look::Bad => " class=\"r\"",
    };
    let mut spans = String::new();
    let mut column = run.column;
    let mut rest = run.text.as_str();
    while !rest.is_empty() {
        let word = rest.find("  ").unwrap_or(rest.len());
        let gap = rest[word..].len() - rest[word..].trim_start_matches(' ').len();
        let (piece, further) = rest.split_at(word + gap);
        let words = piece.trim_end_matches(' ').chars().count();
        let held = if words > 1 {
            format!(" textLength=\"{}\"", words * CELL_WIDTH)
        } else {
            String::new()
        };
        if words > 0 {
            let x = column * CELL_WIDTH;
            let words = escaped(&piece[..word]);
            let _ = write!(spans, "<tspan x=\"{x}\"{class}{held}>{words}</tspan>");
        }
        // Kept for those who copy the text; it has no place to keep.
        spans.push_str(&" ".repeat(gap));
        column += piece.chars().count();
        rest = further;
    }
    spans
}

/// Half blocks, drawn.
fn ink(y: usize, run: &Run) -> String {
    let x = run.column * CELL_WIDTH;
    let width = run.text.chars().count() * CELL_WIDTH;
    let half = CELL_HEIGHT / 2;
    let mut path = String::new();
    for (top, blocks) in [(y, ['▀', '█']), (y + half, ['▄', '█'])] {
        let mut from = None;
        let cells = run.text.chars().chain([' ']).enumerate();
        for (column, character) in cells {
            let at = x + column * CELL_WIDTH;
            match (blocks.contains(&character), from) {
                (true, None) => from = Some(at),
                (false, Some(left)) => {
                    let _ = write!(path, "M{left} {top}h{}v{half}H{left}z", at - left);
                    from = None;
                }
                _ => {}
            }
        }
    }
    let page = format!(
        "<rect class=\"q\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{CELL_HEIGHT}\"/>"
    );
    if path.is_empty() {
        return page;
    }
    format!("{page}<path class=\"i\" d=\"{path}\"/>")
}

/// How lines leave the screen.
fn scroll(film: &Film, motion: &mut Motion) -> String {
    let mut steps = Vec::<(Duration, usize)>::new();
    for frame in film.frames() {
        if steps.last().is_none_or(|&(_, top)| top != frame.top) {
            steps.push((frame.at, frame.top));
        }
    }
    let top = steps.last().map_or(0, |&(_, top)| top);
    if steps.len() < 2 {
        return String::new();
    }
    let class = motion.scrolled(&steps);
    format!("{class} transform=\"translate(0 -{})\"", top * CELL_HEIGHT)
}

/// The animations, each of them once.
struct Motion {
    length: Duration,
    keyframes: Vec<String>,
}

impl Motion {
    const fn new(length: Duration) -> Self {
        Self {
            length,
            keyframes: Vec::new(),
        }
    }

    /// The class of what is seen in these spans of time.
    fn visible(&mut self, spans: &Spans) -> String {
        if *spans == [(Duration::ZERO, self.length)] {
            return String::new();
        }
        let mut steps = String::new();
        if spans[0].0 > Duration::ZERO {
            steps.push_str("0%{visibility:hidden}");
        }
        for &(from, until) in spans {
            let _ = write!(steps, "{}{{visibility:visible}}", self.share(from));
            if until < self.length {
                let _ = write!(steps, "{}{{visibility:hidden}}", self.share(until));
            }
        }
        let is_seen_last = spans.last().is_some_and(|&(_, until)| until == self.length);
        let hidden = if is_seen_last { "" } else { " h" };
        format!(" class=\"k{}{hidden}\"", self.number(steps))
    }

    /// The class of what steps upwards at these times, by so many lines in all.
    fn scrolled(&mut self, steps: &[(Duration, usize)]) -> String {
        let mut keyframes = String::new();
        for &(at, top) in steps {
            let up = top * CELL_HEIGHT;
            let _ = write!(
                keyframes,
                "{}{{transform:translateY(-{up}px)}}",
                self.share(at)
            );
        }
        format!(" class=\"k{}\"", self.number(keyframes))
    }

    fn number(&mut self, keyframes: String) -> usize {
        let known = self.keyframes.iter().position(|it| *it == keyframes);
        known.unwrap_or_else(|| {
            self.keyframes.push(keyframes);
            self.keyframes.len() - 1
        })
    }

    fn share(&self, at: Duration) -> String {
        let percent = 100.0 * at.as_secs_f64() / self.length.as_secs_f64();
        let percent = format!("{percent:.2}");
        let percent = percent.trim_end_matches('0').trim_end_matches('.');
        format!("{percent}%")
    }

    /// For those who mind no motion.
    fn style(&self) -> String {
        if self.keyframes.is_empty() {
            return String::new();
        }
        let length = self.length.as_secs_f64();
        let mut style = format!(
            "@media(prefers-reduced-motion:no-preference){{\
             [class^=k]{{animation:{length:.1}s step-end infinite}}"
        );
        for number in 0..self.keyframes.len() {
            let _ = write!(style, ".k{number}{{animation-name:k{number}}}");
        }
        style.push('}');
        for (number, steps) in self.keyframes.iter().enumerate() {
            let _ = write!(style, "@keyframes k{number}{{{steps}}}");
        }
        style
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use oic_tests::harness::workspace;

    use super::*;
    use crate::film::{Frame, rows};
    use crate::shell::parser;

    /// Small enough for a page that shows them all at once.
    const PICTURE_LEN_MAX: usize = 64 * 1024;

    const CAPTION: Caption<'_> = Caption {
        title: "a < b & c",
        description: "what is seen",
    };

    /// A second for each of these, on a terminal of 20 columns and 3 rows.
    fn film(shown: &[&str]) -> Film {
        let mut parser = parser(20, 3);
        let mut film = Film::default();
        for (second, text) in shown.iter().enumerate() {
            parser.process(text.as_bytes());
            film.add(Frame {
                at: Duration::from_secs(second as u64),
                top: parser.screen().scrollback_len(),
                rows: rows(parser.screen()),
            });
        }
        film
    }

    fn picture_of(shown: &[&str]) -> String {
        picture(&film(shown), 20, &CAPTION)
    }

    #[track_caller]
    fn has(picture: &str, text: &str) {
        assert!(picture.contains(text), "no {text} in:\n{picture}");
    }

    #[test]
    fn a_line_is_there_once_and_seen_at_its_time() {
        // Eight seconds: two, and the end.
        let picture = picture_of(&["$ x\r\n", "1 left\r", "\x1b[K\x1b[32mdone\x1b[0m"]);
        has(&picture, "<g><text y=\"14\"><tspan x=\"0\"");
        has(
            &picture,
            "<g class=\"k0 h\"><text y=\"32\"><tspan x=\"0\" textLength=\"54\">1 left<",
        );
        has(
            &picture,
            "@keyframes k0{0%{visibility:hidden}12.5%{visibility:visible}25%{visibility:hidden}}",
        );
        has(
            &picture,
            "<g class=\"k1\"><text y=\"32\"><tspan x=\"0\" class=\"g\" textLength=\"36\">done<",
        );
        has(&picture, "[class^=k]{animation:8.0s step-end infinite}");
        assert_eq!(picture.matches("$ x").count(), 1);
    }

    #[test]
    fn whoever_wants_no_motion_sees_the_end() {
        let picture = picture_of(&["one\r", "two"]);
        let (still, moving) = picture
            .split_once("@media(prefers-reduced-motion:no-preference)")
            .unwrap();
        assert!(!still.contains("animation"), "{still}");
        has(moving, "animation");
        has(
            &picture,
            "<g class=\"k0 h\"><text y=\"14\"><tspan x=\"0\" textLength=\"27\">one<",
        );
        has(&picture, ".h{visibility:hidden}");
        assert!(!picture_of(&["still"]).contains("animation"));
    }

    #[test]
    fn lines_leave_at_the_top_and_their_place_is_in_the_picture() {
        let picture = picture_of(&["1\r\n2\r\n3", "\r\n4\r\n5"]);
        has(&picture, "transform=\"translate(0 -36)\"");
        has(
            &picture,
            "{transform:translateY(-0px)}14.29%{transform:translateY(-36px)}",
        );
        has(&picture, "<text y=\"86\"><tspan x=\"0\">5<");
        has(
            &picture,
            "<svg x=\"16\" y=\"16\" width=\"180\" height=\"54\">",
        );
    }

    #[test]
    fn columns_stand_where_they_stood_and_can_be_copied() {
        let picture = picture_of(&["\x1b[1mNAME  X\x1b[0m   end"]);
        has(
            &picture,
            "<tspan x=\"0\" class=\"b\" textLength=\"36\">NAME</tspan>  <tspan x=\"54\" class=\"b\">X<",
        );
        has(&picture, "<tspan x=\"90\" textLength=\"27\">end<");
    }

    #[test]
    fn a_qr_code_is_drawn_in_squares_on_white() {
        let picture = picture_of(&["ab\x1b[38;5;16;48;5;231m ▀▄█\x1b[0m"]);
        has(
            &picture,
            "<rect class=\"q\" x=\"18\" y=\"0\" width=\"36\" height=\"18\"/>",
        );
        has(&picture, "d=\"M27 0h9v9H27zM45 0h9v9H45zM36 9h18v9H36z\"");
        assert!(!picture.contains('▀'));
    }

    #[test]
    fn what_is_markup_in_svg_is_text_in_a_picture() {
        let picture = picture_of(&["<g>&"]);
        has(&picture, "<title id=\"t\">a &lt; b &amp; c</title>");
        has(&picture, ">&lt;g&gt;&amp;</tspan>");
    }

    #[test]
    fn the_readme_shows_every_picture_and_none_is_large() {
        let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
        let pictures = fs::read_dir(workspace().join("docs/pictures")).unwrap();
        let mut seen = 0;
        for picture in pictures {
            let path = picture.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(readme.contains(&format!("docs/pictures/{name}")), "{name}");
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.len() <= PICTURE_LEN_MAX, "{name}: {}", text.len());
            seen += 1;
        }
        assert!(seen > 0);
    }
}
