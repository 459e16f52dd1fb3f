//! Plans in files: read from the plans' folder, named, written whole, and never over another.
use super::{PlanFile, SealedPlan, naming};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::Digest,
};
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Names of files beside the plans that are no plans.
const OTHERS: &[&str] = &["facts.yaml"];

/// Plan in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlan {
    /// Path of the file, as the folder was named.
    pub path: PathBuf,
    /// Name of the file without `.yaml`: `0003-add-embeddings`.
    pub name: String,
    /// Number before the name, if it has one.
    pub number: Option<u32>,
    /// Name without the number, which people type.
    pub slug: String,
    /// True where the file is outside of the plans' folder: no command knows its name.
    pub outside: bool,
    /// Plan with its bytes.
    pub sealed: SealedPlan,
}

impl StoredPlan {
    /// Contents of the plan.
    #[must_use]
    pub fn file(&self) -> &PlanFile {
        self.sealed.file()
    }

    /// Digest of the plan.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        self.sealed.digest()
    }

    /// Digest of the body.
    #[must_use]
    pub fn body_digest(&self) -> &Digest {
        self.sealed.body_digest()
    }

    /// Name with the number apart: `0003 add-embeddings`.
    #[must_use]
    pub fn title_line(&self) -> String {
        match self.number {
            Some(number) => format!("{number:04} {}", self.slug),
            None => self.name.clone(),
        }
    }

    /// Name in suggested commands: that of the plan, or its file's path where that lies outside of the plans' folder.
    #[must_use]
    pub fn called(&self) -> String {
        match self.outside {
            true if !self.path.as_os_str().is_empty() => self.path.display().to_string(),
            // The journal's copy goes by its whole name.
            true => self.name.clone(),
            false => self.slug.clone(),
        }
    }

    /// Reads one file, in the plans' folder or elsewhere.
    ///
    /// # Errors
    /// `file` where it cannot be read, and the errors of [`SealedPlan::read`].
    pub fn open(path: &Path) -> Result<Self, Diagnostics> {
        let bytes = fs::read(path).map_err(|error| file_error(path, "cannot be read", &error))?;
        Self::of(path, SealedPlan::from_bytes(&path.display().to_string(), bytes)?)
    }

    /// Writes a plan to a file outside of the plans' folder, whole or not at all, after [`Plans::may_write_to`] allowed
    /// it.
    ///
    /// # Errors
    /// `file` where it cannot be written, and the errors of [`SealedPlan::new`].
    pub fn write_to(path: &Path, plan: PlanFile) -> Result<Self, Diagnostics> {
        let sealed = SealedPlan::new(plan)?;
        let failed = |error: io::Error| file_error(path, "cannot be written", &error);
        let file = beside(path, sealed.text().as_bytes()).map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Self::of(path, sealed).map(|plan| Self { outside: true, ..plan })
    }

    /// Seals a plan that is written nowhere.
    ///
    /// # Errors
    /// The errors of [`SealedPlan::new`].
    pub fn unwritten(plan: PlanFile) -> Result<Self, Diagnostics> {
        let slug = plan.header.title.clone();
        let sealed = SealedPlan::new(plan)?;
        Ok(Self { path: PathBuf::new(), name: slug.clone(), number: None, slug, outside: false, sealed })
    }

    fn of(path: &Path, sealed: SealedPlan) -> Result<Self, Diagnostics> {
        let file_name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let name = file_name.strip_suffix(".yaml").unwrap_or(file_name).to_owned();
        let (number, slug) = match naming::parse(file_name) {
            Some((number, slug)) => (Some(number), slug.to_owned()),
            None => (None, name.clone()),
        };
        Ok(Self { path: path.to_owned(), name, number, slug, outside: false, sealed })
    }
}

/// Makes a `file` error.
pub(super) fn file_error(path: &Path, what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::File, format!("{} {what}: {error}", path.display()))
}

/// Plans of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plans {
    pub(super) dir: PathBuf,
    /// Sorted by name.
    pub(super) plans: Vec<Arc<StoredPlan>>,
}

