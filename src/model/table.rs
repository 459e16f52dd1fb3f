use super::{Parameters, RelationName, attribute::Attributes, attribute::pairs};

/// Whether a relation survives a crash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persistence {
    /// Written to the log.
    #[default]
    Permanent,
    /// Not written to the log: emptied by a crash, absent on replicas.
    Unlogged,
}

/// What a logical subscriber is told of the old row
/// (<https://www.postgresql.org/docs/18/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// The primary key.
    #[default]
    Default,
    /// All columns.
    Full,
    /// Nothing.
    Nothing,
    /// The columns of a unique index.
    Index(RelationName),
}

/// A table without what has an identity of its own: columns, constraints and indexes are objects beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Permanent or unlogged.
    pub persistence: Persistence,
    /// The tablespace, where not the database's.
    pub tablespace: Option<String>,
    /// The access method, where not `heap`.
    pub access_method: Option<String>,
    /// Storage parameters (`fillfactor`, `autovacuum_…`, `toast.…`).
    pub storage_parameters: Parameters,
    /// `enable row level security`.
    pub row_security: bool,
    /// `force row level security`.
    pub force_row_security: bool,
    /// What logical subscribers are told.
    pub replica_identity: ReplicaIdentity,
    /// The index it was last clustered on.
    pub clustered_on: Option<RelationName>,
}

impl Table {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self {
            persistence,
            tablespace,
            access_method,
            storage_parameters,
            row_security,
            force_row_security,
            replica_identity,
            clustered_on,
        } = self;
        out.flag("unlogged", *persistence == Persistence::Unlogged);
        out.soft("tablespace", tablespace.as_deref());
        if let Some(method) = access_method {
            out.hard("access_method", method);
        }
        out.soft("with", (!storage_parameters.is_empty()).then(|| pairs(storage_parameters.sorted())));
        out.flag("row_security", *row_security);
        out.flag("force_row_security", *force_row_security);
        out.soft(
            "replica_identity",
            match replica_identity {
                ReplicaIdentity::Default => None,
                ReplicaIdentity::Full => Some("full".to_owned()),
                ReplicaIdentity::Nothing => Some("nothing".to_owned()),
                ReplicaIdentity::Index(name) => Some(format!("index {}", name.as_str())),
            },
        );
        out.soft("clustered_on", clustered_on.as_ref().map(RelationName::as_str));
    }
}
