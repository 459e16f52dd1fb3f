//! Tells how PostgreSQL converts a column's values to another type, and whether they come back as they were.
use crate::canonical::{TypeName, parse_domain, parse_type};
use crate::model::{ObjectId, ObjectKind, Qualified, State};

/// Ways from one type to another, best last (<https://www.postgresql.org/docs/18/sql-createcast.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cast {
    /// None that is known.
    None,
    /// One that has to be written: `value::type`.
    Explicit,
    /// One that `alter column … type` takes by itself.
    Assignment,
}

/// PostgreSQL's casts between its own types that it takes for an assignment, sorted (`select from pg_cast`). Those to
/// and from text are told apart from these.
const ASSIGNED: &[(&str, &[&str])] = &[
    ("bit", &["varbit"]),
    ("box", &["polygon"]),
    ("bpchar", &["char", "name"]),
    ("cidr", &["inet"]),
    ("date", &["timestamp", "timestamptz"]),
    ("float4", &["float8", "int2", "int4", "int8", "numeric"]),
    ("float8", &["float4", "int2", "int4", "int8", "numeric"]),
    ("inet", &["cidr"]),
    ("int2", &["float4", "float8", "int4", "int8", "numeric", "oid"]),
    ("int4", &["float4", "float8", "int2", "int8", "money", "numeric", "oid"]),
    ("int8", &["float4", "float8", "int2", "int4", "money", "numeric", "oid"]),
    ("interval", &["time"]),
    ("json", &["jsonb"]),
    ("jsonb", &["json"]),
    ("macaddr", &["macaddr8"]),
    ("macaddr8", &["macaddr"]),
    ("money", &["numeric"]),
    ("numeric", &["float4", "float8", "int2", "int4", "int8", "money"]),
    ("oid", &["int4", "int8"]),
    ("path", &["polygon"]),
    ("point", &["box"]),
    ("polygon", &["path"]),
    ("text", &["char", "name"]),
    ("time", &["interval", "timetz"]),
    ("timestamp", &["date", "time", "timestamptz"]),
    ("timestamptz", &["date", "time", "timestamp", "timetz"]),
    ("timetz", &["time"]),
    ("varbit", &["bit"]),
    ("varchar", &["char", "name"]),
];

/// The casts that have to be written, sorted.
const WRITTEN: &[(&str, &[&str])] = &[
    ("bit", &["int4", "int8"]),
    ("bool", &["int4"]),
    ("box", &["circle", "lseg", "point"]),
    ("char", &["int4"]),
    ("circle", &["box", "point", "polygon"]),
    ("daterange", &["datemultirange"]),
    ("int4", &["bit", "bool", "char"]),
    ("int4range", &["int4multirange"]),
    ("int8", &["bit"]),
    ("int8range", &["int8multirange"]),
    ("jsonb", &["bool", "float4", "float8", "int2", "int4", "int8", "numeric"]),
    ("lseg", &["point"]),
    ("numrange", &["nummultirange"]),
    ("polygon", &["box", "circle", "point"]),
    ("tsrange", &["tsmultirange"]),
    ("tstzrange", &["tstzmultirange"]),
    ("xid8", &["xid"]),
];

/// Casts of pgvector's types that are taken for an assignment; that between each and itself is one too.
const VECTORS: &[(&str, &[&str])] = &[
    ("halfvec", &["sparsevec", "vector"]),
    ("sparsevec", &["halfvec", "vector"]),
    ("vector", &["halfvec", "sparsevec"]),
];

/// A type as casts see it: what stands under its domains, and under its array.
struct Seen {
    found: TypeName,
    is_enum: bool,
    /// True for a domain that has conditions, itself or beneath: they are looked at, and may refuse a value.
    is_limited: bool,
}

/// A type as SQL, of a state.
type Of<'a> = (&'a State, &'a str);

fn seen((state, sql): Of<'_>) -> Option<Seen> {
    let (mut found, mut is_limited) = (parse_type(sql).ok()?, false);
    loop {
        let Some(schema) = found.schema.clone().filter(|_| !found.builtin) else {
            return Some(Seen { found, is_enum: false, is_limited });
        };
        let name = Qualified::new(schema, found.name.clone());
        let domain = state.get(&ObjectId::in_schema(ObjectKind::Domain, name)).filter(|_| found.dimensions == 0);
        let Some(text) = domain.and_then(|object| object.definition()?.text()) else {
            let is_enum = state.has(&ObjectId::enumeration(name));
            return Some(Seen { found, is_enum, is_limited });
        };
        let domain = parse_domain(text).ok()?;
        is_limited |= domain.not_null || !domain.checks.is_empty();
        found = parse_type(&domain.data_type).ok()?;
    }
}

/// Tells whether a type holds characters: to one everything is converted, from one everything where that is written.
fn holds_text(found: &TypeName) -> bool {
    let builtin = found.builtin && matches!(found.name.as_str(), "text" | "varchar" | "bpchar");
    (builtin || !found.builtin && found.name == "citext") && found.dimensions == 0
}

fn lists(table: &[(&str, &[&str])], from: &str, to: &str) -> bool {
    let at = table.binary_search_by_key(&from, |(from, _)| from);
    at.is_ok_and(|at| table[at].1.contains(&to))
}

