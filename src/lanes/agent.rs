//! Agents and clocks: the few requests that are not visitors' go by reqwest.

use super::wire::MOST_BODY;
use crate::target::{Answer, Fields, Request, Variables};
use std::time::Duration;
use url::Url;

/// The client of agents and clocks.
///
/// # Errors
/// When TLS cannot be set up.
pub fn agent_client(tls: rustls::ClientConfig) -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(20))
        .http1_only()
        .user_agent(concat!("loiter/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}

/// Sends a request and reads its whole answer, bounded in time and size.
///
/// # Errors
/// What went wrong, without the request's headers.
pub async fn agent_ask(
    client: &reqwest::Client,
    base: &Url,
    request: &Request,
    variables: &Variables<'_>,
    timeout: Duration,
) -> Result<Answer, String> {
    agent_ask_from(client, base, request, variables, timeout, None).await
}

/// The same with one header more: the address that a visitor's request comes from.
///
/// # Errors
/// What went wrong, without the request's headers.
pub async fn agent_ask_from(
    client: &reqwest::Client,
    base: &Url,
    request: &Request,
    variables: &Variables<'_>,
    timeout: Duration,
    source: Option<(&str, &str)>,
) -> Result<Answer, String> {
    let path = request.path.render(variables)?;
    let url = base.join(&path).map_err(|error| format!("`{path}` is no path: {error}"))?;
    let mut sent = client.request(request.method.clone(), url).timeout(timeout);
    if let Some((name, address)) = source {
        sent = sent.header(name, address);
    }
    for (name, value) in &request.headers {
        sent = sent.header(name, value.render(variables)?.as_ref());
    }
    if let Some(body) = &request.body {
        sent = sent.body(body.render(variables)?.into_owned());
    }
    let mut answer = sent.send().await.map_err(|error| root_cause(&error.without_url()))?;
    let status = answer.status().as_u16();
    let mut headers = Fields::default();
    answer.headers().iter().for_each(|(name, value)| headers.push(name.as_str().as_bytes(), value.as_bytes()));
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| root_cause(&error.without_url()))? {
        if body.len() + chunk.len() > MOST_BODY {
            return Err(format!("its answer is longer than {MOST_BODY} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
