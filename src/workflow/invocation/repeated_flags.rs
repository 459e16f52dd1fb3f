//! Flags with which suggested commands name the same database and folders again.
use super::project::Project;
use crate::diagnostic::{Again, argument};
use crate::server::without_password;
use crate::settings::{Asked, READING, Variables};
use std::path::Path;

impl Project {
    /// Flags of this command that a suggested one repeats: the database that was asked about, never another, and the
    /// folders.
    ///
    /// A password is never repeated: an address that holds one is written without it. Where nothing names a database,
    /// the first environment of `pgform.yaml` does, or the variable that is set.
    #[must_use]
    pub fn again(&self, asked: &Asked) -> Again {
        let (before, mut database) = self.database_again(asked);
        if let Some(role) = &asked.role {
            database = format!("{database} --role {}", argument(role));
        }
        let folder = |name: &str, dir: &Path, usual: &str| {
            (dir != Path::new(usual)).then(|| format!("{name} {}", argument(&dir.to_string_lossy())))
        };
        let folders =
            [folder("--schema-dir", &self.schema_dir, "schema"), folder("--plans-dir", &self.plans_dir, "plans")];
        let folders = folders.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Again { before: before.to_owned(), database, folders }
    }

    fn database_again(&self, asked: &Asked) -> (&'static str, String) {
        let Asked { database_url, env, role: _, subscribers_ready: _ } = asked;
        let environment = env.as_ref().map(|name| format!("--env {}", argument(name)));
        if let Some(url) = database_url {
            let url = without_password(url).map_or_else(|| "-d URL".to_owned(), |url| format!("-d {url}"));
            return ("", [Some(url), environment].into_iter().flatten().collect::<Vec<_>>().join(" "));
        }
        match environment.or_else(|| of_variables(&self.variables)) {
            Some(named) => ("", named),
            None => match (of_file(&self.variables), self.settings.environments.first()) {
                (Some(named), _) => (". ./.env &&", named),
                (None, Some(first)) => ("", format!("--env {}", argument(&first.name))),
                (None, None) => ("", "-d URL".to_owned()),
            },
        }
    }
}

fn by_name(name: &str) -> String {
    format!("-d \"${name}\"")
}

fn of_variables(variables: &Variables) -> Option<String> {
    READING.iter().find(|name| variables.process(name).is_some()).map(|name| by_name(name))
}

/// Reference to a variable that only `.env` sets: a shell reads that file first, as its value may hold a password.
fn of_file(variables: &Variables) -> Option<String> {
    READING.iter().find(|name| variables.file(name).is_some()).map(|name| by_name(name))
}
