use super::operation::Context;
use super::problem::Problem;
use crate::canonical::{TypeName, parse_type};
use crate::model::{Column, ExtensionName, Object, ObjectId};

/// Whether a type change touches the catalog only, as measured: no rewrite, no scan, indexes on the plain column kept.
/// Everything else counts as a rewrite.
#[must_use]
pub(super) fn keeps_every_file(from: &str, to: &str) -> bool {
    let (Ok(from), Ok(to)) = (parse_type(from), parse_type(to)) else { return false };
    if !from.builtin || !to.builtin || from.dimensions > 0 || to.dimensions > 0 {
        return false;
    }
    match (from.name.as_str(), to.name.as_str()) {
        ("varchar", "text") => true,
        ("text", "varchar") => to.modifiers.is_empty(),
        ("cidr", "inet") => true,
        ("varchar", "varchar")
        | ("varbit", "varbit")
        | ("timestamp", "timestamp")
        | ("timestamptz", "timestamptz")
        | ("time", "time")
        | ("timetz", "timetz") => widens(&from, &to),
        ("numeric", "numeric") => match (number(&from, 0), number(&to, 0)) {
            (_, None) => true,
            (Some(a), Some(b)) => b >= a && number(&from, 1) == number(&to, 1),
            (None, Some(_)) => false,
        },
        _ => false,
    }
}

/// Why a column's type cannot follow its extension to another schema; none where that is not what happens.
pub(super) fn moves_away(context: &Context<'_>, id: &ObjectId, pair: (&Column, &Column)) -> Option<Problem> {
    let extension = moved_with(context, pair)?;
    let message = format!(
        "column {} has a type of extension {extension}, which pgform cannot move to another schema yet while a column uses it",
        id.short()
    );
    let help = Some(format!("leave {extension} in the schema where it is"));
    Some(Problem { help, ..Problem::not_yet(id, message).at("type") })
}

/// The extension that moves to another schema and takes the type with it, where that is all that differs.
fn moved_with<'c>(context: &Context<'c>, (a, b): (&Column, &Column)) -> Option<&'c ExtensionName> {
    let (from, to) = (parse_type(a.data_type.sql()).ok()?, parse_type(b.data_type.sql()).ok()?);
    if from.name != to.name || from.modifiers != to.modifiers || from.dimensions.min(1) != to.dimensions.min(1) {
        return None;
    }
    context.before.objects.iter().find_map(|(id, object)| match (id, object, context.after.get(id)) {
        (ObjectId::Extension(name), Object::Extension(a), Some(Object::Extension(b)))
            if from.schema.as_deref() == Some(a.schema.as_str()) && to.schema.as_deref() == Some(b.schema.as_str()) =>
        {
            (a.schema != b.schema).then_some(name)
        }
        _ => None,
    })
}

fn number(name: &TypeName, at: usize) -> Option<i64> {
    name.modifiers.get(at).and_then(|m| m.parse().ok())
}

fn widens(from: &TypeName, to: &TypeName) -> bool {
    match (number(from, 0), number(to, 0)) {
        (_, None) => true,
        (Some(a), Some(b)) => b >= a,
        (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_measured_pairs_are_cheap() {
        for (from, to) in [
            ("character varying(5)", "character varying(9)"),
            ("character varying(5)", "text"),
            ("text", "character varying"),
            ("numeric(5,2)", "numeric(9,2)"),
            ("numeric(5,2)", "numeric"),
            ("timestamp(3) without time zone", "timestamp without time zone"),
        ] {
            assert!(keeps_every_file(from, to), "{from} -> {to}");
        }
        for (from, to) in [
            ("character varying(9)", "character varying(5)"),
            ("text", "character varying(5)"),
            ("integer", "bigint"),
            ("numeric(5,2)", "numeric(9,3)"),
            ("character(3)", "text"),
            ("public.vector(3)", "public.vector"),
            ("character varying(5)[]", "text[]"),
            ("timestamp without time zone", "timestamp with time zone"),
        ] {
            assert!(!keeps_every_file(from, to), "{from} -> {to}");
        }
    }
}
