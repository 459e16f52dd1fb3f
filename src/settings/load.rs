//! `pgform.yaml`: read as a whole, with all its mistakes at their places, into settings.
use super::{Environment, ManagedScope, OWN_SCHEMA, duration, environment::choice};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics, Source},
    yaml::{self, Fields, Node, Value},
};
use std::{io::ErrorKind, path::Path, sync::Arc, time::Duration};

/// Name of the file.
pub const FILE: &str = "pgform.yaml";

/// Settings of a project, from `pgform.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Scope of managed objects: by default, the schema `public` and those that an import found.
    pub scope: ManagedScope,
    /// PostgreSQL versions that plans must run on.
    pub postgres: PostgresRange,
    /// Environments, in the file's order.
    pub environments: Vec<Environment>,
    /// Batches of work on live tables.
    pub online: Online,
    /// Warnings about what is probably not meant.
    pub warnings: Diagnostics,
}

/// Range of major versions of PostgreSQL, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostgresRange {
    /// Lowest version: the planner uses only what it offers.
    pub lowest: u16,
    /// Highest version: `apply` refuses later ones.
    pub highest: u16,
}

impl PostgresRange {
    /// Versions that pgform knows.
    pub const KNOWN: Self = Self { lowest: 14, highest: 18 };
}

impl Default for PostgresRange {
    fn default() -> Self {
        Self::KNOWN
    }
}

/// Batches of work on live tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Online {
    /// Rows per transaction of a backfill. 5000 by default.
    pub batch_size: u32,
    /// Pause between two batches. 50 ms by default.
    pub batch_pause: Duration,
}

impl Default for Online {
    fn default() -> Self {
        Self { batch_size: 5000, batch_pause: Duration::from_millis(50) }
    }
}

impl Settings {
    /// Reads `pgform.yaml` in a folder; without the file, the defaults.
    ///
    /// # Errors
    /// All mistakes in the file, or that it cannot be read.
    pub fn load(dir: &Path) -> Result<Self, Diagnostics> {
        match std::fs::read_to_string(dir.join(FILE)) {
            Ok(text) => Self::read(&Arc::new(Source { name: FILE.to_owned(), text })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", dir.join(FILE).display());
                Err(Diagnostic::error(Code::File, message).into())
            }
        }
    }

    /// Reads the text of a `pgform.yaml`.
    ///
    /// # Errors
    /// All mistakes in the text.
    pub fn read(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        let node = yaml::read_one(source)?;
        let mut d = Diagnostics::default();
        let mut settings = Self::default();
        let keys = ["scope", "postgres", "environments", "online", "keep"];
        if let Some(fields) = Fields::new(&node, FILE, &keys, &mut d) {
            if let Some(scope) = fields.value("scope").and_then(|n| read_scope(n, &mut d)) {
                settings.scope = scope;
            }
            if let Some(range) = fields.value("postgres").and_then(|n| read_range(n, &mut d)) {
                settings.postgres = range;
            }
            if let Some(entries) = fields.value("environments").and_then(|n| yaml::entries(n, "`environments`", &mut d))
            {
                settings.environments = entries.iter().map(|e| Environment::read(e, &mut d)).collect();
                settings.check_dry_runs(&mut d);
            }
            if let Some(node) = fields.value("online") {
                settings.online = read_online(node, &mut d);
            }
            if let Some(node) = fields.value("keep") {
                read_keep(node, &mut d);
            }
        }
        let ((), warnings) = d.or_value(())?;
        Ok(Self { warnings, ..settings })
    }

    /// Finds the environment of a name.
    ///
    /// # Errors
    /// If there is none, with the names that there are.
    pub fn environment(&self, name: &str) -> Result<&Environment, Diagnostic> {
        self.environments.iter().find(|e| e.name == name).ok_or_else(|| {
            let error = Diagnostic::error(Code::Settings, format!("there is no environment `{name}`"));
            error.help(self.known(name))
        })
    }

    fn known(&self, name: &str) -> String {
        let names: Vec<&str> = self.environments.iter().map(|e| e.name.as_str()).collect();
        match (names.is_empty(), yaml::nearest(name, names.iter().copied())) {
            (true, _) => format!("{FILE} names no environments; add it under `environments:`"),
            (false, Some(near)) => format!("did you mean `{near}`? {FILE} names {}", names.join(", ")),
            (false, None) => format!("{FILE} names {}", names.join(", ")),
        }
    }

