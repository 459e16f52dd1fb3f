//! `init`: writes the files of a new project into a folder, and keeps those that are there.
use super::files::{FILES, File};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Result of `init`.
#[derive(Debug, Default)]
pub struct Begun {
    /// The files that it wrote.
    pub written: Vec<PathBuf>,
    /// The files that were there, and stay as they are.
    pub kept: Vec<Kept>,
    /// Errors of files that could not be written.
    pub problems: Diagnostics,
}

/// A file that was there before.
#[derive(Debug)]
pub struct Kept {
    /// The path.
    pub path: PathBuf,
    /// Advice about lines that it lacks for pgform's targets; none where it lacks nothing.
    pub advice: Option<String>,
}

/// Makes a project of a folder, which is created if missing. No existing file is written over.
#[must_use]
pub fn init(dir: &Path) -> Begun {
    let mut begun = Begun::default();
    for file in FILES {
        if let Err(error) = write(dir, file, &mut begun) {
            let message = format!("{} cannot be written: {error}", dir.join(file.path).display());
            begun.problems.push(Diagnostic::error(Code::File, message));
        }
    }
    begun
}

fn write(dir: &Path, file: &File, begun: &mut Begun) -> std::io::Result<()> {
    let path = dir.join(file.path);
    if let Some(there) = there(dir, file) {
        // A file that cannot be read as text gets no advice about lines that it lacks.
        let text = fs::read_to_string(&there);
        let same = text.as_ref().is_ok_and(|text| text == file.text);
        let advice = text.ok().filter(|_| !same).and_then(|text| (file.lacks)(dir, &text));
        begun.kept.push(Kept { path: there, advice });
        return Ok(());
    }
    let folder = path.parent().unwrap_or(dir);
    // An empty folder is not kept by git; one that holds something needs no help.
    if file.text.is_empty() && fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let mut made = match fs::File::create_new(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            begun.kept.push(Kept { path, advice: None });
            return Ok(());
        }
        made => made?,
    };
    made.write_all(file.text.as_bytes())?;
    begun.written.push(path);
    Ok(())
}

/// Path of the file, or of its equivalent under another name, that exists already: a dangling symbolic link counts.
fn there(dir: &Path, file: &File) -> Option<PathBuf> {
    let names = std::iter::once(&file.path).chain(file.also);
    names.map(|name| dir.join(name)).find(|path| fs::symlink_metadata(path).is_ok())
}
