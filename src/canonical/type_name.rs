//! Parses the name of a type, and writes it as PostgreSQL does (`int4` as `integer`).
use super::{
    memo::Memo,
    parse::{self, SqlError},
};
use crate::model::quote;
use pg_query::protobuf::{self, node::Node};
use std::collections::BTreeSet;

/// A type as written: name, modifiers, array dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// The schema, where written; `None` for PostgreSQL's own types, however they were spelled.
    pub schema: Option<String>,
    /// The name as the catalog has it (`int8`, `vector`).
    pub name: String,
    /// The modifiers as SQL (`10`, `2`; for `interval` the fields and precision).
    pub modifiers: Vec<String>,
    /// Number of array dimensions that were written; PostgreSQL keeps only whether there are any.
    pub dimensions: usize,
    /// True where the type is one of PostgreSQL's own.
    pub builtin: bool,
    /// True where the type can be no other, whatever types there are: `pg_catalog` was written, or a word of the
    /// grammar.
    pub said_so: bool,
}

/// PostgreSQL's own types that people write by name, sorted (`select typname from pg_type` where not composite or
/// array). A name of these without a schema means the type in `pg_catalog`.
const BUILTIN: &[&str] = &[
    "aclitem",
    "bit",
    "bool",
    "box",
    "bpchar",
    "bytea",
    "char",
    "cid",
    "cidr",
    "circle",
    "date",
    "datemultirange",
    "daterange",
    "float4",
    "float8",
    "inet",
    "int2",
    "int2vector",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_lsn",
    "pg_snapshot",
    "point",
    "polygon",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "uuid",
    "varbit",
    "varchar",
    "xid",
    "xid8",
    "xml",
];

/// Lists PostgreSQL's own types that people write by name.
pub fn builtin_types() -> impl Iterator<Item = &'static &'static str> {
    BUILTIN.iter()
}

/// Reads a type.
///
/// # Errors
/// If it is not exactly one type name; `%type` and `setof` are not types of columns.
pub fn parse_type(text: &str) -> Result<TypeName, SqlError> {
    static KNOWN: Memo<TypeName> = Memo::new();
    KNOWN.get(text, || parse_new_type(text))
}

fn parse_new_type(text: &str) -> Result<TypeName, SqlError> {
    let tree = parse::one("select null::", text, "\n")?;
    match the_cast(tree) {
        Some(name) => from_tree(&name),
        None => Err(SqlError::new("this is not a type")),
    }
}

/// Gives the type of the one cast that a query selects, if it selects nothing else.
fn the_cast(tree: Node) -> Option<protobuf::TypeName> {
    let Node::SelectStmt(mut select) = tree else { return None };
    if select.target_list.len() != 1 || !select.from_clause.is_empty() {
        return None;
    }
    let Node::ResTarget(target) = select.target_list.remove(0).node? else { return None };
    let Node::TypeCast(cast) = target.val?.node? else { return None };
    if target.name.is_empty() { cast.type_name } else { None }
}

pub(super) fn from_tree(tree: &protobuf::TypeName) -> Result<TypeName, SqlError> {
    if tree.pct_type || tree.setof {
        return Err(SqlError::new("`%type` and `setof` are not types of columns"));
    }
    let mut parts = parse::names(&tree.names);
    let name = parts.pop().ok_or_else(|| SqlError::new("this is not a type"))?;
    let schema = parts.pop();
    if !parts.is_empty() {
        return Err(SqlError::new("a type's name has at most two parts"));
    }
    let builtin = match schema.as_deref() {
        Some("pg_catalog") => true,
        Some(_) => false,
        None => BUILTIN.binary_search(&name.as_str()).is_ok(),
    };
    let modifiers = if name == "interval" && builtin { interval(tree)? } else { modifiers(&tree.typmods)? };
    // `character` means `character(1)` and `bit` means `bit(1)`: the grammar fills the 1 in; `numeric(5)` has scale 0.
    let modifiers = match (name.as_str(), builtin, modifiers.as_slice()) {
        ("numeric", true, [precision]) => vec![precision.clone(), "0".to_owned()],
        _ => modifiers,
    };
    let said_so = builtin && schema.is_some();
    let schema = schema.filter(|_| !builtin);
    Ok(TypeName { schema, name, modifiers, dimensions: tree.array_bounds.len(), builtin, said_so })
}

