use super::{Shadow, settled::overlay, standin};
use crate::catalog::{self, Scope};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::{Diff, Hints, Rename, diff};
use crate::model::{Object, ObjectId, SchemaName, State};
use crate::plan::format::Step;
use crate::plan::{Input, Problem, build, plan};
use crate::server::{ConnectOptions, Connection, ServerError, connect_writing};
use std::collections::BTreeSet;

/// How often a text is stored and printed again before it must stand still: PostgreSQL's own printing is not idempotent
/// (`s in ('a', 'b')` on varchar prints differently after each of its first two stores).
const ROUNDS: usize = 3;

/// Something that PostgreSQL refused to build in the shadow.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The object that was being built.
    pub object: ObjectId,
    /// The statement.
    pub sql: String,
    /// What PostgreSQL said.
    pub error: ServerError,
}

impl Rejected {
    /// The diagnostic, without a place.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let detail = self.error.detail.as_ref().map(|d| format!(" ({d})")).unwrap_or_default();
        Problem {
            code: Code::Rejected,
            object: self.object.clone(),
            attribute: None,
            message: format!(
                "PostgreSQL refuses {} {}: {}{detail}",
                self.object.word(),
                self.object.short(),
                self.error.message
            ),
            help: Some(self.error.hint.clone().unwrap_or_else(|| format!("the statement was: {}", self.sql))),
        }
    }
}

/// Why a state could not be built.
#[derive(Debug)]
pub enum BuildError {
    /// The state does not hold together, or holds what pgform cannot build.
    Problems(Vec<Problem>),
    /// PostgreSQL refused a statement.
    Rejected(Box<Rejected>),
    /// The shadow itself failed.
    Broken(Diagnostics),
}

impl From<Diagnostic> for BuildError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Broken(diagnostic.into())
    }
}

impl From<Diagnostics> for BuildError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Broken(diagnostics)
    }
}

/// The shadow with its one session: where states are built, printed and plans proven.
pub struct Bench {
    connection: Connection,
    shadow: Shadow,
    stand_ins: Vec<String>,
}

fn broken(error: &ServerError) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the shadow failed: {}", error.message)).into()
}

