use super::*;

static SOME: Words = Words::new(&[
    "tel.",
    "tel ",
    "tel",
    "tél",
    "fon ",
    "phone",
    "smartphone",
    "customer n",
    "komórk",
    "is",
    "in-reply-to:",
]);

impl Words {
    /// As [`Self::is_prefix_of`], without a filter.
    fn is_plain_prefix_of(&self, text: &[u8]) -> bool {
        self.all.iter().any(|word| text.starts_with(word.as_bytes()))
    }
}

#[test]
fn the_filter_of_two_bytes_leaves_out_no_word() {
    let pieces: Vec<&str> = [&SOME, &OTHER_NUMBERS]
        .iter()
        .flat_map(|words| words.all)
        .flat_map(|word| (0..=word.len()).filter(|end| word.is_char_boundary(*end)).map(|end| &word[..end]))
        .collect();
    let mut begun = 0;
    for one in &pieces {
        for two in &pieces {
            let text = format!("{one}{two}");
            for at in 0..=text.len() {
                let text = &text.as_bytes()[at..];
                for words in [&SOME, &OTHER_NUMBERS] {
                    assert_eq!(words.is_prefix_of(text), words.is_plain_prefix_of(text), "{}", text.escape_ascii());
                    begun += usize::from(words.is_prefix_of(text));
                }
            }
        }
    }
    assert!(begun > 10_000, "{begun}");
}

#[test]
fn the_last_word_is_that_of_a_search_at_every_place() {
    let text = "Hotel 1 tel 2 tel. 3 telefon 4 TÉL 5 tél 6\ncustomer n 7 customer ntel 8 ätel 9 smartphone tel";
    for at in 0..=text.len() {
        let before = Preceding::new(text.as_bytes(), at);
        let bytes = &before.bytes[..before.len];
        let parts: Vec<_> = (0..bytes.len()).filter(|at| SOME.is_plain_prefix_of(&bytes[*at..])).collect();
        assert_eq!(before.last_part(&SOME), parts.last().copied(), "{at}");
        let begins = |at: &usize| {
            *at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && (bytes[at - 1] < 0x80 || !letter_before(bytes, *at))
        };
        assert_eq!(before.last(&SOME), parts.into_iter().rfind(begins), "{at}");
    }
}