fn modifiers(nodes: &[protobuf::Node]) -> Result<Vec<String>, SqlError> {
    nodes.iter().map(|n| parse::print_expression(n.clone())).collect()
}

/// Writes the modifiers of `interval day to second(3)`: the grammar turns the fields into a mask; the printer turns
/// them back.
fn interval(tree: &protobuf::TypeName) -> Result<Vec<String>, SqlError> {
    if tree.typmods.is_empty() {
        return Ok(Vec::new());
    }
    let bare = protobuf::TypeName { array_bounds: Vec::new(), ..tree.clone() };
    let value = protobuf::AConst { isnull: true, ..Default::default() };
    let cast = protobuf::TypeCast {
        arg: Some(Box::new(parse::node(Node::AConst(value)))),
        type_name: Some(bare),
        location: 0,
    };
    let text = parse::print_expression(parse::node(Node::TypeCast(Box::new(cast))))?;
    let fields = text.rsplit("::").next().unwrap_or_default().trim().trim_start_matches("interval").trim();
    let precision_alone = fields.strip_prefix('(').and_then(|f| f.strip_suffix(')'));
    let fields = precision_alone.unwrap_or(fields);
    Ok(if fields.is_empty() { Vec::new() } else { vec![fields.to_owned()] })
}

/// PostgreSQL's own types that the grammar has words for, and that are printed with these: another type of such a name is
/// never meant by them.
const WORDS: &[&str] = &[
    "bit",
    "bool",
    "float4",
    "float8",
    "int2",
    "int4",
    "int8",
    "interval",
    "json",
    "numeric",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "varbit",
    "varchar",
];

impl TypeName {
    /// Writes the canonical text, with `pg_catalog` where that was said and the text would not say it.
    #[must_use]
    pub fn spelled(&self) -> String {
        let (name, bare) = (self.name.as_str(), self.modifiers.is_empty());
        let word = match name {
            "bit" => !bare,
            "bpchar" => !bare,
            _ => WORDS.contains(&name),
        };
        if self.said_so && !word { format!("pg_catalog.{}", self.canonical()) } else { self.canonical() }
    }

    /// Writes the type as `format_type` prints it under an empty `search_path`; the schema is printed where there is
    /// one.
    #[must_use]
    pub fn canonical(&self) -> String {
        let Self { schema, name, modifiers, dimensions, builtin, said_so: _ } = self;
        let list = if modifiers.is_empty() { String::new() } else { format!("({})", modifiers.join(",")) };
        let base = if *builtin {
            match name.as_str() {
                "int2" => "smallint".to_owned(),
                "int4" => "integer".to_owned(),
                "int8" => "bigint".to_owned(),
                "bool" => "boolean".to_owned(),
                "float4" => "real".to_owned(),
                "float8" => "double precision".to_owned(),
                "varchar" => format!("character varying{list}"),
                "bpchar" if modifiers.is_empty() => "bpchar".to_owned(),
                "bpchar" => format!("character{list}"),
                "char" => "\"char\"".to_owned(),
                "varbit" => format!("bit varying{list}"),
                "bit" if modifiers.is_empty() => "\"bit\"".to_owned(),
                "time" => format!("time{list} without time zone"),
                "timetz" => format!("time{list} with time zone"),
                "timestamp" => format!("timestamp{list} without time zone"),
                "timestamptz" => format!("timestamp{list} with time zone"),
                "interval" => match modifiers.first() {
                    Some(fields) if fields.bytes().all(|b| b.is_ascii_digit()) => format!("interval({fields})"),
                    Some(fields) => format!("interval {fields}"),
                    None => "interval".to_owned(),
                },
                _ => format!("{name}{list}"),
            }
        } else {
            let schema = schema.as_ref().map(|s| format!("{}.", quote(s))).unwrap_or_default();
            format!("{schema}{}{list}", quote(name))
        };
        if *dimensions > 0 { format!("{base}[]") } else { base }
    }
}