    /// Refuses a demand for a dry run in an environment that does not exist, or is the same.
    fn check_dry_runs(&self, d: &mut Diagnostics) {
        for environment in &self.environments {
            let Some(wanted) = &environment.requires.dry_run else { continue };
            let message = match self.environments.iter().any(|e| e.name == *wanted) {
                true if *wanted != environment.name => continue,
                true => format!("the environment {wanted} requires a dry run in itself"),
                false => {
                    format!("the environment {} requires a dry run in `{wanted}`, which is not there", environment.name)
                }
            };
            let error = Diagnostic::error(Code::Settings, message).at(&environment.place, "this environment");
            d.push(error.help(self.known(wanted)));
        }
    }
}

fn read_scope(node: &Node, d: &mut Diagnostics) -> Option<ManagedScope> {
    let fields = Fields::new(node, "`scope`", &["schemas", "unmanaged"], d)?;
    let mut schemas = ManagedScope::default().schemas().to_vec();
    if let Some(node) = fields.value("schemas") {
        schemas.clear();
        let names = yaml::texts(node, "`schemas`", d)?;
        if names.is_empty() {
            let error = Diagnostic::error(Code::Settings, "`schemas` is empty, so nothing would be managed");
            d.push(error.at(&node.place, "a schema is expected here"));
        }
        for (name, node) in names {
            let why = match name {
                "" => "is empty",
                OWN_SCHEMA => "is pgform's own schema",
                "information_schema" => "belongs to PostgreSQL",
                _ if name.starts_with("pg_") => "belongs to PostgreSQL",
                _ if schemas.iter().any(|s| s == name) => "is named twice",
                _ => {
                    schemas.push(name.to_owned());
                    continue;
                }
            };
            d.push(Diagnostic::error(Code::Settings, format!("the schema `{name}` {why}")).at(&node.place, "here"));
        }
    }
    let patterns = fields.value("unmanaged").and_then(|n| yaml::texts(n, "`unmanaged`", d)).unwrap_or_default();
    let texts: Vec<&str> = patterns.iter().map(|(text, _)| *text).collect();
    match ManagedScope::new(schemas, &texts) {
        Ok(scope) if fields.value("schemas").is_none() => Some(scope.anywhere()),
        Ok(scope) => Some(scope),
        Err(wrong) => {
            for (number, why) in wrong {
                let (text, node) = patterns[number];
                d.push(
                    Diagnostic::error(
                        Code::Settings,
                        format!("`{text}` of `unmanaged` is not a pattern of names: {why}"),
                    )
                    .at(&node.place, "here"),
                );
            }
            None
        }
    }
}

/// Reads `16..18`, or one major version.
fn read_range(node: &Node, d: &mut Diagnostics) -> Option<PostgresRange> {
    let text = yaml::text(node, "`postgres`", d)?;
    let (lowest, highest) = text.split_once("..").unwrap_or((text, text));
    let known = PostgresRange::KNOWN;
    let why = match (lowest.trim().parse::<u16>(), highest.trim().parse::<u16>()) {
        (Ok(lowest), Ok(highest)) if lowest > highest => "the lowest stands behind the highest",
        (Ok(lowest), Ok(highest)) if lowest >= known.lowest && highest <= known.highest => {
            return Some(PostgresRange { lowest, highest });
        }
        (Ok(_), Ok(_)) => "pgform knows PostgreSQL 14 to 18",
        (Ok(_) | Err(_), Ok(_) | Err(_)) => "two major versions are expected",
    };
    d.push(
        Diagnostic::error(Code::Settings, format!("`postgres` is `{}`: {why}", text.escape_debug()))
            .at(&node.place, "here")
            .help("write the lowest and the highest major version: 16..18"),
    );
    None
}

