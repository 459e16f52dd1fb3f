//! Finds what of pgvector's the declaration's SQL uses: checks, indexes, defaults, generated columns, views.
use super::{
    column::dimensions,
    facts::{ARRAYS_TO_SPARSEVEC, CONCATENATION, FUNCTIONS, OPERATORS, VectorType, grouped, may_be_used_in},
    names::Names,
    place::word_at,
    version::Need,
};
use crate::canonical::{
    KeyTarget, Operand, Reference, TypeName, ValueOperation, operations_of_expression, operations_of_query,
    parse_index_key, parse_type, references_of_expression, references_of_query,
};
use crate::declaration::{Known, reader::Reader};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, ColumnName, ColumnValue, Fragment, IndexKey, ObjectId, Qualified};

/// Text of SQL while it is looked through.
struct Look<'a> {
    names: &'a Names<'a>,
    id: &'a ObjectId,
    /// Word for the object's kind.
    word: &'static str,
    /// Table whose columns the text names, where that is one table.
    table: Option<Qualified>,
    attribute: String,
    needs: &'a mut Vec<Need>,
    out: &'a mut Diagnostics,
}

pub(super) fn verify(reader: &Reader, known: &Known, needs: &mut Vec<Need>, out: &mut Diagnostics) {
    for (id, object) in &reader.objects {
        let (Some(object), Some(home)) = (object, id.home()) else { continue };
        let Some(names) = Names::new(reader, known, home) else { return };
        let word = if matches!(object.body, Body::Check(_)) { "check" } else { id.word() };
        let table = object.table_of(id);
        let mut look = Look { names: &names, id, word, table, attribute: String::new(), needs, out };
        match &object.body {
            Body::Column(column) => match &column.value {
                ColumnValue::Default(sql) => look.at("default").value(&column.data_type, sql.as_written()),
                ColumnValue::Generated(sql, _) => look.at("generated").value(&column.data_type, sql.as_written()),
                ColumnValue::None | ColumnValue::Identity(_) => {}
            },
            Body::Check(check) => look.at("expression").expression(check.expression.as_written()),
            Body::Index(index) => look.index((&index.method, &index.predicate), index.keys.iter()),
            Body::Exclusion(of) => look.index((&of.method, &of.predicate), of.keys.iter().map(|key| &key.key)),
            Body::View(view) => look.at("query").query(view.query.as_written()),
            Body::Schema(_)
            | Body::Extension(_)
            | Body::Enumeration(_)
            | Body::Sequence(_)
            | Body::Table(_)
            | Body::Key(_)
            | Body::ForeignKey(_)
            | Body::Definition(_) => {}
        }
    }
}

