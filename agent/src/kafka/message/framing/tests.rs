use super::*;

#[test]
fn framings_are_told_from_text() {
    let id = |bytes: &[u8]| before(bytes).map(|framed| (framed.schema, framed.body.to_vec()));
    assert_eq!(id(&[0, 0, 0, 0, 7, b'x']), Some((SchemaId::Id(7), b"x".to_vec())));
    assert_eq!(id(&[0, 0, 0, 0, 0, 0, 0, 1, 2, b'x']), Some((SchemaId::GlobalId(258), b"x".to_vec())));
    assert_eq!(id(&[0, 0, 0, 0, 7]), None, "an integer of five bytes");
    assert_eq!(id(&4711_u64.to_be_bytes()), None);
    assert_eq!(id(&[&[3, 5][..], &[9; 16], b"x"].concat()), Some((SchemaId::Glue([9; 16]), b"x".to_vec())));
    assert_eq!(id(&[&[3, 1][..], &[9; 16], b"x"].concat()), None);
    assert_eq!(id(b"{\"a\": 1}"), None);
}

#[test]
fn headers_name_a_schema_by_the_part() {
    let guid = [&[1], &[4; 16][..], &[2, 2]].concat();
    let (global, content) = (5_u64.to_be_bytes(), 6_u64.to_be_bytes());
    let of = |headers: &[(&str, &[u8])]| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, Some(*value))).collect();
        beside(MessagePart::Value, b"x", &headers).map(|framed| (framed.schema, format!("{:?}", framed.index)))
    };
    assert_eq!(of(&[("__value_schema_id", &guid)]), Some((SchemaId::Guid([4; 16]), "Header([2, 2])".to_owned())));
    assert_eq!(of(&[("__value_schema_id", &[0, 0, 0, 0, 2])]), Some((SchemaId::Id(2), "First".to_owned())));
    let both: [(&str, &[u8]); 3] = [
        ("apicurio.value.contentId", &content),
        ("apicurio.value.globalId", &global),
        ("apicurio.value.protobuf.type", b"A"),
    ];
    assert_eq!(of(&both), Some((SchemaId::GlobalId(5), "Named(\"A\")".to_owned())));
    assert_eq!(of(&[("apicurio.value.contentId", &content)]), Some((SchemaId::ContentId(6), "First".to_owned())));
    for headers in
        [("__key_schema_id", &guid[..]), ("__value_schema_id", &guid[..9]), ("apicurio.value.globalId", b"5")]
    {
        assert_eq!(of(&[headers]), None, "{headers:?}");
    }
}

#[test]
fn framing_headers_hold_no_data() {
    assert!(is_framing("apicurio.key.globalId", &[0; 8]) && is_framing("__key_schema_id", &[1; 17]));
    assert!(!is_framing("apicurio.key.globalId", b"erika@example.org") && !is_framing("apicurio.key.name", &[0; 8]));
    assert!(!is_framing("__key_schema_id", b"erika@example.org") && !is_framing("globalId", &[0; 8]));
}

#[test]
fn a_message_index_is_a_list_of_zigzag_numbers() {
    let read = |bytes: &[u8]| read_indexes(&mut Reader::new(bytes, false));
    assert_eq!(read(&[0]), Some(vec![0]));
    assert_eq!(read(&[4, 2, 6]), Some(vec![1, 3]));
    for bytes in [&[][..], &[2], &[1], &[2, 1], &[200, 1]] {
        assert_eq!(read(bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_name_before_the_data_fills_its_message() {
    let read = |bytes: &[u8]| {
        let mut reader = Reader::new(bytes, false);
        read_name(&mut reader).map(|name| (name.to_owned(), reader.rest().len()))
    };
    assert_eq!(read(b"\x05\x0a\x03abcrest"), Some(("abc".to_owned(), 4)));
    for bytes in [&b""[..], b"\x00", b"\x05\x0a\x02abc", b"\x05\x0a\x04abc", b"\x05\x0b\x03abc", b"\x03\x0a\x01\xff"] {
        assert_eq!(read(bytes), None, "{bytes:?}");
    }
}
