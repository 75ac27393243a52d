//! What strangers write, where people read it.

/// What stands where a character was that is [harmful](is_harmful).
pub const REPLACEMENT: char = '\u{fffd}';

/// Whether this character could make a terminal or a log show something else than
/// what is there: control characters, and those that reorder or hide text.
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// This character, or what stands where it was.
pub fn harmless(character: char) -> char {
    if is_harmful(character) {
        REPLACEMENT
    } else {
        character
    }
}
