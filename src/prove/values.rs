//! Chooses values of each type for the rows of a proof, as SQL literals.
use crate::canonical::{
    CompositeAttribute, CompositeText, DomainText, TypeName, parse_domain, parse_range_type, parse_recorded_composite,
    parse_type,
};
use crate::model::{Body, ObjectId, ObjectKind, Qualified, State};
use crate::plan::sql::literal;

/// Gives the value of a type for a row, as an SQL literal that PostgreSQL reads as that type; rows differ, and the
/// later ones are at the type's bounds. `None` for a type that pgform knows nothing about.
#[must_use]
pub(super) fn value(state: &State, data_type: &str, row: usize) -> Option<String> {
    let parsed = parse_type(data_type).ok()?;
    if parsed.dimensions > 0 {
        return Some(array(state, data_type, row));
    }
    if let Some(composite) = composite(state, &parsed) {
        return Some(whole(state, data_type, &composite, row));
    }
    if let Some(beneath) = domain(state, &parsed).map(|domain| domain.data_type)
        && parse_type(&beneath).is_ok_and(|of| of.dimensions > 0 || composite_beneath(state, &of))
    {
        return value(state, &beneath, row).map(|value| format!("{value}::{data_type}"));
    }
    let text = if parsed.builtin { builtin(&parsed, row) } else { other(state, &parsed, row) };
    text.map(|t| literal(&t))
}

/// Writes a value of a composite type: something in each attribute whose type is known.
fn whole(state: &State, data_type: &str, composite: &CompositeText, row: usize) -> String {
    let one =
        |attribute: &CompositeAttribute| value(state, &attribute.data_type, row).unwrap_or_else(|| "null".to_owned());
    let values: Vec<String> = composite.attributes.iter().map(one).collect();
    format!("row({})::{data_type}", values.join(", "))
}

/// The composite type that a type is.
fn composite(state: &State, parsed: &TypeName) -> Option<CompositeText> {
    let name = Qualified::new(parsed.schema.clone()?, parsed.name.clone());
    let object = state.get(&ObjectId::in_schema(ObjectKind::CompositeType, name))?;
    parse_recorded_composite(object.definition()?.text()?).ok().filter(|_| parsed.dimensions == 0)
}

/// Tells whether a type is a composite one, or a domain over one.
fn composite_beneath(state: &State, parsed: &TypeName) -> bool {
    let beneath = || parse_type(&domain(state, parsed)?.data_type).ok();
    composite(state, parsed).is_some() || beneath().is_some_and(|of| composite_beneath(state, &of))
}

fn array(state: &State, data_type: &str, row: usize) -> String {
    let element = data_type.trim_end_matches("[]");
    match value(state, element, row) {
        Some(v) if row > 0 => format!("array[{v}]::{data_type}"),
        _ => literal("{}"),
    }
}

fn number(parsed: &TypeName, at: usize) -> Option<usize> {
    parsed.modifiers.get(at).and_then(|m| m.parse().ok())
}

fn integer(row: usize, max: i64) -> String {
    if row == 2 { max.to_string() } else { (row + 1).to_string() }
}

fn builtin(parsed: &TypeName, row: usize) -> Option<String> {
    let day = row % 28 + 1;
    Some(match parsed.name.as_str() {
        "int2" => integer(row, 32_767),
        "int4" | "oid" => integer(row, 2_147_483_647),
        "int8" => integer(row, 9_223_372_036_854_775_807),
        "bool" => (row.is_multiple_of(2)).to_string(),
        "float4" | "float8" => format!("{row}.5"),
        "numeric" => numeric(parsed, row),
        "money" => format!("{row}.50"),
        "text" | "varchar" | "bpchar" | "name" | "char" => characters(parsed, row),
        "uuid" => format!("00000000-0000-4000-8000-{:012}", row + 1),
        "date" => format!("2024-02-{day:02}"),
        "timestamp" | "timestamptz" => format!("2024-02-{day:02} 12:34:56.789012"),
        "time" | "timetz" => format!("{:02}:34:56", row % 24),
        "interval" => format!("{row} days"),
        "json" | "jsonb" => format!("{{\"row\": {row}}}"),
        "bytea" => format!("\\x{row:02x}ff00"),
        "inet" => format!("10.0.0.{}", row % 250 + 1),
        "cidr" => format!("10.0.{}.0/24", row % 250),
        "macaddr" => format!("08:00:2b:01:02:{:02x}", row % 250),
        "macaddr8" => format!("08:00:2b:01:02:03:04:{:02x}", row % 250),
        "bit" => bits(number(parsed, 0).unwrap_or(1), row),
        "varbit" => bits(number(parsed, 0).unwrap_or(8).min(8), row),
        "tsvector" => format!("word{row}"),
        "tsquery" => format!("word{row}"),
        "xml" => format!("<row n=\"{row}\"/>"),
        "point" => format!("({row},1)"),
        "box" => format!("({row},1),(0,0)"),
        "circle" => format!("<({row},1),2>"),
        "lseg" | "path" => format!("[({row},1),(2,3)]"),
        "line" => format!("{{1,{row},1}}"),
        "polygon" => format!("(({row},1),(2,3),(4,0))"),
        "pg_lsn" => format!("0/{row:X}"),
        "xid" | "xid8" | "cid" => row.to_string(),
        "int4range" | "int8range" | "numrange" => format!("[{row},{})", row + 1),
        "daterange" => format!("[2024-02-{day:02},2024-03-01)"),
        "tsrange" | "tstzrange" => format!("[\"2024-02-{day:02} 00:00\",\"2024-03-01 00:00\")"),
        "int4multirange" | "int8multirange" | "nummultirange" => format!("{{[{row},{})}}", row + 1),
        "regclass" | "regtype" | "regproc" | "regconfig" | "regrole" | "regnamespace" => "0".to_owned(),
        "jsonpath" => "$.a".to_owned(),
        _ => return None,
    })
}

