//! Reads and writes objects as YAML in two dialects: the declaration that people write, and the states in plan files.
//! A file per kind holds its reader and its writer.
mod attributes;
mod carried_view;
mod check;
mod column;
mod column_settings;
mod column_text;
mod declared;
mod definition;
mod domain;
mod enumeration;
mod exclusion;
mod extension;
mod file;
mod files;
mod foreign_key;
mod function;
mod grants;
mod group;
mod head;
mod index;
mod key;
mod keys;
mod load;
mod naming;
mod pgvector;
mod policy;
mod reader;
mod resolve;
mod routine_clauses;
mod schema;
mod seed;
mod sequence;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod trigger;
mod value;
mod verify;
mod view;
mod write_files;

pub use declared::{Declared, Directives, Known, Places, named_schemas};
pub use load::{load, load_knowing, read_folder_texts, schemas_named};
pub use seed::SeedRow;
pub use state::{state_from_node, state_to_value};
pub use write_files::write_files;
