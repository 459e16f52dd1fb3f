//! The scope of managed objects: schemas, and patterns of names that are left alone.
use globset::{GlobBuilder, GlobMatcher};

/// Schema of pgform's own in a database, with the journal and data set aside. Never managed.
pub const OWN_SCHEMA: &str = "pgform";
/// Table of Alembic's own. Never managed, so that both tools can be used on the way from one to the other.
const ALEMBIC: &str = "alembic_version";

/// Scope of the objects that pgform manages, which each plan's header records.
#[derive(Clone, Debug)]
pub struct ManagedScope {
    schemas: Vec<String>,
    /// True where the settings name the schemas: otherwise `import` takes all that there are.
    named: bool,
    unmanaged: Vec<(String, GlobMatcher)>,
}

/// Reason why an object is not managed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmanaged {
    /// The schema is not among those of the scope.
    OutsideScope,
    /// The object is pgform's own.
    Own,
    /// The object belongs to an extension.
    ExtensionMember,
    /// The table is Alembic's.
    Alembic,
    /// A pattern under `unmanaged:` matches the name; with that pattern.
    Pattern(String),
}

impl Default for ManagedScope {
    fn default() -> Self {
        Self { schemas: vec!["public".to_owned()], named: false, unmanaged: Vec::new() }
    }
}

impl PartialEq for ManagedScope {
    fn eq(&self, other: &Self) -> bool {
        self.schemas == other.schemas && self.patterns().eq(other.patterns())
    }
}

impl Eq for ManagedScope {}

impl ManagedScope {
    /// Makes the scope of some schemas, without the names that match some patterns.
    ///
    /// # Errors
    /// The number and the reason for each broken pattern.
    pub fn new(schemas: Vec<String>, patterns: &[&str]) -> Result<Self, Vec<(usize, String)>> {
        let (mut unmanaged, mut wrong) = (Vec::new(), Vec::new());
        for (number, pattern) in patterns.iter().enumerate() {
            // Names are no paths: `*` also matches `/`, and case counts.
            match GlobBuilder::new(pattern).literal_separator(false).backslash_escape(true).build() {
                Ok(glob) => unmanaged.push(((*pattern).to_owned(), glob.compile_matcher())),
                Err(error) => wrong.push((number, error.kind().to_string())),
            }
        }
        if wrong.is_empty() { Ok(Self { schemas, named: true, unmanaged }) } else { Err(wrong) }
    }

    /// Gives the scope as one whose schemas the settings do not name.
    #[must_use]
    pub fn anywhere(mut self) -> Self {
        self.named = false;
        self
    }

    /// Tells whether the settings name the managed schemas.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.named
    }

    /// Managed schemas, in the file's order.
    #[must_use]
    pub fn schemas(&self) -> &[String] {
        &self.schemas
    }

    /// Patterns under `unmanaged:`, in the file's order.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.unmanaged.iter().map(|(pattern, _)| pattern.as_str())
    }

    /// Reason why an object is not managed; none if it is. A pattern with a dot is compared with `schema.name` and with
    /// a name that itself has a dot; one without a dot only with the name, so that `tmp*` says nothing about the
    /// schema.
    #[must_use]
    pub fn left_out(&self, schema: &str, name: &str, extension_member: bool) -> Option<Unmanaged> {
        if schema == OWN_SCHEMA {
            return Some(Unmanaged::Own);
        }
        if extension_member {
            return Some(Unmanaged::ExtensionMember);
        }
        if self.named && !self.schemas.iter().any(|s| s == schema) {
            return Some(Unmanaged::OutsideScope);
        }
        if name == ALEMBIC {
            return Some(Unmanaged::Alembic);
        }
        let qualified = format!("{schema}.{name}");
        let names = |(pattern, glob): &&(String, GlobMatcher)| {
            glob.is_match(name) || (pattern.contains('.') && glob.is_match(&qualified))
        };
        self.unmanaged.iter().find(names).map(|(pattern, _)| Unmanaged::Pattern(pattern.clone()))
    }
}

impl ManagedScope {
    /// Tells whether a pattern matches an object that lives in no schema: an extension, a publication.
    #[must_use]
    pub fn leaves_alone(&self, name: &str) -> bool {
        self.unmanaged.iter().any(|(_, glob)| glob.is_match(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_what_is_left_alone() {
        let scope =
            ManagedScope::new(vec!["public".into(), "app".into()], &["tmp_*", "app.*_log", "a/*", "Odd?"]).unwrap();
        let left = |schema: &str, name: &str| scope.left_out(schema, name, false);
        let pattern = |p: &str| Some(Unmanaged::Pattern(p.into()));
        assert_eq!(left("public", "documents"), None);
        assert_eq!(left("public", "tmp_x"), pattern("tmp_*"));
        assert_eq!(left("public", "tmp_x.y"), pattern("tmp_*"));
        assert_eq!(left("app", "audit_log"), pattern("app.*_log"));
        assert_eq!(left("public", "audit_log"), None);
        assert_eq!(left("public", "app.audit_log"), pattern("app.*_log"));
        assert_eq!(left("public", "a/b/c"), pattern("a/*"));
        assert_eq!(left("public", "odd1"), None);
        assert_eq!(left("public", "Odd1"), pattern("Odd?"));
        assert_eq!(left("other", "x"), Some(Unmanaged::OutsideScope));
        assert!(scope.leaves_alone("tmp_publication") && !scope.leaves_alone("vector"));
        assert_eq!(left("pgform", "journal"), Some(Unmanaged::Own));
        assert_eq!(left("app", "alembic_version"), Some(Unmanaged::Alembic));
        assert_eq!(scope.left_out("public", "vector", true), Some(Unmanaged::ExtensionMember));
        let wrong = ManagedScope::new(vec![], &["ok", "[", "{a"]).unwrap_err();
        assert_eq!(wrong.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 2]);
    }
}
