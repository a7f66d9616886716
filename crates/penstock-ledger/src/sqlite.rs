use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use penstock_model::Sha256;
use penstock_tlog::Hash;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{Entry, Index, IndexError, IndexState};

/// How the tables are laid out; a file with another number is made anew.
const LAYOUT: i64 = 1;

/// How long one process waits for another to let go of the file.
const PATIENCE: Duration = Duration::from_secs(5);

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS state (
        id INTEGER PRIMARY KEY CHECK (id = 0), layout INTEGER NOT NULL,
        size INTEGER NOT NULL, root BLOB
    ) STRICT;
    CREATE TABLE IF NOT EXISTS entry (
        number INTEGER PRIMARY KEY, evidence BLOB NOT NULL, type TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS entry_evidence ON entry (evidence);
    CREATE INDEX IF NOT EXISTS entry_type ON entry (type, number);
    CREATE TABLE IF NOT EXISTS subject (
        algorithm TEXT NOT NULL, digest TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (algorithm, digest, number)
    ) STRICT, WITHOUT ROWID;
";

/// An index in an SQLite file.
pub struct SqliteIndex {
    connection: Connection,
    path: PathBuf,
}

impl SqliteIndex {
    /// Opens the index at `path`, making the file when there is none.
    ///
    /// # Errors
    /// A file that is no index, or one of another layout.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let failed = |error: rusqlite::Error| index_error(path, &error);
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        // Write-ahead logging with `NORMAL` is consistent after a crash and does not sync per
        // transaction: the index may lose its newest entries, which are then indexed again.
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            .map_err(failed)?;
        let index = Self { connection, path: path.to_owned() };
        let layout = index
            .connection
            .query_row("SELECT layout FROM state", [], |row| row.get::<_, i64>(0))
            .optional();
        match layout {
            Ok(Some(LAYOUT)) => return Ok(index),
            Ok(Some(layout)) => {
                let message = format!("it has layout {layout} instead of {LAYOUT}");
                return Err(IndexError { path: path.display().to_string(), message });
            }
            // No row or no table yet; what is wrong beyond that fails the next statement too.
            Ok(None) | Err(_) => {}
        }
        let begin = format!(
            "BEGIN IMMEDIATE; {TABLES} INSERT OR IGNORE INTO state VALUES (0, {LAYOUT}, 0, NULL); COMMIT;"
        );
        index.connection.execute_batch(&begin).map_err(failed)?;
        Ok(index)
    }

    /// Deletes whatever is at `path` and opens an empty index there.
    ///
    /// # Errors
    /// The file cannot be deleted or made.
    pub fn recreate(path: &Path) -> Result<Self, IndexError> {
        for part in ["", "-wal", "-shm", "-journal"] {
            let mut file = path.as_os_str().to_owned();
            file.push(part);
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    let path = path.display().to_string();
                    return Err(IndexError { path, message: error.to_string() });
                }
                _ => {}
            }
        }
        Self::open(path)
    }

    fn numbers(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<u64>, IndexError> {
        self.run(|connection| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map(parameters, |row| row.get::<_, i64>(0))?;
            rows.map(|number| number.map(i64::cast_unsigned)).collect()
        })
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, IndexError> {
        work(&self.connection).map_err(|error| index_error(&self.path, &error))
    }
}

impl Index for SqliteIndex {
    fn state(&self) -> Result<IndexState, IndexError> {
        self.run(|connection| {
            connection.query_row("SELECT size, root FROM state", [], |row| {
                let root: Option<[u8; Hash::LEN]> = row.get(1)?;
                let size = row.get::<_, i64>(0)?.cast_unsigned();
                Ok(IndexState { size, root: root.map(Hash::from_bytes) })
            })
        })
    }

    fn add(&mut self, entries: &[(u64, Entry)], state: IndexState) -> Result<(), IndexError> {
        let path = self.path.clone();
        let mut work = || {
            let transaction = self.connection.transaction()?;
            {
                let mut entry_row =
                    transaction.prepare("INSERT OR REPLACE INTO entry VALUES (?1, ?2, ?3)")?;
                let mut subject_row =
                    transaction.prepare("INSERT OR IGNORE INTO subject VALUES (?1, ?2, ?3)")?;
                for (number, entry) in entries {
                    let number = number.cast_signed();
                    entry_row.execute(params![
                        number,
                        entry.sha256.as_bytes(),
                        entry.predicate_type
                    ])?;
                    for (algorithm, digest) in entry.subjects.iter().flat_map(|s| &s.digest) {
                        subject_row.execute(params![algorithm, digest, number])?;
                    }
                }
            }
            let root = state.root.map(|root| *root.as_bytes());
            transaction.execute(
                "UPDATE state SET size = ?1, root = ?2",
                params![state.size.cast_signed(), root],
            )?;
            transaction.commit()
        };
        work().map_err(|error| index_error(&path, &error))
    }

    fn by_evidence(&self, id: &Sha256) -> Result<Option<u64>, IndexError> {
        let sql = "SELECT number FROM entry WHERE evidence = ?1 ORDER BY number LIMIT 1";
        Ok(self.numbers(sql, params![id.as_bytes()])?.pop())
    }

    fn by_subject(&self, algorithm: &str, digest: &str) -> Result<Vec<u64>, IndexError> {
        let sql = "SELECT number FROM subject WHERE algorithm = ?1 AND digest = ?2 ORDER BY number";
        self.numbers(sql, params![algorithm, digest])
    }

    fn by_type(&self, predicate_type: &str) -> Result<Vec<u64>, IndexError> {
        let sql = "SELECT number FROM entry WHERE type = ?1 ORDER BY number";
        self.numbers(sql, params![predicate_type])
    }

    fn latest(
        &self,
        predicate_type: &str,
        algorithm: &str,
        digest: &str,
    ) -> Result<Option<u64>, IndexError> {
        let sql = "SELECT number FROM subject JOIN entry USING (number)
            WHERE algorithm = ?2 AND digest = ?3 AND type = ?1 ORDER BY number DESC LIMIT 1";
        Ok(self.numbers(sql, params![predicate_type, algorithm, digest])?.pop())
    }
}

fn index_error(path: &Path, error: &rusqlite::Error) -> IndexError {
    IndexError { path: path.display().to_string(), message: error.to_string() }
}
