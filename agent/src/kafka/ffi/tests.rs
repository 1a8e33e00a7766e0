use std::ptr;

use super::*;

#[test]
fn a_code_that_the_bindings_do_not_know_is_a_number() {
    assert_eq!(RequestError::of(30).code, "GROUP_AUTHORIZATION_FAILED");
    assert!(RequestError::of(30).is_authorization());
    let unknown = RequestError::of(4711);
    assert!(unknown.code.contains("4711") && !unknown.is_authorization(), "{unknown:?}");
}

#[test]
fn null_pointers_and_counts_that_cannot_be_are_nothing() {
    // SAFETY: null stands for nothing in each.
    unsafe {
        assert_eq!(text(ptr::null()), None);
        assert_eq!(pointers::<u8>(ptr::null(), 3).count(), 0);
    }
    assert_eq!(elements(ptr::null::<u8>(), 3).count(), 0);
    assert_eq!(elements([1, 2, 3].as_ptr(), -1).count(), 0);
    let array = [ptr::null(), c"a".as_ptr(), ptr::null()];
    // SAFETY: the array has three pointers.
    assert_eq!(unsafe { pointers(array.as_ptr(), array.len()) }.count(), 1);
}

#[test]
fn a_text_that_is_not_utf_8_or_controls_a_terminal_is_replaced() {
    // SAFETY: it is a C string.
    let text = unsafe { text(c"a\xff\x1b[2J".as_ptr()) };
    assert_eq!(text.unwrap(), "a\u{fffd}\u{fffd}[2J");
}
