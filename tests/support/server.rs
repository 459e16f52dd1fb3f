//! Starting servers, and stopping them with the test process, however it ends.
use super::places::{Version, command, programs, server_user};
use super::skipped::{missing, skipped};
use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

/// A running server. It stops when the test process ends.
#[derive(Debug)]
pub struct Server {
    pub version: Version,
    pub port: u16,
    /// Holds `data`, the log, and the unix socket.
    pub folder: PathBuf,
    /// While this end of the pipe is open, the guard lets the server run; the kernel closes it with the process.
    _alive: ChildStdin,
}

/// A database of one test's own.
#[derive(Debug)]
pub struct TestDatabase {
    pub server: &'static Server,
    pub name: String,
    /// As superuser `postgres`, without a password, over TCP.
    pub url: String,
}

/// A new database on the server of this version; none, and said aloud, if it is not on this machine.
#[track_caller]
pub fn fresh_database(version: Version) -> Option<TestDatabase> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = server(version)?;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.sql("postgres", &format!("create database {name}"));
    let url = format!("postgres://postgres@127.0.0.1:{}/{name}", server.port);
    Some(TestDatabase { server, name, url })
}

/// A new database on a server of this version that no other test uses: for what is a setting of the whole server.
#[track_caller]
pub fn own_database(version: Version) -> Option<TestDatabase> {
    server(version)?;
    let server: &'static Server = Box::leak(Box::new(Server::start(version, &programs(version)?)));
    server.sql("postgres", "create database own");
    let url = format!("postgres://postgres@127.0.0.1:{}/own", server.port);
    Some(TestDatabase { server, name: "own".to_owned(), url })
}

/// The server of this version, started by the first test that asks.
#[track_caller]
pub fn server(version: Version) -> Option<&'static Server> {
    static SERVERS: [OnceLock<Option<Server>>; 4] = [const { OnceLock::new() }; 4];
    let index = Version::ALL.iter().position(|own| *own == version)?;
    let server = SERVERS[index].get_or_init(|| programs(version).map(|programs| Server::start(version, &programs)));
    if server.is_none() {
        let why = format!("{} is not on this machine (make setup)", version.name());
        // What `make setup` fetches must be there in CI; Debian's own server is there on Debian alone.
        if version == Version::V15 { skipped(&why) } else { missing(&why) }
    }
    server.as_ref()
}

/// The rows of all that is asked, or what the server said.
fn ask(to: &tokio_postgres::Config, sql: &str) -> Result<String, String> {
    let told =
        |error: tokio_postgres::Error| error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
    let line = |row: &SimpleQueryRow| {
        let values: Vec<&str> = (0..row.len()).map(|at| row.get(at).unwrap_or_default()).collect();
        values.join("|")
    };
    let asked = async {
        let (client, connection) = to.connect(tokio_postgres::NoTls).await.map_err(told)?;
        let driver = tokio::spawn(connection);
        let messages = client.simple_query(sql).await.map_err(told);
        drop(client);
        // Until the session's end is said.
        let _ = driver.await;
        messages
    };
    let rows = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(asked)?;
    let lines: Vec<String> = rows
        .iter()
        .filter_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(line(row)) } else { None })
        .collect();
    Ok(lines.join("\n").trim_end().to_owned())
}

/// Starts the server, waits for the pipe to close, stops it, and clears up. `$1` is the folder to remove.
const GUARD: &str = r#"
folder=$1; shift
"$@" </dev/null >>"$folder/log" 2>&1 &
server=$!
read -r _
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

impl Server {
    fn start(version: Version, programs: &Path) -> Self {
        // Somebody else may take the port before the server does: then another is tried.
        for _ in 0..5 {
            let folder = new_cluster(programs);
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            match launch(programs, &folder, port) {
                Ok(alive) => return Self { version, port, folder, _alive: alive },
                Err(log) => eprintln!("{} did not start on port {port}: {log}", version.name()),
            }
        }
        panic!("{} does not start", version.name());
    }

    /// Runs SQL as superuser, in one message, and gives the rows as psql prints them unaligned. In this process, under psql's
    /// name: tests ask thousands of times, and a process is ten times as much work as the question.
    #[track_caller]
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let mut to = tokio_postgres::Config::new();
        to.host("127.0.0.1").port(self.port).user("postgres").dbname(database).application_name("psql");
        // Some tests ask from inside of a runtime of their own.
        let asked = thread::scope(|scope| scope.spawn(|| ask(&to, sql)).join().unwrap());
        asked.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// What `pg_dump` says of a database, with these arguments besides.
    pub fn dump(&self, database: &str, arguments: &[&str]) -> String {
        let output = command(&programs(self.version).unwrap(), "pg_dump")
            .args(["-U", "postgres", "-h", "127.0.0.1", "-p", &self.port.to_string(), "-d", database])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // A word that is another one in each dump.
        let told = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
        text.lines().filter(told).collect::<Vec<_>>().join("\n")
    }

