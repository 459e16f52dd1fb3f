//! Opaque objects that a declaration lists: compared with the chain's head, and refused where they differ.
use crate::declaration::Declared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, with_article};
use crate::model::{Body, ObjectId, ObjectKind, Rename, SchemaName, State, renamed_id};
use crate::plan::{Problem, needed, restrict};
use crate::shadow::{Bench, BuildError};
use crate::workflow::renames::history::Past;
use std::collections::{BTreeMap, BTreeSet};

/// Opaque objects of which the declaration says something else than the chain's head.
pub(crate) struct Touched {
    problems: Vec<Problem>,
    /// Objects whose texts differ: by what they do, or by the server that printed them.
    disputed: BTreeSet<ObjectId>,
    /// Objects declared as they were before a rename, or before a plan recorded them, with their present names.
    renamed: BTreeMap<ObjectId, ObjectId>,
    /// Objects declared that a plan recorded as gone.
    gone: BTreeSet<ObjectId>,
}

impl Touched {
    /// Compares the head, after the renames, with the declaration; `past` ends with these renames.
    pub(crate) fn new(head: &State, declared: &Declared, past: &Past) -> Self {
        let mut touched =
            Self { problems: Vec::new(), disputed: BTreeSet::new(), renamed: BTreeMap::new(), gone: BTreeSet::new() };
        let mut said = BTreeSet::new();
        for (id, whole, object) in declared.state.carried() {
            let called = (id, whole.word(id));
            let at = if head.has(id) { *id } else { past.now(id) };
            match head.body(&at) {
                Some(Body::Definition(known)) if known.text() == object.text() && at == *id => {}
                Some(Body::Definition(_)) if past.had(&at, object.text()) => {
                    touched.renamed.insert(*id, at);
                }
                Some(Body::Definition(_)) if at == *id => {
                    touched.disputed.insert(*id);
                }
                Some(Body::Definition(_)) => {
                    touched.problems.push(cannot(
                        called,
                        "change",
                        "is declared otherwise than it was before its rename",
                    ));
                }
                _ if past.noted(&at) => drop(touched.gone.insert(*id)),
                _ => touched.problems.push(cannot(called, "make", "is new in the declaration")),
            }
            said.insert(at);
        }
        // What is declared now, where plans change it, is in the list no more, and is not gone.
        let is_said = |id: &ObjectId| said.contains(id) || declared.state.has(id);
        let gone = head.carried().filter(|(id, ..)| declared.lists_opaque && !is_said(id) && !past.noted(id));
        touched.problems.extend(
            gone.map(|(id, object, _)| cannot((id, object.word(id)), "drop", "is not in the declaration any more")),
        );
        touched
    }

    /// Removes objects declared under an old name from the desired state, which has them under the new one; and warns
    /// of texts from before a rename.
    pub(crate) fn settle_names(&self, after: &mut State, declared: &Declared) -> Diagnostics {
        let mut left: BTreeSet<SchemaName> = BTreeSet::new();
        after.objects.retain(|id, _| !self.gone.contains(id));
        for (id, now) in self.renamed.iter().filter(|(id, now)| id != now) {
            after.objects.remove(id);
            left.extend(id.home().filter(|schema| now.home().as_ref() != Some(schema)));
        }
        // A schema that only the removed objects were declared in went with its rename.
        let lived_in: BTreeSet<SchemaName> =
            after.objects.keys().filter(|id| !id.is(ObjectKind::Schema)).filter_map(ObjectId::home).collect();
        for schema in left.difference(&lived_in).map(|schema| ObjectId::schema(*schema)) {
            if declared.places.object(&schema).is_none() {
                after.objects.remove(&schema);
            }
        }
        self.said_as_before(declared)
    }

