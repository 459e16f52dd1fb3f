//! Describes stand-ins for what managed objects use from schemas that nobody manages.
//! The shadow has nothing of it but what plans recorded of its shape. Objects of the same names and shapes stand in for
//! it, and do nothing.
use super::standin::{self, Volatility};
use crate::model::{Body, ObjectId, Qualified, SchemaName, State, quote};
use crate::plan::sql::list;
use crate::store::{Use, UseKind};
use std::collections::{BTreeMap, BTreeSet};

/// Stand-in for one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    pub(super) schema: String,
    /// Name for people, `function other.f`; nothing for the schema itself.
    pub(super) called: String,
    /// Name as texts have it.
    name: String,
    /// Query whether a schema that extensions live in as well is there, with one of them.
    pub(super) there: Option<String>,
    pub(super) statements: Vec<String>,
}

/// Gives stand-ins for what is used from schemas that none of these states has.
pub(super) fn outside(states: &[&State], uses: &[Use]) -> Vec<Outside> {
    let managed = |schema: &str| {
        schema == "pg_catalog" || states.iter().any(|state| state.has(&ObjectId::schema(SchemaName::new(schema))))
    };
    let homes: BTreeSet<&str> = states
        .iter()
        .flat_map(|state| state.objects.values())
        .filter_map(
            |object| if let Body::Extension(extension) = &object.body { Some(extension.schema.as_str()) } else { None },
        )
        .collect();
    let uses: Vec<&Use> =
        uses.iter().filter(|u| u.name.len() > 1 && u.name.first().is_some_and(|s| !managed(s))).collect();
    let schemas: BTreeSet<&str> = uses.iter().filter_map(|u| u.name.first()).map(String::as_str).collect();
    let mut out: Vec<Outside> = schemas.into_iter().map(schema).collect();
    let relations = relations(states, &uses);
    for kind in [UseKind::Type, UseKind::Collation] {
        let of = uses.iter().filter(|u| u.kind == kind);
        out.extend(of.filter_map(|u| type_or_collation(u, &relations, homes.contains(u.name[0].as_str()))));
    }
    out.extend(
        relations.into_iter().map(|(name, relation)| relation.outside(&name, homes.contains(name.schema.as_str()))),
    );
    let functions = uses.iter().filter(|u| u.kind == UseKind::Function);
    out.extend(functions.filter_map(|u| function(u, homes.contains(u.name[0].as_str()))));
    out
}

fn schema(name: &str) -> Outside {
    let statements = vec![format!("create schema if not exists {}", quote(name))];
    Outside { schema: quote(name), called: String::new(), name: String::new(), there: None, statements }
}

fn literal(text: &str) -> String {
    standin::literal(text)
}

fn type_or_collation(used: &Use, relations: &BTreeMap<Qualified, Relation>, beside: bool) -> Option<Outside> {
    let [schema, name] = used.name.as_slice() else { return None };
    // An array comes with its type, a table's row with the table.
    let name = name.strip_prefix('_').unwrap_or(name);
    let qualified = Qualified::new(schema.clone(), name);
    if relations.contains_key(&qualified) {
        return None;
    }
    let is_type = used.kind == UseKind::Type;
    let statements = match used.shape.as_deref() {
        _ if !is_type => standin::collation(schema, name),
        Some(shape) if shape.starts_with("enum (") => vec![format!("create type {qualified} as {shape}")],
        Some(base) => vec![format!("create domain {qualified} as {base}")],
        None => standin::type_(Some(schema), name, true),
    };
    let text = literal(&qualified.to_string());
    let there = if is_type {
        format!("to_regtype({text}) is not null")
    } else {
        format!("to_regcollation({text}) is not null")
    };
    let called = format!("{} {qualified}", if is_type { "type" } else { "collation" });
    Some(Outside {
        schema: quote(schema),
        called,
        name: qualified.to_string(),
        there: beside.then_some(there),
        statements,
    })
}

