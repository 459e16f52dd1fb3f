//! Addresses of default privileges: the role whose new objects get them, the schema, the kind of the objects.
use super::{Grantee, NewObjects, ObjectId, ObjectKind, Privilege, Privileges, Right, Rights, SchemaName};
use std::collections::BTreeMap;

/// The new objects that default privileges are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultsOf {
    /// The role that makes the objects.
    pub role: String,
    /// The schema that they are made in; none where it is any.
    pub schema: Option<SchemaName>,
    /// Kind of the objects.
    pub on: NewObjects,
}

impl DefaultsOf {
    /// The identity of these default privileges.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        let schema = self.schema.as_ref().map_or("", |schema| schema.as_str());
        ObjectId::of_parts(ObjectKind::DefaultPrivileges, &[self.role.as_str(), schema, self.on.letter()])
    }

    /// The address in an identity of default privileges.
    #[must_use]
    pub fn of(id: &ObjectId) -> Option<Self> {
        if !id.is(ObjectKind::DefaultPrivileges) {
            return None;
        }
        let [role, schema, letter] = <[&str; 3]>::try_from(id.parts()).ok()?;
        let schema = (!schema.is_empty()).then(|| SchemaName::new(schema));
        Some(Self { role: role.to_owned(), schema, on: NewObjects::of_letter(letter)? })
    }

    /// The privileges that PostgreSQL gives where there are no default privileges. Those of a schema are added to what the
    /// role's others give: there it is nothing.
    #[must_use]
    pub fn usual(&self) -> Privileges {
        if self.schema.is_some() {
            return Privileges { grants: BTreeMap::new(), exact: true };
        }
        let owner = Grantee::Role(self.role.clone());
        let mut out = match self.on.kind() {
            Some(kind) => Privileges::by_default(kind, Some(&self.role)),
            None => {
                let rights: Rights = self.privileges().into_iter().map(Right::plain).collect();
                Privileges { grants: [(owner.clone(), rights)].into(), exact: true }
            }
        };
        if self.on == NewObjects::Tables {
            // From 17 on; before, there is no such word.
            out.grants.entry(owner).or_default().insert(Right::plain(Privilege::MAINTAIN));
        }
        out
    }

    /// The privileges that the objects have.
    #[must_use]
    pub fn privileges(&self) -> Vec<Privilege> {
        let owners = self.on.kind().map(|kind| Privileges::by_default(kind, Some("owner")));
        let words: &[&str] = match self.on {
            NewObjects::Tables => &["maintain"],
            NewObjects::LargeObjects => &["select", "update"],
            NewObjects::Sequences | NewObjects::Functions | NewObjects::Types | NewObjects::Schemas => &[],
        };
        let known = owners.iter().flat_map(|of| of.grants.get(&Grantee::named("owner"))).flatten();
        let more = words.iter().filter_map(|word| Privilege::parse(word));
        known.map(|right| right.privilege).chain(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(role: &str, schema: Option<&str>, on: NewObjects) -> DefaultsOf {
        DefaultsOf { role: role.to_owned(), schema: schema.map(SchemaName::new), on }
    }

    #[test]
    fn addresses_survive_identities() {
        for on in NewObjects::ALL {
            for schema in [None, Some("app"), Some("a, \"b\"")] {
                let address = of("The owner", schema, on);
                let id = ObjectId::parse(&address.id().to_string()).unwrap();
                assert_eq!(DefaultsOf::of(&id), Some(address));
            }
        }
        assert_eq!(of("app owner", Some("s"), NewObjects::Tables).id().sql(), "of \"app owner\" on tables in schema s");
        assert_eq!(of("a", None, NewObjects::LargeObjects).id().short(), "of a on large objects");
    }

    #[test]
    fn what_postgresql_gives_is_known() {
        let told = |of: DefaultsOf| of.usual().told();
        assert_eq!(told(of("a", None, NewObjects::Functions)), "public: execute; a: execute");
        assert_eq!(told(of("a", None, NewObjects::LargeObjects)), "a: select, update");
        assert_eq!(told(of("a", None, NewObjects::Schemas)), "a: create, usage");
        assert_eq!(told(of("a", Some("s"), NewObjects::Types)), "");
        assert!(told(of("a", None, NewObjects::Tables)).contains("maintain"));
    }
}
