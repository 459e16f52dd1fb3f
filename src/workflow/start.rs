use super::drift::{There, drift};
use super::outside::{Names, look_up, unseen};
use super::past::Past;
use super::plan::PlanArgs;
use super::project::{Connected, Project, empty_database};
use super::stand;
use crate::catalog;
use crate::declaration::{self, Declared};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::{Change, Diff, Rename, What, renamed_id};
use crate::model::{Digest, Object, ObjectId, SchemaName, State};
use crate::plan::tables_with;
use crate::prove::Seeds;
use crate::store::{Plans, Use};
use std::collections::BTreeSet;

/// Where a plan starts.
pub(super) struct Start {
    /// The state before it.
    pub(super) head: State,
    /// The plan that it follows.
    pub(super) parent: Option<Digest>,
    /// Whether it begins a chain: no file tells the state before it.
    pub(super) begins: bool,
    /// The plans whose place it takes, oldest first.
    pub(super) replaces: Vec<Digest>,
    /// The plan to whose state it brings a database back.
    pub(super) repairs: Option<Digest>,
    /// What a database may have already, or lack already.
    pub(super) absorb: BTreeSet<ObjectId>,
    /// What was seen to be used from outside: known from the chain, or read with the head.
    pub(super) uses: Vec<Use>,
    /// Of these, what no plan of the chain has recorded.
    pub(super) newly_used: Vec<Use>,
    /// Declared rows for the proof, by the names of before.
    pub(super) seeds: Seeds,
    /// What the plans before it renamed.
    pub(super) past: Past,
    /// Tables that the database knows to be small, under their new names.
    pub(super) small: BTreeSet<ObjectId>,
    /// The database that was named.
    pub(super) looked: Option<Looked>,
}

/// A database that was looked at while planning.
pub(super) struct Looked {
    pub(super) connected: Connected,
    pub(super) live: State,
    /// The schemas in it that are nobody's here.
    pub(super) beside: Vec<SchemaName>,
}

/// Finds where a plan starts: behind the chain's head, or where the plan started that it is to replace.
///
/// # Errors
/// If the chain is broken, the plan to be replaced is not its head, or a database that is named cannot be read.
pub(super) async fn start(project: &Project, plans: &Plans, args: &PlanArgs) -> Result<Start, Diagnostics> {
    let chain = plans.chain()?;
    let mut start = Start {
        head: empty_database(),
        parent: None,
        begins: chain.is_empty(),
        replaces: Vec::new(),
        repairs: None,
        absorb: BTreeSet::new(),
        uses: super::uses::known(plans),
        newly_used: Vec::new(),
        seeds: Seeds::new(),
        past: Past::default(),
        small: BTreeSet::new(),
        looked: None,
    };
    let before = chain.len().saturating_sub(usize::from(args.replace.is_some()));
    start.past = Past::of(chain.iter().take(before).map(|plan| &plan.file().header));
    if let Some(name) = &args.replace {
        let replaced = plans.select(name)?;
        let head = chain.last().is_some_and(|head| head.digest() == replaced.digest());
        if !head {
            return Err(not_the_head(&replaced.title_line(), chain.last().map(|p| p.title_line())).into());
        }
        if replaced.file().is_baseline() {
            let message =
                format!("{} records a state and runs nothing: there is nothing to replace", replaced.title_line());
            return Err(Diagnostic::error(Code::PlanPosition, message).into());
        }
        start.head = plans.fold_before(replaced.file())?;
        start.parent.clone_from(&replaced.file().header.parent);
        start.begins = replaced.file().header.base.is_some();
        start.replaces.clone_from(&replaced.file().header.replaces);
        start.replaces.push(replaced.digest().clone());
    } else if let Some(head) = chain.last() {
        start.head = plans.fold_to(head.file())?;
        start.parent = Some(head.digest().clone());
    }
    if args.database.is_empty() {
        if !args.absorb.is_empty() || !args.drop.is_empty() {
            return Err(Diagnostic::error(Code::Usage, "--absorb and --drop name what is in a database")
                .help("say which one: -d URL, or --env NAME")
                .into());
        }
        return Ok(start);
    }
    let mut connected = project.connect_reading(&args.database).await?;
    let named = declaration::schemas_named(&project.schema_dir);
    let scope = project.catalog_scope_with(&start.head, &named);
    let catalog::Live { state: live, uses, left_out, .. } = connected.read(&scope).await?;
    if chain.is_empty() {
        start.head = live.clone();
        start.uses = super::uses::recorded(&uses);
        start.newly_used.clone_from(&start.uses);
        start.parent =
            stand::read(&mut connected, plans).await?.journal.and_then(|j| Some(j.position()?.digest.clone()));
    }
    let beside = project.left_alone(&left_out);
    start.looked = Some(Looked { connected, live, beside });
    Ok(start)
}

