//! The command line: every command with its flags, and the help that users read.
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Declared state, online DDL, a stored and approved plan, and proof.
#[derive(Debug, Parser)]
#[command(
    name = "pgform",
    version,
    long_version = concat!(env!("CARGO_PKG_VERSION"), ", planner ", env!("PGFORM_PLANNER")),
    max_term_width = 100,
    after_help = "\
The usual way: edit schema/*.yaml, then
  pgform plan -m \"add embeddings\"    pgform approve add-embeddings    pgform apply --env production

Exit codes: 0 done or in step, 1 error, 2 changes or plans pending, 3 drift, 4 refused,
5 stopped midway (the journal is consistent, and the message says how to go on), 130 interrupted."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags that name the project's folders.
#[derive(Debug, Args)]
pub(super) struct Folders {
    /// The folder of the declaration.
    #[arg(long, default_value = "schema", value_name = "DIR", global = true)]
    pub(super) schema_dir: PathBuf,
    /// The folder of the plans.
    #[arg(long, default_value = "plans", value_name = "DIR", global = true)]
    pub(super) plans_dir: PathBuf,
}

/// Flags that name the database.
#[derive(Debug, Args)]
pub(super) struct Database {
    /// The database: a URL or libpq's keywords.
    #[arg(short = 'd', long, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// An environment of pgform.yaml.
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// The role as which statements run, and whose journal is believed, instead of the environment's.
    #[arg(long, value_name = "ROLE")]
    pub(super) role: Option<String>,
}

/// Flags that answer the question before a change.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Don't ask.
    #[arg(long)]
    pub(super) yes: bool,
    /// The environment's name once more, where it is protected.
    #[arg(long, value_name = "NAME")]
    pub(super) confirm: Option<String>,
    /// Makes pgform's tables although others subscribe to everything in this database: they are prepared for them.
    #[arg(long)]
    pub(super) subscribers_ready: bool,
}

/// Flag that names the user who acts.
#[derive(Debug, Args)]
pub(super) struct Signature {
    /// The user who acts; else PGFORM_USER, the actor of a run in CI, the account, or git's user.email.
    #[arg(long = "as", alias = "who", value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) name: Option<String>,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text, for people.
    Text,
    /// JSON for programs, versioned: docs/json.md.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The project's folder; made where it is not there.
    #[arg(default_value = ".")]
    pub(super) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
}

#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// The plan whose state the database has; the first one by default.
    pub(super) plan: Option<String>,
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    #[command(flatten)]
    pub(super) consent: Consent,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// Gives the database only the name of the environment: for a restored copy.
    #[arg(long)]
    pub(super) relabel: bool,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) folders: Folders,
    /// The form of the output.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// The title of the plan.
    #[arg(short = 'm', long = "message", value_name = "TEXT", required_unless_present = "check")]
    pub(super) title: Option<String>,
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// Write here instead of the plans' folder.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write nothing: only say whether the declaration differs from the last plan, and how (exit 2).
    #[arg(long, conflicts_with_all = ["output", "replace"])]
    pub(super) check: bool,
    /// Take the place of the last plan.
    #[arg(long, value_name = "PLAN")]
    pub(super) replace: Option<String>,
    /// Take over what the database has of an object: new, changed or gone.
    #[arg(long, value_name = "NAME")]
    pub(super) absorb: Vec<String>,
    /// Drop an object that the database has, and no plan.
    #[arg(long, value_name = "NAME")]
    pub(super) drop: Vec<String>,
    /// A scratch server instead of the embedded one.
    #[arg(long, value_name = "URL")]
    pub(super) shadow: Option<String>,
    /// The time that settling and proving may take.
    #[arg(long, value_name = "SECONDS")]
    pub(super) proof_deadline: Option<u64>,
    /// Exit 2 when there are changes.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// The form of the output.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The plan: a name, a number, the beginning of a digest, or a file.
    pub(super) plan: String,
    #[command(flatten)]
    pub(super) folders: Folders,
    /// Write long lists out.
    #[arg(long)]
    pub(super) full: bool,
    /// Write out all SQL, forward and back.
    #[arg(long, conflicts_with = "snapshot")]
    pub(super) sql: bool,
    /// Plan again from the states before and after, and compare: exit 4 unless the same comes out.
    #[arg(long, conflicts_with = "snapshot")]
    pub(super) verify: bool,
    /// Write snapshots/plans/PLAN.snap.
    #[arg(long)]
    pub(super) snapshot: bool,
    /// Compare with the snapshot instead of writing it.
    #[arg(long, requires = "snapshot")]
    pub(super) check: bool,
    /// The form of the output.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    /// The plan: a name, a number, the beginning of a digest, or a file.
    pub(super) plan: String,
    /// A hazard with its object, as the review shows it.
    #[arg(long, value_name = "HAZARD:OBJECT")]
    pub(super) accept: Vec<String>,
    #[command(flatten)]
    pub(super) signature: Signature,
    #[command(flatten)]
    pub(super) folders: Folders,
}

