//! Names in unmanaged schemas that a declaration uses: those that no plan has seen are looked up in a database.
use super::outside_uses;
use crate::canonical::{Reference, parse_type, references_of_expression, references_of_query};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Body, ColumnValue, Object, ObjectId, SchemaName, State};
use crate::server::Connection;
use crate::store::Use;
use std::collections::BTreeSet;

/// Pairs of schema and name.
pub(crate) type Names = BTreeSet<(String, String)>;

/// Names in schemas that neither state has, and that no plan has seen.
pub(crate) fn unseen(before: &State, after: &State, seen: &[Use]) -> Names {
    let managed = |schema: &str| {
        let id = ObjectId::schema(SchemaName::new(schema));
        schema.starts_with("pg_") || schema == "information_schema" || before.has(&id) || after.has(&id)
    };
    let known = |(schema, name): &(String, String)| {
        seen.iter().any(|used| matches!(used.name.as_slice(), [s, n, ..] if s == schema && n == name))
    };
    let names = after.objects.values().flat_map(references).filter_map(|reference| match reference {
        Reference::Relation(schema, name)
        | Reference::Type(schema, name)
        | Reference::Function(schema, name)
        | Reference::Collation(schema, name) => Some((schema?, name)),
        Reference::Column(..) => None,
    });
    names.filter(|name| !managed(&name.0) && !known(name)).collect()
}

fn references(object: &Object) -> BTreeSet<Reference> {
    if let Body::ForeignKey(key) = &object.body {
        let (schema, name) = (key.references.schema.as_str(), key.references.name.as_str());
        return BTreeSet::from([Reference::Relation(Some(schema.to_owned()), name.to_owned())]);
    }
    if let Body::View(view) = &object.body {
        return references_of_query(view.query.sql());
    }
    if let Body::Column(column) = &object.body {
        let value = match &column.value {
            ColumnValue::Default(e) | ColumnValue::Generated(e, _) => references_of_expression(e.sql()),
            ColumnValue::None | ColumnValue::Identity(_) => BTreeSet::new(),
        };
        let of = parse_type(column.data_type.sql()).ok().map(|t| Reference::Type(t.schema, t.name));
        return value.into_iter().chain(of).collect();
    }
    // What else is SQL are expressions, and keys of indexes.
    object.body.fragments().into_iter().flat_map(|fragment| references_of_expression(fragment.sql())).collect()
}

/// Finds those of the names that a database has.
///
/// # Errors
/// If it cannot be read.
pub(crate) async fn look_up(connection: &mut Connection, names: &Names) -> Result<Vec<Use>, Diagnostics> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let found = crate::catalog::named(connection.diesel(), names).await?;
    Ok(outside_uses::recorded_of(&found))
}

/// Adds help to a refusal by the shadow that is about one of these names.
pub(crate) fn explained(mut refused: Diagnostics, names: &Names, looked: bool) -> Diagnostics {
    for diagnostic in refused.0.iter_mut().filter(|d| d.code == Code::Rejected) {
        let says = |text: &str| diagnostic.message.contains(text);
        let about = |(schema, name): &&(String, String)| {
            says(&format!("{schema}.{name}")) || says(&format!("schema \"{schema}\"")) || says(&format!("\"{name}\""))
        };
        let Some((schema, name)) = names.iter().find(about) else { continue };
        let (schema, name) = (crate::model::quote(schema), crate::model::quote(name));
        diagnostic.help = Some(match looked {
            true => format!("schema {schema} is not managed, and the database named has no {schema}.{name} either"),
            false => format!(
                "schema {schema} is not managed, and no plan has seen {schema}.{name}: name a database that has it once, \
                 with -d URL or --env NAME"
            ),
        });
    }
    refused
}
