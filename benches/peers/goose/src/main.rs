//! The visits of `visits.toml` as a goose attack: each user is one visitor, who loads the chatbox and then views
//! pages, with its cookie; status and body are checked, as loiter checks them.
//!
//! `VISIT_PAGES` says how many pages a visit has. The last line printed is `requests=N failures=N`.

use goose::metrics::GooseRequestMetricAggregate;
use goose::prelude::*;
use serde::Deserialize;

/// What the server answers.
#[derive(Deserialize)]
struct Body {
    session: String,
    messages: Vec<String>,
}

fn pages() -> u32 {
    std::env::var("VISIT_PAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

async fn visit(user: &mut GooseUser) -> TransactionResult {
    let session = ask(user, "/v1/load", None).await?;
    for _ in 0..pages() {
        ask(user, "/v1/page", session.as_deref()).await?;
    }
    Ok(())
}

/// Sends one request and checks its answer: `held` is the session that it must show. Gives the session that it shows.
async fn ask(user: &mut GooseUser, path: &str, held: Option<&str>) -> Result<Option<String>, Box<TransactionError>> {
    let mut answer = user.get(path).await?;
    let Ok(response) = answer.response else { return Ok(None) };
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.json::<Body>().await.ok();
    let session = body.filter(|body| status.is_success() && body.messages.is_empty()).map(|body| body.session);
    let is_right = match (held, &session) {
        (Some(held), Some(shown)) => held == shown,
        (None, Some(shown)) => headers
            .get("set-cookie")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with(&format!("chatbox={shown};"))),
        (_, None) => false,
    };
    if !is_right {
        user.set_failure("not what was expected", &mut answer.request, Some(&headers), None)?;
    }
    Ok(session)
}

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    let metrics = GooseAttack::initialize()?
        .register_scenario(scenario!("visitor").register_transaction(transaction!(visit)))
        .execute()
        .await?;
    let sum = |count: fn(&GooseRequestMetricAggregate) -> usize| metrics.requests.values().map(count).sum::<usize>();
    println!("requests={} failures={}", sum(|row| row.success_count + row.fail_count), sum(|row| row.fail_count));
    Ok(())
}
