//! Planning: from the chain's head and a declaration to a plan file.
pub(super) mod absorb;
pub(super) mod between_states;
pub(super) mod carried_objects;
pub(super) mod desired_state;
pub(super) mod extension_versions;
pub(super) mod function_bodies;
pub(super) mod inputs;
pub(super) mod made_plan;
pub(super) mod name_conflicts;
pub(super) mod named_objects;
pub(super) mod outside_names;
pub(super) mod outside_uses;
pub(super) mod plan_args;
pub(super) mod segment_results;
pub(super) mod settled_sides;
pub(super) mod starting_point;
