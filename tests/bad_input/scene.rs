//! The binary in a folder of its own, and what is left behind it.
use crate::support::{TestDatabase, once};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Run {
    /// Both outputs in one line of words: no frames, no wrapping.
    pub fn words(&self) -> String {
        let frame = |c: char| "│╭╰╮╯─·┬├┼".contains(c);
        let text = format!("{}\n{}", self.out, self.err).replace(frame, " ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Ended with this code, and says all of these.
    #[track_caller]
    pub fn expect(&self, code: i32, said: &[&str]) -> &Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        let words = self.words();
        for part in said {
            let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(&part), "no `{part}` in:\n{}\n{}", self.out, self.err);
        }
        self.sound()
    }

    /// Nothing that only a programmer should see.
    #[track_caller]
    fn sound(&self) -> &Self {
        for part in ["panicked at", "RUST_BACKTRACE", "Os {", "unwrap()", "overflowed its stack"] {
            assert!(!self.err.contains(part) && !self.out.contains(part), "{part}:\n{}\n{}", self.out, self.err);
        }
        self
    }
}

/// What `validate` is to say: code, line of `schema/a.yaml`, and a part of its words.
pub type Mistake<'a> = (&'a str, usize, &'a str);

/// `validate` says exactly these of a file, and writes nothing.
#[track_caller]
pub fn mistakes(text: &str, expected: &[Mistake<'_>]) {
    let run = Scene::new(text).refused(&["validate"], 1, &[]);
    let words = run.words();
    let said: Vec<&str> = words.split("error[").skip(1).collect();
    let found: Vec<String> = said.iter().map(|one| format!("{} {}", code(one), line(one))).collect();
    let wanted: Vec<String> = expected.iter().map(|(code, line, _)| format!("{code} {line}")).collect();
    assert_eq!(found, wanted, "\n{text}\n{}", run.err);
    for (one, (_, _, part)) in said.iter().zip(expected) {
        assert!(one.contains(part), "no `{part}` in: {one}\n{}", run.err);
    }
}

fn code(said: &str) -> &str {
    said.split(']').next().unwrap()
}

/// The line behind `[schema/a.yaml:`.
fn line(said: &str) -> &str {
    said.split("[schema/a.yaml:").nth(1).map_or("0", |rest| rest.split(':').next().unwrap())
}

/// A project in a folder of its own.
pub struct Scene {
    dir: tempfile::TempDir,
    pub variables: Vec<(String, String)>,
}

impl Scene {
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// With one file, `schema/a.yaml`.
    pub fn new(text: &str) -> Self {
        let scene = Self::empty();
        scene.write("schema/a.yaml", text);
        scene
    }

    /// A project whose first plan (`0001-first.yaml`) is [`FIRST`], made once for all tests.
    pub fn planned() -> Self {
        static PLAN: OnceLock<String> = OnceLock::new();
        let plan = PLAN.get_or_init(|| {
            let scene = Self::new(FIRST);
            scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first.yaml"]);
            scene.read("plans/0001-first.yaml")
        });
        let scene = Self::new(FIRST);
        scene.write("plans/0001-first.yaml", plan);
        scene
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    pub fn change(&self, from: &str, to: &str) {
        let text = self.read("schema/a.yaml");
        assert!(text.contains(from), "no `{from}` in:\n{text}");
        self.write("schema/a.yaml", text.replace(from, to));
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pgform"));
        command.args(args).current_dir(self.path());
        // What the machine has set is not what is tested.
        let inherited =
            |name: &str| name.starts_with("PG") || name.ends_with("DATABASE_URL") || name.ends_with("DB_URL");
        std::env::vars().filter(|(name, _)| inherited(name)).for_each(|(name, _)| {
            command.env_remove(name);
        });
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        let began = Instant::now();
        let run = || {
            let Run { code, out, err, took: _ } = finish(self.start(args));
            crate::support::Run { code, out, err }
        };
        let done = if self.variables.is_empty() { once(self.path(), args, run) } else { run() };
        Run { code: done.code, out: done.out, err: done.err, took: began.elapsed() }
    }

    pub fn start(&self, args: &[&str]) -> Running {
        let began = Instant::now();
        let mut command = self.command(args);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Running { child, began }
    }

    /// A command that is refused: it leaves every file as it was.
    #[track_caller]
    pub fn refused(&self, args: &[&str], code: i32, said: &[&str]) -> Run {
        let before = self.files();
        let run = self.run(args);
        run.expect(code, said);
        assert_eq!(self.files(), before, "{args:?} wrote something");
        run
    }

    /// A command that is refused by, or because of, a database: that stays as it was too.
    #[track_caller]
    pub fn refused_on(&self, database: &TestDatabase, args: &[&str], code: i32, said: &[&str]) -> Run {
        let before = dump(database);
        let mut all = args.to_vec();
        all.extend(["-d", &database.url]);
        let run = self.refused(&all, code, said);
        assert_eq!(dump(database), before, "{args:?} changed the database");
        run
    }

    /// A command on a database.
    pub fn on(&self, database: &TestDatabase, args: &[&str]) -> Run {
        let mut all = args.to_vec();
        all.extend(["-d", &database.url]);
        self.run(&all)
    }

    /// Every file and link with what it holds.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut out = BTreeMap::new();
        collect(self.path(), &mut out);
        // The cache may be filled by whatever ran.
        out.retain(|path, _| !path.components().any(|part| part.as_os_str() == ".pgform"));
        out
    }
}

fn collect(dir: &Path, out: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            collect(&path, out);
            out.insert(path, Vec::new());
        } else if kind.is_file() && kind.len() < 1 << 20 {
            out.insert(path.clone(), fs::read(&path).unwrap());
        } else {
            out.insert(path, Vec::new());
        }
    }
}

/// A command that still runs.
pub struct Running {
    pub child: Child,
    began: Instant,
}

/// Waits for the end.
pub fn finish(running: Running) -> Run {
    let Running { child, began } = running;
    let done = child.wait_with_output().unwrap();
    Run {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
        took: began.elapsed(),
    }
}

/// All that a database holds, rows and pgform's own included.
pub fn dump(database: &TestDatabase) -> String {
    database.server.dump(&database.name, &[])
}

pub const FIRST: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
      size: integer
    primary_key: [id]
";
