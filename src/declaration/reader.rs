//! State of the reading of all files: what was read so far, its places and its mistakes.
use super::{Directives, Places};
use crate::canonical::SqlError;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Body, Fragment, Object, ObjectId, ObjectKind, Qualified, SchemaName};
use crate::yaml::{Entry, Node, sql_scalar};
use std::collections::{BTreeMap, BTreeSet};

/// Ways of writing an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Declaration, as people write it: short forms, SQL that is checked, nothing that only a catalog knows.
    Declared,
    /// State, as plan files carry it: every field of every object, both texts of each fragment.
    State,
}

/// Objects that have been read so far, and what reading on needs.
pub(super) struct Reader {
    pub(super) dialect: Dialect,
    /// The schema of the names in this file, or group.
    pub(super) schema: SchemaName,
    pub(super) out: Diagnostics,
    /// Objects by identity; `None` is `absent`.
    pub(super) objects: BTreeMap<ObjectId, Option<Object>>,
    pub(super) places: Places,
    pub(super) directives: BTreeMap<ObjectId, Directives>,
    /// True where `opaque:` is written anywhere: then it lists all that there is.
    pub(super) lists_opaque: bool,
    /// Place of `grants: complete`, where it is written: then the grants that are said are all that there are.
    pub(super) complete_grants: Option<Place>,
    /// Objects whose grants say `exact: false`: of other grantees nothing is said.
    pub(super) named_alone: BTreeSet<ObjectId>,
    /// Entries that name types and functions of any file: read when all of these are known, each in its file's schema.
    pub(super) left: Vec<(Left, SchemaName, Entry)>,
}

/// Entries that are read when all files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// A function or a procedure.
    Routine(ObjectKind),
    /// An aggregate.
    Aggregate,
    /// A trigger on a relation.
    Trigger(Qualified),
}

impl Reader {
    /// Gives the body of an object that was read.
    pub(super) fn body(&self, id: &ObjectId) -> Option<&Body> {
        self.objects.get(id)?.as_ref().map(|object| &object.body)
    }

    /// Gives the body of each object; none of one that is absent.
    pub(super) fn bodies(&self) -> impl Iterator<Item = (&ObjectId, Option<&Body>)> {
        self.objects.iter().map(|(id, object)| (id, object.as_ref().map(|object| &object.body)))
    }

    /// Gives the body of an object, to change.
    pub(super) fn body_mut(&mut self, id: &ObjectId) -> Option<&mut Body> {
        self.objects.get_mut(id)?.as_mut().map(|object| &mut object.body)
    }

    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            schema: SchemaName::new("public"),
            out: Diagnostics::default(),
            objects: BTreeMap::new(),
            places: Places::default(),
            directives: BTreeMap::new(),
            lists_opaque: false,
            complete_grants: None,
            named_alone: BTreeSet::new(),
            left: Vec::new(),
        }
    }

    pub(super) fn is_declared(&self) -> bool {
        self.dialect == Dialect::Declared
    }

    /// Leaves an entry for when all files are read.
    pub(super) fn read_later(&mut self, what: Left, entry: &Entry) {
        self.left.push((what, self.schema, entry.clone()));
    }

    /// Takes an object into the state; a second one of the same identity is a mistake, and the first one stays.
    pub(super) fn insert(&mut self, id: ObjectId, object: Option<Object>) {
        if let std::collections::btree_map::Entry::Vacant(free) = self.objects.entry(id) {
            free.insert(object);
        }
    }

    /// Tells whether an object is listed as one that is carried along, not declared.
    pub(super) fn is_listed(&self, id: &ObjectId) -> bool {
        self.objects.get(id).is_some_and(|object| object.as_ref().is_some_and(Object::is_carried))
    }

    /// Notes where an object is written, before its attributes are read. False if it was written before: the caller
    /// leaves it.
    pub(super) fn begin(&mut self, id: &ObjectId, place: &Place) -> bool {
        if let Some(first) = self.places.object(id) {
            self.out.push(
                Diagnostic::error(Code::DuplicateName, format!("{} {} is declared twice", id.word(), id.short()))
                    .at(place, "again here")
                    .at(first, "first here"),
            );
            return false;
        }
        self.places.set_object(id, place);
        true
    }

    /// Reports a name that PostgreSQL would not take as it is, and gives it back all the same.
    pub(super) fn name<'n>(&mut self, name: &'n str, what: &str, place: &Place) -> &'n str {
        if self.is_declared()
            && let Some(diagnostic) = bad_name(name, what, place)
        {
            self.out.push(diagnostic);
        }
        name
    }

    /// Reads the SQL of a scalar in the declaration, parsed by `check`, which gives the canonical text.
    pub(super) fn declared_sql(
        &mut self,
        node: &Node,
        what: &str,
        check: impl Fn(&str) -> Result<String, SqlError>,
    ) -> Option<Fragment> {
        let text = match sql_scalar(node, what) {
            Ok(text) => text,
            Err(diagnostic) => {
                self.out.push(diagnostic);
                return None;
            }
        };
        match check(text) {
            // A comment at the end would swallow what follows where the text is put into a statement.
            Ok(canonical) if text.contains("--") => Some(Fragment::written(canonical)),
            Ok(_) => Some(Fragment::written(text.trim().trim_end_matches(';').trim_end())),
            Err(error) => {
                self.out.push(sql_error(&error, node, what));
                None
            }
        }
    }
}

/// Makes a diagnostic of the parser's error, at the word that it stumbled on.
pub(super) fn sql_error(error: &SqlError, node: &Node, what: &str) -> Diagnostic {
    let word = error.message.split("at or near \"").nth(1).map_or(1, |rest| rest.trim_end_matches('"').len());
    let place = error.at.map_or_else(|| node.place.clone(), |at| node.within(at..at + word));
    Diagnostic::error(Code::Sql, format!("{what} is not SQL that PostgreSQL reads: {}", error.message))
        .at(&place, "here")
}

fn bad_name(name: &str, what: &str, place: &Place) -> Option<Diagnostic> {
    let error = |why: String| Diagnostic::error(Code::Name, why).at(place, "this name");
    let short: String = name.chars().take(40).collect();
    if name.is_empty() {
        return Some(error(format!("{what} has an empty name")));
    }
    if name.contains('\0') {
        return Some(error(format!("the name of {what} has a NUL byte")).help("PostgreSQL ends a name there"));
    }
    if name.len() > 63 {
        let mut end = 63;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        return Some(
            error(format!("the name {short}… of {what} has {} bytes, and PostgreSQL keeps 63", name.len()))
                .help(format!("PostgreSQL would cut it to {} in silence", &name[..end])),
        );
    }
    crate::model::is_aside(name)
        .then(|| error(format!("the name {name} of {what} is of the form that pgform gives to what it sets aside")))
}
