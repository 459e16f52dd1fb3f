//! Runs the PostgreSQL that is embedded in this process, and gives it extensions.
use super::leftovers::{self, Marker};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use pglite_oxide::{PgliteServer, extensions};
use std::{
    fs,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

/// Longest wait of a command's end for the server's thread. It ends at once when no client is connected.
const GRACE: Duration = Duration::from_secs(2);

/// The database inside the embedded cluster. Not `template1`, where the server's cache creates the extensions it was
/// asked for (in `pg_catalog`): here they are only available, and `create extension` puts them where the state says.
const DATABASE: &str = "postgres";

/// Folder, in the server's directory, where it reads control files and scripts of extensions.
const EXTENSIONS: &str = "tmp/pglite/share/postgresql/extension";

/// `auto_explain` is a library without an SQL extension; it cannot be created, and loaded it answers every statement
/// with a notice.
const NOT_EXTENSIONS: &[&str] = &["auto_explain"];

/// Settings of the embedded server. A change makes it rebuild its cache of each set of extensions (two seconds).
const SETTINGS: &[(&str, &str)] = &[
    // One transaction may drop or build a schema of thousands of tables, each with its indexes: 115,000 locks, as the
    // number is that of each session that there could be. There is one; the table for a hundred is 70 MB that are written whenever it starts.
    ("max_locks_per_transaction", "16384"),
    ("max_connections", "5"),
    ("max_wal_senders", "0"),
    ("autovacuum_max_workers", "1"),
    // The buffers (128 MB, unless told) are written full of zeros too, and the rows of a proof are few. All in all 200 MB and a
    // quarter of the time that it needs to start.
    ("shared_buffers", "16MB"),
    // Publications are made without a warning about what the shadow will never do.
    ("wal_level", "logical"),
    // Tablespaces without a directory of their own: the only kind that works inside the process.
    ("allow_in_place_tablespaces", "on"),
];

/// PostgreSQL 17.5 with pgvector 0.8.2, as WebAssembly inside this process, in a temporary directory of its own.
///
/// Serves one connection at a time: a second one waits until the first is closed. It obeys neither
/// `statement_timeout` nor cancel requests.
#[derive(Debug)]
pub(super) struct Embedded {
    server: Option<PgliteServer>,
    /// Held for as long as the directory is in use, so that no other pgform sweeps it away.
    marker: Option<Marker>,
    /// Set when a statement hangs: the server's thread is then left behind instead of waited for.
    abandoned: AtomicBool,
}

impl Embedded {
    /// Starts the server with these extensions available. Blocks: 0.1 s warm, 2 s for a set of extensions seen first
    /// (which adds 40 MB to the cache).
    pub(super) fn start(names: &[String]) -> Result<Self, Diagnostics> {
        let wanted = resolve(names)?;
        leftovers::sweep();
        let server = PgliteServer::builder()
            .temporary()
            .database(DATABASE)
            .postgres_configs(SETTINGS.iter().copied())
            .extensions(wanted)
            .start()
            .map_err(|error| cannot_start(&format!("{error:#}")))?;
        let marker = Marker::put(server.root());
        Ok(Self { server: Some(server), marker, abandoned: AtomicBool::new(false) })
    }

    /// The address, on the loopback interface, without TLS and password.
    pub(super) fn url(&self) -> String {
        self.server.as_ref().map(PgliteServer::database_url).unwrap_or_default()
    }

    /// Writes the control file and the script of an extension to where the server looks for them: its directory is on
    /// this machine's disk, and PostgreSQL reads it anew for each `create extension`.
    pub(super) fn offer(&self, name: &str, version: &str, script: &str) -> Result<(), Diagnostics> {
        // The rules of PostgreSQL's `check_valid_extension_name` and `check_valid_version_name`, and no quote for the control file.
        for text in [name, version] {
            let bad = |c: char| c == '/' || c == '\\' || c == '\'' || c.is_control();
            if text.is_empty()
                || text.contains("--")
                || text.starts_with('-')
                || text.ends_with('-')
                || text.contains(bad)
            {
                return Err(Diagnostic::error(
                    Code::Shadow,
                    format!("\"{text}\" is no name or version of an extension"),
                )
                .into());
            }
        }
        let Some(server) = &self.server else { return Ok(()) };
        let folder = server.root().join(EXTENSIONS);
        let control = folder.join(format!("{name}.control"));
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&folder)?;
            // A bundled extension keeps its own control file, with its library and its schema.
            if !control.exists() {
                fs::write(&control, format!("default_version = '{version}'\nrelocatable = true\n"))?;
            }
            fs::write(folder.join(format!("{name}--{version}.sql")), script)
        };
        write().map_err(|error| {
            Diagnostic::error(
                Code::Shadow,
                format!("the stand-in for extension \"{name}\" could not be written: {error}"),
            )
            .into()
        })
    }

    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::SeqCst);
    }
}

impl Drop for Embedded {
    /// Never waits without end: the server's own `drop` joins a thread that an open client or a hung statement keeps.
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let root = server.root().to_path_buf();
        let abandoned = self.abandoned.load(Ordering::SeqCst);
        let (done, ended) = mpsc::channel();
        std::thread::spawn(move || {
            drop(server);
            // The receiver is gone if the wait was given up; nobody is left to tell.
            let _ = done.send(());
        });
        let grace = if abandoned { Duration::ZERO } else { GRACE };
        if ended.recv_timeout(grace).is_err() {
            // The thread ends with the process; its files are of no more use. What cannot be removed is swept later.
            let _ = fs::remove_dir_all(&root);
        }
        self.marker = None;
    }
}

/// The extensions that the embedded server brings, by their SQL names, sorted; `plpgsql` is always there.
pub(super) fn bundled() -> &'static [&'static str] {
    static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: Vec<&str> = extensions::ALL.iter().map(|e| e.sql_name()).collect();
        names.retain(|name| !NOT_EXTENSIONS.contains(name));
        names.sort_unstable();
        names
    })
}

fn resolve(names: &[String]) -> Result<Vec<extensions::Extension>, Diagnostics> {
    let mut found = Vec::new();
    let mut missing = Diagnostics::default();
    for name in names.iter().filter(|name| *name != "plpgsql") {
        match extensions::by_sql_name(name).filter(|e| bundled().contains(&e.sql_name())) {
            Some(extension) => found.push(extension),
            None => missing.push(
                Diagnostic::error(Code::Shadow, format!("the embedded shadow does not bring the extension \"{name}\""))
                    .help("offer the shadow a stand-in for it, or name a server that has it with --shadow URL"),
            ),
        }
    }
    missing.or_value(found).map(|(found, _)| found)
}

fn cannot_start(why: &str) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the embedded shadow could not be started: {why}"))
        .help(
            "it unpacks itself into pglite-oxide/ under XDG_CACHE_HOME (or ~/.cache), about 150 MB, and works in TMPDIR \
             (about 25 MB): both must be writable. Or name a scratch server with --shadow URL",
        )
        .into()
}
