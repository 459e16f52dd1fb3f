use super::{
    Declared, Known, file, pgvector,
    reader::{Dialect, Reader},
    resolve, verify,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Source};
use crate::model::State;
use crate::yaml;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Reads a declaration from the texts of its files. All mistakes are found at once. The files are taken in the order of
/// their names, so that the same files are the same declaration.
///
/// # Errors
/// Every mistake in the files, at its place.
pub fn read_folder_texts(files: &[Arc<Source>], known: &Known) -> Result<Declared, Diagnostics> {
    let mut reader = Reader::new(Dialect::Declared);
    let mut files: Vec<&Arc<Source>> = files.iter().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut whole = true;
    for source in &files {
        match yaml::read_one(source) {
            Ok(node) => file::read(&mut reader, &node),
            Err(diagnostics) => {
                reader.out.extend(diagnostics);
                whole = false;
            }
        }
    }
    resolve::resolve(&mut reader);
    // What a file declares that is no YAML would be missed everywhere else.
    if whole {
        verify::verify(&mut reader, known);
        pgvector::verify(&mut reader);
    }
    if reader.objects.is_empty() && !reader.out.has_errors() {
        let mut nothing = Diagnostic::error(Code::NothingDeclared, "nothing is declared");
        if let Some(source) = files.first() {
            nothing = nothing.at(&crate::diagnostic::Place::new(source, 0..0), "an empty file");
        }
        reader
            .out
            .push(nothing.help("write a table under `tables:`, or make the files of a database with `pgform import`"));
    }
    resolve::add_schemas(&mut reader);
    sort(&mut reader.out);
    let Reader { dialect: _, schema: _, out, objects, places, directives, lists_opaque } = reader;
    let objects = objects.into_iter().filter_map(|(id, object)| object.map(|object| (id, object))).collect();
    let warnings = Diagnostics::default();
    let declared = Declared { state: State { objects }, places, directives, lists_opaque, warnings };
    let (declared, warnings) = out.or_value(declared)?;
    Ok(Declared { warnings, ..declared })
}

/// Errors first, then in the order of the files.
fn sort(out: &mut Diagnostics) {
    let place = |d: &Diagnostic| d.labels.first().map(|l| (l.place.source.name.clone(), l.place.span.start));
    out.0.sort_by_key(|d| (d.severity != Severity::Error, place(d)));
}

/// Reads the declaration in a folder: every `.yaml` and `.yml` file under it.
///
/// # Errors
/// A folder without such files, files that cannot be read, and every mistake in them.
pub fn load(dir: &Path) -> Result<Declared, Diagnostics> {
    load_knowing(dir, &Known::default())
}

/// As [`load`], with what is known beside the declaration.
///
/// # Errors
/// As [`load`].
pub fn load_knowing(dir: &Path, known: &Known) -> Result<Declared, Diagnostics> {
    let (mut paths, mut out) = (Vec::new(), Diagnostics::default());
    find(dir, &mut paths, &mut out);
    paths.sort();
    let sources: Vec<Arc<Source>> = paths.iter().filter_map(|path| out.collect(read_file(path))).collect();
    if out.has_errors() {
        return Err(out);
    }
    if sources.is_empty() {
        let message = format!("{} has no .yaml files", dir.display());
        return Err(Diagnostic::error(Code::NothingDeclared, message)
            .help("write a table under `tables:`, or make the files of a database with `pgform import`")
            .into());
    }
    read_folder_texts(&sources, known)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(Code::File, format!("{} cannot be read: {error}", path.display()))
}

fn find(dir: &Path, paths: &mut Vec<PathBuf>, out: &mut Diagnostics) {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return out.push(unreadable(dir, &error)),
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                out.push(unreadable(dir, &error));
                continue;
            }
        };
        // Editors keep their own files beside ours, with a dot in front.
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            find(&path, paths, out);
        } else if !hidden && path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            paths.push(path);
        }
    }
}

fn read_file(path: &Path) -> Result<Arc<Source>, Diagnostics> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let name = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(Source { name, text })),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
            let message = format!("{name} is not UTF-8: byte {at}, in line {line}");
            Err(Diagnostic::error(Code::File, message).help("save it as UTF-8").into())
        }
    }
}
