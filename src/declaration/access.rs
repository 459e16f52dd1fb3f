//! Writes whose the objects of a database are and who may use them, as `import` declares that: what differs from what
//! silence says.
use super::grants::EXACT;
use crate::model::{
    Body, ColumnName, Grantee, Object, ObjectId, Privilege, Privileges, Right, Rights, Schema, State, told,
};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Role that `initdb` gives the schema `public` to, from PostgreSQL 15 on.
const OF_PUBLIC: &str = "pg_database_owner";

/// Access to the objects of a state, as it is written.
pub(super) struct Access<'s> {
    state: &'s State,
    /// The role that owns what no file says the owner of.
    usual_owner: Option<&'s str>,
    /// Grants that no file can say, each in a line.
    pub(super) left_out: Vec<String>,
}

/// Rights of one grantee: on the object, and on its columns.
#[derive(Default)]
struct Granted {
    own: Rights,
    of_columns: BTreeMap<Right, Vec<ColumnName>>,
}

impl<'s> Access<'s> {
    pub(super) fn new(state: &'s State, usual_owner: Option<&'s str>) -> Self {
        Self { state, usual_owner, left_out: Vec::new() }
    }

    /// Adds `owner:` and `grants:` to the value of an object, where there is something to say; `short` is the key that a
    /// value without other keys stands for.
    pub(super) fn said_with(&mut self, value: Value, short: &str, id: &ObjectId, object: &Object) -> Value {
        let mut of = Mapping::new();
        self.put(&mut of, id, object);
        if of.is_empty() {
            return value;
        }
        if let Value::Mapping(mut map) = value {
            map.extend(of);
            return Value::Mapping(map);
        }
        Value::Mapping(std::iter::once((Value::from(short), value)).chain(of).collect())
    }

    /// Adds `owner:` and `grants:` to the keys of an object, where there is something to say.
    pub(super) fn put(&mut self, map: &mut Mapping, id: &ObjectId, object: &Object) {
        let owner = object.head.owner.as_deref();
        let mut all = self.granted(id, object);
        let mut others: BTreeSet<Grantee> =
            all.iter().filter(|(_, of)| of.is_others()).map(|(who, _)| who.clone()).collect();
        // A role of that name cannot stand beside the key.
        let in_the_way = all.keys().find(|who| who.name() == EXACT && !others.is_empty()).cloned();
        others.extend(in_the_way);
        let mut grants = Mapping::new();
        for who in &others {
            let told = all.remove(who).map(|of| of.told()).unwrap_or_default();
            self.left_out.push(format!(
                "grants of {} on {} {}: no declaration gives {told}",
                who.name(),
                object.word(id),
                id.short()
            ));
            grants.insert(EXACT.into(), false.into());
        }
        let usual = Privileges::as_made(id, owner);
        let mut names_owner = false;
        for (who, of) in &all {
            let is_owner = owner.is_some_and(|owner| who.name() == owner);
            if !of.of_columns.is_empty() || !same(&of.own, usual.grants.get(who), is_owner) {
                grants.insert(who.name().into(), of.written());
                names_owner |= is_owner;
            }
        }
        if let Some(owner) = owner.filter(|owner| names_owner || self.says_owner(id, object, owner)) {
            map.insert("owner".into(), owner.into());
        }
        if !grants.is_empty() {
            map.insert("grants".into(), Value::Mapping(grants));
        }
    }

    /// Gives who has rights on an object or on its columns, and who has some by default.
    fn granted(&self, id: &ObjectId, object: &Object) -> BTreeMap<Grantee, Granted> {
        // Of what no catalog was read, nothing differs.
        let usual = Privileges::as_made(id, object.head.owner.as_deref());
        let mut all: BTreeMap<Grantee, Granted> =
            usual.grants.keys().map(|who| (who.clone(), Granted::default())).collect();
        let owner = object.head.owner.as_deref();
        let there = || if owner.is_some() { Privileges::by_default(id.kind(), owner) } else { usual };
        for (who, rights) in object.head.privileges.clone().unwrap_or_else(there).grants {
            all.entry(who).or_default().own = rights;
        }
        let columns = id.as_table().map(|table| self.state.columns(&table)).unwrap_or_default();
        let of_objects =
            columns.into_iter().filter_map(|(name, column)| Some((name, column.head.privileges.as_ref()?)));
        let of_column = object.head.column_privileges.iter().map(|(name, of)| (*name, of));
        for (name, of) in of_objects.chain(of_column) {
            for (who, right) in of.grants.iter().flat_map(|(who, rights)| rights.iter().map(move |right| (who, right)))
            {
                all.entry(who.clone()).or_default().of_columns.entry(right.clone()).or_default().push(name);
            }
        }
        all
    }

    /// Tells whether an object's owner is another one than silence gives it. A sequence that a column owns is always its
    /// table's owner's.
    fn says_owner(&self, id: &ObjectId, object: &Object, owner: &str) -> bool {
        let made_so = id.as_schema().is_some_and(|name| Schema::is_public(&name)) && owner == OF_PUBLIC;
        let follows = matches!(&object.body, Body::Sequence(sequence) if sequence.owned_by.is_some());
        self.usual_owner.is_some_and(|usual| usual != owner) && !made_so && !follows
    }
}

/// Tells whether rights are the usual ones; `maintain` aside of the owner, who has it from PostgreSQL 17 on.
fn same(rights: &Rights, usual: Option<&Rights>, of_owner: bool) -> bool {
    let counts = |right: &&Right| !of_owner || right.privilege != Privilege::MAINTAIN;
    let (rights, usual) = (rights.iter().filter(counts), usual.into_iter().flatten().filter(counts));
    rights.eq(usual)
}

impl Granted {
    fn rights(&self) -> impl Iterator<Item = &Right> {
        self.own.iter().chain(self.of_columns.keys())
    }

    /// Tells whether a part of them is no owner's to give, or nothing that pgform knows: a declaration says neither.
    fn is_others(&self) -> bool {
        self.rights().any(|right| right.granted_by.is_some() || matches!(right.privilege, Privilege::Later(_)))
    }

    fn told(&self) -> String {
        told(&self.rights().cloned().collect())
    }

    fn written(&self) -> Value {
        let of_columns = self.of_columns.iter().map(|(right, columns)| {
            let columns = columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let option = if right.with_option { " with grant option" } else { "" };
            format!("{} ({columns}){option}", right.privilege)
        });
        Value::Sequence(self.own.iter().map(ToString::to_string).chain(of_columns).map(Value::from).collect())
    }
}
