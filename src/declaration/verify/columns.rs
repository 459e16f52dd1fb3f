//! Reports columns that are named and not there.
use crate::canonical::{KeyTarget, Reference, parse_index_key, parse_type, partition_keys, references_of_expression};
use crate::declaration::reader::Reader;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Body, Column, ColumnName, ColumnValue, KeyKind, ObjectId, Qualified};
use crate::yaml::nearest;
use std::collections::BTreeSet;

/// Columns that every table has.
pub(super) const SYSTEM: [&str; 6] = ["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"];

/// Look at a declaration: what is read, and what was found.
struct Look<'a> {
    reader: &'a Reader,
    out: &'a mut Diagnostics,
}

pub(super) fn verify(reader: &Reader, out: &mut Diagnostics) {
    let mut look = Look { reader, out };
    for (id, object) in reader.bodies() {
        match (id.table_of(), object) {
            (Some(table), Some(Body::Table(of))) => {
                for key in of.partition_by.iter().flat_map(|key| partition_keys(key.as_written())) {
                    look.expression(id, &table, "partition_by", &key);
                }
            }
            (Some(table), Some(Body::Column(column))) => look.column(id, &table, column),
            (Some(table), Some(Body::Key(key))) => {
                look.list(id, &table, "columns", &key.columns);
                look.list(id, &table, "include", &key.include);
                look.twice(id, &key.columns);
                if key.kind == KeyKind::Primary {
                    look.never_null(id, &table, &key.columns);
                }
            }
            (Some(table), Some(Body::ForeignKey(key))) => {
                look.list(id, &table, "columns", &key.columns);
                look.list(id, &table, "on_delete_columns", &key.on_delete_columns);
                look.twice(id, &key.columns);
            }
            (Some(table), Some(Body::Check(check))) => {
                look.expression(id, &table, "expression", check.expression.as_written());
            }
            (Some(table), Some(Body::Exclusion(exclusion))) => {
                look.list(id, &table, "include", &exclusion.include);
                if let Some(predicate) = &exclusion.predicate {
                    look.expression(id, &table, "where", predicate.as_written());
                }
                for (at, key) in exclusion.keys.iter().enumerate() {
                    let sql = key.key.sql.as_written();
                    look.index_key(id, &table, &format!("keys[{at}]"), &exclusion.method, sql);
                }
            }
            // What columns a view has, its query says.
            (_, Some(Body::Index(index))) if look.reader.objects.contains_key(&ObjectId::view(index.table)) => {}
            (_, Some(Body::Index(index))) => {
                look.list(id, &index.table, "include", &index.include);
                if let Some(predicate) = &index.predicate {
                    look.expression(id, &index.table, "where", predicate.as_written());
                }
                for (at, key) in index.keys.iter().enumerate() {
                    look.index_key(id, &index.table, &format!("keys[{at}]"), &index.method, key.sql.as_written());
                }
            }
            _ => {}
        }
    }
}

