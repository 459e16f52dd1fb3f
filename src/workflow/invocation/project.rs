//! A project (folders, settings, variables), the connections that it makes, and the scope that it manages.
use super::clock::{dated, now};
use crate::canonical::parse_type;
use crate::catalog;
use crate::declaration::{Declared, Known, named_schemas};
use crate::diagnostic::{Again, Code, Command, Diagnostic, Diagnostics};
use crate::model::{Body, Object, ObjectId, ObjectKind, Qualified, SchemaName, State};
use crate::server::{ConnectOptions, Connection, connect_reading, connect_writing};
use crate::settings::{Asked, Environment, Purpose, Settings, Timeouts, Unmanaged, Variables, database_for, variables};
use crate::store::{Plans, PostgresVersions, Receipts, RecordedScope, StoredPlan};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Project: folders of its files, its settings, the process's variables.
#[derive(Debug)]
pub struct Project {
    /// The folder of the declaration.
    pub schema_dir: PathBuf,
    /// The folder of the plans.
    pub plans_dir: PathBuf,
    /// `pgform.yaml`, or its defaults.
    pub settings: Settings,
    /// The process's environment and `.env`.
    pub variables: Variables,
    /// The user who acts, where `--as` names one.
    pub(crate) signed: Option<String>,
    /// The time to record, where `PGFORM_DATE` gives it.
    dated: Option<Timestamp>,
}

/// A database that a command reached.
#[derive(Debug)]
pub struct Connected {
    /// The session.
    pub connection: Connection,
    /// The environment, where one was named, or the database remembers one.
    pub environment: Option<String>,
    /// The role that statements run as, where the environment names one.
    pub role: Option<String>,
    /// Flags that name the database again in a suggested command.
    pub again: Again,
    /// Timeouts of statements, by the environment that was named or that the database remembers.
    pub patience: Option<Timeouts>,
    /// Settings of the environment that was named; none where none was.
    pub settings: Option<Environment>,
    /// The options, for a second connection.
    pub options: ConnectOptions,
    /// True where subscribers of everything are prepared for pgform's tables.
    pub subscribers_ready: bool,
    /// The user recorded by runs that write, and a warning where nobody knows who that is.
    pub(crate) who: (String, Diagnostics),
}

impl Project {
    /// Opens the project of a folder.
    ///
    /// # Errors
    /// If `pgform.yaml` is wrong, or `PGFORM_DATE` is no time.
    pub fn open(
        dir: &std::path::Path,
        schema_dir: PathBuf,
        plans_dir: PathBuf,
        process: BTreeMap<String, String>,
    ) -> Result<Self, Diagnostics> {
        let settings = Settings::load(dir)?;
        let variables = variables(dir, process);
        let dated = dated(&variables)?;
        Ok(Self { schema_dir, plans_dir, settings, variables, signed: None, dated })
    }

    /// Gives the project with the user who acts.
    #[must_use]
    pub fn signed(self, who: Option<String>) -> Self {
        Self { signed: who, ..self }
    }

    /// Time that receipts record: now, or the one that `PGFORM_DATE` gives.
    pub(crate) fn now(&self) -> Timestamp {
        self.dated.unwrap_or_else(now)
    }

    /// The plans, or an empty chain.
    ///
    /// # Errors
    /// If a plan cannot be read.
    pub fn plans(&self) -> Result<Plans, Diagnostics> {
        Plans::load(&self.plans_dir)
    }

    /// The receipts beside the plans.
    ///
    /// # Errors
    /// If a receipt cannot be read.
    pub fn receipts(&self) -> Result<Receipts, Diagnostics> {
        Receipts::load(&self.plans_dir)
    }

    /// The receipts, with those of a plan that was named, wherever its file is.
    ///
    /// # Errors
    /// If a receipt cannot be read.
    pub fn receipts_of(&self, plan: &StoredPlan) -> Result<Receipts, Diagnostics> {
        self.receipts()?.beside(plan)
    }

