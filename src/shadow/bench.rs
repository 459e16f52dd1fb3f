//! Builds states in a shadow with one session, and settles their texts by storing and printing them.
use super::rejected::broken;
use super::state_schemas::{extension_name, extension_path, home_of, scope_of, standing};
use super::{
    BuildError, Rejected, Shadow,
    culprit::culprit,
    off_path,
    outside::{Outside, outside},
    relabel::relabel,
    settled::{overlay, overlay_renamed},
    substitutes,
};
use crate::catalog::{self, Scope};
use crate::diagnostic::Diagnostics;
use crate::diff::{Diff, Hints, Relabelled, diff};
use crate::model::{Definition, Object, ObjectId, ObjectKind, Rename, SchemaName, State, before_renames};
use crate::plan::format::Step;
use crate::plan::{Input, build, plan};
use crate::server::{ConnectOptions, Connection, connect_writing};
use crate::store::Use;
use std::collections::{BTreeMap, BTreeSet};

/// Number of times that a text is stored and printed again before it must stand still: PostgreSQL's own printing is not
/// idempotent (`s in ('a', 'b')` on varchar prints differently after each of its first two stores).
const ROUNDS: usize = 3;

/// Shadow with its one session: states are built and printed there, and plans proven.
pub struct Bench {
    pub(super) connection: Connection,
    shadow: Shadow,
    pub(super) stand_ins: Vec<String>,
    pub(super) partial: BTreeSet<String>,
    /// Objects that stand in for what is used from schemas that nobody manages.
    pub(super) outside: Vec<Outside>,
    /// Reasons that were known before anything was built.
    pub(super) partial_at_first: BTreeSet<String>,
    /// Objects that could not be built as they are.
    pub(super) lacking: BTreeSet<ObjectId>,
}

