//! Making: the cluster, once, and databases in it.

use std::{fs, io::ErrorKind, path::Path};

use tokio_util::sync::CancellationToken;

use super::{
    PostgresError,
    place::PORT,
    server::{PostgresServer, ROLE, Use},
};

impl PostgresServer {
    /// Makes the cluster beside its final path and then renames it, so that a half-made one is
    /// never taken for a whole one. On a stop nothing of it remains.
    pub(super) async fn initialize(&self, stop: &CancellationToken) -> Result<(), PostgresError> {
        tracing::info!(directory = %self.place.home.display(), "making a Postgres of our own");
        let new = self.place.home.join("db.new");
        remove(&new)?;
        let mut initdb = self.tools.command("initdb");
        // Every user who can reach the socket is trusted. Only the user of Postgres and root can:
        // its directory and the socket itself are closed to all others. `peer` would shut root out.
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C"]);
        initdb.arg(format!("--username={ROLE}")).arg("-D").arg(&new);
        if self.purpose == Use::Throwaway {
            initdb.arg("--no-sync");
        }
        match self.tools.run_unless(initdb, "initdb", stop).await {
            Err(PostgresError::Stopped) => {
                remove(&new)?;
                return Err(PostgresError::Stopped);
            }
            done => done?,
        }
        fs::rename(&new, &self.place.db).map_err(|error| PostgresError::io(&self.place.db, error))
    }

    /// Creates a database, from a template if one is given; an existing one is left as it is.
    pub(super) async fn create_database(
        &self,
        name: &str,
        template: Option<&str>,
    ) -> Result<(), PostgresError> {
        let mut createdb = self.tools.command("createdb");
        createdb.arg("-h").arg(self.socket()).arg("-p").arg(PORT.to_string());
        createdb.args(["-U", ROLE, "-w", "--maintenance-db=postgres"]);
        createdb.args(template.map(|template| format!("--template={template}")));
        createdb.arg(name);
        match self.tools.run(createdb, "createdb").await {
            Err(PostgresError::Failed { said, .. }) if said.ends_with("already exists") => Ok(()),
            done => done,
        }
    }
}

/// Removes a directory, if it is there.
fn remove(dir: &Path) -> Result<(), PostgresError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(PostgresError::io(dir, error)),
        _ => Ok(()),
    }
}
