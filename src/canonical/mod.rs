//! Turns SQL text into canonical text and into parts: the only stage that names pg_query, and no tree leaves it.
mod aggregate;
mod carried_view;
mod column;
mod composite_type;
mod default_privileges;
mod domain;
mod exclusion;
mod expression;
mod index_key;
mod memo;
mod operations;
mod parse;
mod part_name;
mod partition;
mod policy;
mod range_type;
mod references;
mod roles;
mod routine;
mod routine_text;
mod sameness;
mod statement;
mod table_columns;
mod trigger;
mod type_name;
mod volatility;
mod words;

pub use aggregate::{
    AGGREGATE_OPTIONS, AggregateText, OptionForm, OptionValue, parse_aggregate, parse_aggregate_option, with_sorted,
};
pub use carried_view::{CarriedView, parse_carried_view};
pub use column::{ColumnText, ColumnTextError, parse_column};
pub use composite_type::{
    CompositeAttribute, CompositeChange, CompositeText, parse_composite, parse_recorded_composite,
};
pub use default_privileges::{DefaultsText, parse_default_privileges};
pub use domain::{DomainCheck, DomainText, parse_domain};
pub use exclusion::{ExclusionKeyParts, parse_exclusion_key};
pub use expression::{canonical_expression, canonical_query, settled_expression, settled_query};
pub use index_key::{IndexKeyParts, KeyTarget, has_no_modifier, outer_cast, parse_index_key};
pub use operations::{Operand, ValueOperation, operations_of_expression, operations_of_query};
pub use parse::SqlError;
pub use part_name::{part_name, usual_part_name};
pub use partition::{
    PartitionPlace, bound_constants, canonical_bound, canonical_partition_key, parse_partition_place, partition_keys,
};
pub use policy::{PolicyText, parse_policy};
pub use range_type::{RangeText, parse_range_type};
pub use references::{Reference, References, references_of_expression, references_of_query, references_of_statements};
pub use roles::{guarded_statement, roles_of_statements};
pub use routine::{
    is_plpgsql, is_sql_body, parse_argument, parse_returns, parse_routine, parse_signature, read_sql_body,
};
pub use routine_text::{ArgumentText, RoutineBody, RoutineText};
pub use sameness::{Sameness, same_expression, same_index_key, same_query, same_type};
pub use statement::split_statements;
pub use table_columns::{TableColumns, parse_table_columns};
pub use trigger::{TriggerText, parse_trigger, parse_trigger_call, parse_trigger_events};
pub use type_name::{TypeName, builtin_types, canonical_type, catalogs_own, parse_type};
pub use volatility::{Given, given_by, is_stable_default};
