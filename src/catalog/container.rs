//! Row type of schemas and extensions, which contain everything else.
use super::row::row;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Oid, Text};

row! {
    /// Row of a schema or an extension.
    ContainerRow {
        class: u32 as Oid,
        oid: u32 as Oid,
        kind: String as Text,
        name: String as Text,
        schema: String as Text,
        version: Option<String> as Nullable<Text>,
        comment: Option<String> as Nullable<Text>,
        owner: Option<String> as Nullable<Text>,
        acl: Option<Vec<String>> as Nullable<Array<Text>>,
        member_of: Option<String> as Nullable<Text>,
        server: i32 as Integer,
        seen: Option<String> as Nullable<Text>,
        snapshot: Option<String> as Nullable<Text>,
        frozen: bool as Bool,
        // Opaque kinds that there may be, and whether there are enums, as one of the rows says.
        kinds: Option<Vec<i32>> as Nullable<Array<Integer>>,
        enumerations: bool as Bool,
        // Names of the catalog's own types that others have too, as one of the rows says.
        taken: Option<Vec<String>> as Nullable<Array<Text>>,
    }
}
