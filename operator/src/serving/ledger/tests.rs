use std::path::Path;

use futures_util::StreamExt as _;
use jiff::Timestamp;
use landfall_evidence::{Ledger, NewRecord, RecordKind, Signer};
use serde_json::Value;

use super::*;

/// A ledger with two sealed judgments and an unsealed roll-up.
fn ledger(folder: &Path) -> PublicKey {
    let signer = Signer::open_or_create(&folder.join("key.pem")).unwrap();
    let key = signer.public();
    let mut ledger = Ledger::open(&folder.join("ledger"), signer, 0).unwrap();
    let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    let record = |kind, body| NewRecord { kind, at, body };
    let bodies: [&[u8]; 2] = [br#"{"number":1}"#, br#"{"number":2}"#];
    ledger.append(&bodies.map(|body| record(RecordKind::Judgment, body))).unwrap();
    ledger.seal(at).unwrap();
    ledger.append(&[record(RecordKind::Rollup, br#"{"number":3}"#)]).unwrap();
    key
}

/// The lines of a response, or the error.
async fn lines(
    make: impl FnOnce(&stream::Lines) -> Result<(), ReadError> + Send + 'static,
) -> Result<Vec<Value>, ReadError> {
    let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    let body = stream::start(permit, make).await?;
    let chunks: Vec<_> = std::pin::pin!(body).map(|chunk| chunk.unwrap().to_vec()).collect().await;
    let text = String::from_utf8(chunks.concat()).unwrap();
    Ok(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

async fn records(folder: &Path, key: &PublicKey, query: &str) -> Result<Vec<Value>, ReadError> {
    let (folder, key, query) = (folder.join("ledger"), key.clone(), query.parse::<Query>().unwrap());
    let read = lines(move |lines| stream::records(&folder, &key, &query, lines)).await?;
    Ok(read.into_iter().map(|record| record["body"]["number"].clone()).collect())
}

#[tokio::test]
async fn sealed_and_unsealed_records_are_filtered_by_the_query() {
    let folder = tempfile::tempdir().unwrap();
    let key = ledger(folder.path());
    let read = async |query: &str| records(folder.path(), &key, query).await.unwrap();
    assert_eq!(read("").await, [1, 2, 3]);
    assert_eq!(read("kind=judgment").await, [1, 2]);
    assert_eq!(read("kind=rollup,observation").await, [3]);
    assert_eq!(read("after=1").await, [2, 3]);
    assert_eq!(read("from=2026-11-23T10:00:01Z").await, [0; 0]);
    assert_eq!(read("until=2026-11-23T10:00:01Z&after=2").await, [3]);
}

#[tokio::test]
async fn segments_are_listed_and_verify() {
    let folder = tempfile::tempdir().unwrap();
    let key = ledger(folder.path());
    let (path, own) = (folder.path().join("ledger"), key.clone());
    let listed = lines(move |lines| stream::list(&path, &own, lines)).await.unwrap();
    assert_eq!((listed.len(), &listed[0]["publicKey"]), (2, &key.to_pem().into()));
    assert_eq!((&listed[1]["manifest"]["records"], &listed[1]["hasData"]), (&2.into(), &true.into()));
    let (path, own) = (folder.path().join("ledger"), key.clone());
    let verified = lines(move |lines| stream::verification(&path, &own, lines)).await.unwrap();
    let summary = verified.last().unwrap();
    assert_eq!((verified.len(), &summary["segments"], &summary["findings"]), (1, &1.into(), &0.into()));
    assert_eq!((&summary["notYetSealed"], &summary["database"]), (&1.into(), &Value::Null));
}

#[tokio::test]
async fn a_damaged_ledger_returns_findings_and_no_records() {
    let folder = tempfile::tempdir().unwrap();
    let key = ledger(folder.path());
    let segments = std::fs::read_dir(folder.path().join("ledger/segments")).unwrap();
    let data = segments.map(|entry| entry.unwrap().path()).find(|path| !path.to_string_lossy().contains("manifest"));
    std::fs::write(data.unwrap(), b"something else").unwrap();
    let refused = records(folder.path(), &key, "").await.unwrap_err();
    assert!(matches!(refused, ReadError::Damaged(1.., _)), "{refused}");
    assert_eq!(refused.status(), (StatusCode::CONFLICT, "LedgerDamaged"));
    let path = folder.path().join("ledger");
    let verified = lines(move |lines| stream::verification(&path, &key, lines)).await.unwrap();
    assert_eq!(
        (&verified[0]["type"], verified.last().unwrap()["findings"].as_u64() > Some(0)),
        (&"finding".into(), true)
    );
}

#[tokio::test]
async fn a_response_that_fails_midway_is_truncated() {
    let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    let body = stream::start(permit, |lines| {
        lines.push(&vec![b'x'; 100 << 10])?;
        Err(ReadError::Panicked)
    });
    let chunks: Vec<_> = std::pin::pin!(body.await.unwrap()).map(|chunk| chunk.is_ok()).collect().await;
    assert_eq!(chunks, [true, false]);
}