impl Look<'_> {
    fn place(&self, id: &ObjectId, attribute: &str) -> Option<Place> {
        self.reader.places.attribute(id, attribute).cloned()
    }

    /// Tells whether the table is declared and lacks the column; reports it.
    fn named(&mut self, id: &ObjectId, table: &Qualified, attribute: &str, name: &str) -> bool {
        let column = ObjectId::column(*table, ColumnName::new(name));
        // A column that could not be read is declared all the same.
        if self.reader.places.object(&column).is_some() || SYSTEM.contains(&name) {
            return true;
        }
        let all = columns(self.reader, table);
        let help = match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("{} has {}", table.name.as_str(), all.join(", ")),
        };
        let message = format!(
            "{} {} names the column {name}, which {} does not have",
            id.word(),
            id.short(),
            table.name.as_str()
        );
        let place = self.place(id, attribute).map(|place| word_in(&place, name));
        self.out
            .push(Diagnostic::error(Code::NotDeclared, message).maybe_at(place.as_ref(), "no such column").help(help));
        false
    }

    fn list(&mut self, id: &ObjectId, table: &Qualified, attribute: &str, names: &[ColumnName]) {
        for (at, name) in names.iter().enumerate() {
            self.named(id, table, &format!("{attribute}[{at}]"), name.as_str());
        }
    }

    fn twice(&mut self, id: &ObjectId, names: &[ColumnName]) {
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                let place = self.place(id, &format!("columns[{at}]"));
                let message = format!("{} {} names the column {} twice", id.word(), id.short(), name.as_str());
                self.out.push(Diagnostic::error(Code::DuplicateName, message).maybe_at(place.as_ref(), "again here"));
            }
        }
    }

    /// Reports a column of a primary key that is said to be null: the key makes it `not null`.
    fn never_null(&mut self, id: &ObjectId, table: &Qualified, names: &[ColumnName]) {
        for name in names {
            let column = ObjectId::column(*table, *name);
            let Some(said) = self.reader.places.written(&column, "null") else { continue };
            let message = format!("{} is in the primary key, and may not be null", column.short());
            self.out.push(
                Diagnostic::error(Code::Contradiction, message)
                    .at(said, "said to be null here")
                    .maybe_at(self.reader.places.object(id), "the primary key")
                    .help("leave it out: a column of a primary key is never null"),
            );
        }
    }

    /// Checks the columns of an expression over a row of the table.
    fn expression(&mut self, id: &ObjectId, table: &Qualified, attribute: &str, sql: &str) {
        for name in row_columns(table, sql) {
            self.named(id, table, attribute, &name);
        }
    }

    fn index_key(&mut self, id: &ObjectId, table: &Qualified, attribute: &str, method: &str, sql: &str) {
        match parse_index_key(method, sql).map(|key| key.target) {
            Ok(KeyTarget::Column(name)) => {
                self.named(id, table, attribute, &name);
            }
            Ok(KeyTarget::Expression(expression)) => self.expression(id, table, attribute, &expression),
            Err(_) => {}
        }
    }

    fn column(&mut self, id: &ObjectId, table: &Qualified, column: &Column) {
        match &column.value {
            ColumnValue::None => {}
            ColumnValue::Default(expression) => self.default(id, expression.as_written()),
            ColumnValue::Identity(_) => self.identity(id, column),
            ColumnValue::Generated(expression, _) => self.generated(id, table, expression.as_written()),
        }
    }

    /// Checks a default, which sees no row: what looks like a column there is mostly a text without its quotes.
    fn default(&mut self, id: &ObjectId, sql: &str) {
        for name in columns_of(sql) {
            let place = self.place(id, "default").map(|place| word_in(&place, &name.1));
            let message = format!("the default of {} names {}, and a default sees no columns", id.short(), name.1);
            let help = format!("if the text is meant, write '{}' with its quotes", name.1);
            let diagnostic =
                Diagnostic::error(Code::Contradiction, message).maybe_at(place.as_ref(), "read as a column");
            self.out.push(diagnostic.help(help));
        }
    }

    fn identity(&mut self, id: &ObjectId, column: &Column) {
        let sql = column.data_type.as_written();
        let Ok(name) = parse_type(sql) else { return };
        let integer = ["int2", "int4", "int8"].contains(&name.name.as_str()) && name.dimensions == 0;
        if name.builtin && !integer {
            let message = format!("{} has an identity, and its type is {sql}", id.short());
            let place = self.place(id, "type");
            let diagnostic = Diagnostic::error(Code::Contradiction, message).maybe_at(place.as_ref(), "this type");
            self.out.push(diagnostic.help("an identity is a smallint, integer or bigint"));
        }
    }

    fn generated(&mut self, id: &ObjectId, table: &Qualified, sql: &str) {
        for name in row_columns(table, sql) {
            let other = ObjectId::column(*table, ColumnName::new(&name));
            let known = self.named(id, table, "generated", &name);
            let generated = matches!(
                self.reader.body(&other),
                Some(Body::Column(c)) if matches!(c.value, ColumnValue::Generated(..))
            );
            if known && generated {
                let message = format!("{} is generated from {name}, which is generated itself", id.short());
                let place = self.place(id, "generated").map(|place| word_in(&place, &name));
                self.out.push(Diagnostic::error(Code::Contradiction, message).maybe_at(place.as_ref(), "here"));
            }
        }
    }
}

/// Gives the names of a table's declared columns.
pub(super) fn columns(reader: &Reader, table: &Qualified) -> Vec<String> {
    let mut out = Vec::new();
    for id in reader.objects.keys() {
        if let Some((of, name)) = id.as_column()
            && of == *table
        {
            out.push(name.as_str().to_owned());
        }
    }
    out
}

/// Gives the columns that an expression names, with their qualifiers.
fn columns_of(sql: &str) -> BTreeSet<(Vec<String>, String)> {
    let column = |reference| match reference {
        Reference::Column(qualifiers, name) => Some((qualifiers, name)),
        Reference::Relation(..) | Reference::Type(..) | Reference::Function(..) | Reference::Collation(..) => None,
    };
    references_of_expression(sql).into_iter().filter_map(column).collect()
}

/// Gives the columns of a table that an expression over its row names; the row itself (`t`, `t.*`) is none.
fn row_columns(table: &Qualified, sql: &str) -> BTreeSet<String> {
    let own = table.name.as_str();
    let of_row = |(qualifiers, name): (Vec<String>, String)| match qualifiers.last() {
        None if name == own => None,
        None => Some(name),
        Some(last) if last == own && name != "*" => Some(name),
        // `(composite_column).field` has no qualifier; what is left is a name that only PostgreSQL can judge.
        Some(_) => None,
    };
    columns_of(sql).into_iter().filter_map(of_row).collect()
}

/// Finds the only place of a word inside a place, or the whole.
pub(super) fn word_in(place: &Place, word: &str) -> Place {
    let text = &place.source.text[place.span.clone()];
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |at: &usize| !text[..*at].ends_with(letter) && !text[*at + word.len()..].starts_with(letter);
    let mut found = text.match_indices(word).map(|(at, _)| at).filter(whole);
    match (found.next(), found.next()) {
        (Some(at), None) if !word.is_empty() => {
            Place::new(&place.source, place.span.start + at..place.span.start + at + word.len())
        }
        _ => place.clone(),
    }
}
