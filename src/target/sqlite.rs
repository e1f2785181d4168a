//! The SQLite inspector: looks into the target's store, read-only, with parameterised queries.

use super::build::Target;
use super::file::StoreSpec;
use super::query::PARAMETERS;
use crate::diagnostic::Diagnostic;
use rusqlite::{Connection, OpenFlags, Statement, types::ValueRef};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The most rows that one look reads.
const MOST_ROWS: usize = 10_000;

/// Neither a session's id nor an address.
const NOBODY: &str = "loiter: nobody";

/// What a look into the store found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// Whether anything of the session is there: its row, or a message of it.
    pub present: bool,
    /// The addresses in the session's rows.
    pub addresses: Option<Vec<String>>,
    /// The session's messages, in order.
    pub messages: Option<Vec<String>>,
    /// In how many rows the visitor's addresses stand.
    pub address_rows: Option<u32>,
    /// In how many rows the session's id stands.
    pub session_rows: Option<u32>,
}

/// A connection to the store that can only read.
#[derive(Debug)]
pub struct SqliteInspector {
    connection: Connection,
    session: String,
    messages: Option<String>,
    address_rows: Option<String>,
    session_rows: Option<String>,
}

impl SqliteInspector {
    /// Opens the store of a target that declares one; `about` is what the target said about itself.
    ///
    /// # Errors
    /// When the file cannot be opened, or a query is not one that only reads.
    pub fn open(target: &Target, about: &BTreeMap<String, String>) -> Result<Option<Self>, Diagnostic> {
        let Some(StoreSpec::Sqlite { path, session, messages, address_rows, session_rows }) = &target.store else {
            return Ok(None);
        };
        let wrong = |at: &toml::Spanned<String>, message: String| {
            Diagnostic::new(&target.path, message).at(&target.text, Some(at.span()))
        };
        let file = PathBuf::from(target.filled(path, about)?);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&file, flags).map_err(|error| {
            wrong(path, format!("the store {} cannot be opened: {error}", file.display()))
                .remedy("check that the path is right and readable from here")
        })?;
        let _ = connection.busy_timeout(std::time::Duration::from_secs(2));
        connection.set_prepared_statement_cache_capacity(8);
        for query in
            [Some(session), messages.as_ref(), address_rows.as_ref(), session_rows.as_ref()].into_iter().flatten()
        {
            let statement = connection
                .prepare(query.get_ref())
                .map_err(|error| wrong(query, format!("the query cannot be used: {error}")))?;
            if !statement.readonly() {
                return Err(wrong(query, "the query does not only read".into()).remedy("write a SELECT"));
            }
            let known = (1..=statement.parameter_count())
                .all(|index| statement.parameter_name(index).is_some_and(|name| PARAMETERS.contains(&name)));
            if !known {
                return Err(wrong(query, "the query has a parameter that is neither :session nor :address".into()));
            }
        }
        let text = |query: &toml::Spanned<String>| query.get_ref().clone();
        Ok(Some(Self {
            connection,
            session: text(session),
            messages: messages.as_ref().map(text),
            address_rows: address_rows.as_ref().map(text),
            session_rows: session_rows.as_ref().map(text),
        }))
    }

    /// Whether the session's rows have a column for its address.
    pub fn shows_address(&self) -> bool {
        self.connection.prepare_cached(&self.session).is_ok_and(|statement| address_column(&statement).is_some())
    }

    /// Looks for a session that cannot be there: a query that finds it all the same finds every session always.
    ///
    /// # Errors
    /// When a query finds it, or cannot be run.
    pub fn probe(&self, target: &Target) -> Result<(), Diagnostic> {
        let Some(StoreSpec::Sqlite { session, messages, session_rows, .. }) = &target.store else { return Ok(()) };
        let wrong = |at: &toml::Spanned<String>, message: String| {
            Diagnostic::new(&target.path, message).at(&target.text, Some(at.span()))
        };
        let look = self
            .look(NOBODY, &[NOBODY.to_owned()])
            .map_err(|error| wrong(session, format!("the store cannot be read: {error}")))?;
        let told = "even for a session that cannot be there";
        if look.messages.as_ref().is_some_and(|texts| !texts.is_empty())
            && let Some(messages) = messages
        {
            return Err(wrong(messages, format!("the query `messages` gives a row {told}"))
                .remedy("select the texts of `:session` alone, and count nothing"));
        }
        if look.present {
            return Err(wrong(session, format!("the query `session` gives a row {told}")).remedy(
                "write one that gives no row then, such as `SELECT 1 FROM sessions WHERE id = :session`, and no count(*)",
            ));
        }
        match (look.session_rows, session_rows) {
            (Some(1..), Some(query)) => Err(wrong(query, format!("the query `session_rows` counts rows {told}"))
                .remedy("count the rows of `:session` alone")),
            _ => Ok(()),
        }
    }

    /// Looks for a session and for the visitor's addresses, of which the first is its own by birth.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn look(&self, session: &str, addresses: &[String]) -> rusqlite::Result<Look> {
        let address = addresses.first().map_or("", String::as_str);
        let mut look = Look::default();
        let mut statement = self.connection.prepare_cached(&self.session)?;
        let column = address_column(&statement);
        bind(&mut statement, session, address)?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            look.present = true;
            if let Some(column) = column.filter(|_| found.len() < MOST_ROWS) {
                found.extend(text_of(row.get_ref(column)?));
            }
        }
        look.addresses = (column.is_some() && look.present).then_some(found);
        if let Some(query) = &self.messages {
            let messages = self.texts(query, session, address)?;
            look.present |= !messages.is_empty();
            look.messages = Some(messages);
        }
        for address in addresses {
            let rows = self.address_rows(session, address)?;
            look.address_rows = rows.map(|rows| rows.saturating_add(look.address_rows.unwrap_or(0)));
        }
        look.session_rows = self.count(self.session_rows.as_deref(), session, address)?;
        Ok(look)
    }

    /// In how many rows an address stands.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn address_rows(&self, session: &str, address: &str) -> rusqlite::Result<Option<u32>> {
        self.count(self.address_rows.as_deref(), session, address)
    }

    fn count(&self, query: Option<&str>, session: &str, address: &str) -> rusqlite::Result<Option<u32>> {
        let Some(query) = query else { return Ok(None) };
        let mut statement = self.connection.prepare_cached(query)?;
        bind(&mut statement, session, address)?;
        let mut rows = statement.raw_query();
        let count = rows.next()?.map_or(Ok(0), |row| row.get::<_, i64>(0))?;
        Ok(Some(u32::try_from(count.max(0)).unwrap_or(u32::MAX)))
    }

    fn texts(&self, query: &str, session: &str, address: &str) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached(query)?;
        bind(&mut statement, session, address)?;
        let mut rows = statement.raw_query();
        let mut texts = Vec::new();
        while let Some(row) = rows.next()? {
            if texts.len() >= MOST_ROWS {
                break;
            }
            texts.extend(text_of(row.get_ref(0)?));
        }
        Ok(texts)
    }
}

/// The column that holds an address, by its name.
fn address_column(statement: &Statement) -> Option<usize> {
    let mut names = statement.column_names();
    names.position(|name| name.eq_ignore_ascii_case("address"))
}

fn bind(statement: &mut Statement, session: &str, address: &str) -> rusqlite::Result<()> {
    for (name, value) in [(":session", session), (":address", address)] {
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

fn text_of(value: ValueRef) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}
