//! Privileges on objects: who holds which right, read from access control lists, compared and written.
use super::{ObjectId, ObjectKind, Schema, quote};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Privilege that somebody may have on an object (<https://www.postgresql.org/docs/18/ddl-priv.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// One that pgform knows.
    Known(&'static str),
    /// The letter of one that a later server has.
    Later(char),
}

/// The letter that access control lists have for each privilege.
const LETTERS: [(char, &str); 11] = [
    ('r', "select"),
    ('a', "insert"),
    ('w', "update"),
    ('d', "delete"),
    ('D', "truncate"),
    ('x', "references"),
    ('t', "trigger"),
    ('X', "execute"),
    ('U', "usage"),
    ('C', "create"),
    ('m', "maintain"),
];

/// All privileges that a table has on servers before 17, which added `maintain`.
const OF_TABLES_BEFORE_17: [&str; 7] = ["select", "insert", "update", "delete", "truncate", "references", "trigger"];

impl Privilege {
    /// `maintain`, which servers before 17 do not know.
    pub const MAINTAIN: Self = Self::Known("maintain");

    fn of_letter(letter: char) -> Self {
        let known = LETTERS.iter().find(|(known, _)| *known == letter);
        known.map_or(Self::Later(letter), |(_, word)| Self::Known(word))
    }

    /// The privilege of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        LETTERS.iter().find(|(_, known)| known.eq_ignore_ascii_case(word)).map(|(_, word)| Self::Known(word))
    }

    /// The words of all privileges.
    pub fn words() -> impl Iterator<Item = &'static str> {
        LETTERS.iter().map(|(_, word)| *word)
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(word) => f.write_str(word),
            Self::Later(letter) => write!(f, "privilege {letter} of a later server"),
        }
    }
}

/// Holder of privileges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grantee {
    /// Everybody.
    Public,
    /// A role.
    Role(String),
}

impl Grantee {
    /// The grantee as a declaration names it: a role is never called `public`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if name == "public" { Self::Public } else { Self::Role(name.to_owned()) }
    }

    /// The name that [`Grantee::named`] takes.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Public => "public",
            Self::Role(name) => name,
        }
    }
}

impl fmt::Display for Grantee {
    /// Writes the grantee as `grant … to` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::Role(name) => f.write_str(&quote(name)),
        }
    }
}

/// A privilege as somebody holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Right {
    /// Privilege that is held.
    pub privilege: Privilege,
    /// Says that the grantee may give it on.
    pub with_option: bool,
    /// The role that gave it, where that is not the object's owner.
    pub granted_by: Option<String>,
}

impl Right {
    /// A privilege that the owner gave, without the right to give it on.
    #[must_use]
    pub fn plain(privilege: Privilege) -> Self {
        Self { privilege, with_option: false, granted_by: None }
    }

    /// The right that [`Right`]'s `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, granted_by) = match text.split_once(" granted by ") {
            Some((text, by)) => (text, Some(by.to_owned())),
            None => (text, None),
        };
        let (word, with_option) = match text.strip_suffix(" with grant option") {
            Some(word) => (word, true),
            None => (text, false),
        };
        let later =
            || word.strip_prefix("privilege ")?.strip_suffix(" of a later server")?.parse().ok().map(Privilege::Later);
        Some(Self { privilege: Privilege::parse(word.trim()).or_else(later)?, with_option, granted_by })
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.privilege)?;
        if self.with_option {
            f.write_str(" with grant option")?;
        }
        match &self.granted_by {
            Some(by) => write!(f, " granted by {by}"),
            None => Ok(()),
        }
    }
}

/// Rights of one grantee on an object.
pub type Rights = BTreeSet<Right>;

/// Rights on an object, by grantee.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    /// Rights of each grantee; the owner is one of them. An empty set says that the grantee has none.
    pub grants: BTreeMap<Grantee, Rights>,
    /// Says that these are all: false where only the named grantees are managed, and nothing is known of others.
    pub exact: bool,
}

/// Rights that one grantee gets, and those that are taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantChange {
    /// Grantee whose rights change.
    pub grantee: Grantee,
    /// Rights that are given.
    pub given: Rights,
    /// Rights that are taken away.
    pub taken: Rights,
}

impl Privileges {
    /// The privileges of an access control list (`grantee=arw*/grantor`), all of them. An item of another form is kept as a
    /// privilege that pgform does not know, of whoever is called as the item is written.
    #[must_use]
    pub fn of_list(items: &[String], owner: Option<&str>) -> Self {
        let mut out = Self { grants: BTreeMap::new(), exact: true };
        for item in items {
            let (grantee, letters, by) = entry(item).unwrap_or_else(|| (item.clone(), "?", String::new()));
            let granted_by = Some(by).filter(|by| !by.is_empty() && owner.is_some_and(|owner| owner != by));
            let rights = out.grants.entry(if grantee.is_empty() { Grantee::Public } else { Grantee::Role(grantee) });
            let rights = rights.or_default();
            let mut letters = letters.chars().peekable();
            while let Some(letter) = letters.next() {
                let with_option = letters.next_if_eq(&'*').is_some();
                let privilege = Privilege::of_letter(letter);
                add(rights, Right { privilege, with_option, granted_by: granted_by.clone() });
            }
        }
        out
    }