fn read_online(node: &Node, d: &mut Diagnostics) -> Online {
    let mut online = Online::default();
    let Some(fields) = Fields::new(node, "`online`", &["batch_size", "batch_pause"], d) else { return online };
    let given = ["batch_size", "batch_pause"].iter().find_map(|key| fields.value(key));
    if let Some(node) = given {
        let message = "`online` is not obeyed yet: nothing that pgform plans so far works in batches";
        d.push(Diagnostic::warning(Code::NotObeyed, message).at(&node.place, "nothing is done with this"));
    }
    if let Some(node) = fields.value("batch_size")
        && let Some(size) = yaml::integer(node, "`batch_size`", d)
    {
        match u32::try_from(size) {
            Ok(size @ 1..=1_000_000) => online.batch_size = size,
            Ok(_) | Err(_) => d.push(
                Diagnostic::error(Code::Settings, format!("`batch_size` is {size}, and must be 1 to 1000000"))
                    .at(&node.place, "here"),
            ),
        }
    }
    if let Some(pause) = fields.value("batch_pause").and_then(|n| duration(n, "`batch_pause`", d)) {
        online.batch_pause = pause;
    }
    online
}

/// Reads `keep: none`, or `{data: none, for: …}`. A setting that asks for data to be kept is read, understood and
/// refused: a promise that drops do not keep yet must not be written down.
fn read_keep(node: &Node, d: &mut Diagnostics) {
    let kinds = [("none", false), ("aside", true), ("copy", true)];
    let refuse = |node: &Node, what: &str, d: &mut Diagnostics| {
        d.push(
            Diagnostic::error(
                Code::NotObeyed,
                format!("{what} asks for dropped data to be kept, which pgform cannot do yet"),
            )
            .at(&node.place, "here")
            .help("write `keep: none`, or leave it out: dropping data is then a hazard to be allowed by name"),
        );
    };
    let data = |node: &Node, d: &mut Diagnostics| {
        if choice(node, "`keep`", &kinds, d) == Some(true) {
            refuse(node, "`keep`", d);
        }
    };
    if !matches!(node.value, Value::Mapping(_)) {
        return data(node, d);
    }
    let Some(fields) = Fields::new(node, "`keep`", &["data", "for"], d) else { return };
    if let Some(node) = fields.value("data") {
        data(node, d);
    }
    if let Some(node) = fields.value("for")
        && duration(node, "`for` in `keep`", d).is_some()
    {
        refuse(node, "`for` in `keep`", d);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{OnDrift, ProofDemand};

    fn read(text: &str) -> Result<Settings, Diagnostics> {
        Settings::read(&Arc::new(Source { name: FILE.into(), text: text.into() }))
    }

    #[test]
    fn the_documented_file_is_read() {
        let text = include_str!("mod.rs").lines().skip_while(|l| *l != "//! ```yaml").skip(1);
        let text: String = text.take_while(|l| *l != "//! ```").map(|l| format!("{}\n", &l[4..])).collect();
        let settings = read(&format!("{text}#\n").replace("online:", "  staging: {drift: warn}\nonline:")).unwrap();
        assert_eq!(settings.scope.patterns().collect::<Vec<_>>(), ["tmp_*", "auth.*"]);
        assert_eq!(settings.postgres, PostgresRange { lowest: 16, highest: 18 });
        let production = settings.environment("production").unwrap();
        assert_eq!(production.url.as_ref().map(|v| v.name.as_str()), Some("PRODUCTION_URL"));
        assert_eq!(production.replicas[0].name, "REPLICA_URL");
        assert_eq!(production.role.as_deref(), Some("app_owner"));
        assert_eq!(production.timeouts.lock_budget, Duration::from_secs(600));
        assert_eq!(production.timeouts.max_stall, Duration::from_millis(100));
        assert_eq!((production.requires.approvals, production.requires.not_author), (1, true));
        assert_eq!(production.requires.dry_run.as_deref(), Some("staging"));
        assert_eq!(production.requires.proof, Some(ProofDemand::Full));
        assert_eq!((production.drift, production.protected), (OnDrift::Refuse, true));
        assert_eq!(settings.online, Online::default());
        // Keys that are read and not obeyed yet give warnings.
        let told: Vec<_> = settings.warnings.0.iter().map(|d| (d.code, d.labels[0].place.line())).collect();
        assert_eq!(told, [(Code::NotObeyed, 10), (Code::NotObeyed, 15)]);
    }

    #[test]
    fn nothing_is_the_defaults() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Settings::load(dir.path()).unwrap(), Settings::default());
        assert_eq!(read("").unwrap(), Settings::default());
        assert_eq!(read("scope:\nkeep: none\n").unwrap(), Settings::default());
        assert_eq!(Settings::default().scope.schemas(), ["public"]);
        std::fs::write(dir.path().join(FILE), "postgres: 17\n").unwrap();
        assert_eq!(Settings::load(dir.path()).unwrap().postgres, PostgresRange { lowest: 17, highest: 17 });
        std::fs::write(dir.path().join(FILE), b"a: \xff\n").unwrap();
        assert_eq!(Settings::load(dir.path()).unwrap_err().0[0].code, Code::File);
    }

    #[test]
    fn all_mistakes_are_shown_at_once() {
        let text = "\
scope: {schemas: [public, public, pg_catalog, pgform], unmanaged: [\"[\", ok]}
postgres: 18..16
environments:
  production:
    url: postgres://u:secret@h/d
    role: null
    timeouts: {max_stall: 20 min, lock_budget: 5m, max_weight: 1s}
    replicas: [{env: A B}, {env: OK}, {}]
    requires: {approvals: -1, not_author: yes, dry_run: production, proof: some}
    drift: ignore
    protected: on
  a b: {requires: {dry_run: staging}}
online: {batch_size: 0, batch_pause: 1}
keep: {data: aside, for: 30d}
extra: 1
";
        let read = read(text).unwrap_err();
        let shown: Vec<String> =
            read.0.iter().map(|d| format!("{} {}: {}", d.labels[0].place.line(), d.code.as_str(), d.message)).collect();
        assert!(!shown.join("\n").contains("secret"));
        insta::assert_snapshot!(shown.join("\n"), @r"
        15 unknown-key: `extra` is no key of pgform.yaml
        1 settings: the schema `public` is named twice
        1 settings: the schema `pg_catalog` belongs to PostgreSQL
        1 settings: the schema `pgform` is pgform's own schema
        1 settings: `[` of `unmanaged` is not a pattern of names: unclosed character class; missing ']'
        2 settings: `postgres` is `18..16`: the lowest stands behind the highest
        5 settings: `url` of the environment production must name a variable
        6 wrong-type: `role` of the environment production is nothing, and must be text
        7 unknown-key: `max_weight` is no key of `timeouts` of the environment production
        7 wrong-type: `lock_budget` in `timeouts` of the environment production is `5m`, and `m` could be minutes or months
        7 settings: `max_stall` is longer than `lock_budget` in `timeouts` of the environment production, so no lock would be tried even once
        8 settings: a replica of the environment production must name a variable: letters, digits and underscores
        8 missing-key: a replica of the environment production has no `env`
        8 not-obeyed: `replicas` of the environment production are not looked at yet: waits and locks on them are not seen
        9 settings: `approvals` in `requires` of the environment production is -1, and must be 0 to 100
        9 wrong-type: `not_author` in `requires` of the environment production is `yes`, and must be `true` or `false`
        9 wrong-type: `proof` in `requires` of the environment production is `some`, and must be `full` or `partial`
        10 wrong-type: `drift` of the environment production is `ignore`, and must be `refuse` or `warn`
        11 wrong-type: `protected` of the environment production is `on`, and must be `true` or `false`
        12 settings: `a b` is no name for an environment
        4 settings: the environment production requires a dry run in itself
        12 settings: the environment a b requires a dry run in `staging`, which is not there
        13 not-obeyed: `online` is not obeyed yet: nothing that pgform plans so far works in batches
        13 settings: `batch_size` is 0, and must be 1 to 1000000
        13 wrong-type: `batch_pause` is `1`, which has no unit
        14 not-obeyed: `keep` asks for dropped data to be kept, which pgform cannot do yet
        14 not-obeyed: `for` in `keep` asks for dropped data to be kept, which pgform cannot do yet
        ");
    }

    #[test]
    fn ranges_of_versions() {
        for text in ["13..18", "16..19", "x", "16..", "..17", "16...18", "''", "99999999"] {
            let error = read(&format!("postgres: {text}\n")).unwrap_err();
            assert_eq!(error.0.len(), 1, "{text}: {error}");
        }
        assert_eq!(read("postgres: 16 .. 17").unwrap().postgres, PostgresRange { lowest: 16, highest: 17 });
        assert_eq!(read("keep: copy").unwrap_err().0[0].code, Code::NotObeyed);
        assert_eq!(read("keep: {data: none}").unwrap(), Settings::default());
    }
}