    /// Loads a dump as far as this version takes it; what it refuses is given back.
    pub fn load(&self, database: &str, dump: &str) -> Vec<String> {
        use std::io::Write;
        let programs = programs(self.version).unwrap();
        let mut psql = command(&programs, "psql")
            .args(["-X", "-q", "-U", "postgres", "-d", database, "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // psql commands and settings of a newer server, and the role that is there.
        let foreign = |line: &&str| {
            line.starts_with('\\')
                || line.starts_with("SET transaction_timeout")
                || line.contains("CREATE ROLE \"postgres\"")
        };
        let kept: Vec<&str> = dump.lines().filter(|line| !foreign(line)).collect();
        let mut input = psql.stdin.take().unwrap();
        let text = kept.join("\n");
        let writing = thread::spawn(move || input.write_all(text.as_bytes()));
        let output = psql.wait_with_output().unwrap();
        writing.join().unwrap().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        told.lines()
            .filter(|line| line.contains("ERROR") && !line.contains("already exists"))
            .map(str::to_owned)
            .collect()
    }

    /// Puts rules before all others in `pg_hba.conf`. They should name a role of the test's own: the server is everybody's.
    pub fn admit(&self, rules: &str) {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = ONE_AT_A_TIME.lock().unwrap();
        let others = fs::read_to_string(self.folder.join("data/pg_hba.conf")).unwrap();
        self.write("pg_hba.conf", format!("{rules}\n{others}"));
        self.sql("postgres", "select pg_reload_conf()");
    }

    /// Writes a file into the data folder, as the server's user would; for certificates and `pg_hba.conf`.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.join("data").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = server_user() {
            chown(&path, Some(user), Some(group)).unwrap();
        }
    }
}

/// A folder with a new cluster in it, which belongs to the server's user.
fn new_cluster(programs: &Path) -> PathBuf {
    // Short, as a unix socket's path has no more than some hundred bytes.
    let folder = tempfile::Builder::new().prefix("pgform-").tempdir_in("/tmp").unwrap().keep();
    if let Some((user, group)) = server_user() {
        chown(&folder, Some(user), Some(group)).unwrap();
    }
    let made = command(programs, "initdb")
        .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "-D"])
        .arg(folder.join("data"))
        .output()
        .unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    folder
}

/// Starts a server; its log, if it does not come up. The guard then clears the folder up.
fn launch(programs: &Path, folder: &Path, port: u16) -> Result<ChildStdin, String> {
    let settings = [
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "shared_buffers=32MB",
        "max_connections=200",
        "max_prepared_transactions=20",
        "wal_level=logical",
        "listen_addresses=127.0.0.1",
        "timezone=Asia/Kolkata",
        "datestyle=German",
    ];
    let postgres = command(programs, "postgres");
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, "guard"]).arg(folder).arg(postgres.get_program());
    guard.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", &port.to_string()]);
    for setting in settings {
        guard.args(["-c", setting]);
    }
    guard.envs(postgres.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir("/");
    if let Some((user, group)) = server_user() {
        guard.uid(user).gid(group);
    }
    // A group of its own: an interrupt at the terminal reaches the test, and the guard then does its work in peace.
    guard.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let alive = guard.spawn().unwrap().stdin.take().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        if log.contains("database system is ready to accept connections") {
            return Ok(alive);
        }
        if log.contains("could not create any TCP/IP sockets") || log.contains("FATAL") {
            return Err(log);
        }
        thread::sleep(Duration::from_millis(30));
    }
    Err("no answer in a minute".to_owned())
}

/// The statement that makes those of the roles which the server lacks: they belong to all of its databases, and other tests
/// may make them at the same moment, in a database of their own.
pub fn roles<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("'{}'", name.as_ref().replace('\'', "''"))).collect();
    format!(
        "do $$ declare who text; begin foreach who in array array[{}]::text[] loop
           begin execute format('create role %I', who);
           exception when duplicate_object or unique_violation then null; end;
         end loop; end $$",
        names.join(", ")
    )
}