fn not_the_head(plan: &str, head: Option<String>) -> Diagnostic {
    let head = head.unwrap_or_else(|| "none".to_owned());
    Diagnostic::error(Code::PlanPosition, format!("{plan} is not the last plan: {head} is, and leans on it"))
        .help("only the last plan can be replaced; what an earlier one did is changed by a new plan")
}

impl Start {
    /// Takes in what `--absorb` and `--drop` name: what is live and in neither the chain nor the declaration.
    ///
    /// # Errors
    /// All names that mean nothing, or something that is known already, at once.
    pub(super) fn take_in(&mut self, args: &PlanArgs, declared: &Declared) -> Result<(), Diagnostics> {
        let Some(Looked { live, connected: _, beside: _ }) = &self.looked else { return Ok(()) };
        let mut problems = Diagnostics::default();
        let mut parts = Vec::new();
        for name in &args.absorb {
            match unknown(name, live, &self.head) {
                Ok(ids) => match ids.iter().find(|id| !declared.state.has(id)) {
                    Some(id) => problems.push(not_declared(id)),
                    None => self.absorb.extend(ids),
                },
                Err(diagnostic) => problems.push(diagnostic),
            }
        }
        for name in &args.drop {
            match unknown(name, live, &self.head) {
                Ok(ids) => match ids.iter().find(|id| declared.state.has(id)) {
                    Some(id) => problems.push(declared_all_the_same(id)),
                    None => parts.extend(ids),
                },
                Err(diagnostic) => problems.push(diagnostic),
            }
        }
        for id in parts {
            self.head.objects.extend(live.get(&id).map(|object| (id.clone(), object.clone())));
            self.absorb.insert(id);
        }
        problems.or_value(()).map(drop)
    }

    /// Looks up what the declaration names outside of what is managed, and what nothing used until now; what is unknown after
    /// that.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) async fn look_outside(&mut self, before: &State, after: &State) -> Result<Names, Diagnostics> {
        let names = unseen(before, after, &self.uses);
        let Some(Looked { connected, live: _, beside: _ }) = &mut self.looked else { return Ok(names) };
        let found = look_up(&mut connected.connection, &names).await?;
        self.uses.extend(found.iter().cloned());
        self.newly_used.extend(found);
        Ok(unseen(before, after, &self.uses))
    }

    /// Asks which tables are small, where that decides how an enum changes.
    ///
    /// # Errors
    /// If the server refuses the query.
    pub(super) async fn measure(
        &mut self,
        (diff, before): (&Diff, &State),
        renames: &[Rename],
    ) -> Result<(), Diagnostics> {
        let altered = |change: &&Change| matches!(change.what, What::Altered(_));
        let enums = diff.changes.iter().filter(altered).filter_map(|change| match &change.id {
            ObjectId::Type(name) => Some(name),
            _ => None,
        });
        let using: BTreeSet<ObjectId> = enums.flat_map(|name| tables_with(before, name)).map(ObjectId::Table).collect();
        let Some(Looked { connected, live: _, beside: _ }) = &mut self.looked else { return Ok(()) };
        if using.is_empty() {
            return Ok(());
        }
        for table in super::facts::small_tables(connected).await? {
            self.small.extend(Some(renamed_id(&ObjectId::Table(table), renames)).filter(|id| using.contains(id)));
        }
        Ok(())
    }

    /// What the database that was named says beside the plan: how it drifted from where it stands.
    ///
    /// # Errors
    /// If it cannot be compared.
    pub(super) async fn drifted(&mut self, plans: &Plans) -> Result<Diagnostics, Diagnostics> {
        let absorb = self.absorb.clone();
        let Some(Looked { connected, live, beside: _ }) = &mut self.looked else { return Ok(Diagnostics::default()) };
        let stand = stand::read(connected, plans).await?;
        if plans.all().is_empty() {
            return Ok(Diagnostics::default());
        }
        if stand.journal.is_none() {
            let message = "pgform never ran in the database named: whether it drifted was not looked at";
            return Ok(Diagnostic::warning(Code::NotAdopted, message).help("pgform adopt").into());
        }
        let expected = stand.state(plans)?;
        let ids: BTreeSet<ObjectId> = expected.objects.keys().chain(live.objects.keys()).cloned().collect();
        let there = There { state: live, major: connected.connection.info().major(), uses: &self.uses, plans };
        let lines = drift(&expected, there, &ids).await?;
        let told = lines.into_iter().filter(|line| !absorb.contains(&line.object));
        let warn = |line: super::drift::DriftLine| {
            let ways = match line.mark {
                '+' => format!(
                    "take it over: pgform plan --absorb {0} · drop it: pgform plan --drop {0} · leave it alone: `unmanaged:` in pgform.yaml",
                    line.object.short()
                ),
                _ => "see: pgform check".to_owned(),
            };
            Diagnostic::warning(Code::Unknown, format!("drift: {}", line.text)).help(ways)
        };
        Ok(told.map(warn).collect())
    }

    /// Unknown objects of the database that lean on what the plan takes away.
    pub(super) fn in_the_way(&self, pulled: &BTreeSet<ObjectId>, declared: &State) -> Diagnostics {
        let Some(Looked { live, connected: _, beside: _ }) = &self.looked else { return Diagnostics::default() };
        let lookup = crate::plan::Lookup::new(live);
        let found = crate::plan::dependents(live, &lookup, pulled);
        let unknown = |id: &ObjectId| !self.head.has(id) && !declared.has(id);
        let pairs = found.iter().flat_map(|(on, users)| users.iter().map(move |user| (on, user)));
        let tell = |(on, user): (&ObjectId, &ObjectId)| {
            let message = format!(
                "{} {} is in the database and unknown here, and leans on {} {}, which the plan takes away or makes anew",
                user.word(),
                user.short(),
                on.word(),
                on.short()
            );
            Diagnostic::error(Code::Unknown, message)
                .help(format!("take it over: pgform plan --absorb {0} · drop it: pgform plan --drop {0}", user.short()))
        };
        pairs.filter(|(_, user)| unknown(user)).map(tell).collect()
    }
}

