//! The reference server under libfaketime: its clock runs on between jumps, and its sweeper wakes twice a second by a
//! timer that the jumps do not move, and looks at the clock then.

use crate::program::{Reference, check, libfaketime, skip_for_want_of, with_status};
use serde_json::Value;
use std::path::Path;

/// How the clock is told the time.
const CLOCK: &str = "
[faketime]
now = { method = 'GET', path = '/healthz', capture = { now = { json = '/now' } } }
";

/// What an inspector may still see until the sweeper comes.
const WAITS: [&str; 2] = ["session.destroyed-after-idle", "ip.removed-with-session"];

/// The sweeper is waited for.
const WAITED_FOR: &str = "timers = { within = '1500 ms' }";

/// The sweeper may come after who looks first, and nobody waits.
const NOT_MOVED: &str = "timers = 'not-moved'";

/// The reference server's target file, with libfaketime's clock. Without a test clock the server does not say where its
/// files are, and it is not to be restarted by a signal.
fn target(folder: &Path, time: &Path, timers: &str) -> String {
    let text = std::fs::read_to_string("scenarios/targets/reference.toml").unwrap();
    let text = text.replace("{{ about.store }}", folder.join("chat.sqlite").to_str().unwrap());
    let text = text.replace("{{ about.log }}", folder.join("chat.log").to_str().unwrap());
    let mut table: toml::Table = toml::from_str(&text).unwrap();
    table.remove("restart");
    let mut clock: toml::Table = toml::from_str(&format!("{CLOCK}{timers}")).unwrap();
    clock["faketime"].as_table_mut().unwrap().insert("file".into(), time.to_str().unwrap().into());
    table.insert("clock".into(), toml::Value::Table(clock));
    let file = folder.join("target.toml");
    std::fs::write(&file, toml::to_string(&table).unwrap()).unwrap();
    file.to_str().unwrap().to_owned()
}

/// A run of so many visitors; `None` where libfaketime is not there.
fn run(timers: &str, words: &[&str], visitors: &str) -> Option<(Option<i32>, Value)> {
    let library = libfaketime()?;
    let folder = tempfile::tempdir().unwrap();
    let time = folder.path().join("time");
    std::fs::write(&time, "+0\n").unwrap();
    let server = Reference::start_under(&library, &time, folder.path(), words);
    let target = target(folder.path(), &time, timers);
    let (exit, result) = check(&target, &server.url, &folder.path().join("run"), &["--visitors", visitors]);
    assert!(result["figures"]["stops"][1].as_u64().unwrap() <= 60);
    assert_eq!(result["fate"]["clock_lost"], false, "{}", result["remarks"]);
    Some((exit, result))
}

const LIBRARY: &str = "libfaketime (Debian's package `faketime`)";

#[test]
fn under_libfaketime_a_sound_server_shows_everything_once_its_sweeper_is_waited_for() {
    let Some((exit, result)) = run(WAITED_FOR, &[], "2000") else { return skip_for_want_of(LIBRARY) };
    for status in ["fail", "inconclusive"] {
        assert_eq!(with_status(&result, status), Vec::<String>::new(), "{status}: {}", result["remarks"]);
    }
    let passed = with_status(&result, "pass");
    assert!(WAITS.iter().all(|id| passed.iter().any(|passed| passed == id)), "{passed:?}");
    assert_eq!(with_status(&result, "not-exercised"), Vec::<String>::new());
    assert_eq!(exit, Some(0), "{}", result["sentence"]);
}

#[test]
fn under_libfaketime_a_sweeper_that_is_not_waited_for_leaves_removal_open() {
    let Some((exit, result)) = run(NOT_MOVED, &[], "2000") else { return skip_for_want_of(LIBRARY) };
    assert_eq!(with_status(&result, "fail"), Vec::<String>::new(), "{}", result["remarks"]);
    // The sweeper may have been there first, or not.
    assert!(
        with_status(&result, "inconclusive").iter().all(|id| WAITS.contains(&id.as_str())),
        "{}",
        result["remarks"]
    );
    for clause in result["clauses"].as_array().unwrap().iter().filter(|clause| clause["status"] == "inconclusive") {
        assert_eq!(clause["reason"], "timers-not-moved", "{clause}");
    }
    assert!(matches!(exit, Some(0 | 2)), "{exit:?}");
}

#[test]
fn under_libfaketime_defects_are_caught() {
    for (defect, clause) in [
        ("idle-25-minutes", "session.not-destroyed-early"),
        ("cookie-7-months", "cookie.lifetime"),
        ("never-destroyed", "session.destroyed-after-idle"),
    ] {
        let Some((exit, result)) = run(NOT_MOVED, &["--defect", defect], "1000") else {
            return skip_for_want_of(LIBRARY);
        };
        let failed = with_status(&result, "fail");
        assert!(failed.iter().any(|id| id == clause), "{defect} is caught by {clause}, not by {failed:?}");
        assert_eq!(exit, Some(1), "{defect}: {}", result["remarks"]);
    }
}
