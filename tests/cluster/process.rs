//! The processes of a cluster: started from one thread that lives as long as the test process, written
//! to a log each, ended by their own id.

use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{LazyLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use super::ClusterError;

/// The name that every process of a cluster carries in its environment, with the folder as value.
pub(crate) const MARK: &str = "LANDFALL_CLUSTER";

/// A running program of the cluster; dropped, it is ended.
#[derive(Debug)]
pub struct Daemon {
    name: String,
    log: PathBuf,
    child: Child,
}

/// Where the processes of one cluster run and write.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

struct Order {
    command: Command,
    reply: mpsc::Sender<io::Result<Child>>,
}

/// `setpriv --pdeathsig` binds a process to the thread that started it. A test's own thread ends with the
/// test, this one with the process.
static STARTER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
    let (orders, received) = mpsc::channel::<Order>();
    thread::spawn(move || {
        for mut order in received {
            // Who no longer waits for its process has no use for it; the guardian ends it.
            let _ = order.reply.send(order.command.spawn());
        }
    });
    orders
});

fn spawn(command: Command) -> io::Result<Child> {
    let (reply, started) = mpsc::channel();
    STARTER.send(Order { command, reply }).map_err(io::Error::other)?;
    started.recv().map_err(io::Error::other)?
}

impl Folder {
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// The entry in the environment of each process.
    pub(crate) fn mark(&self) -> String {
        format!("{MARK}={}", self.path.display())
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf, ClusterError> {
        let path = self.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(ClusterError::file("make", parent))?;
        }
        fs::write(&path, text).map_err(ClusterError::file("write", &path))?;
        Ok(path)
    }

    /// Starts a program. `command` is the program with its arguments; `around` comes before it, to put it into namespaces.
    pub(crate) fn start(&self, name: &str, around: &[String], command: &[String]) -> Result<Daemon, ClusterError> {
        let log = self.join(format!("log/{name}.log"));
        fs::create_dir_all(self.join("log")).map_err(ClusterError::file("make", self.join("log")))?;
        let open = || File::options().create(true).append(true).open(&log).map_err(ClusterError::file("open", &log));
        let (out, err) = (open()?, open()?);
        let mut process = Command::new("setpriv");
        process
            .args(["--pdeathsig", "KILL", "--"])
            .args(around)
            .args(command)
            .env(MARK, &self.path)
            .current_dir(&self.path)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0);
        let child = spawn(process).map_err(|source| ClusterError::Start { program: name.to_owned(), source })?;
        Ok(Daemon { name: name.to_owned(), log, child })
    }
}

impl Daemon {
    /// The program's own.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An error with the end of its log, when it has ended.
    pub fn alive(&mut self) -> Result<(), ClusterError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.ended(status)),
            Err(source) => Err(ClusterError::Start { program: self.name.clone(), source }),
        }
    }

    fn ended(&self, status: ExitStatus) -> ClusterError {
        ClusterError::Ended { program: format!("{} ({status})", self.name), log: self.log_end() }
    }

    /// The last lines of what it wrote.
    pub fn log_end(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// Sends it a signal, such as `TERM`. One that has ended gets none.
    pub fn signal(&mut self, signal: &str) -> Result<(), ClusterError> {
        let Ok(None) = self.child.try_wait() else { return Ok(()) };
        let failed = |output| ClusterError::Command { command: format!("kill -{signal} {}", self.pid()), output };
        let sent = Command::new("kill").args([format!("-{signal}"), self.pid().to_string()]).output();
        let sent = sent.map_err(|error| failed(error.to_string()))?;
        if sent.status.success() { Ok(()) } else { Err(failed(String::from_utf8_lossy(&sent.stderr).into_owned())) }
    }

    /// Asks it to end, waits that long, and ends it at once if it has not.
    pub fn end(&mut self, limit: Duration) -> Result<(), ClusterError> {
        self.signal("TERM")?;
        let deadline = Instant::now() + limit;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        self.kill();
        Ok(())
    }

    /// Ends it at once and waits for its end.
    pub fn kill(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}
