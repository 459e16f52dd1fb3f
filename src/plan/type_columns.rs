//! Columns of a state by the types of their values.
use super::reached::reached;
use crate::canonical::parse_type;
use crate::model::{Body, ColumnName, ObjectKind, Qualified, State};
use std::collections::{BTreeMap, BTreeSet};

/// A column of a type, and whether it holds arrays of it.
pub(super) type UsedIn = (Qualified, ColumnName, bool);

/// Columns of a state, by the types of a schema that their values have: read once for all types.
#[derive(Debug, Default)]
pub struct TypeColumns {
    columns: BTreeMap<Qualified, Vec<UsedIn>>,
    /// Domains, by the domain that they are built on.
    domains: BTreeMap<Qualified, Vec<Qualified>>,
}

impl TypeColumns {
    /// Reads the types of all columns.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let mut out = Self::default();
        for (id, object) in &state.objects {
            if let Some(domain) = id.named_as(ObjectKind::Domain) {
                for of in object.head.depends_on.iter().filter_map(|of| of.named_as(ObjectKind::Domain)) {
                    out.domains.entry(of).or_default().push(domain);
                }
            }
            let (Some((table, column)), Body::Column(own)) = (id.as_column(), &object.body) else { continue };
            let Ok(parsed) = parse_type(own.data_type.sql()) else { continue };
            let Some(schema) = parsed.schema else { continue };
            let name = Qualified::new(schema, parsed.name);
            out.columns.entry(name).or_default().push((table, column, parsed.dimensions > 0));
        }
        out
    }

    /// The columns of the type, and of arrays of it, in the order of their identities.
    pub(super) fn columns(&self, name: &Qualified) -> &[UsedIn] {
        self.columns.get(name).map_or(&[], Vec::as_slice)
    }

    /// The columns of a domain, and of the domains that are built on it.
    pub(super) fn beneath(&self, domain: &Qualified) -> Vec<UsedIn> {
        let domains = reached([*domain], |of| self.domains.get(&of).cloned().unwrap_or_default());
        domains.iter().flat_map(|name| self.columns(name)).copied().collect()
    }

    /// The tables that have a column of a domain, or of one that is built on it.
    #[must_use]
    pub fn tables_beneath(&self, domain: &Qualified) -> BTreeSet<Qualified> {
        self.beneath(domain).into_iter().map(|(table, _, _)| table).collect()
    }

    /// The tables that have a column of the type, or of arrays of it.
    #[must_use]
    pub fn tables(&self, name: &Qualified) -> BTreeSet<Qualified> {
        self.columns(name).iter().map(|(table, _, _)| *table).collect()
    }

    /// A query of the rows that hold one of an enum's labels; none where no column is known to be of that type.
    #[must_use]
    pub fn rows_with(&self, name: &Qualified, labels: &[String]) -> Option<String> {
        super::operation::rows_holding(self.columns(name), labels)
    }
}
