//! A test that is killed takes its cluster with it.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use landfall_tests::cluster::{self, Cluster};

use crate::traces::{cgroups_of, processes_of};

const HOLD: &str = "LANDFALL_TEST_HOLDS_A_CLUSTER";
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
#[ignore = "cluster story: make e2e"]
async fn a_killed_test_leaves_no_trace() {
    if cluster::or_skip(cluster::Programs::find()).is_none() {
        return;
    }
    let mut test = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "killed::holds_a_cluster_when_asked_to"])
        .env(HOLD, "yes")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(test.stderr.take().unwrap()).lines().map(Result::unwrap);
    let held = lines.map(|line| line.strip_prefix("holds ").map(PathBuf::from)).find_map(|folder| folder);
    let Some(folder) = held else {
        // It has skipped, for a reason that it gave; whether it might is its own to judge.
        assert!(test.wait().unwrap().success());
        return;
    };
    let cgroup = folder.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(!processes_of(&folder).is_empty() && !cgroups_of(&cgroup).is_empty());

    test.kill().unwrap();
    test.wait().unwrap();

    let began = Instant::now();
    while fs::exists(&folder).unwrap() && began.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(50));
    }
    eprintln!("gone {:?} after the test was killed", began.elapsed());
    assert!(!folder.exists());
    assert_eq!(processes_of(&folder), Vec::<String>::new());
    assert_eq!(cgroups_of(&cgroup), Vec::<PathBuf>::new());
}

#[tokio::test]
#[ignore = "cluster story: make e2e"]
async fn holds_a_cluster_when_asked_to() {
    if env::var_os(HOLD).is_none() {
        return;
    }
    let Some(cluster) = cluster::or_skip(Cluster::start(&[("node-eu", "eu-central-1")]).await) else { return };
    eprintln!("holds {}", cluster.folder().display());
    tokio::time::sleep(Duration::from_mins(1)).await;
}
