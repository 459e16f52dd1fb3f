//! Judges indexes of PostgreSQL's own methods on vectors, and what no index on a vector takes.
use super::{
    facts::{Method, VectorType},
    names::{Names, has_other_extensions, listed},
    place::word_at,
};
use crate::canonical::{IndexKeyParts, KeyTarget, TypeName, outer_cast, parse_index_key, parse_type};
use crate::declaration::{Known, reader::Reader};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, Column, ColumnName, Index, ObjectId, ObjectKind};

/// PostgreSQL's own methods, each with true where it has an operator class for any array.
const METHODS: [(&str, bool); 6] =
    [("brin", false), ("btree", true), ("gin", true), ("gist", false), ("hash", true), ("spgist", false)];

/// Key of an index while it is judged.
struct Look<'a> {
    reader: &'a Reader,
    id: &'a ObjectId,
    index: &'a Index,
    attribute: String,
    out: &'a mut Diagnostics,
}

pub(super) fn verify(reader: &Reader, known: &Known, id: &ObjectId, index: &Index, out: &mut Diagnostics) {
    let Some(names) = id.home().and_then(|schema| Names::new(reader, known, schema)) else { return };
    for (at, key) in index.keys.iter().enumerate() {
        let Ok(parts) = parse_index_key(&index.method, key.sql.as_written()) else { continue };
        let mut look = Look { reader, id, index, attribute: format!("keys[{at}]"), out };
        let found = look.data_type(&parts);
        let of = found.as_ref().and_then(|name| names.of_type(name)).zip(found.as_ref());
        if let Some(of) = of {
            look.collation(&parts);
            look.size(&parts, of);
        }
        let method = METHODS.iter().find(|(name, _)| *name == index.method);
        if let Some((_, takes_arrays)) = method
            && !has_own_classes(reader, known, &index.method)
            && !has_other_extensions(reader)
        {
            look.operator_class(&names, &parts, (of, found.as_ref()), *takes_arrays);
        }
    }
}

/// Tells whether somebody made operator classes of their own for a method: which types those are for is not in their
/// names.
fn has_own_classes(reader: &Reader, known: &Known, method: &str) -> bool {
    let of_method = |parts: Vec<&str>| parts.last().is_some_and(|m| *m == method);
    known.methods_with_own_classes.contains(method) || listed(reader, ObjectKind::OperatorClass).any(of_method)
}

impl Look<'_> {
    fn error(&mut self, word: &str, message: String, label: &str, help: String) {
        let place = self.reader.places.attribute(self.id, &self.attribute).map(|place| word_at(place, word));
        self.out.push(Diagnostic::error(Code::VectorOperatorClass, message).maybe_at(place.as_ref(), label).help(help));
    }

    /// Gives the column that is indexed, if it is declared.
    fn column(&self, parts: &IndexKeyParts) -> Option<&Column> {
        let column = ObjectId::column(self.index.table, ColumnName::new(parts.column()?));
        match self.reader.body(&column) {
            Some(Body::Column(column)) => Some(column),
            Some(_) | None => None,
        }
    }

    /// Gives the type that is indexed, as far as it can be told.
    fn data_type(&self, parts: &IndexKeyParts) -> Option<TypeName> {
        match (self.column(parts), &parts.target) {
            (Some(column), _) => parse_type(column.data_type.as_written()).ok(),
            (None, KeyTarget::Column(_)) => None,
            (None, KeyTarget::Expression(expression)) => outer_cast(expression),
        }
    }

    /// Reports vectors that are too wide. Partial indexes are on few rows, maybe on those that fit.
    fn size(&mut self, parts: &IndexKeyParts, (of, name): (VectorType, &TypeName)) {
        if self.index.method != "btree" || self.index.predicate.is_some() || name.dimensions > 0 {
            return;
        }
        if let Some(why) = super::size::too_wide(of, name, self.column(parts)) {
            let place = self.reader.places.attribute(self.id, &self.attribute);
            self.out.push(super::size::error(&why, self.id).maybe_at(place, "indexed here"));
        }
    }

    fn collation(&mut self, parts: &IndexKeyParts) {
        if parts.collation.is_empty() {
            return;
        }
        let place = self.reader.places.attribute(self.id, &self.attribute);
        let message = format!("vectors have no collation: {}", self.id.short());
        let diagnostic = Diagnostic::error(Code::VectorIndex, message).maybe_at(place, "collated here");
        self.out.push(diagnostic.help("leave `collate` out"));
    }

    fn operator_class(
        &mut self,
        names: &Names<'_>,
        parts: &IndexKeyParts,
        (of, found): (Option<(VectorType, &TypeName)>, Option<&TypeName>),
        takes_arrays: bool,
    ) {
        let (method, short) = (self.index.method.as_str(), self.id.short());
        let (class, schema) = match parts.operator_class.as_slice() {
            [] => {
                let Some((of, name)) = of else { return };
                let ordered = method == "btree";
                if ordered || (takes_arrays && name.dimensions > 0) {
                    return;
                }
                let array = if name.dimensions > 0 { "[]" } else { "" };
                let message = format!("{method} has no operator class for {}{array}: {short}", of.as_str());
                let help = "hnsw and ivfflat find what is near, and btree what is equal".to_owned();
                return self.error("", message, "indexed here", help);
            }
            [class] => (class, None),
            [.., schema, class] => (class, Some(schema.as_str())),
        };
        if schema.is_some_and(|schema| !names.is_home(schema)) {
            return;
        }
        let searching = |m: Method| VectorType::ALL.iter().any(|of| m.classes(*of).contains(&class.as_str()));
        let searching: Vec<&str> =
            [Method::Hnsw, Method::Ivfflat].into_iter().filter(|m| searching(*m)).map(Method::as_str).collect();
        if let Some(first) = searching.first() {
            let message = format!("{class} is of {}, and {short} is a {method} index", searching.join(" and "));
            return self.error(class, message, "this operator class", format!("write `using: {first}`"));
        }
        let Some(for_type) = VectorType::ALL.into_iter().find(|of| of.ordering() == Some(class)) else { return };
        if method != "btree" {
            let message = format!("{class} is of btree, and {short} is a {method} index");
            return self.error(class, message, "this operator class", "leave `using` out".to_owned());
        }
        // Types of others may have a class of that name.
        let another = |name: &&TypeName| name.dimensions > 0 || of.map_or(name.builtin, |(of, _)| of != for_type);
        if let Some(name) = found.filter(another) {
            let message = format!("{class} is for {}, and {short} is on {}", for_type.as_str(), name.canonical());
            let help = "leave it out: btree knows the one for each type".to_owned();
            self.error(class, message, "this operator class", help);
        }
    }
}
