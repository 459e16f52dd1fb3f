//! Writes objects as SQL, every name qualified, nothing in a name or comment able to become SQL.
mod column;
mod constraint;
mod enumeration;
mod head;
mod index;
mod literal;
mod marks;
mod partition;
mod privileges;
mod sequence;
mod settings;
mod table;
mod view;

pub use column::{
    collate_clause, column_definition, column_extras, default_clause, identity_clause, identity_definition,
};
pub use constraint::{
    check_definition, constraint_definition, exclusion_definition, foreign_key_definition, key_definition,
    own_index_comment,
};
pub use enumeration::enum_sql;
pub use head::{access_of_carried, commented, commented_as, granted, head_of, head_of_called, owner_to};
pub use index::{create_index, index_extras};
pub use literal::{comment_on, dollar_quoted, list, literal, options};
pub use marks::index_marks;
pub use partition::{finish_parts, own_of_column};
pub use privileges::{redefault, regrant};
pub use sequence::{create_sequence, sequence_options};
pub use settings::{parameters_to, settings_to, to_tablespace};
pub use table::create_table;
pub use view::{create_view, view_extras};
