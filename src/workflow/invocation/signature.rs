//! The user who acts, as receipts and the journal record it.
use super::project::{Connected, Project};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use std::process::{Command, Stdio};

/// Variables in which CI systems name the user who started a run. They come before the account: that is the runner's.
const ACTORS: &[&str] = &[
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "BUILD_REQUESTEDFOR",
    "BITBUCKET_STEP_TRIGGERER_UUID",
];

/// The account that a shell works as.
const ACCOUNTS: &[&str] = &["USER", "LOGNAME"];

/// Name in receipts where nobody is known.
const UNKNOWN: &str = "unknown";

const HELP: &str = "say who: --as NAME, or the variable PGFORM_USER";

/// User who acts, by the first of these that is set: `--as`, the variable `PGFORM_USER`, the actor of a run in CI, the
/// account, git's `user.email`.
fn known(project: &Project) -> Option<String> {
    let variable = |name: &&str| project.variables.process(name).map(|found| found.value);
    let signed = project.signed.clone().or_else(|| variable(&"PGFORM_USER"));
    let system = || ACTORS.iter().chain(ACCOUNTS).find_map(variable);
    signed.or_else(system).or_else(git).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Address that git would write on a commit here.
fn git() -> Option<String> {
    const GIT: &str = "git";
    let mut command = Command::new(GIT);
    command.args(["config", "--get", "user.email"]).stdin(Stdio::null()).stderr(Stdio::null());
    let done = command.output().ok().filter(|done| done.status.success())?;
    String::from_utf8(done.stdout).ok()
}

/// User who acts, for receipts that count by their signature alone.
///
/// # Errors
/// [`Code::Usage`] where nothing names one.
pub(crate) fn signature(project: &Project) -> Result<String, Diagnostic> {
    known(project)
        .ok_or_else(|| Diagnostic::error(Code::Usage, "nobody knows who you are: nothing was signed").help(HELP))
}

/// User who acts, for what is done all the same: `unknown`, with a warning, where nothing names one.
pub(crate) fn who(project: &Project, warnings: &mut Diagnostics) -> String {
    known(project).unwrap_or_else(|| {
        let message = format!("nobody knows who does this: it is recorded as `{UNKNOWN}`");
        warnings.push(Diagnostic::warning(Code::Usage, message).help(HELP));
        UNKNOWN.to_owned()
    })
}

impl Connected {
    /// Tells the session the name of the user, which the journal's rows record.
    pub(super) async fn worked_in_by(&mut self, project: &Project) -> Result<(), Diagnostics> {
        let (name, unknown) = &mut self.who;
        *name = who(project, unknown);
        let set = format!("set pgform.who = '{}'", name.replace('\'', "''"));
        Ok(self.connection.batch(&set).await.map_err(Diagnostic::from)?)
    }
}
