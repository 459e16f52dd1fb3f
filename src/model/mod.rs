//! Plain data: one type per object kind, identities, states. No OIDs, no SQL text outside [`Fragment`]s, no I/O.
mod attribute;
mod body;
mod carried_form;
mod check;
mod column;
mod column_settings;
mod constraint;
mod database;
mod default_name;
mod definition;
mod digest;
mod enumeration;
mod exclusion;
mod extension;
mod foreign_key;
mod fragment;
mod head;
mod index;
mod interned;
mod key;
mod name;
mod object;
mod object_id;
mod object_kind;
mod occupied;
mod parameters;
mod partition;
mod parts;
mod privileges;
mod qualified_names;
mod rename;
mod routine_name;
mod schema;
mod sequence;
mod table;
mod view;

pub use attribute::{Attribute, AttributeValue, Attributes, Weight};
pub use body::{Body, TableConstraint};
pub use carried_form::CarriedForm;
pub use check::Check;
pub use column::{Column, ColumnValue, Compression, GenerationKind, Identity, Storage};
pub use column_settings::ColumnSettings;
pub use constraint::{Action, Deferrable, Enforcement};
pub use database::State;
pub use default_name::{default_name, joined_columns, numbered_name};
pub use definition::Definition;
pub use digest::{Digest, Hasher};
pub use enumeration::Enumeration;
pub use exclusion::{Exclusion, ExclusionKey};
pub use extension::Extension;
pub use foreign_key::{ForeignKey, MatchType};
pub use fragment::Fragment;
pub use head::Head;
pub use index::{Index, IndexKey};
pub use key::{Key, KeyKind};
pub use name::{
    ColumnName, ConstraintName, ExtensionName, Name, Qualified, RelationName, SchemaName, aside_name, is_aside,
    is_name_letter, quote,
};
pub use object::{Object, Typed};
pub use object_id::{NamePath, ObjectId};
pub use object_kind::{NameSpace, ObjectKind};
pub use occupied::{Occupied, occupied, rivals};
pub use parameters::Parameters;
pub use partition::Partitions;
pub use parts::{AttributeOf, Field, Grammar, Keyed, OnChange, Parts, Silence, Word};
pub use privileges::{
    GrantChange, Grantee, Privilege, Privileges, Right, Rights, add as add_right, are_all_before_17, told,
};
pub use rename::{Rename, before_renames, renamed_id, renamed_relation, renamed_schema, renamed_text};
pub use routine_name::routine_name;
pub use schema::Schema;
pub use sequence::{Sequence, SequenceOptions, SequenceType};
pub use table::{IndexMarks, PartitionOf, Persistence, ReplicaIdentity, Table};
pub use view::{CheckOption, View};
