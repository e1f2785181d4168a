//! Restarting the target by its declared command, and waiting until it is gone and there again.

use super::build::Target;
use super::template::{Template, Variables};
use crate::diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// A way to restart the target.
#[derive(Debug, Clone)]
pub struct Restart {
    words: Vec<String>,
    host: String,
    port: u16,
    /// How long it may take to go down and to come back.
    pub settle: Duration,
}

impl Restart {
    /// The restart that a target declares; `about` is what it said about itself.
    ///
    /// # Errors
    /// When a word of the command cannot be filled in.
    pub fn new(target: &Target, about: &BTreeMap<String, String>) -> Result<Option<Self>, Diagnostic> {
        let Some(declared) = &target.restart else { return Ok(None) };
        let variables = Variables { about: Some(about), ..target.variables() };
        let words = declared.command.iter().map(|word| {
            let filled = Template::compile(word.get_ref(), &target.secrets, about)
                .and_then(|template| template.render(&variables).map(std::borrow::Cow::into_owned));
            filled.map_err(|error| {
                Diagnostic::new(&target.path, error)
                    .at(&target.text, Some(word.span()))
                    .remedy("a word can name what `[about]` captures, such as `{{ about.pid }}`")
            })
        });
        let words = words.collect::<Result<Vec<_>, _>>()?;
        let settle = declared.settle.as_ref().map_or(30_000, |term| term.longest().0);
        Ok(Some(Self {
            words,
            host: target.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
            port: target.url.port_or_known_default().unwrap_or(80),
            settle: Duration::from_millis(u64::try_from(settle).unwrap_or(30_000)),
        }))
    }

    /// Runs the command, and waits until a connection that was open before has ended: then the old server is gone.
    ///
    /// # Errors
    /// When the command cannot be run, or fails. Its output is not repeated: it may hold secrets.
    pub async fn bring_down(&self) -> Result<(), String> {
        let witness = TcpStream::connect((self.host.as_str(), self.port)).await.ok();
        let mut command = tokio::process::Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let ran = tokio::time::timeout(self.settle, command.kill_on_drop(true).status()).await;
        let status = ran
            .map_err(|_| format!("`{}` did not end within {} s", self.words[0], self.settle.as_secs()))?
            .map_err(|error| format!("`{}` cannot be run: {error}", self.words[0]))?;
        if !status.success() {
            return Err(format!("`{}` ended with {status}", self.words[0]));
        }
        if let Some(mut witness) = witness {
            let mut byte = [0; 1];
            // Whatever ends it, an end or an error, tells that the old server let go of it.
            let _ = tokio::time::timeout(self.settle, witness.read(&mut byte)).await;
        }
        Ok(())
    }
}