impl Look<'_> {
    /// Looks through an index, or what is one behind a constraint.
    fn index<'k>(&mut self, (method, predicate): (&str, &Option<Fragment>), keys: impl Iterator<Item = &'k IndexKey>) {
        if let Some(predicate) = predicate {
            self.at("where").expression(predicate.as_written());
        }
        for (at, key) in keys.enumerate() {
            if let Ok(KeyTarget::Expression(sql)) = parse_index_key(method, key.sql.as_written()).map(|key| key.target)
            {
                self.at(format!("keys[{at}]")).expression(&sql);
            }
        }
    }

    fn at(&mut self, attribute: impl Into<String>) -> &mut Self {
        self.attribute = attribute.into();
        self
    }

    /// Looks through an expression whose value goes into a column of a type.
    fn value(&mut self, data_type: &Fragment, sql: &str) {
        self.expression(sql);
        if !may_be_used_in(data_type.as_written()) {
            return;
        }
        let made = operations_of_expression(&format!("({sql})::{}", data_type.as_written()));
        if let Some(ValueOperation::Cast { of, to }) = made.first() {
            self.cast(of, to);
        }
    }

    fn expression(&mut self, sql: &str) {
        if !may_be_used_in(sql) {
            return;
        }
        self.named(references_of_expression(sql));
        self.operations(operations_of_expression(sql));
    }

    fn query(&mut self, sql: &str) {
        if !may_be_used_in(sql) {
            return;
        }
        self.named(references_of_query(sql));
        self.operations(operations_of_query(sql));
    }

    fn need(&mut self, what: &str, word: &str, since: &'static str, certain: bool) {
        let place = self.names.reader.places.attribute(self.id, &self.attribute).map(|place| word_at(place, word));
        let what = format!("{what} in {} {}", self.word, self.id.short());
        self.needs.push(Need { what, since, place, certain });
    }

    fn named(&mut self, found: impl IntoIterator<Item = Reference>) {
        for reference in found {
            match reference {
                Reference::Function(schema, name) => {
                    let Some((_, since)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else { continue };
                    if let Some(certain) = self.names.routine(schema.as_deref(), &name) {
                        self.need(&format!("the function {name}"), &name, since, certain);
                    }
                }
                // An array's type is named by its elements' as well.
                Reference::Type(schema, name) => {
                    let name = name.trim_start_matches('_');
                    if let Some(of) = self.names.vector_type(schema.as_deref(), name) {
                        self.need(&format!("the type {name}"), name, of.since(), true);
                    }
                }
                Reference::Relation(..) | Reference::Collation(..) | Reference::Column(..) => {}
            }
        }
    }

    fn operations(&mut self, found: Vec<ValueOperation>) {
        for operation in found {
            match operation {
                ValueOperation::Operator { schema, name, operands } => {
                    self.operator(schema.as_deref(), &name, &operands)
                }
                ValueOperation::Cast { of, to } => {
                    if to.builtin || self.names.of_type(&to).is_some() {
                        super::column::limits(self.names.reader, (self.id, &self.attribute), &to, self.out);
                    }
                    self.cast(&of, &to);
                }
            }
        }
    }

    fn operator(&mut self, schema: Option<&str>, name: &str, operands: &[Operand]) {
        let what = format!("the operator {name}");
        if let Some((_, since)) = OPERATORS.iter().find(|(known, _)| *known == name) {
            if self.names.routine(schema, name).is_some() {
                self.need(&what, name, since, true);
            }
            return;
        }
        // With anything else on a side it may be PostgreSQL's own, of texts or arrays.
        let vectors = operands.len() == 2
            && operands.iter().all(|operand| self.type_of(operand).is_some_and(|t| self.is_vector(&t)));
        if name == CONCATENATION.0 && vectors && self.names.routine(schema, name).is_some() {
            self.need(&format!("{what} of vectors"), name, CONCATENATION.1, true);
        }
    }

    /// Judges a cast. Arrays became sparse vectors later than the type came; other casts there are not, or fail for
    /// every value.
    fn cast(&mut self, of: &Operand, to: &TypeName) {
        let sparse = to.dimensions == 0 && self.names.of_type(to) == Some(VectorType::Sparsevec);
        let array = match of {
            Operand::Array => true,
            Operand::Column(_) | Operand::Of(_) => self.type_of(of).is_some_and(|t| t.builtin && t.dimensions > 0),
            Operand::Other => false,
        };
        if sparse && array {
            self.need("the cast of an array to sparsevec", "sparsevec", ARRAYS_TO_SPARSEVEC, true);
        }
        let Some(from) = self.type_of(of).filter(|from| self.is_vector(from) && to.dimensions == 0) else { return };
        let of = match of {
            Operand::Column(name) => name.clone(),
            Operand::Of(_) | Operand::Array | Operand::Other => "what is cast".to_owned(),
        };
        let known = |name: &TypeName| dimensions(name).ok().flatten();
        if to.builtin && matches!(to.name.as_str(), "bit" | "varbit") {
            let message = format!("{of} is {}, which has no cast to bit", from.canonical());
            self.wrong(Code::Contradiction, "bit", message, format!("write binary_quantize({of})::{}", to.canonical()));
        } else if let (true, Some(a), Some(b)) = (self.is_vector(to), known(&from), known(to))
            && a != b
            && self.names.of_type(to).is_some_and(|of| (1..=of.most()).contains(&b))
        {
            let message =
                format!("{of} has {} dimensions, and a cast to {} fails for every value", grouped(a), to.canonical());
            let help = format!("the first ones alone are subvector({of}, 1, {})", a.min(b));
            self.wrong(Code::VectorDimensions, &to.name, message, help);
        }
    }

    fn wrong(&mut self, code: Code, word: &str, message: String, help: String) {
        let place = self.names.reader.places.attribute(self.id, &self.attribute).map(|place| word_at(place, word));
        self.out.push(Diagnostic::error(code, message).maybe_at(place.as_ref(), "here").help(help));
    }

    fn is_vector(&self, of: &TypeName) -> bool {
        of.dimensions == 0 && self.names.of_type(of).is_some()
    }

    /// Gives the type of an operand, where it can be told: columns of a view are of tables that its query names.
    fn type_of(&self, operand: &Operand) -> Option<TypeName> {
        match operand {
            Operand::Of(of) => Some(of.clone()),
            Operand::Column(name) => {
                let id = ObjectId::column(self.table?, ColumnName::new(name));
                let Some(Body::Column(column)) = self.names.reader.body(&id) else { return None };
                parse_type(column.data_type.as_written()).ok()
            }
            Operand::Array | Operand::Other => None,
        }
    }
}
