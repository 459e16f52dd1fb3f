//! Columns of a state by the types of their values.
use super::reached::reached;
use crate::canonical::{parse_composite, parse_domain, parse_type};
use crate::model::{Body, ColumnName, Object, ObjectId, ObjectKind, Qualified, State};
use std::collections::{BTreeMap, BTreeSet};

/// A column of a type, and whether it holds arrays of it.
pub(super) type UsedIn = (Qualified, ColumnName, bool);

/// Columns of a state, by the types of a schema that their values have: read once for all types.
#[derive(Debug, Default)]
pub struct TypeColumns {
    columns: BTreeMap<Qualified, Vec<UsedIn>>,
    /// Domains, by the domain that they are built on.
    domains: BTreeMap<Qualified, Vec<Qualified>>,
    /// Domains and composite types, by the types that their values are made of.
    made_of: BTreeMap<Qualified, Vec<(Qualified, Vec<Inside>)>>,
}

/// Step from a value to one that is inside of it. A domain's value is one of the type beneath.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Inside {
    /// An item of an array.
    Item,
    /// An attribute of a composite type.
    Attribute(String),
}

/// A column whose values are of a type, or have some of it inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) table: Qualified,
    pub(super) column: ColumnName,
    /// Way from the column's value to those of the type.
    pub(super) path: Vec<Inside>,
}

/// The type of a schema that a type is, or is an array of.
fn named(data_type: &str) -> Option<(Qualified, bool)> {
    let parsed = parse_type(data_type).ok()?;
    Some((Qualified::new(parsed.schema?, parsed.name), parsed.dimensions > 0))
}

/// The types that the values of a domain or a composite type are made of, each with the way there.
fn parts((id, object): (&ObjectId, &Object)) -> Vec<(Qualified, Vec<Inside>)> {
    let text = || object.definition()?.text();
    let item = |is_array: bool| is_array.then_some(Inside::Item);
    if id.is(ObjectKind::Domain) {
        let of = text().and_then(|text| named(&parse_domain(text).ok()?.data_type));
        return of.into_iter().map(|(name, is_array)| (name, item(is_array).into_iter().collect())).collect();
    }
    let composite = text().filter(|_| id.is(ObjectKind::CompositeType)).and_then(|text| parse_composite(text).ok());
    let attributes = composite.into_iter().flat_map(|composite| composite.attributes);
    let of = attributes.filter_map(|attribute| Some((named(&attribute.data_type)?, attribute.name)));
    of.map(|((name, is_array), attribute)| {
        (name, std::iter::once(Inside::Attribute(attribute)).chain(item(is_array)).collect())
    })
    .collect()
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
            if let Some(name) = id.named_as(ObjectKind::Domain).or_else(|| id.named_as(ObjectKind::CompositeType)) {
                for (of, way) in parts((id, object)) {
                    out.made_of.entry(of).or_default().push((name, way));
                }
            }
            let (Some((table, column)), Body::Column(own)) = (id.as_column(), &object.body) else { continue };
            let Some((name, is_array)) = named(own.data_type.sql()) else { continue };
            out.columns.entry(name).or_default().push((table, column, is_array));
        }
        out
    }

    /// The columns of the type, and of arrays of it, in the order of their identities.
    pub(super) fn columns(&self, name: &Qualified) -> &[UsedIn] {
        self.columns.get(name).map_or(&[], Vec::as_slice)
    }

    /// The columns that hold values of a type, wherever inside: in arrays, under domains, in other composite types.
    pub(super) fn storing(&self, name: &Qualified) -> Vec<Stored> {
        let mut out = Vec::new();
        let mut ways: Vec<(Qualified, Vec<Inside>)> = vec![(*name, Vec::new())];
        // No type has values of itself inside.
        while let Some((name, path)) = ways.pop() {
            for (table, column, is_array) in self.columns(&name) {
                let item = is_array.then_some(Inside::Item);
                let path = item.into_iter().chain(path.iter().cloned()).collect();
                out.push(Stored { table: *table, column: *column, path });
            }
            for (outer, way) in self.made_of.get(&name).into_iter().flatten() {
                ways.push((*outer, way.iter().chain(&path).cloned().collect()));
            }
        }
        out.sort_by(|a, b| (a.table, a.column, &a.path).cmp(&(b.table, b.column, &b.path)));
        out
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