    /// The privileges that PostgreSQL gives by default on a new object of that kind: to its owner, where that is known, and to
    /// everybody.
    #[must_use]
    pub fn by_default(kind: ObjectKind, owner: Option<&str>) -> Self {
        let (owners, everybodys): (&[&str], &[&str]) = match kind.word_in_grant() {
            Some("table") => (&OF_TABLES_BEFORE_17, &[]),
            Some("sequence") => (&["select", "update", "usage"], &[]),
            Some("schema") => (&["usage", "create"], &[]),
            Some("function" | "procedure") => (&["execute"], &["execute"]),
            Some("type" | "domain" | "language") => (&["usage"], &["usage"]),
            Some(_) => (&["usage"], &[]),
            None => (&[], &[]),
        };
        let rights = |words: &[&str]| -> Rights {
            words.iter().filter_map(|word| Privilege::parse(word)).map(Right::plain).collect()
        };
        let owner = owner.map(|owner| (Grantee::Role(owner.to_owned()), rights(owners)));
        let all = owner.into_iter().chain([(Grantee::Public, rights(everybodys))]);
        Self { grants: all.filter(|(_, rights)| !rights.is_empty()).collect(), exact: true }
    }

    /// The privileges on a new object that nobody has granted anything on: those by default, and on the schema `public`
    /// what `initdb` gives everybody (<https://www.postgresql.org/docs/18/ddl-schemas.html#DDL-SCHEMAS-PATTERNS>).
    #[must_use]
    pub fn as_made(id: &ObjectId, owner: Option<&str>) -> Self {
        let mut out = Self::by_default(id.kind(), owner);
        if id.as_schema().is_some_and(|name| Schema::is_public(&name)) {
            out.grants.insert(Grantee::Public, Rights::from([Right::plain(Privilege::Known("usage"))]));
        }
        out
    }

    /// Gives the privileges after the object went from one owner to another: PostgreSQL writes the new one wherever the
    /// old one stood.
    #[must_use]
    pub fn handed_over(&self, from: &str, to: &str) -> Self {
        let mut grants: BTreeMap<Grantee, Rights> = BTreeMap::new();
        for (grantee, rights) in &self.grants {
            let grantee = if grantee.name() == from { Grantee::Role(to.to_owned()) } else { grantee.clone() };
            let owned =
                |right: &Right| Right { granted_by: right.granted_by.clone().filter(|by| by != to), ..right.clone() };
            rights.iter().map(owned).for_each(|right| add(grants.entry(grantee.clone()).or_default(), right));
        }
        Self { grants, exact: self.exact }
    }

    /// Gives these privileges with the declared ones over them: of the grantees that those name, and where they are
    /// exact, of all but the owner.
    #[must_use]
    pub fn with_declared(&self, declared: &Self, owner: Option<&str>) -> Self {
        let mut out = self.clone();
        if declared.exact {
            out.grants.retain(|grantee, _| owner.is_some_and(|owner| grantee.name() == owner));
        }
        out.grants.extend(declared.grants.clone());
        out.grants.retain(|_, rights| !rights.is_empty() || !self.exact && !declared.exact);
        out.exact = self.exact || declared.exact;
        out
    }

    /// Gives these privileges over others: of the grantees that these do not name, they are those.
    #[must_use]
    pub fn over(self, others: Self) -> Self {
        let mut grants = others.grants;
        grants.extend(self.grants);
        Self { grants, exact: others.exact }
    }

    /// Gives a column's privileges where others say who is managed: whoever is named there and not here has nothing
    /// here.
    #[must_use]
    pub fn with_all_of(mut self, managed: &Self) -> Self {
        for grantee in managed.grants.keys() {
            self.grants.entry(grantee.clone()).or_default();
        }
        self.exact |= managed.exact;
        self
    }

    /// Lists what has to be given and taken for these privileges to become others: of the grantees that those name, or
    /// of everybody.
    #[must_use]
    pub fn changes_to(&self, after: &Self) -> Vec<GrantChange> {
        let none = Rights::new();
        let named: BTreeSet<&Grantee> = match after.exact {
            true => self.grants.keys().chain(after.grants.keys()).collect(),
            false => after.grants.keys().collect(),
        };
        let change = |grantee: &Grantee| {
            let (a, b) = (self.grants.get(grantee).unwrap_or(&none), after.grants.get(grantee).unwrap_or(&none));
            let (given, taken) = (b - a, a - b);
            let differs = !given.is_empty() || !taken.is_empty();
            differs.then(|| GrantChange { grantee: grantee.clone(), given, taken })
        };
        named.into_iter().filter_map(change).collect()
    }

