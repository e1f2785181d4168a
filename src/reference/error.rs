//! Why the reference server could not start or go on.
//!
//! It owns the server's own failures. What a request may not do is never one of them: that is an
//! answer.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why the server ended other than by its shutdown.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A configured value cannot be used.
    Config {
        /// Which field of the configuration it is.
        field: &'static str,
        /// What to give instead.
        remedy: &'static str,
    },
    /// The port could not be opened.
    Listen {
        /// The port that was asked for.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The store could not be opened or prepared.
    Store {
        /// The store's file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The store was made by another version of the server.
    Schema {
        /// The store's file.
        path: PathBuf,
        /// The version found in it.
        found: i64,
    },
    /// The server's own thread or socket failed.
    Serve(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config { field, remedy } => write!(f, "cannot use this {field}: {remedy}"),
            Self::Listen { port, source } => write!(
                f,
                "cannot listen on port {port} of 127.0.0.1 ({source}); \
                 choose another one, or 0 for any that is free"
            ),
            Self::Store { path, source } => write!(
                f,
                "cannot open the store {} ({source}); \
                 give a file in a folder that exists and can be written",
                path.display()
            ),
            Self::Schema { path, found } => write!(
                f,
                "the store {} has schema version {found}, which is not this server's; \
                 remove it or give another file",
                path.display()
            ),
            Self::Serve(source) => {
                write!(f, "the server broke off ({source}); start it again with the same store")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::Serve(source) => Some(source),
            Self::Store { source, .. } => Some(source),
            Self::Config { .. } | Self::Schema { .. } => None,
        }
    }
}
