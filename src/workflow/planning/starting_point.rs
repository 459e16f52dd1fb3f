//! Start of a plan: the state before it, its parent, and the objects that `--absorb` and `--drop` take over.
use super::absorb::{self, Noted, Notes};
use super::extension_versions::is_older;
use super::named_objects::{declared_all_the_same, not_declared, unknown};
use super::outside_names::{Names, look_up, unseen};
use crate::catalog;
use crate::declaration::{self, Declared};
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::diff::{Alteration, Change, ColumnChange, Diff, What};
use crate::model::{Body, Digest, Object, ObjectId, ObjectKind, Rename, SchemaName, State, renamed_id};
use crate::plan::TypeColumns;
use crate::prove::Seeds;
use crate::shadow::BuildError;
use crate::store::{Plans, Use};
use crate::workflow::database::position;
use crate::workflow::drift::compare::{DriftLine, There, drift};
use crate::workflow::invocation::project::{Connected, Project, empty_database};
use crate::workflow::planning::plan_args::PlanArgs;
use crate::workflow::renames::history::Past;
use std::collections::{BTreeMap, BTreeSet};

/// Start of a plan.
pub(crate) struct StartingPoint {
    /// The state before it.
    pub(crate) head: State,
    /// The plan that it follows.
    pub(crate) parent: Option<Digest>,
    /// True where the plan begins a chain: no file tells the state before it.
    pub(crate) begins: bool,
    /// Plans that it replaces, oldest first.
    pub(crate) replaces: Vec<Digest>,
    /// Plan to whose state it brings a database back.
    pub(crate) repairs: Option<Digest>,
    /// Objects that a database may have already, or lack already.
    pub(crate) absorb: BTreeSet<ObjectId>,
    /// Objects outside of the scope that are known to be used: recorded in the chain, or read with the head.
    pub(crate) uses: Vec<Use>,
    /// Part of `uses` that no plan of the chain has recorded.
    pub(crate) newly_used: Vec<Use>,
    /// Declared rows for the proof, by the old names of tables.
    pub(crate) seeds: Seeds,
    /// Renames of the plans before it.
    pub(crate) past: Past,
    /// Tables that the database knows to be small, under their new names.
    pub(crate) small: BTreeSet<ObjectId>,
    /// Declared expressions for other types of columns (`using:`).
    pub(crate) using: BTreeMap<ObjectId, String>,
    /// The database that was named.
    pub(crate) looked: Option<Looked>,
    /// Records of objects taken over as the database has them; `head` has them so.
    pub(crate) notes: Notes,
    /// Objects that differ in the database and are declared as they are there.
    taken: BTreeSet<ObjectId>,
    /// Drift of the database; `None` where it is unknown.
    drift: Option<Vec<DriftLine>>,
}

/// Database that was read while planning.
pub(crate) struct Looked {
    pub(crate) connected: Connected,
    pub(crate) live: State,
    /// Schemas in it that are left alone.
    pub(crate) beside: Vec<SchemaName>,
}

/// Finds the start of a plan: the chain's head, or the start of the plan that it is to replace.
///
/// # Errors
/// If the chain is broken, the plan to be replaced is not its head, or a database that is named cannot be read.
pub(crate) async fn start(project: &Project, plans: &Plans, args: &PlanArgs) -> Result<StartingPoint, Diagnostics> {
    let chain = plans.chain()?;
    let mut start = StartingPoint::behind(empty_database(), None);
    start.uses = super::outside_uses::known(plans);
    start.begins = chain.is_empty();
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
    project.leave_to_others(&mut start.head);
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
        start.uses = super::outside_uses::recorded(&uses);
        start.newly_used.clone_from(&start.uses);
        start.parent =
            position::read(&mut connected, plans).await?.journal.and_then(|j| Some(j.position()?.digest.clone()));
    }
    let beside = project.left_alone(&left_out);
    start.looked = Some(Looked { connected, live, beside });
    start.compare(project, plans).await?;
    Ok(start)
}

fn not_the_head(plan: &str, head: Option<String>) -> Diagnostic {
    let head = head.unwrap_or_else(|| "none".to_owned());
    Diagnostic::error(Code::PlanPosition, format!("{plan} is not the last plan: {head} is, and leans on it"))
        .help("only the last plan can be replaced; what an earlier one did is changed by a new plan")
}

impl StartingPoint {
    /// Makes a start for which no database was read.
    pub(crate) fn behind(head: State, parent: Option<Digest>) -> Self {
        Self {
            head,
            begins: parent.is_none(),
            parent,
            replaces: Vec::new(),
            repairs: None,
            absorb: BTreeSet::new(),
            uses: Vec::new(),
            newly_used: Vec::new(),
            seeds: Seeds::new(),
            past: Past::default(),
            small: BTreeSet::new(),
            using: BTreeMap::new(),
            looked: None,
            notes: Notes::new(),
            taken: BTreeSet::new(),
            drift: None,
        }
    }