    /// Scope for a plan's header: the settings' schemas, or, where they name none, those of the declaration and the
    /// chain's head.
    #[must_use]
    pub fn scope_of(&self, named: &BTreeSet<SchemaName>) -> RecordedScope {
        let mut schemas: BTreeSet<String> = match self.settings.scope.is_named() {
            true => self.settings.scope.schemas().iter().cloned().collect(),
            false => named.iter().map(|s| s.as_str().to_owned()).collect(),
        };
        if schemas.is_empty() {
            schemas.insert("public".to_owned());
        }
        let mut unmanaged: Vec<String> = self.settings.scope.patterns().map(str::to_owned).collect();
        unmanaged.sort();
        RecordedScope { schemas: schemas.into_iter().collect(), unmanaged }
    }

    /// Schemas that were not read and that no setting leaves alone by name: none where the settings name the managed
    /// ones.
    pub(crate) fn left_alone<'l>(&self, left_out: impl IntoIterator<Item = &'l catalog::LeftOut>) -> Vec<SchemaName> {
        if self.settings.scope.is_named() {
            return Vec::new();
        }
        let outside = left_out.into_iter().filter(|l| l.reason == catalog::Reason::OutOfScope);
        let schemas = outside.filter_map(|l| ObjectId::parse(&l.identity)).filter_map(|id| match id.as_schema() {
            Some(name) => Some(name),
            None => id.home().filter(|schema| schema.as_str() == "public"),
        });
        let all: BTreeSet<SchemaName> = schemas.collect();
        all.into_iter().filter(|name| !self.settings.scope.leaves_alone(name.as_str())).collect()
    }

    /// The server versions that plans are made for.
    #[must_use]
    pub fn postgres(&self) -> PostgresVersions {
        PostgresVersions {
            lowest: u32::from(self.settings.postgres.lowest),
            highest: u32::from(self.settings.postgres.highest),
        }
    }

    /// Scope in which a catalog is read: the settings' scope, and the schemas of a state.
    #[must_use]
    pub fn catalog_scope(&self, state: &State) -> catalog::Scope {
        self.catalog_scope_with(state, &BTreeSet::new())
    }

    /// Scope as by [`Self::catalog_scope`], and the schemas of some objects.
    pub(crate) fn catalog_scope_over(&self, state: &State, of: &BTreeSet<ObjectId>) -> catalog::Scope {
        let mut scope = self.catalog_scope(state);
        scope.include(of.iter().filter_map(ObjectId::home));
        scope
    }

    /// Scope as by [`Self::catalog_scope`], and the schemas that the declaration names.
    #[must_use]
    pub fn catalog_scope_with(&self, state: &State, declared: &BTreeSet<SchemaName>) -> catalog::Scope {
        let mut looked_into = named_schemas(state.objects.keys());
        looked_into.extend(declared.iter().cloned());
        if self.settings.scope.is_named() {
            looked_into.extend(self.settings.scope.schemas().iter().map(SchemaName::new));
        }
        // A schema itself is compared all the same: where nobody named `public`, its contents are left to others.
        let there: BTreeSet<SchemaName> = state.objects.keys().filter_map(ObjectId::home).collect();
        let bare = there.difference(&looked_into).cloned().collect();
        let rules = self.settings.scope.clone();
        let unmanaged = move |id: &ObjectId| {
            // Objects that live in no schema (extensions) are in scope, unless a pattern matches their name.
            let Some(schema) = id.home() else { return rules.leaves_alone(id.own_name()) };
            matches!(
                rules.left_out(schema.as_str(), id.own_name(), false),
                Some(Unmanaged::Alembic | Unmanaged::Pattern(_))
            )
        };
        let schemas = there.union(&looked_into).cloned().collect();
        catalog::Scope { schemas, bare, unmanaged: Box::new(unmanaged) }
    }

    /// Tells whether a pattern under `unmanaged:` matches an object's own name or that of its table.
    pub(crate) fn leaves_alone(&self, id: &ObjectId, object: Option<&Object>) -> bool {
        let rules = &self.settings.scope;
        let own = |id: &ObjectId| match id.home() {
            None => rules.leaves_alone(id.own_name()),
            Some(schema) => matches!(
                rules.left_out(schema.as_str(), id.own_name(), false),
                Some(Unmanaged::Alembic | Unmanaged::Pattern(_))
            ),
        };
        let table = object.map_or_else(|| id.table_of(), |object| object.table_of(id));
        own(id) || table.is_some_and(|table| own(&ObjectId::table(table)))
    }

    /// Removes from a state the objects that are left to others and that would be planned otherwise. Opaque objects
    /// stay: they are never dropped, whoever they are left to.
    pub(crate) fn leave_to_others(&self, state: &mut State) {
        state.objects.retain(|id, object| object.is_carried() || !self.leaves_alone(id, Some(object)));
    }

    /// Copies a state without objects left to others: those that plans recorded before a pattern matched them are
    /// compared no more.
    pub(crate) fn managed(&self, state: &State) -> State {
        if self.settings.scope.patterns().next().is_none() {
            return state.clone();
        }
        let kept = state.objects.iter().filter(|(id, object)| !self.leaves_alone(id, Some(object)));
        State { objects: kept.map(|(id, object)| (*id, object.clone())).collect() }
    }

    /// Settings of the database that was reached, by the environment that was named or that the database remembers.
    pub(crate) fn says_of<'a>(&'a self, connected: &'a Connected) -> Option<&'a Environment> {
        let named = || connected.environment.as_ref().and_then(|name| self.settings.environment(name).ok());
        connected.settings.as_ref().or_else(named)
    }

    /// Finds the database that is meant, and the options to connect to it.
    ///
    /// # Errors
    /// If nothing names one, or its address cannot be read.
    pub(crate) fn target(
        &self,
        purpose: Purpose,
        asked: &Asked,
    ) -> Result<(ConnectOptions, Option<Environment>), Diagnostics> {
        let target = database_for(purpose, asked, &self.variables, &self.settings)?;
        let lookup = |name: &str| self.variables.process(name).map(|v| v.value);
        let options = ConnectOptions::parse(&target.options_text, &lookup)?;
        Ok((options, target.environment))
    }

    fn connected(
        &self,
        mut connection: Connection,
        environment: Option<Environment>,
        options: ConnectOptions,
        asked: &Asked,
    ) -> Connected {
        let role = asked.role.clone().or_else(|| environment.as_ref().and_then(|e| e.role.clone()));
        // Without a named environment, the database says which one it is, once its journal may be believed.
        let roles = self.settings.environments.iter().filter_map(|e| e.role.as_ref());
        role.iter().chain(roles).for_each(|role| connection.vouch_for(role));
        let patience = environment.as_ref().map(|e| e.timeouts);
        let (again, named) = (self.again(asked), asked.env.clone());
        let (settings, subscribers_ready) = (environment, asked.subscribers_ready);
        let who = Default::default();
        Connected { connection, environment: named, role, again, patience, settings, options, subscribers_ready, who }
    }

    /// Connects to read.
    ///
    /// # Errors
    /// If no database is named, or it cannot be reached.
    pub async fn connect_reading(&self, asked: &Asked) -> Result<Connected, Diagnostics> {
        let (options, environment) = self.target(Purpose::Reading, asked)?;
        let connection = connect_reading(&options).await?;
        Ok(self.connected(connection, environment, options, asked))
    }

    /// Connects to write; the session is called by the plan's name.
    ///
    /// # Errors
    /// If no database is named, it cannot be reached, or a pooler is in between.
    pub async fn connect_writing(&self, asked: &Asked, name: &str) -> Result<Connected, Diagnostics> {
        let (options, environment) = self.target(Purpose::Writing, asked)?;
        let connection = connect_writing(&options, &format!("pgform/{name}")).await?;
        if !self.postgres().contain(connection.info().major()) {
            let versions = self.postgres();
            let message = format!("this is PostgreSQL {}; the project declares {versions}", connection.info().version);
            return Err(Diagnostic::error(Code::ServerVersion, message)
                .help("widen `postgres:` in pgform.yaml, and plan again")
                .into());
        }
        let mut connected = self.connected(connection, environment, options, asked);
        connected.worked_in_by(self).await?;
        Ok(connected)
    }
}

