//! A result with something of everything, for the tests of the formats.

use super::{Coverage, Facts, Figures, RunResult};
use crate::instant::{Instant, Length};
use crate::measure::OperationRow;
use crate::oracle::{Bound, Capabilities, ClauseVerdict, Failure, Fate, Reason, Status, View};
use crate::plan::{Profile, Shape};
use crate::policy::Level;
use std::collections::BTreeMap;
use std::path::Path;

/// What a server may send to break a format.
pub const HOSTILE: &str =
    "a|b `c` *d* _e_ <script>alert(1)</script> & ]]></failure>\u{1b}[31m\u{0}\u{7}\u{ffff}\r\n# f\n```\n[g](http://h)";

/// Compares bytes with a file in `src/report/golden`; `LOITER_UPDATE=1` writes it anew.
pub fn assert_golden(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/golden").join(name);
    if std::env::var_os("LOITER_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_default();
    assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&golden), "{} differs", path.display());
}

fn clause(id: &str, reference: &str, level: Level, status: Status, reason: Option<Reason>) -> ClauseVerdict {
    ClauseVerdict {
        id: id.into(),
        status,
        reason,
        detail: None,
        level,
        reference: reference.into(),
        text: format!("What {id} says."),
        basis: "the policy's words".into(),
        passed: 100,
        failed: 0,
        inconclusive: BTreeMap::new(),
        observed: BTreeMap::new(),
        min_observations: 20,
        stops: 7,
        longest_span_s: 1798,
        passed_by_view: BTreeMap::from([(View::Visitor, 100)]),
        failed_by_view: BTreeMap::new(),
        bound_95: Some(Bound("0.03000".into())),
        failures: Vec::new(),
    }
}

fn failed(mut clause: ClauseVerdict) -> ClauseVerdict {
    let failure = |visitor: u32, seen: &str| Failure {
        stop: 3,
        visitor,
        step: 1,
        op: "load".into(),
        at: Instant(1_800_000_000_000),
        expected: "a term of 6 months (180 d to 184 d), give or take 2 s".into(),
        seen: seen.into(),
    };
    clause.failed = 2;
    clause.failures = vec![failure(17, HOSTILE), failure(18, "a declared term of 150 d")];
    clause.bound_95 = None;
    clause
}

fn with_detail(mut clause: ClauseVerdict, detail: &str) -> ClauseVerdict {
    clause.detail = Some(detail.into());
    clause
}

/// A result with a clause of every verdict.
pub fn run_result() -> RunResult {
    use Status::{Fail, Inconclusive, NotApplicable, NotExercised, Pass};
    let (must, should) = (Level::Must, Level::Should);
    let clauses = vec![
        clause("cookie.set-on-load", "§3.1", must, Pass, None),
        failed(clause("cookie.lifetime", "§3.2", must, Fail, Some(Reason::Broken))),
        with_detail(
            clause("session.isolated", "§3.3a, §1.7", must, NotExercised, Some(Reason::TooFewObservations)),
            "3 observations of 50",
        ),
        clause("session.agent-delete", "§3.3b", must, Inconclusive, Some(Reason::TooManyWorlds)),
        with_detail(
            clause("ip.stored", "§3.5a", must, NotApplicable, Some(Reason::TargetLacks)),
            "no-inspector-shows-addresses",
        ),
        failed(clause("ip.kept-for-chatters", "§3.6", should, Fail, Some(Reason::Broken))),
    ];
    let fate = Fate::default();
    RunResult::new(facts(), fate, vec!["a remark <b>of the run</b>".into()], figures(), clauses, coverage())
}

fn coverage() -> Vec<Coverage> {
    let covered = Coverage {
        reference: "§3.1".into(),
        text: "The cookie restores.".into(),
        clauses: vec!["cookie.set-on-load".into()],
        covered: true,
        why: None,
    };
    let open = Coverage {
        reference: "§3.4a".into(),
        text: "The cookie is not for *tracking*.".into(),
        clauses: Vec::new(),
        covered: false,
        why: Some("no clause looks".into()),
    };
    vec![covered, Coverage { reference: "§2b".into(), why: None, ..open.clone() }, open]
}

fn facts() -> Facts {
    Facts {
        version: "0.0.0".into(),
        target: "a <server>".into(),
        url: "http://127.0.0.1:8080/".into(),
        about: BTreeMap::new(),
        t0: Instant(1_790_000_000_000),
        t0_text: Instant(1_790_000_000_000).to_string(),
        seed: 7,
        visitors: 1000,
        lanes: 2,
        connect: crate::target::Connect::Shared,
        profile: Profile {
            restarts: false,
            clock: "endpoint".into(),
            stops: 2000,
            jumps: true,
            frozen: true,
            margin: Length::seconds(2),
            horizon: Length::days(5490),
            declared: None,
        },
        shape: Shape::FINEST,
        plan_digest: "0".repeat(64),
        can: Capabilities::default(),
        clauses: Vec::new(),
        strict: false,
        command: "loiter check my-server.toml --seed 7".into(),
    }
}

fn figures() -> Figures {
    let row = OperationRow {
        id: "load".into(),
        count: 2000,
        outcomes: BTreeMap::from([("ok".to_owned(), 2000)]),
        p50_us: 1710,
        p90_us: 2730,
        p99_us: 4610,
        max_us: 31_010,
    };
    Figures {
        requests: 2000,
        looks: 300,
        stops: (1374, 1374),
        span: Length::days(3995),
        lasted_s: 3.9,
        acting_s: 3.1,
        per_second: 645.2,
        in_flight_peak: 64,
        in_flight_mean: 37.7,
        operations: vec![row],
        ..Figures::default()
    }
}