    /// Gives the declared expressions that act: those of columns whose type changes.
    pub(crate) fn using_in(&self, diff: &Diff) -> BTreeMap<ObjectId, String> {
        let retyped =
            |what: &What| matches!(what, What::Altered(list) if list.contains(&Alteration::Column(ColumnChange::Type)));
        let changed = diff.changes.iter().filter(|change| retyped(&change.what));
        changed.filter_map(|change| Some((change.id, self.using.get(&change.id)?.clone()))).collect()
    }

    /// Computes the drift of the database that was named.
    async fn compare(&mut self, project: &Project, plans: &Plans) -> Result<(), Diagnostics> {
        let Some(Looked { connected, live, beside: _ }) = &mut self.looked else { return Ok(()) };
        let stand = position::read(connected, plans).await?;
        if plans.all().is_empty() || stand.journal.is_none() {
            return Ok(());
        }
        let expected = stand.state(plans)?;
        let ids: BTreeSet<ObjectId> = expected.objects.keys().chain(live.objects.keys()).cloned().collect();
        let major = connected.connection.info().major();
        let there = There { state: live, major, uses: &self.uses, plans, project };
        self.drift = Some(drift(&expected, there, &ids).await?);
        Ok(())
    }

    /// Takes an extension's declared minimum into the state before, where an unrecorded database has that version
    /// already: it needs no plan.
    pub(crate) fn see_minimums(&mut self, declared: &Declared) {
        for (id, object) in &mut self.head.objects {
            if let (Body::Extension(here), Some(Body::Extension(said))) = (&mut object.body, declared.state.body(id))
                && let (Some(minimum), Some(installed)) = (&said.minimum, &here.installed)
                && !is_older(installed, minimum)
            {
                here.minimum.clone_from(&said.minimum);
            }
        }
    }

