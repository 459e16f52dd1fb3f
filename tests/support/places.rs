//! Where the servers lie, and as whom they run.
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// The servers that tests know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// PostgreSQL 18, contrib modules, pgvector 0.8.
    V18,
    /// PostgreSQL 16, pgvector 0.8.
    V16,
    /// PostgreSQL 16, pgvector 0.6.
    V16Vector06,
    /// Debian's PostgreSQL 15, contrib modules, usually no pgvector.
    V15,
}

impl Version {
    pub const ALL: [Self; 4] = [Self::V18, Self::V16, Self::V16Vector06, Self::V15];

    /// As messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V18 => "PostgreSQL 18",
            Self::V16 => "PostgreSQL 16",
            Self::V16Vector06 => "PostgreSQL 16 with pgvector 0.6",
            Self::V15 => "PostgreSQL 15",
        }
    }

    pub fn major(self) -> u32 {
        match self {
            Self::V18 => 18,
            Self::V16 | Self::V16Vector06 => 16,
            Self::V15 => 15,
        }
    }

    pub fn has_vector(self) -> bool {
        self != Self::V15
    }
}

/// The folder above `bin`, if the server is there. `scripts/servers.sh` puts them in the cache, or where another user can
/// reach them.
pub fn programs(version: Version) -> Option<PathBuf> {
    let folder = match version {
        Version::V15 => return Some("/usr/lib/postgresql/15".into()).filter(has_postgres),
        Version::V18 => "18",
        Version::V16 => "16",
        Version::V16Vector06 => "16-pgvector-0.6",
    };
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("PGFORM_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("pgform")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/pgform")));
    let other = format!("/var/tmp/pgform-{}", user_id());
    [cache, Some(PathBuf::from(other))]
        .into_iter()
        .flatten()
        .map(|home| home.join("servers").join(folder))
        .filter(has_postgres)
        .find(|programs| user_id() != 0 || reachable(programs))
}

#[allow(clippy::ptr_arg, reason = "the shape that Option::filter asks for")]
fn has_postgres(programs: &PathBuf) -> bool {
    programs.join("bin/postgres").is_file()
}

/// Whether others may pass through every folder above.
fn reachable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let Ok(path) = path.canonicalize() else { return false };
    path.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|m| m.permissions().mode() & 0o001 != 0))
}

/// Puts a program where it can be run, by a process of its own: while this one wrote the file, a child that another test
/// starts would inherit it open for writing, and nobody could run it ("text file busy").
pub fn install(program: &Path, at: &Path) {
    let done = Command::new("install").args(["-m", "755"]).args([program, at]).status().unwrap();
    assert!(done.success(), "{} cannot be put at {}", program.display(), at.display());
}

/// Puts a script where it can be run.
pub fn install_script(script: &str, at: &Path) {
    let mut text = tempfile::NamedTempFile::new().unwrap();
    text.write_all(script.as_bytes()).unwrap();
    install(text.path(), at);
}

/// The user that this process runs as.
pub fn user_id() -> u32 {
    use std::os::unix::fs::MetadataExt;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().metadata().unwrap().uid()
}

/// Whom a server runs as when we are root, which postgres refuses to be: user and group id.
pub fn server_user() -> Option<(u32, u32)> {
    if user_id() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let fields: Vec<&str> = users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(
        find("nobody")
            .or_else(|| find("postgres"))
            .expect("root needs a user `nobody` or `postgres` to run servers as"),
    )
}

/// A command of the server's, run as the server's user.
pub fn command(programs: &Path, name: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(programs.join("bin").join(name));
    if let Some((user, group)) = server_user() {
        command.uid(user).gid(group);
    }
    // The wheels' programs look for libpq where they were built.
    command.env("LD_LIBRARY_PATH", programs.join("lib")).env("LC_ALL", "C").current_dir("/");
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("PG")) {
        command.env_remove(name);
    }
    command
}

/// Runs openssl in a folder; false, and said aloud, if there is none.
pub fn openssl(folder: &Path, arguments: &[&str]) -> bool {
    match Command::new("openssl").args(arguments).current_dir(folder).output() {
        Ok(output) => {
            assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(error) => {
            super::skipped::missing(&format!("openssl is not on this machine ({error})"));
            false
        }
    }
}