    /// Gives the privileges that a server before 17 can be given: who has nothing else than `maintain` has no entry
    /// then.
    #[must_use]
    pub fn without_maintain(&self) -> Self {
        let mut out = self.clone();
        for rights in out.grants.values_mut() {
            rights.retain(|right| right.privilege != Privilege::MAINTAIN);
        }
        out.grants.retain(|_, rights| !rights.is_empty());
        out
    }

    /// Writes the privileges for reading: `app: select, insert; public: select`.
    #[must_use]
    pub fn told(&self) -> String {
        let one = |(grantee, rights): (&Grantee, &Rights)| format!("{}: {}", grantee.name(), told(rights));
        self.grants.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// The roles that are named.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        let grantees = self.grants.keys().filter(|grantee| **grantee != Grantee::Public).map(Grantee::name);
        grantees.chain(self.grants.values().flatten().filter_map(|right| right.granted_by.as_deref()))
    }
}

/// Tells whether these are all privileges on a table that servers before 17 have, without `maintain`.
#[must_use]
pub fn are_all_before_17(rights: &Rights) -> bool {
    let has = |word: &&'static str| rights.iter().any(|right| right.privilege == Privilege::Known(word));
    rights.len() == OF_TABLES_BEFORE_17.len() && OF_TABLES_BEFORE_17.iter().all(has)
}

/// Gives one more right: one that may be given on is the plain one too.
pub fn add(rights: &mut Rights, right: Right) {
    let with = |with_option| Right { with_option, ..right.clone() };
    if !rights.contains(&with(true)) {
        rights.remove(&with(false));
        rights.insert(right);
    }
}

/// Rights for reading: `select, insert`.
#[must_use]
pub fn told(rights: &Rights) -> String {
    if rights.is_empty() {
        return "nothing".to_owned();
    }
    rights.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The grantee, the letters and the grantor of an item.
fn entry(item: &str) -> Option<(String, &str, String)> {
    let (grantee, rest) = role(item)?;
    let (letters, by) = rest.strip_prefix('=')?.split_once('/')?;
    let (by, "") = role(by)? else { return None };
    Some((grantee, letters, by))
}

/// A role's name at the beginning of a text, quoted where it has to be, and what comes behind it.
fn role(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['=', '/']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: &[&str]) -> Privileges {
        Privileges::of_list(&items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>(), Some("me"))
    }

    #[test]
    fn a_list_is_read_whatever_its_names_hold() {
        let read = of(&["=r/me", "app=ar*/me", "\"a=/\"\"b\"=w/\"o=/\"", "me=r/me"]);
        assert_eq!(
            read.told(),
            "public: select; a=/\"b: update granted by o=/; app: insert, select with grant option; me: select"
        );
        assert_eq!(of(&["app=Z/me"]).told(), "app: privilege Z of a later server");
        assert_eq!(of(&["no list"]).told(), "no list: privilege ? of a later server");
        for right in read.grants.values().flatten() {
            assert_eq!(Right::parse(&right.to_string()).as_ref(), Some(right));
        }
    }

    #[test]
    fn a_declaration_manages_whom_it_names_and_all_where_it_is_exact() {
        let there = of(&["app=ar/me", "me=arwdDxt/me", "other=r/me"]);
        let mut declared = Privileges::default();
        declared.grants.insert(Grantee::named("app"), of(&["app=r/me"]).grants[&Grantee::named("app")].clone());
        assert_eq!(there.with_declared(&declared, Some("me")), of(&["app=r/me", "me=arwdDxt/me", "other=r/me"]));
        declared.exact = true;
        assert_eq!(there.with_declared(&declared, Some("me")), of(&["app=r/me", "me=arwdDxt/me"]));
        let changes = there.changes_to(&there.with_declared(&declared, Some("me")));
        let found: Vec<String> =
            changes.iter().map(|c| format!("{} +{} -{}", c.grantee, told(&c.given), told(&c.taken))).collect();
        assert_eq!(found, ["app +nothing -insert", "other +nothing -select"]);
    }

    #[test]
    fn a_new_owner_stands_where_the_old_one_stood() {
        let there = of(&["app=r/me", "me=arwdDxt/me", "you=r/you"]);
        assert_eq!(there.handed_over("me", "you").told(), {
            let mut all = of(&["app=r/me", "you=arwdDxt/me"]);
            all.grants.get_mut(&Grantee::named("you")).unwrap().insert(Right::plain(Privilege::Known("select")));
            all.told()
        });
    }
}
