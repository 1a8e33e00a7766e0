//! Names that others have chosen, safe to print.

/// The text with what controls a terminal, or disguises the text around it, replaced: control characters, marks of direction,
/// of zero width and of byte order.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// Whether a character is shown as itself and changes nothing else.
pub(crate) fn is_printable(c: char) -> bool {
    let disguises = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !disguises && !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_replaced() {
        assert_eq!(printable("orders-\u{1b}[2Jé\n\u{202e}"), "orders-\u{fffd}[2Jé\u{fffd}\u{fffd}");
    }
}