fn function(used: &Use, beside: bool) -> Option<Outside> {
    let ([schema, name], (arguments, returns)) =
        (used.name.as_slice(), used.shape.as_deref()?.split_once(") returns ")?)
    else {
        return None;
    };
    let arguments = arguments.trim_start_matches('(');
    let qualified = Qualified::new(schema.clone(), name.clone());
    let there = format!("to_regprocedure({}) is not null", literal(&format!("{qualified}({arguments})")));
    Some(Outside {
        schema: quote(schema),
        called: format!("function {qualified}"),
        name: format!("{qualified}("),
        there: beside.then_some(there),
        statements: standin::function(Some(schema), name, arguments, returns, Volatility::Immutable),
    })
}

/// Columns and keys of a table, or of a sequence, that are used.
#[derive(Default)]
struct Relation {
    sequence: bool,
    columns: BTreeMap<String, String>,
    keys: BTreeSet<Vec<String>>,
}

/// Gives the relations that are used, with the columns that are, and the keys that foreign keys of the states lead to.
fn relations(states: &[&State], uses: &[&Use]) -> BTreeMap<Qualified, Relation> {
    let mut out: BTreeMap<Qualified, Relation> = BTreeMap::new();
    for used in uses {
        match (used.kind, used.name.as_slice(), &used.shape) {
            (UseKind::Relation, [schema, name], shape) => {
                let relation = out.entry(Qualified::new(schema.clone(), name.clone())).or_default();
                relation.sequence = shape.as_deref() == Some("sequence");
            }
            (UseKind::Column, [schema, table, column], Some(data_type)) => {
                let relation = out.entry(Qualified::new(schema.clone(), table.clone())).or_default();
                relation.columns.insert(column.clone(), data_type.clone());
            }
            _ => {}
        }
    }
    for object in states.iter().flat_map(|state| state.objects.values()) {
        let Body::ForeignKey(key) = &object.body else { continue };
        if let Some(relation) = out.get_mut(&key.references) {
            relation.keys.insert(key.referenced.iter().map(|c| c.as_str().to_owned()).collect());
        }
    }
    out
}

impl Relation {
    fn outside(self, name: &Qualified, beside: bool) -> Outside {
        let Self { sequence, columns, keys } = self;
        let (called, statement) = if sequence {
            (format!("sequence {name}"), format!("create sequence {name}"))
        } else {
            let column = |(name, data_type): (&String, &String)| format!("{} {data_type}", quote(name));
            let key = |columns: &Vec<String>| format!("unique ({})", list(columns.iter().map(|c| quote(c))));
            let all: Vec<String> = columns.iter().map(column).chain(keys.iter().map(key)).collect();
            (format!("table {name}"), format!("create table {name} ({})", all.join(", ")))
        };
        let there = format!("to_regclass({}) is not null", literal(&name.to_string()));
        Outside {
            schema: name.schema.to_string(),
            called,
            name: name.to_string(),
            there: beside.then_some(there),
            statements: vec![statement],
        }
    }
}

impl Outside {
    /// Tells whether something of a state names the object.
    pub(super) fn is_named_in(&self, state: &State) -> bool {
        let whole = self.name.trim_end_matches('(');
        state.objects.values().any(|object| {
            if let Body::ForeignKey(key) = &object.body {
                return key.references.to_string() == whole;
            }
            object.attributes().iter().any(|attribute| self.stands_in(&attribute.value.shown()))
        })
    }

    /// Tells whether a text has the name, and not only as the end of another.
    fn stands_in(&self, text: &str) -> bool {
        let part_of_another =
            |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '"'));
        text.match_indices(&self.name).any(|(at, _)| !part_of_another(&text[..at]))
    }
}

impl Outside {
    /// Tells whether the schema is outside of a state: not where it has this name in the state alone, as it is renamed.
    pub(super) fn is_outside_of(&self, state: &State) -> bool {
        !state.objects.keys().any(|id| id.as_schema().is_some_and(|name| name.to_string() == self.schema))
    }
}