/// Writes a printed type of PostgreSQL's own, so that it means that one where others have its name too (`taken`).
#[must_use]
pub fn catalogs_own(printed: &str, taken: &BTreeSet<String>) -> String {
    match parse_type(printed) {
        Ok(name) if name.builtin && taken.contains(&name.name) => TypeName { said_so: true, ..name }.spelled(),
        Ok(_) | Err(_) => printed.to_owned(),
    }
}

/// Gives the canonical text of a type.
///
/// # Errors
/// Errors of [`parse_type`].
pub fn canonical_type(text: &str) -> Result<String, SqlError> {
    Ok(parse_type(text)?.canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_printed_as_format_type_does() {
        for (written, printed) in [
            ("int", "integer"),
            ("int8", "bigint"),
            ("decimal(10, 2)", "numeric(10,2)"),
            ("numeric(5)", "numeric(5,0)"),
            ("varchar(9)[]", "character varying(9)[]"),
            ("char(3)", "character(3)"),
            ("char", "character(1)"),
            ("\"char\"", "\"char\""),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("bit", "bit(1)"),
            ("timestamp", "timestamp without time zone"),
            ("time with time zone", "time with time zone"),
            ("interval day to second(3)", "interval day to second(3)"),
            ("interval(3)", "interval(3)"),
            ("float(3)", "real"),
            ("public.vector(3)", "public.vector(3)"),
            ("halfvec( 3072 )", "halfvec(3072)"),
            ("text[][]", "text[]"),
            ("app.\"Status\"", "app.\"Status\""),
            ("pg_catalog.int4", "integer"),
            ("bit varying(5)", "bit varying(5)"),
            ("double precision", "double precision"),
            ("TEXT", "text"),
            ("interval", "interval"),
            ("interval year", "interval year"),
        ] {
            assert_eq!(canonical_type(written).unwrap(), printed, "{written}");
        }
    }

    #[test]
    fn the_catalogs_own_are_told_from_others_of_their_name() {
        for (written, spelled) in [
            ("date", "date"),
            ("pg_catalog.date", "pg_catalog.date"),
            ("pg_catalog.text[]", "pg_catalog.text[]"),
            ("pg_catalog.int4", "integer"),
            ("pg_catalog.bit", "pg_catalog.\"bit\""),
            ("bit(5)", "bit(5)"),
            ("pg_catalog.\"char\"", "pg_catalog.\"char\""),
            ("numeric(5,2)", "numeric(5,2)"),
            ("char(5)", "character(5)"),
            ("public.date", "public.date"),
        ] {
            assert_eq!(parse_type(written).unwrap().spelled(), spelled, "{written}");
            assert_eq!(parse_type(spelled).unwrap().spelled(), spelled, "{written}");
        }
        let taken = ["bit", "date", "varchar", "int4"].map(str::to_owned).into();
        for (printed, own) in [
            ("date", "pg_catalog.date"),
            ("date[]", "pg_catalog.date[]"),
            ("public.date", "public.date"),
            ("\"bit\"", "pg_catalog.\"bit\""),
            ("bit(3)", "bit(3)"),
            ("character varying(3)", "character varying(3)"),
            ("integer", "integer"),
            ("text", "text"),
        ] {
            assert_eq!(catalogs_own(printed, &taken), own, "{printed}");
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in
            ["", "setof int", "a.b%type", "int; drop table x", "int not null", "a.b.c.d", "int, int", "int as x"]
        {
            assert!(parse_type(text).is_err(), "{text}");
        }
    }

    #[test]
    fn builtin_names_are_sorted_for_the_binary_search() {
        assert!(BUILTIN.is_sorted());
    }
}