impl Bench {
    /// Opens a shadow, the embedded one where no URL is given, with the extensions of the states that it is to hold.
    /// Those that it does not bring are stood in for, as far as `uses` can say what they hold.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn open(url: Option<&str>, states: &[&State]) -> Result<Self, Diagnostics> {
        let names: BTreeSet<&str> = states.iter().flat_map(|s| s.objects.keys()).filter_map(extension_name).collect();
        let (bundled, missing): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|n| Shadow::bundled_extensions().contains(n));
        let shadow = match url {
            Some(url) => Shadow::at(url).await?,
            None => Shadow::embedded(&bundled).await?,
        };
        let mut stand_ins = Vec::new();
        if url.is_none() {
            for name in missing.into_iter().filter(|n| *n != "plpgsql") {
                shadow.offer_extension(name, "0.0", "")?;
                stand_ins.push(format!("extension {name}, empty"));
            }
        }
        let options = ConnectOptions::parse(&shadow.url(), &|_| None)?;
        let connection = connect_writing(&options, "pgform/shadow").await?;
        Ok(Self { connection, shadow, stand_ins })
    }

    /// The session.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// What was made in place of what the shadow lacks.
    #[must_use]
    pub fn stand_ins(&self) -> &[String] {
        &self.stand_ins
    }

    /// Which server it is: `PostgreSQL 17.5, pgvector 0.8.2`. The extension's version is the session's, read now.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn server(&mut self) -> Result<String, Diagnostics> {
        let version = self.connection.info().version.clone();
        let rows = self
            .connection
            .query_text("select default_version from pg_catalog.pg_available_extensions where name = 'vector'")
            .await
            .map_err(|e| broken(&e))?;
        let vector = rows.into_iter().flatten().next().flatten();
        let version = version.split_whitespace().next().unwrap_or_default().to_owned();
        Ok(vector.map_or_else(|| format!("PostgreSQL {version}"), |v| format!("PostgreSQL {version}, pgvector {v}")))
    }

    /// Runs SQL of the bench's own.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn run(&mut self, sql: &str) -> Result<(), Diagnostics> {
        self.connection.batch(sql).await.map_err(|e| broken(&e))
    }

    /// Brings it back to empty.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn reset(&mut self) -> Result<(), Diagnostics> {
        let (batch, query) = self.shadow.wipe_sql();
        self.run(&batch).await?;
        let rows = self.connection.query_text(&query).await.map_err(|e| broken(&e))?;
        for statement in rows.into_iter().flatten().flatten() {
            self.run(&statement).await?;
        }
        Ok(())
    }

    /// Builds a state from nothing. Unqualified names in it resolve in each object's own schema, then those of the
    /// extensions. Not inside a transaction.
    ///
    /// # Errors
    /// If the state does not hold together, or PostgreSQL refuses a statement.
    pub async fn build(&mut self, state: &State) -> Result<(), BuildError> {
        let start = standing(state);
        let changes = diff(&start, state, &Hints::default());
        let input = Input { before: &start, after: state, diff: &changes, renames: &[], seed: "build" };
        let operations = build(input).map_err(BuildError::Problems)?;
        self.stand_in(state).await?;
        let path = extension_path(state);
        let mut statements = Vec::new();
        for (subject, steps) in operations {
            let home = subject.schema().unwrap_or_else(|| SchemaName::new("public"));
            let path = format!("{home}{path}, pg_catalog");
            for step in steps {
                let Step::Statement(statement) = step else { continue };
                statements.push((path.clone(), subject.clone(), statement.sql));
            }
        }
        self.make(statements).await
    }

    /// Runs the statements of a build, each with its search path and its object: all in one message, since each way to
    /// the embedded server takes 10 ms. It is one transaction, so what fails leaves nothing behind; then they run one by
    /// one, to tell which it was (or because one of them runs in no transaction).
    async fn make(&mut self, statements: Vec<(String, ObjectId, String)>) -> Result<(), BuildError> {
        let mut script = String::new();
        let mut current = "";
        for (path, _, sql) in &statements {
            if path != current {
                script.push_str(&format!("set search_path to {path};\n"));
                current = path;
            }
            script.push_str(&format!("{sql}\n;\n"));
        }
        script.push_str("set search_path to pg_catalog");
        if self.connection.batch(&script).await.is_ok() {
            return Ok(());
        }
        for (path, subject, sql) in statements {
            self.run(&format!("set search_path to {path}")).await?;
            if let Err(error) = self.connection.batch(&sql).await {
                return Err(BuildError::Rejected(Box::new(Rejected { object: subject, sql, error })));
            }
        }
        Ok(self.run("set search_path to pg_catalog").await?)
    }

    /// Roles, tablespaces and the like that the state names and the shadow does not have.
    async fn stand_in(&mut self, state: &State) -> Result<(), Diagnostics> {
        let mut roles = BTreeSet::new();
        let mut tablespaces = BTreeSet::new();
        for object in state.objects.values() {
            roles_of(object, &mut roles);
            tablespaces.extend(tablespace_of(object));
        }
        let known = self.names("rolname from pg_catalog.pg_roles", !roles.is_empty()).await?;
        for role in roles.difference(&known) {
            for sql in standin::role(role) {
                self.run(&sql).await?;
            }
            self.stand_ins.push(format!("role {role}"));
        }
        let known = self.names("spcname from pg_catalog.pg_tablespace", !tablespaces.is_empty()).await?;
        for tablespace in tablespaces.difference(&known) {
            for sql in standin::tablespace(tablespace) {
                self.run(&sql).await?;
            }
            self.stand_ins.push(format!("tablespace {tablespace}"));
        }
        self.stand_ins.sort();
        self.stand_ins.dedup();
        Ok(())
    }

    /// The names that a catalog holds, where they are wanted.
    async fn names(&mut self, what: &str, wanted: bool) -> Result<BTreeSet<String>, Diagnostics> {
        if !wanted {
            return Ok(BTreeSet::new());
        }
        let rows = self.connection.query_text(&format!("select {what}")).await.map_err(|e| broken(&e))?;
        Ok(rows.into_iter().flatten().flatten().collect())
    }

    /// Reads what is there now, of the schemas of a state.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn read(&mut self, scope: &Scope) -> Result<State, Diagnostics> {
        self.run("set search_path to ''").await?;
        let live = catalog::read_alone(self.connection.diesel(), scope).await;
        self.run("set search_path to pg_catalog").await?;
        Ok(live?.state)
    }

    /// Settles a state: builds it, prints it, builds what was printed, until the texts stand still. The renames are run
    /// on it before it is printed; they turn its identities into those of the renamed state.
    ///
    /// # Errors
    /// If it cannot be built.
    pub async fn settle(&mut self, state: &State, renames: &[Rename]) -> Result<State, BuildError> {
        let scope = scope_of(state, renames);
        let mut current = state.clone();
        for round in 0..ROUNDS {
            self.reset().await?;
            self.build(&current).await?;
            if round == 0 && !renames.is_empty() {
                self.rename(state, renames).await?;
                current = crate::diff::apply_renames(state, renames);
            }
            let printed = self.read(&scope).await?;
            let settled = overlay(&current, &printed);
            // Printed as they were built: building the same again would print the same again.
            let stands_still = settled == overlay(&current, &current);
            current = settled;
            if stands_still {
                break;
            }
        }
        Ok(current)
    }

    async fn rename(&mut self, state: &State, renames: &[Rename]) -> Result<(), BuildError> {
        let renamed = crate::diff::apply_renames(state, renames);
        let nothing = Diff::default();
        let input = Input { before: &renamed, after: &renamed, diff: &nothing, renames, seed: "settle" };
        for segment in plan(input).map_err(BuildError::Problems)? {
            for step in segment.steps {
                if let Step::Statement(statement) = step {
                    self.run(&statement.sql).await?;
                }
            }
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// If an offered database cannot be given back.
    pub async fn close(self) -> Result<(), Diagnostics> {
        let _ = self.connection.close().await;
        self.shadow.stop().await
    }
}

fn extension_name(id: &ObjectId) -> Option<&str> {
    match id {
        ObjectId::Extension(name) => Some(name.as_str()),
        _ => None,
    }
}

/// What an empty database already has: the schema `public`.
fn standing(state: &State) -> State {
    let public = ObjectId::Schema(SchemaName::new("public"));
    State { objects: state.get(&public).map(|o| (public, o.clone())).into_iter().collect() }
}

fn extension_path(state: &State) -> String {
    let schemas: BTreeSet<String> = state
        .objects
        .values()
        .filter_map(|o| if let Object::Extension(e) = o { Some(e.schema.to_string()) } else { None })
        .collect();
    schemas.into_iter().map(|s| format!(", {s}")).collect()
}

/// The schemas that a state lives in, before and after the renames.
#[must_use]
pub fn scope_of(state: &State, renames: &[Rename]) -> Scope {
    let mut schemas: BTreeSet<SchemaName> = state.objects.keys().filter_map(ObjectId::schema).collect();
    schemas.extend(renames.iter().filter_map(|r| r.to.schema()));
    Scope::of(schemas.iter().map(SchemaName::as_str))
}

fn roles_of(object: &Object, roles: &mut BTreeSet<String>) {
    let (owner, privileges) = match object {
        Object::Schema(o) => (&o.owner, &o.privileges),
        Object::Enumeration(o) => (&o.owner, &o.privileges),
        Object::Sequence(o) => (&o.owner, &o.privileges),
        Object::Table(o) => (&o.owner, &o.privileges),
        Object::View(o) => (&o.owner, &o.privileges),
        Object::Column(o) => (&None, &o.privileges),
        Object::Extension(_)
        | Object::Key(_)
        | Object::ForeignKey(_)
        | Object::Check(_)
        | Object::Index(_)
        | Object::Opaque(_) => return,
    };
    roles.extend(owner.clone());
    for item in privileges.iter().flatten() {
        roles.extend(crate::plan::sql::grantee_name(item));
    }
}

fn tablespace_of(object: &Object) -> Option<String> {
    match object {
        Object::Table(o) => o.tablespace.clone(),
        Object::Key(o) => o.tablespace.clone(),
        Object::Index(o) => o.tablespace.clone(),
        _ => None,
    }
}
