//! Finds and reads the YAML files of a declaration's folder.
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::yaml;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Reads every `.yaml` and `.yml` file under a folder, in the order of their names; what cannot be read is reported, and
/// the others are there all the same.
pub(super) fn read(dir: &Path, out: &mut Diagnostics) -> Vec<Arc<Source>> {
    if let Err(error) = fs::read_dir(dir) {
        out.push(
            unreadable(dir, &error).help("the declaration is a folder of .yaml files: --schema-dir names another one"),
        );
        return Vec::new();
    }
    let mut finder = Finder { seen: BTreeMap::new(), paths: Vec::new(), out };
    finder.folder(dir);
    finder.paths.sort();
    let Finder { seen: _, paths, out } = finder;
    paths.iter().filter_map(|path| out.collect(read_file(path).map_err(Into::into))).collect()
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::File, format!("{} cannot be read: {error}", path.display()))
}

struct Finder<'a> {
    /// Paths of folders and files as they really are, each with the name under which it was found first.
    seen: BTreeMap<PathBuf, PathBuf>,
    paths: Vec<PathBuf>,
    out: &'a mut Diagnostics,
}

impl Finder<'_> {
    fn folder(&mut self, dir: &Path) {
        if !self.is_new(dir) {
            return;
        }
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => return self.out.push(unreadable(dir, &error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(error) => self.out.push(unreadable(dir, &error)),
            }
        }
        // The names are sorted, so that of two names of one file always the same one counts.
        paths.sort();
        for path in paths {
            // Editors keep their own files beside ours, with a dot in front.
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() && !hidden {
                self.folder(&path);
            } else if !hidden && path.extension().is_some_and(|e| e == "yaml" || e == "yml") && self.is_new(&path) {
                self.paths.push(path);
            }
        }
    }

    /// Tells whether a file or folder was not come by yet: a link that leads back would be read again and again.
    fn is_new(&mut self, path: &Path) -> bool {
        // A path that cannot be found is told when it is opened.
        let Ok(real) = path.canonicalize() else { return true };
        let Some(first) = self.seen.get(&real) else {
            self.seen.insert(real, path.to_owned());
            return true;
        };
        let message = format!("{} leads to {}, which is read already", path.display(), first.display());
        self.out.push(Diagnostic::error(Code::File, message).help("remove the link: what it shows is declared once"));
        false
    }
}

fn read_file(path: &Path) -> Result<Arc<Source>, Diagnostic> {
    let about = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let name = path.display().to_string();
    if !about.is_file() {
        // A pipe would be waited for, and a device read for ever.
        return Err(Diagnostic::error(Code::File, format!("{name} is no file with text in it")));
    }
    if about.len() > yaml::MAX_BYTES as u64 {
        return Err(yaml::too_long(&name, about.len()));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(Source { name, text })),
        Err(error) => Err(not_utf8(&name, error.as_bytes(), error.utf8_error().valid_up_to())),
    }
}

fn not_utf8(name: &str, bytes: &[u8], at: usize) -> Diagnostic {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Diagnostic::error(Code::File, format!("{name} is UTF-16, and must be UTF-8")).help("save it as UTF-8");
    }
    let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
    let message = format!("{name} is not UTF-8: byte {at}, in line {line}");
    Diagnostic::error(Code::File, message).help("save it as UTF-8")
}