impl Plans {
    /// Empty set of plans, whatever the folder holds.
    #[must_use]
    pub fn none(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), plans: Vec::new() }
    }

    /// Reads all plans of a folder; a missing folder has none.
    ///
    /// # Errors
    /// All files that are no plans or are damaged, at once; `file` where something cannot be read.
    pub fn load(dir: &Path) -> Result<Self, Diagnostics> {
        let mut found = Self { dir: dir.to_owned(), plans: Vec::new() };
        let mut diagnostics = Diagnostics::default();
        for path in entries(dir)? {
            let Some(name) = path.file_name().map(|n| n.to_string_lossy().into_owned()) else { continue };
            let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
            if !yaml || name.starts_with('.') || OTHERS.contains(&name.as_str()) {
                continue;
            }
            if naming::parse(&name).is_none() {
                diagnostics.push(no_name(&path));
                continue;
            }
            found.plans.extend(diagnostics.collect(StoredPlan::open(&path)).map(Arc::new));
        }
        diagnostics.or_value(found).map(|(found, _)| found)
    }

    /// Folder of the plans.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Plans by name, replaced ones included.
    #[must_use]
    pub fn all(&self) -> &[Arc<StoredPlan>] {
        &self.plans
    }

    /// Finds the plan of a digest.
    #[must_use]
    pub fn by_digest(&self, digest: &Digest) -> Option<&Arc<StoredPlan>> {
        self.plans.iter().find(|p| p.digest() == digest)
    }

    /// File name for a new plan: the next number, and the title's words, made unique among the plans.
    #[must_use]
    pub fn next_file_name(&self, title: &str) -> String {
        let number = self.plans.iter().filter_map(|p| p.number).max().unwrap_or(0).saturating_add(1);
        let slug = naming::slug(title);
        let taken = |slug: &str| self.plans.iter().any(|p| p.slug == slug);
        let mut unique = slug.clone();
        let mut again = 2_u32;
        while taken(&unique) {
            unique = format!("{slug}-{again}");
            again += 1;
        }
        format!("{number:04}-{unique}.yaml")
    }

    /// Refuses to write a plan to a file unless it is new, empty, or a plan outside of the chain that pgform wrote
    /// there before.
    ///
    /// # Errors
    /// `file` with the reason.
    pub fn may_write_to(&self, path: &Path) -> Result<(), Diagnostic> {
        let refuse = |why: &str| {
            Err(Diagnostic::error(Code::File, format!("{} {why}", path.display()))
                .help("name another file: nothing was written"))
        };
        let Ok(there) = fs::metadata(path) else {
            return match folder_of(path).is_dir() {
                true => Ok(()),
                false => refuse("cannot be written: its folder is not there"),
            };
        };
        if !there.is_file() {
            return refuse("is there already, and is no file");
        }
        let same =
            |p: &Arc<StoredPlan>| matches!((p.path.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b);
        if self.plans.iter().any(same) {
            return refuse("is a plan of the chain, and those never change");
        }
        match fs::read(path) {
            Ok(bytes) if bytes.is_empty() || bytes.starts_with(b"# pgform plan") => Ok(()),
            Ok(_) => refuse("is there already, and is no plan of pgform"),
            Err(error) => Err(file_error(path, "cannot be read", &error)),
        }
    }

    /// Writes a new plan under its next name, whole or not at all, and never over another.
    ///
    /// # Errors
    /// `file` where it cannot be written, and the errors of [`SealedPlan::new`].
    pub fn write(&mut self, plan: &PlanFile) -> Result<Arc<StoredPlan>, Diagnostics> {
        let sealed = SealedPlan::new(plan.clone())?;
        fs::create_dir_all(&self.dir).map_err(|error| file_error(&self.dir, "cannot be made", &error))?;
        let path = self.dir.join(self.next_file_name(&plan.header.title));
        write_new(&path, sealed.text().as_bytes()).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                file_error(&path, "was written by someone else just now", &error)
                    .help("run the command again: it then sees that plan too")
            } else {
                file_error(&path, "cannot be written", &error)
            }
        })?;
        let stored = Arc::new(StoredPlan::of(&path, sealed)?);
        self.plans.push(Arc::clone(&stored));
        self.plans.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(stored)
    }
}

fn no_name(path: &Path) -> Diagnostic {
    let message = format!("{} has no name of a plan, and would be passed over", path.display());
    Diagnostic::error(Code::PlanFile, message)
        .help("a plan's name is a number of four digits and small letters: `0003-add-embeddings.yaml`")
}

/// Paths in a folder, sorted; none where there is no folder.
pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let unreadable = |error: io::Error| file_error(dir, "cannot be read", &error);
    let read = match fs::read_dir(dir) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut paths = Vec::new();
    for entry in read {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Writes a new file: first under another name, flushed to the disk, then renamed in one step that refuses a taken
/// name.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    beside(path, bytes)?.persist_noclobber(path).map_err(|error| error.error)?;
    fs::File::open(folder_of(path))?.sync_all()
}

/// Writes bytes to a temporary file in the same folder, flushed to the disk.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    // The process's umask applies to this as to any new file.
    let permissions = fs::Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new().prefix(".pgform-").permissions(permissions).tempfile_in(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
