use super::files::{FILES, File};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What `init` did.
#[derive(Debug, Default)]
pub struct Begun {
    /// The files that it wrote.
    pub written: Vec<PathBuf>,
    /// The files that were there, and stay as they are.
    pub kept: Vec<Kept>,
    /// What could not be written.
    pub problems: Diagnostics,
}

/// A file that was there before.
#[derive(Debug)]
pub struct Kept {
    /// Which.
    pub path: PathBuf,
    /// What it lacks for pgform's targets, as advice; none where it lacks nothing.
    pub advice: Option<String>,
}

/// Makes a project of a folder, which is made where it is not there. Nothing that is there is written over.
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
        // What cannot be read as text is nothing that lacks a line.
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

/// Where the file, or what is the same under another name, is already: a link that leads nowhere too.
fn there(dir: &Path, file: &File) -> Option<PathBuf> {
    let names = std::iter::once(&file.path).chain(file.also);
    names.map(|name| dir.join(name)).find(|path| fs::symlink_metadata(path).is_ok())
}