/// What a name means among the live objects that the chain does not know, with all that belongs to it.
fn unknown(name: &str, live: &State, head: &State) -> Result<BTreeSet<ObjectId>, Diagnostic> {
    let named = |id: &ObjectId| {
        [id.short(), id.sql(), id.to_string()].contains(&name.to_owned())
            || id.parts().last().is_some_and(|n| *n == name)
    };
    let whole = |id: &ObjectId| !matches!(id, ObjectId::Schema(_));
    let found: Vec<&ObjectId> = live.objects.keys().filter(|id| whole(id) && named(id)).collect();
    let fresh: Vec<&ObjectId> = found.iter().filter(|id| !head.has(id)).copied().collect();
    // A table's name is also its key's: the outermost object is meant.
    let outer: Vec<&ObjectId> =
        fresh.iter().filter(|id| !fresh.iter().any(|other| other != *id && holds(other, id, live))).copied().collect();
    match outer.as_slice() {
        [one] => {
            let mut ids: BTreeSet<ObjectId> =
                live.objects.keys().filter(|id| holds(one, id, live) && !head.has(id)).cloned().collect();
            ids.insert((*one).clone());
            Ok(ids)
        }
        [] if !found.is_empty() => {
            let message = format!("`{}` is known already: the plans made it or took it over", name.escape_debug());
            Err(Diagnostic::error(Code::Usage, message).help("what the declaration says of it is what counts"))
        }
        [] => {
            let message = format!("the database has nothing called `{}` in what is managed", name.escape_debug());
            Err(Diagnostic::error(Code::Usage, message).help("see what it has: pgform check"))
        }
        several => {
            let list: Vec<String> = several.iter().map(|id| id.to_string()).collect();
            let message = format!("`{}` could mean {}", name.escape_debug(), list.join(" or "));
            Err(Diagnostic::error(Code::Ambiguous, message).help("write it with its schema and table"))
        }
    }
}

/// Whether an object goes with another: a table's columns, constraints and indexes.
fn holds(outer: &ObjectId, id: &ObjectId, live: &State) -> bool {
    let ObjectId::Table(table) = outer else { return false };
    id != outer
        && (id.table().as_ref() == Some(table)
            || matches!(live.get(id), Some(Object::Index(index)) if index.table == *table))
}

fn not_declared(id: &ObjectId) -> Diagnostic {
    let message = format!("{} {} is to be taken over, and is not declared", id.word(), id.short());
    Diagnostic::error(Code::NotDeclared, message)
        .help("declare it as it is in the database (`pgform import` into an empty folder shows how), then plan again")
}

fn declared_all_the_same(id: &ObjectId) -> Diagnostic {
    let message = format!("{} {} is to be dropped, and is declared", id.word(), id.short());
    Diagnostic::error(Code::Contradiction, message).help("take it out of the declaration, or out of --drop")
}