    fn said_as_before(&self, declared: &Declared) -> Diagnostics {
        const TOLD_ONE_BY_ONE: usize = 3;
        let mut out: Diagnostics = self.gone.iter().map(|id| said_and_gone(id, declared)).collect();
        let help = "an import into an empty folder shows their present texts; or leave `opaque:` out: they are carried along all the same";
        if self.renamed.len() > TOLD_ONE_BY_ONE {
            let message = format!(
                "{} objects are declared as they were before a rename, or before a plan took note of them: they are taken as the chain has them now",
                self.renamed.len()
            );
            let mut warning = Diagnostic::warning(Code::Inert, message);
            for id in self.renamed.keys().take(TOLD_ONE_BY_ONE) {
                warning = warning.maybe_at(declared.places.object(id), "one of them");
            }
            out.push(warning.help(help));
            return out;
        }
        let one = |(id, now): (&ObjectId, &ObjectId)| {
            let called = match id == now {
                true => String::new(),
                false if id.short() == now.short() => format!(", {}", now.sql()),
                false => format!(", {}", now.short()),
            };
            let message = format!(
                "{} {} is declared as it was before a rename, or before a plan took note of it: it is taken as the chain has it now{called}",
                declared.state.word(id),
                id.short()
            );
            Diagnostic::warning(Code::Inert, message).maybe_at(declared.places.object(id), "here").help(help)
        };
        out.extend(self.renamed.iter().map(one).collect());
        out
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.disputed.is_empty()
    }

    /// Refuses declared changes of opaque objects. Texts that differ are built and printed by one shadow first.
    ///
    /// # Errors
    /// The objects that would have to change.
    pub(crate) async fn refuse(
        mut self,
        bench: &mut Bench,
        head: &State,
        (after, declared): (&State, &Declared),
        renames: &[Rename],
    ) -> Result<(), BuildError> {
        if !self.disputed.is_empty() {
            let present: BTreeSet<ObjectId> =
                head.objects.keys().filter(|id| self.disputed.contains(&renamed_id(id, renames))).cloned().collect();
            let left = bench.printed(&restrict(head, &needed(head, &present)), renames).await?;
            let mut wanted = after.clone();
            for id in &self.disputed {
                if let (Some(Body::Definition(to)), Some(Body::Definition(said))) =
                    (wanted.body_mut(id), declared.state.body(id))
                {
                    to.create.clone_from(&said.create);
                }
            }
            let right = bench.printed(&restrict(&wanted, &needed(&wanted, &self.disputed)), &[]).await?;
            let create = |state: &State, id: &ObjectId| state.get(id)?.definition()?.text().map(str::to_owned);
            let differs = |id: &&ObjectId| create(&left, id).is_none() || create(&left, id) != create(&right, id);
            self.problems.extend(
                self.disputed
                    .iter()
                    .filter(differs)
                    .map(|id| cannot((id, after.word(id)), "change", "is declared otherwise")),
            );
        }
        if self.problems.is_empty() { Ok(()) } else { Err(BuildError::Problems(self.problems)) }
    }
}

fn said_and_gone(id: &ObjectId, declared: &Declared) -> Diagnostic {
    let message = format!(
        "{} {} is declared, and a plan took note that it is gone: pgform carries it along no more",
        id.word(),
        id.short()
    );
    Diagnostic::warning(Code::Inert, message)
        .maybe_at(declared.places.object(id), "here")
        .help("take it out of the declaration")
}

fn cannot((id, word): (&ObjectId, &str), verb: &str, why: &str) -> Problem {
    if let Some(place) = declared_in(id.kind()) {
        let message = format!("{word} {} {why} under `opaque:`, whose objects no plan changes", id.short());
        let help = format!(
            "declare it {place}, and take it out of `opaque:`; what `import` listed there stays as it was written"
        );
        return Problem { help: Some(help), ..Problem::not_yet(id, message) };
    }
    let message = format!(
        "{word} {} {why}, and pgform cannot {verb} {} yet: it carries them along",
        id.short(),
        with_article(word)
    );
    let help = "leave it in `opaque:` as `import` wrote it; or leave `opaque:` out altogether: what no file lists is carried along all the same";
    Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message) }
}

/// Place in a declaration where plans change objects of the kind, though some of that kind are opaque.
fn declared_in(kind: ObjectKind) -> Option<&'static str> {
    const PLACES: &[(ObjectKind, &str)] = &[
        (ObjectKind::Function, "under `functions:`"),
        (ObjectKind::Procedure, "under `procedures:`"),
        (ObjectKind::Aggregate, "under `aggregates:`"),
        (ObjectKind::Trigger, "under `triggers:` of its table or view"),
        (ObjectKind::Domain, "under `domains:`"),
        (ObjectKind::CompositeType, "under `composite_types:`"),
        (ObjectKind::RangeType, "under `range_types:`"),
        (ObjectKind::View, "under `materialized_views:`"),
        (ObjectKind::Policy, "under `policies:` of its table"),
        (ObjectKind::DefaultPrivileges, "under `default_privileges:`"),
    ];
    PLACES.iter().find(|(of, _)| *of == kind).map(|(_, place)| *place)
}