impl Connected {
    /// Reads everything in scope, as it was at one moment. `pg_get_*` print the present, not the transaction's
    /// snapshot, so the rows that were read are compared with the present ones, and read again where they differ.
    ///
    /// # Errors
    /// If the catalog cannot be read ([`catalog::read`]), or never stands still.
    pub(crate) async fn read(&mut self, scope: &catalog::Scope) -> Result<catalog::Live, Diagnostics> {
        for _ in 0..catalog::ATTEMPTS {
            let live = catalog::read(self.connection.diesel(), scope).await?;
            self.connection.see_present().await.map_err(Diagnostic::from)?;
            if catalog::still(self.connection.diesel(), &live).await? {
                return Ok(live);
            }
        }
        Err(catalog::never_still().into())
    }
}

/// Scope of a plan between a state and a declaration.
pub(crate) fn scope_of(project: &Project, head: &State, declared: &Declared) -> RecordedScope {
    let mut named = named_schemas(head.objects.keys());
    named.extend(declared.schemas());
    project.scope_of(&named)
}

/// Warns once of the schemas of a database that are left alone.
pub(crate) fn left_alone(beside: &[SchemaName]) -> Option<Diagnostic> {
    let names: Vec<String> = beside.iter().map(ToString::to_string).collect();
    let (what, them) = match names.as_slice() {
        [] => return None,
        [one] => (format!("the schema {one} is"), "it"),
        several => (format!("the schemas {} are", several.join(", ")), "them"),
    };
    let message = format!("{what} in the database, in no plan and not declared: left alone");
    let help = format!("to manage {them}, declare what is there: `import` into an empty folder shows how");
    let import =
        Command::new("import").on_database().option("--schema-dir", "imported").option("--plans-dir", "imported-plans");
    Some(Diagnostic::warning(Code::Unknown, message).help(help).way("write it down", import))
}

