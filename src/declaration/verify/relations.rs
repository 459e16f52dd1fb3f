//! Reports tables that are named and not there, and foreign keys that point to no key.
use crate::canonical::{KeyTarget, Reference, parse_index_key, references_of_query};
use crate::declaration::{
    Known,
    reader::Reader,
    resolve::{extensions, keys, relation, search_path},
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{
    Body, ColumnName, Deferrable, ForeignKey, ObjectId, ObjectKind, Qualified, SchemaName, Sequence, View,
};
use crate::yaml::nearest;
use std::collections::BTreeSet;

struct Look<'a> {
    reader: &'a Reader,
    known: &'a Known,
    /// Schemas that something is declared in: of others nothing is known.
    schemas: BTreeSet<SchemaName>,
    /// Relations that are listed and not modelled.
    opaque: BTreeSet<Qualified>,
    out: &'a mut Diagnostics,
}

pub(super) fn verify(reader: &Reader, known: &Known, out: &mut Diagnostics) {
    let schemas = reader.objects.keys().filter_map(ObjectId::home).collect();
    let listed = reader.objects.keys().filter(|id| reader.is_listed(id) && id.kind().has_columns());
    let opaque = listed.filter_map(ObjectId::qualified).collect();
    let mut look = Look { reader, known, schemas, opaque, out };
    for (id, object) in reader.bodies() {
        match object {
            Some(Body::ForeignKey(key)) => look.foreign_key(id, key),
            Some(Body::Sequence(sequence)) => look.sequence(id, sequence),
            Some(Body::View(view)) => look.view(id, view),
            Some(_) | None => {}
        }
    }
}

