//! Loads a declaration from its folder or from texts: all files are read, resolved and verified.
use super::{
    Declared, Known, aggregate,
    declared::named_in,
    file, files, function, grants, partition_parts, pgvector,
    reader::{Dialect, Left, Reader},
    resolve, trigger, verify,
};
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics, Severity, Source};
use crate::model::{SchemaName, State};
use crate::yaml;
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// Reads a declaration from the texts of its files. All mistakes are found at once. The files are taken in the order of
/// their names, so that the same files are the same declaration.
///
/// # Errors
/// Every mistake in the files, at its place.
pub fn read_folder_texts(files: &[Arc<Source>], known: &Known) -> Result<Declared, Diagnostics> {
    read_texts(files, known, Diagnostics::default())
}

/// Reads a declaration from texts, beside files that could not be read.
fn read_texts(files: &[Arc<Source>], known: &Known, unread: Diagnostics) -> Result<Declared, Diagnostics> {
    let mut reader = Reader::new(Dialect::Declared);
    let mut files: Vec<&Arc<Source>> = files.iter().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut whole = !unread.has_errors();
    reader.out.extend(unread);
    for source in &files {
        match yaml::read_one_with_twins(source) {
            Ok((node, twins)) => {
                reader.out.extend(twins);
                file::read(&mut reader, &node);
            }
            Err(diagnostics) => {
                reader.out.extend(diagnostics);
                whole = false;
            }
        }
    }
    let known = &known.after_renames(&reader.directives);
    read_left(&mut reader, known);
    resolve::resolve(&mut reader);
    partition_parts::follow_parents(&mut reader);
    grants::complete(&mut reader);
    // A file that cannot be read, or is no YAML, has things that would be missed everywhere else.
    if whole {
        verify::verify(&mut reader, known);
        pgvector::verify(&mut reader, known);
    }
    if reader.objects.is_empty() && !reader.lists_opaque && !reader.out.has_errors() {
        let mut nothing = Diagnostic::error(Code::NothingDeclared, "nothing is declared");
        if let Some(source) = files.first() {
            nothing = nothing.at(&crate::diagnostic::Place::new(source, 0..0), "an empty file");
        }
        reader.out.push(to_begin(nothing));
    }
    resolve::add_schemas(&mut reader);
    sort(&mut reader.out);
    let Reader {
        dialect: _,
        schema: _,
        out,
        objects,
        places,
        directives,
        lists_opaque,
        complete_grants: _,
        named_alone: _,
        left: _,
    } = reader;
    let objects = objects.into_iter().filter_map(|(id, object)| object.map(|object| (id, object))).collect();
    let warnings = Diagnostics::default();
    let declared = Declared { state: State { objects }, places, directives, lists_opaque, warnings };
    let (declared, warnings) = out.or_value(declared)?;
    Ok(Declared { warnings, ..declared })
}

/// Reads what was left until all types and functions are known: functions first, for aggregates and triggers name them.
fn read_left(reader: &mut Reader, known: &Known) {
    let left = std::mem::take(&mut reader.left);
    for (what, schema, entry) in &left {
        if let Left::Routine(kind) = what {
            reader.schema = *schema;
            function::read(reader, known, *kind, entry);
        }
    }
    for (what, schema, entry) in &left {
        reader.schema = *schema;
        match what {
            Left::Routine(_) => {}
            Left::Aggregate => aggregate::read(reader, known, entry),
            Left::Trigger(table) => trigger::read(reader, known, table, entry),
        }
    }
}

/// Adds the ways to begin a declaration.
fn to_begin(nothing: Diagnostic) -> Diagnostic {
    nothing
        .help("write a table under `tables:`")
        .way("or make the files of a database", Command::new("import").on_database())
}

/// Sorts errors first, then in the order of the files.
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

/// Gives the schemas that the declaration in a folder names, whatever else is wrong with it: that is told when it is
/// read.
#[must_use]
pub fn schemas_named(dir: &Path) -> BTreeSet<SchemaName> {
    let mut reader = Reader::new(Dialect::Declared);
    for source in files::read(dir, &mut Diagnostics::default()) {
        if let Ok((node, _)) = yaml::read_one_with_twins(&source) {
            file::read(&mut reader, &node);
        }
    }
    read_left(&mut reader, &Known::default());
    named_in(reader.objects.keys(), &reader.places, &reader.directives)
}

/// Reads the declaration in a folder, with what is known beside it.
///
/// # Errors
/// Errors of [`load`].
pub fn load_knowing(dir: &Path, known: &Known) -> Result<Declared, Diagnostics> {
    let mut unread = Diagnostics::default();
    let sources = files::read(dir, &mut unread);
    if sources.is_empty() && !unread.has_errors() {
        let message = format!("{} has no .yaml files", dir.display());
        return Err(to_begin(Diagnostic::error(Code::NothingDeclared, message)).into());
    }
    read_texts(&sources, known, unread)
}
