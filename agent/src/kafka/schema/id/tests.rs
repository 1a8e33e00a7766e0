use super::*;

const UUID: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff];

#[test]
fn an_id_is_read_as_it_is_written() {
    for (id, text) in [
        (SchemaId::Id(7), "id:7"),
        (SchemaId::GlobalId(u64::MAX), "global-id:18446744073709551615"),
        (SchemaId::ContentId(0), "content-id:0"),
        (SchemaId::Guid(UUID), "guid:00010203-0405-0607-0809-0a0b0c0d0eff"),
        (SchemaId::Glue(UUID), "glue:00010203-0405-0607-0809-0a0b0c0d0eff"),
    ] {
        assert_eq!((id.to_string().as_str(), text.parse()), (text, Ok(id)));
    }
}

#[test]
fn anything_else_is_none() {
    for text in [
        "",
        "7",
        "id:",
        "id:-1",
        "id:4294967296",
        "guid:000102030405060708090a0b0c0d0eff",
        "guid:+0010203-0405-0607-0809-0a0b0c0d0eff",
        "glue:00010203-0405-0607-0809-0a0b0c0d0ef",
        "other:1",
    ] {
        assert_eq!(text.parse::<SchemaId>(), Err(InvalidSchemaId), "{text}");
    }
}
