//! Macro that declares the row of a catalog query, and readers of the forms that catalogs keep values in.
/// Declares the row of a catalog query: each field with its type here and the SQL type it comes as.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $rust:ty as $sql:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, diesel::QueryableByName)]
        #[diesel(check_for_backend(diesel::pg::Pg))]
        pub(super) struct $name {
            $(#[diesel(sql_type = $sql)] pub(super) $field: $rust,)*
        }
    };
}
pub(super) use row;

use crate::model::Parameters;

/// Reads `name=value` pairs, as `reloptions` and the like hold them.
pub(super) fn options(list: Option<&Vec<String>>) -> Parameters {
    list.into_iter()
        .flatten()
        .map(|option| match option.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (option.clone(), String::new()),
        })
        .collect()
}

/// Gives SQL for privileges; null where they are those that PostgreSQL gives by default: a grant that was taken back
/// leaves these written out, and nothing has changed.
pub(super) fn privileges_sql(column: &str, kind: &str, owner: &str) -> String {
    format!(
        "case when {column} is not null then nullif(array(select item::text from unnest({column}) as item order by 1), \
         array(select item::text from unnest(acldefault({kind}, {owner})) as item order by 1)) end"
    )
}

/// Reads privileges in the catalog's own form, of an object with that owner.
pub(super) fn privileges(list: Option<&Vec<String>>, owner: Option<&str>) -> Option<crate::model::Privileges> {
    list.map(|list| crate::model::Privileges::of_list(list, owner))
}

/// Reads a single letter as the catalog stores enumerations of its own.
pub(super) fn letter(text: &str) -> char {
    text.chars().next().unwrap_or(' ')
}

/// Writes a string as an SQL literal.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_keep_what_stands_behind_the_first_sign() {
        let list = vec!["fillfactor=70".to_owned(), "a=b=c".to_owned(), "bare".to_owned()];
        let read = options(Some(&list));
        assert_eq!(read.get("fillfactor").unwrap(), "70");
        assert_eq!(read.get("a").unwrap(), "b=c");
        assert_eq!(read.get("bare").unwrap(), "");
        assert!(options(None).is_empty());
    }

    #[test]
    fn literals_survive_quotes_and_backslashes() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\b"), "E'a\\\\b'");
    }
}
