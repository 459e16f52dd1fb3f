//! Ways out of drift: the commands that end one difference, or all of them.
use super::compare::DriftLine;
use crate::declaration::Declared;
use crate::diagnostic::{Again, Command, Way, shown};
use crate::diff::{Alteration, What};
use crate::model::{Body, ObjectId, ObjectKind, State};
use crate::workflow::planning::named_objects::may_mean;

/// Greatest length, in characters, of the title of a plan in a suggested command.
const TITLE: usize = 120;

/// Facts that the ways out of drift depend on.
pub(crate) struct Told<'a> {
    /// The expected state and the live one: a name in a command must mean one object among both.
    pub(crate) states: [&'a State; 2],
    /// The declaration, where it could be read.
    pub(crate) declared: Option<&'a Declared>,
    /// True where there is no chain of plans: the next plan begins with the live state.
    pub(crate) begins: bool,
    /// Flags that name the database again in a suggested command.
    pub(crate) again: &'a Again,
}

impl Told<'_> {
    /// The ways out of one difference, the one that keeps what the database has first.
    pub(crate) fn ways(&self, line: &DriftLine) -> Vec<String> {
        let id = &line.object;
        let absorb = |does: &str| Way::new(does, self.take_over([id])).line(self.again);
        let opaque = self.is_carried(id);
        if self.is_broken(id) {
            return vec![self.put_back("build it anew")];
        }
        if self.begins {
            let next = "nothing to take over: the next plan of this database begins with what is there".to_owned();
            let back = (line.mark != '+' && !opaque).then(|| self.put_back("put all back"));
            return std::iter::once(next).chain(back).collect();
        }
        match line.mark {
            '+' if opaque => vec![absorb("take over"), leave_alone(id)],
            '+' => {
                let drop = plan(format!("drop {}", id.short())).option("--drop", self.name(id));
                let ways =
                    [absorb("declare it as it is here, then take over"), Way::new("drop", drop).line(self.again)];
                let part = matches!(id.kind(), ObjectKind::Column | ObjectKind::Constraint | ObjectKind::Index);
                let scope_can_name_it = id.table_of().is_none() || !part;
                ways.into_iter().chain(scope_can_name_it.then(|| leave_alone(id))).collect()
            }
            '-' if opaque => vec![absorb("take for gone"), self.put_back("put all back")],
            _ if opaque => vec![absorb("take over"), self.put_back("show how it was, to put it back by hand")],
            '-' => vec![absorb("take it out of the declaration, then take for gone"), self.put_back("put all back")],
            _ if self.only_carried(line) => vec![absorb("take over")],
            _ => vec![absorb("declare it as it is here, then take over"), self.put_back("put all back")],
        }
    }

    /// Commands that end all of the drift, once the declaration says the same where that is needed.
    pub(crate) fn all(&self, lines: &[DriftLine]) -> Vec<String> {
        let ids: Vec<&ObjectId> = lines.iter().map(|line| &line.object).filter(|id| !self.is_broken(id)).collect();
        if ids.len() < 2 || self.begins {
            return Vec::new();
        }
        let what = if ids.len() == lines.len() { "take over all of it" } else { "take over all the rest" };
        let apply = Command::new("apply").on_database();
        [Way::new(what, self.take_over(ids)), Way::new("then", apply)].map(|way| way.line(self.again)).to_vec()
    }

    /// Tells whether an object is an index whose build was cut off: nobody wants it as it is there.
    fn is_broken(&self, id: &ObjectId) -> bool {
        let [expected, live] = self.states;
        expected.has(id) && matches!(live.body(id), Some(Body::Index(index)) if !index.valid)
    }

    /// Tells whether an object is opaque, on either side.
    fn is_carried(&self, id: &ObjectId) -> bool {
        self.states.iter().any(|state| state.is_carried(id))
    }

    fn put_back(&self, does: &str) -> String {
        Way::new(does, Command::new("repair").on_database()).line(self.again)
    }

    fn take_over<'o>(&self, ids: impl IntoIterator<Item = &'o ObjectId>) -> Command {
        let ids: Vec<&ObjectId> = ids.into_iter().collect();
        let title = match ids.as_slice() {
            [one] => format!("take over {}", one.short()),
            several => format!("take over {} changes made by hand", several.len()),
        };
        plan(title).options("--absorb", ids.into_iter().map(|id| self.name(id)))
    }

    /// The short name where it means one object, its whole identity otherwise.
    fn name(&self, id: &ObjectId) -> String {
        let short = id.short();
        let mut others = self.states.iter().flat_map(|state| state.objects.keys()).filter(|other| *other != id);
        let clear = shown(&short) == short && !others.any(|other| may_mean(&short, other));
        if clear { short } else { id.to_string() }
    }

    /// Tells whether only opaque or undeclared attributes differ.
    fn only_carried(&self, line: &DriftLine) -> bool {
        let What::Altered(alterations) = &line.what else { return false };
        let opaque = self.is_carried(&line.object);
        let said = |name: &str| self.declared.is_none_or(|declared| declared.says(&line.object, name));
        alterations.iter().all(|alteration| match alteration {
            Alteration::Owner => opaque || !said("owner"),
            Alteration::Privileges | Alteration::ColumnPrivileges => opaque || !said("grants"),
            Alteration::Carried("not_null_name" | "not_null_not_valid") => true,
            // An attribute without `unlogged` is declared to be logged.
            Alteration::Carried("unlogged" | "create") => opaque,
            Alteration::Kept("column_settings") => opaque,
            Alteration::Carried(name) | Alteration::Kept(name) => opaque || !said(name),
            Alteration::Comment => opaque,
            Alteration::Extension(_)
            | Alteration::Enumeration(_)
            | Alteration::SequenceOptions
            | Alteration::SequenceOwner
            | Alteration::Column(_)
            | Alteration::Validated
            | Alteration::AttributesRenamed(_)
            | Alteration::Redefined
            | Alteration::Replaced(_)
            | Alteration::RowSecurity(_)
            | Alteration::ViewOptions
            | Alteration::IndexComment
            | Alteration::ColumnComments => false,
        })
    }
}

fn plan(title: String) -> Command {
    let short: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TITLE).collect();
    Command::new("plan").option("-m", short).on_database()
}

/// Line for the settings that leaves an object alone.
fn leave_alone(id: &ObjectId) -> String {
    format!("leave alone: scope: {{unmanaged: [{}]}} in pgform.yaml", pattern(id.own_name()))
}

/// Pattern, in YAML, that matches one name alone.
fn pattern(name: &str) -> String {
    let escaped: String =
        name.chars().flat_map(|c| ['\\', c].into_iter().skip(usize::from(!"\\*?[]{}!,".contains(c)))).collect();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let word =
        ["true", "false", "null"].contains(&name) || !name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if name.chars().all(plain) && !word { escaped } else { serde_json::Value::from(escaped).to_string() }
}