    /// Takes in the objects that `--absorb` and `--drop` name: live ones that are in neither the chain nor the
    /// declaration, and drifted ones.
    ///
    /// # Errors
    /// All names that mean no object, or one that is known already, at once.
    pub(crate) fn take_in(&mut self, args: &PlanArgs, declared: &Declared) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::default();
        for name in &args.absorb {
            problems.collect(self.absorb_one(name, declared).map_err(Diagnostics::from));
        }
        let Some(Looked { live, connected: _, beside: _ }) = &self.looked else { return Ok(()) };
        let mut parts = Vec::new();
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
            self.head.objects.extend(live.get(&id).map(|object| (id, object.clone())));
            self.absorb.insert(id);
        }
        problems.or_value(()).map(drop)
    }

    /// Records objects as the database has them.
    pub(crate) fn note_as_it_is(&mut self, ids: &BTreeSet<ObjectId>) {
        let Some(Looked { live, connected: _, beside: _ }) = &self.looked else { return };
        let parts = absorb::parts_of_tables(ids, &self.head, live);
        for id in ids.union(&parts) {
            let after = live.get(id).cloned();
            let before = self.head.objects.remove(id);
            self.head.objects.extend(after.clone().map(|object| (*id, object)));
            // Records of an earlier turn are part of this one.
            let before = self.notes.get(id).map_or(before, |noted| noted.before.clone());
            self.notes.insert(*id, Noted { before, after });
            self.absorb.remove(id);
        }
    }

    /// Objects of the problems that stop a plan, if all of them are to be taken over: they exist, and need not be made.
    pub(crate) fn only_taken_over(&self, error: &BuildError) -> Option<BTreeSet<ObjectId>> {
        let BuildError::Problems(problems) = error else { return None };
        let ids: BTreeSet<ObjectId> = problems.iter().map(|problem| problem.object).collect();
        (!ids.is_empty() && ids.iter().all(|id| self.absorb.contains(id))).then_some(ids)
    }

    fn absorb_one(&mut self, name: &str, declared: &Declared) -> Result<(), Diagnostic> {
        let Some(Looked { live, connected: _, beside: _ }) = &self.looked else { return Ok(()) };
        let fresh = match unknown(name, live, &self.head) {
            Ok(ids) => Ok(ids),
            // An object that is known may have drifted.
            Err(diagnostic) => match absorb::line(name, self.drift.as_deref().unwrap_or_default())? {
                Some(line) => Err(line.clone()),
                None => return Err(diagnostic),
            },
        };
        match fresh {
            Ok(ids) => self.take_new(ids, declared),
            Err(line) if line.mark == '-' => {
                let dropped = absorb::gone(&line.object, (&mut self.head, declared), &mut self.notes)?;
                self.absorb.extend(dropped);
                Ok(())
            }
            Err(line) => {
                absorb::different(&line.object, (&mut self.head, live), declared, &mut self.notes)?;
                self.absorb.insert(line.object);
                self.taken.insert(line.object);
                Ok(())
            }
        }
    }

    /// Takes over objects that no plan knows: opaque ones are recorded, all others must be declared. Opaque parts of a
    /// new table are found again once the plans have the table.
    fn take_new(&mut self, ids: BTreeSet<ObjectId>, declared: &Declared) -> Result<(), Diagnostic> {
        let live = self.looked.as_ref().map(|looked| &looked.live);
        let is_carried = |id: &ObjectId| live.is_some_and(|live| live.is_carried(id));
        let (carried, managed): (BTreeSet<ObjectId>, BTreeSet<ObjectId>) = ids.into_iter().partition(is_carried);
        if let Some(id) = managed.iter().find(|id| !declared.state.has(id)) {
            return Err(not_declared(id));
        }
        if managed.is_empty() {
            self.note_as_it_is(&carried);
        }
        self.absorb.extend(managed);
        Ok(())
    }

    /// State after a plan with these changes.
    pub(crate) fn behind_it(&self, after: &BTreeMap<ObjectId, Option<Object>>) -> State {
        let mut state = self.head.clone();
        state.take_in(after.iter().map(|(id, object)| (id, object.as_ref())));
        state
    }

    /// Refuses objects taken over that are declared differently from the database, in the state after the plan.
    ///
    /// # Errors
    /// The objects that differ.
    pub(crate) async fn is_as_declared(
        &self,
        (project, plans): (&Project, &Plans),
        after: &State,
        declared: &Declared,
    ) -> Result<(), Diagnostics> {
        let Some(Looked { connected, live, beside: _ }) = self.looked.as_ref().filter(|_| !self.taken.is_empty())
        else {
            return Ok(());
        };
        let major = connected.connection.info().major();
        let there = There { state: live, major, uses: &self.uses, plans, project };
        let lines = drift(after, there, &self.taken).await?;
        absorb::otherwise(&lines, declared).or_value(()).map(drop)
    }

    /// Looks up names that the declaration uses outside of the scope and nothing used until now. Gives the names still
    /// unknown.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) async fn look_outside(&mut self, before: &State, after: &State) -> Result<Names, Diagnostics> {
        let names = unseen(before, after, &self.uses);
        let Some(Looked { connected, live: _, beside: _ }) = &mut self.looked else { return Ok(names) };
        let found = look_up(&mut connected.connection, &names).await?;
        self.uses.extend(found.iter().cloned());
        self.newly_used.extend(found);
        Ok(unseen(before, after, &self.uses))
    }

    /// Reads which tables are small, where that decides how an enum changes.
    ///
    /// # Errors
    /// If the server refuses the query.
    pub(crate) async fn measure(
        &mut self,
        (diff, before): (&Diff, &State),
        renames: &[Rename],
    ) -> Result<(), Diagnostics> {
        let altered = |change: &&Change| matches!(change.what, What::Altered(_));
        let enums = diff.changes.iter().filter(altered).filter_map(|change| change.id.named_as(ObjectKind::Enum));
        let enums: Vec<_> = enums.collect();
        if enums.is_empty() {
            return Ok(());
        }
        let columns = TypeColumns::of(before);
        let using = enums.iter().flat_map(|name| columns.tables(name)).map(ObjectId::table);
        let using: BTreeSet<ObjectId> = using.collect();
        let Some(Looked { connected, live: _, beside: _ }) = &mut self.looked else { return Ok(()) };
        if using.is_empty() {
            return Ok(());
        }
        for table in crate::workflow::database::sizes::small_tables(connected).await? {
            self.small.extend(Some(renamed_id(&ObjectId::table(table), renames)).filter(|id| using.contains(id)));
        }
        Ok(())
    }

    /// Warning about drift of the database that was named, without what the plan takes over.
    pub(crate) fn drifted(&self, plans: &Plans) -> Diagnostics {
        if self.looked.is_none() || plans.all().is_empty() {
            return Diagnostics::default();
        }
        let Some(lines) = &self.drift else {
            let message = "pgform never ran in the database named: whether it drifted was not looked at";
            return Diagnostic::warning(Code::NotAdopted, message)
                .way("adopt it", Command::new("adopt").on_database())
                .into();
        };
        let left = |line: &&DriftLine| !self.absorb.contains(&line.object) && !self.notes.contains_key(&line.object);
        let told: Vec<&str> = lines.iter().filter(left).map(|line| line.text.as_str()).collect();
        let message = match told.as_slice() {
            [] => return Diagnostics::default(),
            [one] => format!("drift: {one}"),
            several => format!("drift: {} differences\n  {}", several.len(), several.join("\n  ")),
        };
        let see = Command::new("check").on_database();
        Diagnostic::warning(Code::Unknown, message).way("what ends it", see).into()
    }

    /// Errors about unknown objects of the database that depend on what the plan takes away.
    pub(crate) fn in_the_way(&self, pulled: &BTreeSet<ObjectId>, declared: &State) -> Diagnostics {
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
            let plan = |verb: &str, option: &str| {
                let title = format!("{verb} {}", user.short());
                Command::new("plan").option("-m", title).option(option, user.to_string()).on_database()
            };
            Diagnostic::error(Code::Unknown, message)
                .way("take it over", plan("take over", "--absorb"))
                .way("drop it", plan("drop", "--drop"))
        };
        pairs.filter(|(_, user)| unknown(user)).map(tell).collect()
    }
}
