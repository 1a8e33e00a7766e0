use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::*;

async fn panicking() {
    std::future::ready(()).await;
    panic!("on purpose");
}

async fn next_end(tasks: &mut Tasks) -> (&'static str, Option<String>) {
    let Ended { name, cause } = tasks.ended().await;
    (name, cause.map(|cause| cause.to_string()))
}

#[tokio::test]
async fn the_end_of_an_essential_task_or_thread_is_reported_with_its_cause_and_so_is_a_panic() {
    let mut tasks = Tasks::new();
    tasks.essential_thread("spool writer", || Err(io::Error::other("full"))).unwrap();
    assert_eq!(next_end(&mut tasks).await, ("spool writer", Some("full".to_owned())));
    tasks.essential_thread("capture", || -> Result<(), Infallible> { panic!("on purpose") }).unwrap();
    assert_eq!(next_end(&mut tasks).await, ("capture", Some("it panicked".to_owned())));
    tasks.essential_thread("shipper", || {}).unwrap();
    assert_eq!(next_end(&mut tasks).await, ("shipper", None));
    tasks.essential("pods", async {});
    assert_eq!(next_end(&mut tasks).await, ("pods", None));
    tasks.essential("pods", panicking());
    assert_eq!(next_end(&mut tasks).await, ("pods", Some("it panicked".to_owned())));
}

#[tokio::test]
async fn a_finite_task_may_end_but_not_fail() {
    let mut tasks = Tasks::new();
    let (done, work) = tokio::sync::oneshot::channel::<()>();
    tasks.finite("first list", async move { done.send(()).map_err(|()| "nobody waits") });
    work.await.unwrap();
    tasks.finite("second list", async { Err::<(), _>("refused") });
    assert_eq!(next_end(&mut tasks).await, ("second list", Some("refused".to_owned())));
    assert_eq!(tasks.ended, ["first list", "second list"]);
}

#[tokio::test]
async fn join_waits_for_tasks_that_were_asked_to_stop() {
    let mut tasks = Tasks::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    let stops = [("capture", Arc::<AtomicBool>::default()), ("shipper", Arc::default())];
    for (name, stop) in &stops {
        let (name, stop, order) = (*name, Arc::clone(stop), Arc::clone(&order));
        let work = move || {
            while !stop.load(Ordering::Acquire) {
                thread::sleep(Duration::from_millis(1));
            }
            order.lock().unwrap().push(name);
        };
        tasks.essential_thread(name, work).unwrap();
    }
    tasks.essential_thread("spool writer", || Err("the disk is full")).unwrap();
    assert_eq!(tasks.ended().await.name, "spool writer");
    let patience = Duration::from_mins(1);
    stops[0].1.store(true, Ordering::Release);
    assert_eq!(tasks.join(&["capture", "spool writer"], Instant::now() + patience).await, [""; 0]);
    assert_eq!(tasks.join(&["shipper"], Instant::now()).await, ["shipper"]);
    stops[1].1.store(true, Ordering::Release);
    assert_eq!(tasks.join(&["shipper"], Instant::now() + patience).await, [""; 0]);
    assert_eq!(*order.lock().unwrap(), ["capture", "shipper"]);
}

#[tokio::test]
async fn dropped_tasks_are_aborted() {
    struct Dropped(tokio::sync::mpsc::UnboundedSender<()>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (sender, mut aborted) = tokio::sync::mpsc::unbounded_channel();
    let held = Dropped(sender);
    let mut tasks = Tasks::new();
    tasks.essential("for ever", async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    drop(tasks);
    assert_eq!(aborted.recv().await, Some(()));
}
