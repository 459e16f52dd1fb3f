//! Judges indexes of pgvector's methods: one key, its type, dimensions and operator class.
use super::{
    column::{dimensions, vector_type},
    facts::{Method, VectorType, grouped},
    place::word_at,
    version::Need,
};
use crate::canonical::{IndexKeyParts, KeyTarget, TypeName, has_no_modifier, outer_cast, parse_index_key, parse_type};
use crate::declaration::reader::Reader;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Body, ColumnName, Index, ObjectId, Qualified};
use crate::yaml::nearest;

/// One index of pgvector's while it is judged.
pub(super) struct Look<'a> {
    pub(super) reader: &'a Reader,
    pub(super) id: &'a ObjectId,
    pub(super) index: &'a Index,
    pub(super) method: Method,
    pub(super) needs: &'a mut Vec<Need>,
    pub(super) out: &'a mut Diagnostics,
}

/// Type that is indexed with its dimensions, and the place where it is written.
struct Indexed {
    /// The column, or the expression.
    name: String,
    data_type: TypeName,
    place: Option<Place>,
}

impl Look<'_> {
    fn place(&self, attribute: &str) -> Option<Place> {
        self.reader.places.attribute(self.id, attribute).cloned()
    }

    fn error(&mut self, code: Code, message: String, attribute: &str, label: &str, help: Option<String>) {
        let place = self.place(attribute);
        let mut diagnostic = Diagnostic::error(code, message).maybe_at(place.as_ref(), label);
        diagnostic.help = help;
        self.out.push(diagnostic);
    }

    pub(super) fn verify(&mut self) {
        self.needs.push(Need {
            what: format!("the {} index {}", self.method.as_str(), self.id.short()),
            since: "0.5",
            place: self.place("using"),
            certain: true,
        });
        self.shape();
        super::run::parameters(self.reader, self.id, self.index, self.method, self.out);
        let [key] = self.index.keys.as_slice() else { return };
        let Ok(parts) = parse_index_key(self.method.as_str(), key.sql.as_written()) else { return };
        if parts.ordered {
            let message = format!("{} has no order: {}", self.method.an(), self.id.short());
            let help = Some("leave `asc`, `desc` and `nulls` out".to_owned());
            self.error(Code::VectorIndex, message, "keys[0]", "ordered here", help);
        }
        if let Some(indexed) = self.indexed(&parts) {
            self.operator_class(&parts, &indexed);
        }
    }

    /// Reports what the method does not have: uniqueness, `include`, several keys.
    fn shape(&mut self) {
        let (an, name) = (self.method.an(), self.id.short());
        if self.index.unique {
            self.error(Code::VectorIndex, format!("{an} cannot be unique: {name}"), "unique", "here", None);
        }
        if !self.index.include.is_empty() {
            self.error(Code::VectorIndex, format!("{an} takes no `include`: {name}"), "include", "here", None);
        }
        if self.index.keys.len() > 1 {
            let help = Some("make an index for each, or filter with `where:`".to_owned());
            self.error(Code::VectorIndex, format!("{an} has one key: {name}"), "keys", "several here", help);
        }
    }

    /// Gives the type that is indexed, if it is known to be a vector; reports one that pgvector cannot index.
    fn indexed(&mut self, parts: &IndexKeyParts) -> Option<Indexed> {
        let indexed = match (parts.column(), &parts.target) {
            (Some(name), _) => {
                let column = ObjectId::column(self.index.table, ColumnName::new(&name));
                let Some(Body::Column(c)) = self.reader.body(&column) else { return None };
                let data_type = parse_type(c.data_type.as_written()).ok()?;
                let place = self.reader.places.attribute(&column, "type").cloned();
                Indexed { name, data_type, place }
            }
            (None, KeyTarget::Column(expression) | KeyTarget::Expression(expression)) => {
                let Some(data_type) = outer_cast(expression) else {
                    // Dimensions of other expressions only PostgreSQL can tell: the plan's proof asks it.
                    if !has_no_modifier(expression) {
                        return None;
                    }
                    let message =
                        format!("{} needs to know the dimensions of its key: {}", self.method.an(), self.id.short());
                    let to = if expression.starts_with("binary_quantize") { "bit" } else { "vector" };
                    let class = if to == "bit" { "bit_hamming_ops" } else { "vector_cosine_ops" };
                    let help = format!("cast it: \"({expression}::{to}(…)) {class}\"");
                    self.error(Code::VectorDimensions, message, "keys[0]", "an expression without a cast", Some(help));
                    return None;
                };
                Indexed { name: expression.clone(), data_type, place: self.place("keys[0]") }
            }
        };
        let known = vector_type(&indexed.data_type).filter(|_| indexed.data_type.dimensions == 0);
        let own = indexed
            .data_type
            .schema
            .as_deref()
            .map(|s| ObjectId::enumeration(Qualified::new(s, &indexed.data_type.name)));
        let is_enum = own.is_some_and(|id| self.reader.objects.contains_key(&id));
        if known.is_none() && (indexed.data_type.builtin || indexed.data_type.dimensions > 0 || is_enum) {
            let message =
                format!("{} cannot be on {}: {}", self.method.an(), indexed.data_type.canonical(), self.id.short());
            let place = self.place("keys[0]");
            self.out.push(
                Diagnostic::error(Code::VectorIndex, message)
                    .maybe_at(indexed.place.as_ref(), "this type")
                    .maybe_at(place.as_ref(), "indexed here")
                    .help("it takes vector, halfvec, sparsevec and bit with their dimensions"),
            );
        } else if known.is_none() && self.is_ours(parts) {
            self.hidden(&indexed);
        }
        let of = known?;
        self.needs.push(Need {
            what: format!("the index {} on {}", self.id.short(), of.as_str()),
            since: of.since(),
            place: self.place("keys[0]"),
            certain: true,
        });
        self.dimensions(of, &indexed, parts);
        Some(indexed)
    }

    /// Tells whether the operator class is one of pgvector's; without one, it is for a domain of its types.
    fn is_ours(&self, parts: &IndexKeyParts) -> bool {
        let home = super::version::extension(self.reader).map(|e| e.schema.as_str());
        let (schema, class) = match parts.operator_class.as_slice() {
            [] => return self.method == Method::Ivfflat && !super::names::has_other_extensions(self.reader),
            [class] => (None, class),
            [.., schema, class] => (Some(schema.as_str()), class),
        };
        let known = VectorType::ALL.iter().any(|of| self.method.classes(*of).contains(&class.as_str()));
        known && schema.is_none_or(|schema| home == Some(schema))
    }

    /// Reports a domain, whose dimensions are not the index's.
    fn hidden(&mut self, indexed: &Indexed) {
        let (an, short, name) = (self.method.an(), self.id.short(), indexed.data_type.canonical());
        let message = format!("{an} needs to know the dimensions of its key, and {name} is a domain: {short}");
        let place = self.place("keys[0]");
        self.out.push(
            Diagnostic::error(Code::VectorDimensions, message)
                .maybe_at(indexed.place.as_ref(), "this type")
                .maybe_at(place.as_ref(), "indexed here")
                .help(format!(
                    "index a cast to what it is a domain of: \"({}::vector(…)) vector_cosine_ops\"",
                    indexed.name
                )),
        );
    }

    fn dimensions(&mut self, of: VectorType, indexed: &Indexed, parts: &IndexKeyParts) {
        let (an, word, most) = (self.method.an(), of.as_str(), of.most_indexed());
        let here = self.reader.places.object(self.id).cloned();
        let count = match dimensions(&indexed.data_type) {
            Ok(Some(n)) if n > most && n <= of.most() => n,
            Ok(None) => {
                let message = format!("{an} needs to know the dimensions of its key: {}", self.id.short());
                self.out.push(
                    Diagnostic::error(Code::VectorDimensions, message)
                        .maybe_at(indexed.place.as_ref(), format!("no dimensions, indexed by {}", self.id.short()))
                        .maybe_at(here.as_ref(), "here")
                        .help(format!("write {word}(…) with its dimensions")),
                );
                return;
            }
            Ok(Some(_)) | Err(_) => return,
        };
        self.out.push(
            Diagnostic::error(
                Code::VectorDimensions,
                format!("{an} on {word} takes at most {} dimensions", grouped(most)),
            )
            .maybe_at(indexed.place.as_ref(), format!("{} dimensions, indexed by {}", grouped(count), self.id.short()))
            .maybe_at(here.as_ref(), "here")
            .help(if parts.column().is_some() {
                fewer(of, count, &indexed.name, &parts.operator_class)
            } else {
                "cast it to fewer dimensions, to halfvec(…), or to bit(…)".to_owned()
            }),
        );
    }

    fn operator_class(&mut self, parts: &IndexKeyParts, indexed: &Indexed) {
        let Some(of) = vector_type(&indexed.data_type) else { return };
        let (method, word) = (self.method.as_str(), of.as_str());
        let classes = self.method.classes(of);
        if classes.is_empty() {
            let message = format!("{} has no operator class for {word}: {}", self.method.an(), self.id.short());
            self.error(Code::VectorIndex, message, "keys[0]", "here", Some("use hnsw".to_owned()));
            return;
        }
        let Some(class) = parts.operator_class.last() else {
            if !self.method.has_default(of) {
                let message = format!("{} on {word} needs an operator class: {}", self.method.an(), self.id.short());
                let help = format!("choose by the distance that queries use: {}", classes.join(", "));
                self.error(Code::VectorOperatorClass, message, "keys[0]", "without an operator class", Some(help));
            }
            return;
        };
        if classes.contains(&class.as_str()) {
            self.class_details(class, of, indexed);
            return;
        }
        // A class in a schema of somebody's own is their own.
        let home = super::version::extension(self.reader).map(|e| e.schema.as_str());
        if let [schema, _] = parts.operator_class.as_slice()
            && home != Some(schema.as_str())
        {
            return;
        }
        let place = self.place("keys[0]").map(|place| word_at(&place, class));
        let other = VectorType::ALL.into_iter().find(|t| Method::Hnsw.classes(*t).contains(&class.as_str()));
        let message = match other {
            Some(other) if other == of => format!("{method} has no {class}"),
            Some(other) => {
                format!("{class} is for {}, and {} is {}", other.as_str(), indexed.name, indexed.data_type.canonical())
            }
            None if VectorType::ALL.iter().any(|of| of.ordering() == Some(class)) => {
                format!("{class} is of btree, and {} is {}", self.id.short(), self.method.an())
            }
            None => format!("pgvector has no operator class {class}"),
        };
        let near =
            nearest(class, classes.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let help = format!("{near}{method} on {word} takes {}", classes.join(", "));
        let mut diagnostic =
            Diagnostic::error(Code::VectorOperatorClass, message).maybe_at(place.as_ref(), "this operator class");
        if other.is_some_and(|other| other != of) {
            diagnostic = diagnostic.maybe_at(indexed.place.as_ref().filter(|_| parts.column().is_some()), "this type");
        }
        self.out.push(diagnostic.help(help));
    }

    fn class_details(&mut self, class: &str, of: VectorType, indexed: &Indexed) {
        if class.ends_with("_l1_ops") {
            let place = self.place("keys[0]");
            self.needs.push(Need { what: format!("the operator class {class}"), since: "0.7", place, certain: true });
        }
        let angular = class.ends_with("_ip_ops") || class.ends_with("_cosine_ops");
        if self.method == Method::Ivfflat && angular && dimensions(&indexed.data_type) == Ok(Some(1)) {
            let message = format!(
                "ivfflat with {class} needs more than one dimension, and {} is {}(1)",
                indexed.name,
                of.as_str()
            );
            self.error(Code::VectorDimensions, message, "keys[0]", "here", None);
        }
    }
}

/// Suggests what to do with more dimensions than an index takes.
fn fewer(of: VectorType, count: i64, name: &str, class: &[String]) -> String {
    let distance = class.last().and_then(|c| c.strip_prefix(of.as_str())).unwrap_or("_cosine_ops");
    let half = VectorType::Halfvec.most_indexed();
    if of == VectorType::Vector && count <= half {
        return format!(
            "store half precision, `{name}: halfvec({count})` (up to {} with an index),\nor index a cast: `keys: [\"({name}::halfvec({count})) halfvec{distance}\"]`",
            grouped(half)
        );
    }
    if of != VectorType::Bit && count <= VectorType::Bit.most_indexed() {
        return format!(
            "index one bit per dimension: `keys: [\"(binary_quantize({name})::bit({count})) bit_hamming_ops\"]`,\nor a part of it: `keys: [\"(subvector({name}, 1, 1024)::{}(1024)) {}{distance}\"]`",
            of.as_str(),
            of.as_str()
        );
    }
    "reduce the dimensions before they are stored".to_owned()
}