fn numeric(parsed: &TypeName, row: usize) -> String {
    match (number(parsed, 0), number(parsed, 1)) {
        (Some(precision), Some(scale)) if scale <= precision => {
            // The largest value that fits, for one row; small ones otherwise.
            if row == 2 {
                let whole = "9".repeat(precision - scale);
                let whole = if whole.is_empty() { "0".to_owned() } else { whole };
                if scale == 0 { whole } else { format!("{whole}.{}", "9".repeat(scale)) }
            } else if precision > scale {
                (row % 9).to_string()
            } else {
                format!("0.{}", row % 9)
            }
        }
        _ => format!("{row}.25"),
    }
}

fn characters(parsed: &TypeName, row: usize) -> String {
    let text = if row == 2 { format!("naïve 'quoted' {row}") } else { format!("value{row}") };
    match (parsed.name.as_str(), number(parsed, 0)) {
        ("char", _) => char::from(b'a' + u8::try_from(row % 26).unwrap_or(0)).to_string(),
        (_, Some(length)) if text.chars().count() > length => {
            let digits = row.to_string();
            let keep = length.saturating_sub(digits.len());
            format!("{}{digits}", "v".repeat(keep)).chars().take(length).collect()
        }
        _ => text,
    }
}

fn bits(length: usize, row: usize) -> String {
    (0..length).map(|at| if (at + row).is_multiple_of(3) { '1' } else { '0' }).collect()
}

/// The domain that a type is.
pub(super) fn domain(state: &State, parsed: &TypeName) -> Option<DomainText> {
    let name = Qualified::new(parsed.schema.clone()?, parsed.name.clone());
    let object = state.get(&ObjectId::in_schema(ObjectKind::Domain, name))?;
    parse_domain(object.definition()?.text()?).ok().filter(|_| parsed.dimensions == 0)
}

/// Gives values of extensions' types and of the state's own: enums, pgvector's, a few that are text.
fn other(state: &State, parsed: &TypeName, row: usize) -> Option<String> {
    let own = Qualified::new(parsed.schema.clone().unwrap_or_default(), parsed.name.clone());
    if let Some(Body::Enumeration(e)) = state.body(&ObjectId::enumeration(own)) {
        let labels: Vec<&String> = e.labels.iter().filter(|l| !crate::model::is_aside(l)).collect();
        return labels.get(row % labels.len().max(1)).map(|l| (*l).clone());
    }
    if let Some(domain) = domain(state, parsed) {
        let beneath = parse_type(&domain.data_type).ok()?;
        return if beneath.builtin { builtin(&beneath, row) } else { other(state, &beneath, row) };
    }
    if let Some(Body::Definition(range)) = state.body(&ObjectId::in_schema(ObjectKind::RangeType, own)) {
        let subtype = range.text().and_then(|text| parse_range_type(text).ok()).map(|range| range.subtype);
        let bound = subtype.and_then(|of| parse_type(&of).ok()).filter(|of| of.builtin && of.dimensions == 0);
        // Without an end, no value of any order is before its beginning.
        let bound = bound.and_then(|of| builtin(&of, row)).map(|bound| bound.replace(['\\', '"'], ""));
        return Some(bound.map_or_else(|| "empty".to_owned(), |bound| format!("[\"{bound}\",)")));
    }
    let dimensions = number(parsed, 0).unwrap_or(3);
    Some(match parsed.name.as_str() {
        "vector" | "halfvec" => {
            let values: Vec<String> = (0..dimensions).map(|at| ((at + row) % 7 + 1).to_string()).collect();
            format!("[{}]", values.join(","))
        }
        "sparsevec" => format!("{{{}:{}}}/{dimensions}", row % dimensions + 1, row + 1),
        "citext" => format!("value{row}"),
        "ltree" => format!("top.row{row}"),
        "hstore" => format!("row=>{row}"),
        _ => return None,
    })
}
