//! Names as the catalog has them, when they must be quoted, and the names of what is set aside.
use super::interned::Interned;
use std::fmt;

/// Words that must be quoted as identifiers: PostgreSQL would take them for keywords; quoting the rest is only ugly.
/// The list is PostgreSQL's reserved and type-or-function keywords and those that cannot be a bare column or type
/// name (<https://www.postgresql.org/docs/18/sql-keywords-appendix.html>), sorted.
const KEYWORDS: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

/// The identifier as SQL: bare where PostgreSQL reads it back unchanged, quoted otherwise.
#[must_use]
pub fn quote(identifier: &str) -> String {
    let mut letters = identifier.chars();
    let bare = letters.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && KEYWORDS.binary_search(&identifier).is_err();
    if bare { identifier.to_owned() } else { format!("\"{}\"", identifier.replace('"', "\"\"")) }
}

/// Tells whether a letter can stand in a name that is written without quotes: any other ends the word.
#[must_use]
pub fn is_name_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// A name as the catalog has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub(super) Interned<str>);

impl Name {
    /// Keeps a name exactly as the catalog has it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Interned::text(name))
    }

    /// The name itself.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.0.as_static()
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        ///
        /// The name itself, never quoted or folded; `Display` prints it as SQL.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Name);

        impl $name {
            /// Wraps a name exactly as the catalog has it.
            #[must_use]
            pub fn new(name: impl AsRef<str>) -> Self {
                Self(Name::new(name.as_ref()))
            }

            /// The name itself.
            #[must_use]
            pub fn as_str(&self) -> &'static str {
                self.0.as_str()
            }
        }

        impl From<Name> for $name {
            fn from(name: Name) -> Self {
                Self(name)
            }
        }

        impl From<$name> for Name {
            fn from($name(name): $name) -> Self {
                name
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&quote(self.as_str()))
            }
        }
    )*};
}

names! {
    /// The name of a schema.
    SchemaName,
    /// The name of an extension.
    ExtensionName,
    /// The name of something that lives in a schema beside tables or types: a table, index, view, sequence or type.
    RelationName,
    /// The name of a column.
    ColumnName,
    /// The name of a table's constraint.
    ConstraintName,
}

/// A name with its schema. `Display` prints it as SQL, both parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qualified {
    /// The schema.
    pub schema: SchemaName,
    /// The name within it.
    pub name: RelationName,
}

impl Qualified {
    /// A name in a schema, both exactly as the catalog has them.
    #[must_use]
    pub fn new(schema: impl AsRef<str>, name: impl AsRef<str>) -> Self {
        Self { schema: SchemaName::new(schema), name: RelationName::new(name) }
    }

    /// Another name in the same schema.
    #[must_use]
    pub fn sibling(&self, name: impl AsRef<str>) -> Self {
        Self { schema: self.schema, name: RelationName::new(name) }
    }
}

impl fmt::Display for Qualified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// A name for something set aside: `~` and twelve hexadecimal digits of a digest. Never parsed for what it was: the old
/// name is in the plan and in the journal.
#[must_use]
pub fn aside_name(plan_seed: &str, object: &super::ObjectId) -> String {
    let mut hasher = super::Hasher::default();
    hasher.field(plan_seed.as_bytes());
    hasher.field(object.to_string().as_bytes());
    format!("~{}", &hasher.finish("s1").as_str()[3..15])
}

/// Tells whether a name is one of [`aside_name`]: what has it is invisible to every comparison.
#[must_use]
pub fn is_aside(name: &str) -> bool {
    name.strip_prefix('~')
        .is_some_and(|hex| hex.len() == 12 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted_for_the_binary_search() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn quotes_what_would_be_folded_or_is_a_keyword() {
        for (name, sql) in [
            ("documents", "documents"),
            ("user", "\"user\""),
            ("Mixed", "\"Mixed\""),
            ("a.b", "\"a.b\""),
            ("q\"q", "\"q\"\"q\""),
            ("1st", "\"1st\""),
            ("", "\"\""),
            ("_x1", "_x1"),
            ("naïve", "\"naïve\""),
        ] {
            assert_eq!(quote(name), sql);
        }
    }
}