impl Bench {
    /// Opens a shadow, the embedded one where no URL is given, with the extensions of the states that it is to hold.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn open(url: Option<&str>, states: &[&State]) -> Result<Self, Diagnostics> {
        Self::open_with(url, states, &[]).await
    }

    /// Opens a shadow with stand-ins for extensions that it does not bring, as far as `uses` can say what they hold.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn open_with(url: Option<&str>, states: &[&State], uses: &[Use]) -> Result<Self, Diagnostics> {
        let names: BTreeSet<&str> = states.iter().flat_map(|s| s.objects.keys()).filter_map(extension_name).collect();
        let (bundled, missing): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|n| Shadow::bundled_extensions().contains(n));
        let shadow = match url {
            Some(url) => Shadow::at(url).await?,
            None => Shadow::embedded(&bundled).await?,
        };
        let (mut stand_ins, mut partial) = (Vec::new(), BTreeSet::new());
        if url.is_none() {
            for name in missing.into_iter().filter(|n| *n != "plpgsql") {
                // Higher than any minimum that may be declared.
                shadow.offer_extension(name, "999", &substitutes::script(name, home_of(states, name), uses))?;
                stand_ins.push(format!("extension {name}"));
                partial.insert(format!("extension {name} is not in the shadow: what is used of it does nothing there"));
            }
        }
        let mut options = ConnectOptions::parse(&shadow.url(), &|_| None)?;
        if url.is_none() {
            // The server in this process was started just now: on a busy machine its first answer takes as long as it takes.
            options.connect_timeout = None;
        }
        let connection = connect_writing(&options, "pgform/shadow").await?;
        let outside = outside(states, uses);
        let (partial_at_first, lacking) = (partial.clone(), BTreeSet::new());
        Ok(Self { connection, shadow, stand_ins, partial, outside, partial_at_first, lacking })
    }

    /// The session.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The major version of the shadow's server.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.connection.info().major()
    }

    /// Gives the state as the shadow's server can build it: what needs a later major version is told in
    /// [`Bench::partial`].
    pub fn adapted(&mut self, state: &State) -> State {
        substitutes::adapted(state, self.connection.info().major(), &mut self.partial)
    }

    /// Names the server: `PostgreSQL 17.5, pgvector 0.8.2`. The extension's version is the session's, read now.
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

    /// Asks for the first value of a query.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn asked(&mut self, sql: &str) -> Result<Option<String>, Diagnostics> {
        let rows = self.connection.query_text(sql).await.map_err(|e| broken(&e))?;
        Ok(rows.into_iter().flatten().next().flatten())
    }

    /// Runs SQL of the bench's own.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn run(&mut self, sql: &str) -> Result<(), Diagnostics> {
        self.connection.batch(sql).await.map_err(|e| broken(&e))
    }

    /// Brings the shadow back to empty.
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
        let state = &self.adapted(state);
        let start = standing(state);
        let changes = diff(&start, state, &Hints::default());
        let input = Input {
            before: &start,
            after: state,
            diff: &changes,
            renames: &[],
            small: &BTreeSet::new(),
            using: &BTreeMap::new(),
            seed: "build",
        };
        let operations = build(input).map_err(BuildError::Problems)?;
        if !state.has(&ObjectId::schema(SchemaName::new("public"))) {
            // A schema `public` that was renamed is not there: its name may be another's.
            self.run("drop schema if exists public").await?;
        }
        self.stand_in(state).await?;
        for home in substitutes::homes(state) {
            self.run(&format!("create schema if not exists {home}")).await?;
        }
        for sql in substitutes::later_functions(state, self.connection.info().major()) {
            self.run(&sql).await?;
            self.partial.insert("functions of PostgreSQL 18 do something else in the shadow".to_owned());
        }
        let path = extension_path(state);
        let statements = |steps: Vec<Step>| steps.into_iter().filter_map(statement).collect();
        let parts: Vec<Part> = operations
            .into_iter()
            .map(|(subject, steps)| {
                let home = subject.home().unwrap_or_else(|| SchemaName::new("public"));
                Part { path: format!("{home}{path}, pg_catalog"), subject, statements: statements(steps) }
            })
            .collect();
        // Objects from outside may stand beside the members of an extension, which are there first.
        let (first, rest): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| {
            !self.outside.is_empty() && matches!(part.subject.kind(), ObjectKind::Schema | ObjectKind::Extension)
        });
        if !self.outside.is_empty() {
            self.all(state, first).await?;
            self.make_outside(state).await?;
        }
        self.all(state, rest).await
    }

    /// Runs what was made for a state.
    async fn all(&mut self, state: &State, parts: Vec<Part>) -> Result<(), BuildError> {
        // A message that fails has left nothing behind: then its parts run one by one, to tell which it was, or because
        // one of them runs in no transaction.
        if self.connection.batch(&script(&parts)).await.is_err() {
            self.one_by_one(state, parts).await?;
        }
        Ok(())
    }

    async fn one_by_one(&mut self, state: &State, parts: Vec<Part>) -> Result<(), BuildError> {
        for Part { path, subject, statements } in parts {
            self.run(&format!("set search_path to {path}")).await?;
            for sql in statements {
                let Err(error) = self.connection.batch(&sql).await else { continue };
                let (object, attribute) = culprit(state, &subject, &sql, &error);
                let off_path = off_path(&error.message, [state, state]);
                let rejected = Rejected { object, attribute, sql, error, off_path };
                self.instead(state.get(&subject), rejected).await?;
                break;
            }
        }
        Ok(self.run("set search_path to pg_catalog").await?)
    }

    /// Puts something in the place of what PostgreSQL refused: a text that a server printed may be of another server's
    /// making. Then something stands in for it, or nothing does, and the proof says so. Everything else that PostgreSQL
    /// refuses is a mistake.
    async fn instead(&mut self, object: Option<&Object>, rejected: Rejected) -> Result<(), BuildError> {
        let object = object.filter(|_| !rejected.error.connection_lost);
        let was_printed =
            |d: &&Definition| d.carried || d.create.as_ref().is_some_and(|text| text.as_settled().is_some());
        let Some(definition) = object.and_then(Object::definition).filter(was_printed) else {
            return Err(BuildError::Rejected(Box::new(rejected)));
        };
        for sql in substitutes::instead(&rejected.object, definition) {
            self.connection.batch(&sql).await.map_err(|e| broken(&e))?;
        }
        let id = &rejected.object;
        self.lacking.insert(*id);
        self.partial.insert(format!("{} {} is not in the shadow: {}", id.word(), id.short(), rejected.error.message));
        Ok(())
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
        self.settle_relabelled(state, renames, &[]).await
    }

    /// Settles a state as [`Bench::settle`] does; labels of enums get their new names with the renames.
    ///
    /// # Errors
    /// Errors of [`Bench::settle`].
    pub async fn settle_relabelled(
        &mut self,
        state: &State,
        renames: &[Rename],
        labels: &[Relabelled],
    ) -> Result<State, BuildError> {
        let scope = scope_of(state, renames);
        let mut current = state.clone();
        for round in 0..ROUNDS {
            self.reset().await?;
            self.build(&current).await?;
            let other_names = round == 0 && !(renames.is_empty() && labels.is_empty());
            if other_names {
                self.rename(state, renames).await?;
                current = crate::diff::apply_renames(state, renames);
                self.relabel(&mut current, labels).await?;
            }
            let printed = self.read(&scope).await?;
            let settled = if other_names {
                let lacking = self.lacking.iter().map(|id| crate::model::renamed_id(id, renames)).collect();
                overlay_renamed(&current, &printed, renames, &lacking)
            } else {
                overlay(&current, &printed, &self.lacking)
            };
            // Printed as they were built: building the same again would print the same again.
            let stands_still = settled == overlay(&current, &current, &self.lacking);
            current = settled;
            if stands_still {
                break;
            }
        }
        Ok(current)
    }

    /// Gives a state as the shadow prints it once it is built and the renames were run on it.
    ///
    /// # Errors
    /// If it cannot be built.
    pub async fn printed(&mut self, state: &State, renames: &[Rename]) -> Result<State, BuildError> {
        // A part's rename is told under its table's new name.
        let renames: Vec<Rename> =
            renames.iter().filter(|r| state.has(&before_renames(&r.from, renames))).cloned().collect();
        self.reset().await?;
        self.build(state).await?;
        self.rename(state, &renames).await?;
        Ok(self.read(&scope_of(state, &renames)).await?)
    }

    /// Runs renames on what was built of a state; gives the statements that undo them.
    ///
    /// # Errors
    /// If PostgreSQL refuses one.
    pub async fn rename(&mut self, state: &State, renames: &[Rename]) -> Result<Vec<String>, BuildError> {
        let renamed = crate::diff::apply_renames(state, renames);
        let nothing = Diff::default();
        let input = Input {
            before: &renamed,
            after: &renamed,
            diff: &nothing,
            renames,
            small: &BTreeSet::new(),
            using: &BTreeMap::new(),
            seed: "settle",
        };
        let mut undo = Vec::new();
        for segment in plan(input).map_err(BuildError::Problems)? {
            for sql in segment.steps.into_iter().filter_map(statement) {
                self.run(&sql).await?;
            }
            let back = segment.back.parts.into_iter().flat_map(|part| part.steps);
            undo.splice(0..0, back.filter_map(statement));
        }
        Ok(undo)
    }

    /// Gives labels new names, in the state and in what was built of it; gives the statements that undo that.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn relabel(&mut self, state: &mut State, labels: &[Relabelled]) -> Result<Vec<String>, Diagnostics> {
        let (run, undo) = relabel(state, labels);
        for sql in &run {
            self.run(sql).await?;
        }
        Ok(undo)
    }

    /// Ends the session and its shadow.
    ///
    /// # Errors
    /// If an offered database cannot be given back.
    pub async fn close(self) -> Result<(), Diagnostics> {
        let _ = self.connection.close().await;
        self.shadow.stop().await
    }

    /// Leaves the shadow behind with a statement that does not end: the embedded server obeys neither
    /// `statement_timeout` nor a cancel request, and ends with the process.
    pub fn abandon(self) {
        self.shadow.abandon();
    }
}

fn statement(step: Step) -> Option<String> {
    if let Step::Statement(statement) = step { Some(statement.sql) } else { None }
}

/// Statements that build one object.
struct Part {
    path: String,
    subject: ObjectId,
    statements: Vec<String>,
}

/// Writes all parts as one message, which is one transaction: each way to the embedded server takes 10 ms.
fn script(parts: &[Part]) -> String {
    let (mut out, mut current) = (String::new(), "");
    for Part { path, subject: _, statements } in parts {
        if path != current {
            out.push_str(&format!("set search_path to {path};\n"));
            current = path;
        }
        for sql in statements {
            out.push_str(&format!("{sql}\n;\n"));
        }
    }
    out.push_str("set search_path to pg_catalog");
    out
}