/// The best way that PostgreSQL has from one type to the other.
pub(super) fn cast(from: Of<'_>, to: Of<'_>) -> Cast {
    let (Some(from), Some(to)) = (seen(from), seen(to)) else { return Cast::None };
    let (a, b) = (&from.found, &to.found);
    let same = (&a.schema, &a.name) == (&b.schema, &b.name);
    let vector = |found: &TypeName| !found.builtin && VECTORS.iter().any(|(name, _)| *name == found.name);
    let numbers = ["float4", "float8", "int4", "numeric"];
    match (a.dimensions > 0, b.dimensions > 0) {
        (_, false) if holds_text(b) => Cast::Assignment,
        (false, _) if holds_text(a) && !(b.builtin && ["char", "name"].contains(&b.name.as_str())) => Cast::Explicit,
        (true, false) if vector(b) && numbers.contains(&a.name.as_str()) => Cast::Assignment,
        (false, true) if vector(a) && a.name != "sparsevec" && b.name == "float4" => Cast::Assignment,
        (one, other) if one != other => Cast::None,
        _ if same => Cast::Assignment,
        _ if holds_text(&TypeName { dimensions: 0, ..b.clone() }) => Cast::Assignment,
        _ if holds_text(&TypeName { dimensions: 0, ..a.clone() }) => Cast::Explicit,
        _ if vector(a) && vector(b) && lists(VECTORS, &a.name, &b.name) => Cast::Assignment,
        _ if !a.builtin || !b.builtin => Cast::None,
        _ if lists(ASSIGNED, &a.name, &b.name) => Cast::Assignment,
        _ if lists(WRITTEN, &a.name, &b.name) => Cast::Explicit,
        _ => Cast::None,
    }
}

fn modifier(found: &TypeName, at: usize) -> Option<i64> {
    found.modifiers.get(at).and_then(|m| m.parse().ok())
}

/// Tells whether every value that PostgreSQL converts by itself is, converted back, the value that it was; it may refuse
/// some. What is not known to be so may lose something.
pub(super) fn keeps_values(from: Of<'_>, to: Of<'_>) -> bool {
    let (Some(from), Some(to)) = (seen(from), seen(to)) else { return false };
    let (a, b) = (&from.found, &to.found);
    if a.dimensions.min(1) != b.dimensions.min(1) {
        return b.dimensions == 0 && holds_text(b) && b.modifiers.is_empty();
    }
    let (from, to) = (a.name.as_str(), b.name.as_str());
    let as_text = |found: &TypeName| holds_text(&TypeName { dimensions: 0, ..found.clone() });
    if as_text(b) && to != "citext" {
        // What is too long is refused, and blanks that would be cut off are looked for.
        return true;
    }
    if !a.builtin || !b.builtin {
        // Another number of dimensions is refused.
        let vectors = matches!(
            (from, to),
            ("halfvec", "vector" | "sparsevec") | ("vector", "sparsevec") | ("sparsevec", "vector")
        );
        return (&a.schema, from) == (&b.schema, to) || vectors && a.schema == b.schema;
    }
    match (from, to) {
        ("numeric", "numeric") => match (modifier(a, 1), modifier(b, 1)) {
            (_, None) => true,
            (Some(a), Some(b)) => b >= a,
            (None, Some(_)) => false,
        },
        ("time", "time") | ("timetz", "timetz") | ("timestamp", "timestamp") | ("timestamptz", "timestamptz") => {
            modifier(b, 0).is_none_or(|b| modifier(a, 0).is_some_and(|a| b >= a))
        }
        ("timestamp", "timestamptz") | ("timestamptz", "timestamp") => {
            modifier(b, 0).is_none_or(|b| modifier(a, 0).is_some_and(|a| b >= a))
        }
        ("interval", "interval") => b.modifiers.is_empty() || a.modifiers == b.modifiers,
        ("int2" | "int4" | "int8", "int2" | "int4" | "int8" | "oid") | ("oid", "int4" | "int8") => true,
        ("int2" | "int4" | "int8", "numeric") => modifier(b, 1).is_none_or(|scale| scale >= 0),
        ("int2", "float4" | "float8") | ("int4", "float8") | ("float4", "float8") => true,
        ("date", "timestamp" | "timestamptz") | ("cidr", "inet") | ("jsonb", "json") => true,
        ("macaddr", "macaddr8") | ("macaddr8", "macaddr") => true,
        ("bit" | "varbit", "bit" | "varbit") | ("bool", "int4") => true,
        _ => from == to && a.modifiers == b.modifiers,
    }
}

/// The type beneath domains, as SQL, and whether these have conditions.
pub(super) fn beneath(of: Of<'_>) -> Option<(String, bool)> {
    seen(of).map(|seen| (seen.found.canonical(), seen.is_limited))
}

/// Tells whether a type holds characters, whatever domains are over it.
pub(super) fn is_text(of: Of<'_>) -> bool {
    seen(of).is_some_and(|seen| holds_text(&seen.found))
}

/// Tells whether PostgreSQL may refuse a value of one type as one of the other; for domains, by their conditions.
pub(super) fn may_refuse(from: Of<'_>, to: Of<'_>) -> bool {
    let (Some(from), Some(to)) = (seen(from), seen(to)) else { return true };
    let (a, b) = (&from.found, &to.found);
    let number = |name: &str| ["int2", "int4", "int8"].iter().position(|of| *of == name);
    if to.is_limited || to.is_enum {
        return true;
    }
    match (number(&a.name), number(&b.name)) {
        (Some(a), Some(b)) if a <= b => return false,
        _ => {}
    }
    let unbounded = b.modifiers.is_empty() && b.dimensions == 0;
    let never = match (a.name.as_str(), b.name.as_str()) {
        _ if holds_text(b) => true,
        (_, "numeric") => number(&a.name).is_some(),
        ("timestamp" | "timestamptz" | "date", "timestamp" | "timestamptz") | ("cidr", "inet") => true,
        ("int2" | "int4" | "int8" | "float4", "float8") | ("int2" | "int4" | "int8", "float4") => true,
        ("halfvec", "vector") | ("jsonb", "json") | ("bit", "varbit") => true,
        (a, b) => a == b && !matches!(b, "bit"),
    };
    !(unbounded && never)
}