impl Look<'_> {
    fn declared(&self, name: &Qualified) -> bool {
        let relation = [ObjectId::table(*name), ObjectId::view(*name), ObjectId::sequence(*name)];
        relation.iter().any(|id| self.reader.places.object(id).is_some())
            || self.known.relations.contains(name)
            || self.opaque.contains(name)
    }

    /// Tells whether a table is declared, and not listed as one that is carried along.
    fn is_plain(&self, table: &ObjectId) -> bool {
        self.reader.places.object(table).is_some() && !self.reader.is_listed(table)
    }

    /// Tells whether another extension than pgvector, which has no tables, may have made what is in the schema.
    fn may_be_of_an_extension(&self, schema: &SchemaName) -> bool {
        extensions(self.reader).any(|(name, e)| name.as_str() != "vector" && e.schema == *schema)
    }

    /// Reports a relation if nothing can be of that name.
    fn relation(&mut self, id: &ObjectId, attribute: &str, name: &Qualified) -> bool {
        let outside = !self.schemas.contains(&name.schema) || self.may_be_of_an_extension(&name.schema);
        if self.declared(name) || outside {
            return true;
        }
        let mut tables: Vec<&str> = Vec::new();
        for id in self.reader.objects.keys() {
            if let Some(q) = id.qualified().filter(|_| matches!(id.kind(), ObjectKind::Table | ObjectKind::View))
                && q.schema == name.schema
            {
                tables.push(q.name.as_str());
            }
        }
        let mut message = Diagnostic::error(
            Code::NotDeclared,
            format!("{} {} names {name}, which is not declared", id.word(), id.short()),
        );
        if let Some(near) = nearest(name.name.as_str(), tables) {
            message = message.help(format!("did you mean `{near}`?"));
        }
        let place = self.reader.places.attribute(id, attribute);
        let place = place.map(|place| super::columns::word_in(place, name.name.as_str()));
        self.out.push(message.maybe_at(place.as_ref(), "no such table"));
        false
    }

    fn foreign_key(&mut self, id: &ObjectId, key: &ForeignKey) {
        let target = ObjectId::table(key.references);
        if self.table_and_column(id, key) || !self.relation(id, "references", &key.references) {
            return;
        }
        if !self.reader.objects.contains_key(&target) || self.reader.is_listed(&target) {
            let view = self.reader.places.object(&ObjectId::view(key.references));
            if let Some(view) = view {
                let message = format!("{} {} points to a view", id.word(), id.short());
                let place = self.reader.places.attribute(id, "references");
                let diagnostic = Diagnostic::error(Code::Contradiction, message).maybe_at(place, "here");
                self.out.push(diagnostic.at(view, "the view").help("a foreign key points to a table"));
            }
            return;
        }
        let table = key.references.name.as_str();
        let place = self.reader.places.attribute(id, "references").cloned();
        let error = |code, message: String| Diagnostic::error(code, message).maybe_at(place.as_ref(), "here");
        if key.referenced.is_empty() {
            let message = format!("{} {} names no columns of {table}, which has no primary key", id.word(), id.short());
            self.out.push(error(Code::MissingKey, message).help(format!("write \"{table} (column)\"")));
            return;
        }
        if key.columns.len() != key.referenced.len() {
            let (from, to) = (key.columns.len(), key.referenced.len());
            let message = format!("{} {} has {from} columns and points to {to}", id.word(), id.short());
            self.out.push(error(Code::Contradiction, message));
            return;
        }
        let missing: Vec<&ColumnName> = key
            .referenced
            .iter()
            .filter(|c| {
                let column = ObjectId::column(key.references, *(*c));
                self.reader.places.object(&column).is_none()
            })
            .collect();
        for column in &missing {
            let all = super::columns::columns(self.reader, &key.references);
            let message = format!(
                "{} {} points to the column {}, which {table} does not have",
                id.word(),
                id.short(),
                column.as_str()
            );
            let help = match nearest(column.as_str(), all.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{table} has {}", all.join(", ")),
            };
            self.out.push(error(Code::NotDeclared, message).help(help));
        }
        if missing.is_empty() {
            self.referenced_key(id, key);
        }
    }

    /// Tells whether the target is written `table.column`, which SQL reads as a table in a schema; reports it.
    fn table_and_column(&mut self, id: &ObjectId, key: &ForeignKey) -> bool {
        let Some(schema) = id.home() else { return false };
        let (table, column) = (key.references.schema.as_str(), key.references.name.as_str());
        let meant = Qualified::new(schema.as_str(), table);
        let read_otherwise = self.schemas.contains(&key.references.schema) || self.declared(&key.references);
        let column_id = ObjectId::column(meant, ColumnName::new(column));
        if read_otherwise || self.reader.places.object(&column_id).is_none() {
            return false;
        }
        let message = format!("{} {} points to a table {column} in a schema {table}", id.word(), id.short());
        let place = self.reader.places.attribute(id, "references");
        let diagnostic = Diagnostic::error(Code::NotDeclared, message).maybe_at(place, "no such schema");
        self.out.push(diagnostic.help(format!("write \"{table} ({column})\"")));
        true
    }

    /// Checks that the columns that a foreign key points to are a key, and one that is checked at once.
    fn referenced_key(&mut self, id: &ObjectId, key: &ForeignKey) {
        let wanted: BTreeSet<&ColumnName> = key.referenced.iter().collect();
        let matching: Vec<_> = keys(self.reader, &key.references)
            .filter(|k| k.columns.len() == wanted.len() && k.columns.iter().collect::<BTreeSet<_>>() == wanted)
            .collect();
        if matching.iter().any(|k| k.deferrable == Deferrable::No) || self.unique_index(&key.references, &wanted) {
            return;
        }
        let table = key.references.name.as_str();
        let list: Vec<&str> = key.referenced.iter().map(ColumnName::as_str).collect();
        let list = list.join(", ");
        let place = self.reader.places.attribute(id, "references");
        let (message, help) = if matching.is_empty() {
            (
                format!("{} {} points to {table} ({list}), which is no key", id.word(), id.short()),
                format!("give {table} a primary key or a unique constraint on {list}"),
            )
        } else {
            (
                format!("{} {} points to a key of {table} that is deferrable", id.word(), id.short()),
                "PostgreSQL wants a key that is checked at once: leave `deferrable` out there".to_owned(),
            )
        };
        self.out.push(Diagnostic::error(Code::Contradiction, message).maybe_at(place, "here").help(help));
    }

    fn unique_index(&self, table: &Qualified, wanted: &BTreeSet<&ColumnName>) -> bool {
        self.reader.bodies().any(|(_, object)| {
            let Some(Body::Index(index)) = object else { return false };
            if index.table != *table || !index.unique || index.predicate.is_some() {
                return false;
            }
            let columns: Option<BTreeSet<ColumnName>> = index
                .keys
                .iter()
                .map(|key| match parse_index_key(&index.method, key.sql.as_written()).ok()?.target {
                    KeyTarget::Column(name) => Some(ColumnName::new(name)),
                    KeyTarget::Expression(_) => None,
                })
                .collect();
            columns.is_some_and(|c| c.iter().collect::<BTreeSet<_>>() == *wanted)
        })
    }

    fn sequence(&mut self, id: &ObjectId, sequence: &Sequence) {
        let Some((table, column)) = &sequence.owned_by else { return };
        let place = self.reader.places.attribute(id, "owned_by");
        if id.home().as_ref() != Some(&table.schema) {
            let message = format!("the sequence {} and its owner {table} are in two schemas", id.short());
            self.out.push(Diagnostic::error(Code::Contradiction, message).maybe_at(place, "here"));
        } else if self.relation(id, "owned_by", table)
            && self.is_plain(&ObjectId::table(*table))
            && self.reader.places.object(&ObjectId::column(*table, *column)).is_none()
        {
            let message = format!(
                "the sequence {} is owned by the column {}, which {} does not have",
                id.short(),
                column.as_str(),
                table.name.as_str()
            );
            self.out.push(Diagnostic::error(Code::NotDeclared, message).maybe_at(place, "no such column"));
        }
    }

    fn view(&mut self, id: &ObjectId, view: &View) {
        let schema = id.home().unwrap_or_else(|| SchemaName::new("public"));
        for reference in references_of_query(view.query.as_written()) {
            let Reference::Relation(written, name) = reference else { continue };
            match written {
                Some(written) => {
                    self.relation(id, "query", &Qualified::new(written, name));
                }
                None => self.unqualified(id, &schema, &name),
            }
        }
    }

    fn unqualified(&mut self, id: &ObjectId, schema: &SchemaName, name: &str) {
        let found = relation(self.reader, schema, name);
        if let [first, second, ..] = found.as_slice() {
            let message = format!("{name} in {} {} could be {first} or {second}", id.word(), id.short());
            let place = self.reader.places.attribute(id, "query");
            let diagnostic = Diagnostic::error(Code::Ambiguous, message).maybe_at(place, "which one?");
            self.out.push(diagnostic.help("write it with its schema"));
        }
        let path = search_path(self.reader, schema);
        let elsewhere = path.iter().any(|s| {
            let name = Qualified::new(s.as_str(), name);
            self.known.relations.contains(&name) || self.opaque.contains(&name) || self.may_be_of_an_extension(s)
        });
        // The catalog's own relations all begin so.
        if found.is_empty() && !elsewhere && !name.starts_with("pg_") {
            self.relation(id, "query", &Qualified::new(schema.as_str(), name));
        }
    }
}