#[derive(Debug, Args)]
pub(super) struct DryRunArgs {
    /// The plan: a name, a number, the beginning of a digest, or a file.
    pub(super) plan: String,
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    #[command(flatten)]
    pub(super) consent: Consent,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// A hazard allowed, with an object or a pattern.
    #[arg(long, value_name = "HAZARD[:OBJECT]")]
    pub(super) allow: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The last plan to apply; all that the database lacks by default.
    pub(super) plan: Option<String>,
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    #[command(flatten)]
    pub(super) consent: Consent,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// A hazard allowed, with an object or a pattern.
    #[arg(long, value_name = "HAZARD[:OBJECT]")]
    pub(super) allow: Vec<String>,
    /// Run a plan that was rolled back here.
    #[arg(long)]
    pub(super) again: bool,
    /// Keeps a new check, foreign key or `not null` that old rows break: in force for new rows, not validated.
    #[arg(long)]
    pub(super) keep_not_valid: bool,
}

#[derive(Debug, Args)]
pub(super) struct RollbackArgs {
    /// The plan; by default the one that the last run applied.
    pub(super) plan: Option<String>,
    /// The last plan applied, whatever the last run did.
    #[arg(long, conflicts_with = "plan")]
    pub(super) last: bool,
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    #[command(flatten)]
    pub(super) consent: Consent,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// A loss allowed, with an object or a pattern.
    #[arg(long, value_name = "HAZARD[:OBJECT]")]
    pub(super) allow: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct RepairArgs {
    /// The title of the plan.
    #[arg(short = 'm', long = "message", value_name = "TEXT", default_value = "repair")]
    pub(super) title: String,
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    /// Write here instead of the plans' folder.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// A scratch server instead of the embedded one.
    #[arg(long, value_name = "URL")]
    pub(super) shadow: Option<String>,
    /// The time that settling and proving may take.
    #[arg(long, value_name = "SECONDS")]
    pub(super) proof_deadline: Option<u64>,
    /// The form of the output.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ResetArgs {
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    /// Don't ask, where the database says that it is for development.
    #[arg(long)]
    pub(super) yes: bool,
    /// The name of the database, where it is not for development.
    #[arg(long, value_name = "NAME")]
    pub(super) confirm: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) folders: Folders,
    /// The form of the output.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes a project: settings, make's targets, containers, a pipeline; writes over nothing that is there.
    #[command(after_help = "Example: pgform init search\nExample: pgform init    (in a project that is there already)")]
    Init(InitArgs),
    /// Turns an existing database into schema/*.yaml and a baseline plan.
    #[command(after_help = "Example: pgform import -d postgres://localhost/app")]
    Import(ImportArgs),
    /// Records that a database has a plan's state already, after comparing the two.
    #[command(after_help = "Example: pgform adopt -d postgres://localhost/app --yes\n\
        Example: pgform adopt --relabel --env staging    (for a restored copy)")]
    Adopt(AdoptArgs),
    /// Checks the declaration, without a database; shows all mistakes at their places.
    #[command(after_help = "Example: pgform validate")]
    Validate(ValidateArgs),
    /// Makes a plan from the last one to the declaration, proven forward and back; no server is needed.
    #[command(after_help = "Example: pgform plan -m \"add embeddings\"\n\
        Example: pgform plan -m \"add embeddings\" --env staging    (with its sizes and its drift)\n\
        Example: pgform plan -m \"in CI\" --output /tmp/plan.yaml --detailed-exitcode")]
    Plan(PlanArgs),
    /// Prints a plan's review from its bytes alone.
    #[command(after_help = "Example: pgform show add-embeddings\nExample: pgform show add-embeddings --sql --verify\n\
            Example: pgform show add-embeddings --snapshot --check")]
    Show(ShowArgs),
    /// Approves a plan; hazards are accepted by name.
    #[command(after_help = "Example: pgform approve add-embeddings --accept DataLoss:documents.legacy_path")]
    Approve(ApproveArgs),
    /// Runs a plan for real on a database, measures it, goes back, and leaves a receipt beside the plan.
    #[command(after_help = "Example: pgform dry-run add-embeddings --env staging --yes")]
    DryRun(DryRunArgs),
    /// Applies the plans that a database lacks, in order; goes on with one that stopped midway.
    #[command(after_help = "Example: pgform apply --env production\n\
        Example: pgform apply add-embeddings -d postgres://localhost/app --yes --allow DataLoss:documents.*")]
    Apply(ApplyArgs),
    /// Undoes the plan that the last run applied, by the way stored; says first what comes back and what is lost.
    #[command(after_help = "Example: pgform rollback --env production --allow DataLoss:documents.embedding")]
    Rollback(RollbackArgs),
    /// Plans the way from the live catalog back to the state that the journal of a database records.
    #[command(
        after_help = "What is missing is made again, empty; what was altered is altered back; what no plan knows stays.\n\
        The plan is for this one database: review it, approve it, and apply it by its name.\n\n\
        Example: pgform repair --env production\n\
        Example: pgform repair -d postgres://localhost/app -m \"bring the notes back\""
    )]
    Repair(RepairArgs),
    /// Empties a database for development, so that `apply` makes everything again.
    #[command(
        after_help = "It drops what lives in the managed schemas, what plans made beside it, and which plans ran.\n\
        Only where the database says that it is `development`, or holds no rows: then its name must be given.\n\n\
        Example: pgform reset --env development --yes\n\
        Example: pgform reset -d postgres://localhost/app --confirm app"
    )]
    Reset(ResetArgs),
    /// Tells the position of a database: the plans applied, pending and held.
    #[command(after_help = "Example: pgform status -d postgres://localhost/app")]
    Status(ReadArgs),
    /// Lists the runs on a database.
    #[command(after_help = "Example: pgform history -d postgres://localhost/app --format json")]
    History(ReadArgs),
    /// Compares a database with its plans: exit 0 in step, 2 plans pending, 3 drifted.
    #[command(after_help = "Example: pgform check --env production")]
    Check(ReadArgs),
    /// Examines all that a command needs: the connection, rights, versions, leftovers, and the journal, plans and
    /// catalog against each other; tells how to mend what is wrong.
    #[command(after_help = "Example: pgform doctor -d postgres://localhost/app\n\
        Exits with 1 where something keeps pgform from its work.")]
    Doctor(ReadArgs),
    /// Shows the whole way on the embedded PostgreSQL: import, plan, approve, apply, check, rollback.
    #[command(after_help = "Example: pgform demo")]
    Demo,
}

impl Command {
    /// Form in which the result and the diagnostics are printed.
    pub(super) fn format(&self) -> Format {
        match self {
            Self::Validate(args) => args.format,
            Self::Plan(args) => args.format,
            Self::Repair(args) => args.format,
            Self::Show(args) => args.format,
            Self::Status(args) | Self::History(args) | Self::Check(args) | Self::Doctor(args) => args.format,
            Self::Init(_)
            | Self::Import(_)
            | Self::Adopt(_)
            | Self::Approve(_)
            | Self::DryRun(_)
            | Self::Apply(_)
            | Self::Rollback(_)
            | Self::Reset(_)
            | Self::Demo => Format::Text,
        }
    }
}