/// The state of an empty database: the schema `public`.
#[must_use]
pub(crate) fn empty_database() -> State {
    let public = ObjectId::schema(SchemaName::new("public"));
    State { objects: [(public, Body::Schema(crate::model::Schema).into())].into_iter().collect() }
}

/// Names of a state that a declaration may use without declaring them.
pub(crate) fn known(state: &State) -> Known {
    let (mut known, mut routines) = (Known::default(), BTreeSet::new());
    for (id, object) in &state.objects {
        let Some(definition) = object.definition().filter(|definition| definition.carried) else { continue };
        let (kind, parts) = (id.kind(), id.parts());
        known.types.extend(definition.text().filter(|_| kind == ObjectKind::RangeType).and_then(multirange));
        // A routine's identity goes on with its arguments.
        if let (ObjectKind::Function | ObjectKind::Aggregate | ObjectKind::Operator, [schema, name, ..]) =
            (kind, parts.as_slice())
        {
            routines.insert(Qualified::new(schema, name));
        }
        if let (ObjectKind::OperatorClass, [.., method]) = (kind, parts.as_slice()) {
            known.methods_with_own_classes.insert((*method).to_owned());
        }
        let Some(name) = id.qualified() else { continue };
        if kind.is_relation() {
            known.relations.insert(name);
        } else if kind.is_type() {
            known.types.insert(name);
        }
    }
    known.routines = Some(routines);
    known
}

/// Multirange type of a range type, by the text that makes both.
fn multirange(text: &str) -> Option<Qualified> {
    let (_, behind) = text.split_once("multirange_type_name = ")?;
    let name = parse_type(behind.split([',', ')']).next()?).ok()?;
    Some(Qualified::new(name.schema?, name.name))
}
