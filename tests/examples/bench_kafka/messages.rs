//! Made-up messages of 1 KB.

use std::time::Duration;

use rdkafka::{
    ClientConfig,
    error::{KafkaError, RDKafkaErrorCode},
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::json;

use crate::{Failure, TOPIC};

/// Writes messages of two shapes; the bytes of all of them.
pub(crate) fn write(bootstrap: &str, count: usize) -> Result<u64, Failure> {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("linger.ms", "20")
        .set("queue.buffering.max.messages", "100000")
        .create()?;
    let mut written = 0;
    for number in 0..count {
        let value = message(number);
        written += u64::try_from(value.len())?;
        loop {
            match producer.send(BaseRecord::<str, [u8]>::to(TOPIC).payload(value.as_bytes())) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    producer.poll(Duration::from_millis(50));
                }
                Err((error, _)) => return Err(error.into()),
            }
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_mins(2))?;
    Ok(written)
}

fn message(number: usize) -> String {
    let item = |item: usize| json!({ "sku": format!("A-{:05}", (number + item) % 90_000), "quantity": 1 + item, "cents": 1999 });
    let mut message = json!({
        "id": format!("order-{number:08}"),
        "created": "2026-11-23T10:00:00Z",
        "customer": {
            "name": "Erika Mustermann",
            "email": format!("erika{number}@example.org"),
            "telefon": format!("+49 30 2312{:04}", number % 10_000),
            "adresse": { "strasse": "Musterweg 17", "plz": "10115", "ort": "Berlin", "land": "DE" },
        },
        "items": [item(0), item(1), item(2), item(3)],
        "payment": { "method": "invoice", "status": "open", "reference": format!("R-{number:09}") },
        "shipping": { "carrier": "post", "parcels": 1, "weight": 1.25, "insured": false, "note": "Bitte beim Nachbarn abgeben, falls niemand da ist." },
        "session": { "agent": "shop-web/4.2", "language": "de-DE", "campaign": "autumn", "variant": number % 7, "flags": [true, false, true] },
        "comment": "Vielen Dank und bis zum naechsten Mal. Die letzte Lieferung war sehr schnell, alles war gut verpackt und vollstaendig.",
    });
    if number.is_multiple_of(2) {
        message["coupon"] = json!("HERBST");
    }
    message.to_string()
}
