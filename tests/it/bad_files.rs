//! Every kind of mistake in a policy, scenario or target file: one message with file, line and remedy, and exit 4.

use crate::program::{Reference, loiter, said};
use std::path::Path;

const TARGET: &str = include_str!("../../scenarios/targets/reference.toml");

const SCENARIO: &str = "name = 'x'
visitors = 5
arrivals = '1 day'
[[cohort]]
journey = 'own'
share = 1
[[journey]]
id = 'own'
about = 'mine'
[[journey.step]]
do = ['load']
[[journey.step]]
at = '1 idle'
do = ['read']
";

const POLICY: &str = "id = 'x'
extends = 'crisp-2018-12-09'
[session]
idle = '20 min'
[clause.\"ip.stored\"]
level = 'must'
min_observations = 3
";

/// A mistake: in place of the first text stands the second; the message names the line and holds the words.
type Mistake = (&'static str, &'static str, usize, &'static str);

/// Without a line, where the mistake has no place.
const NOWHERE: usize = 0;

const IN_POLICIES: &[Mistake] = &[
    ("id = 'x'", "id = 5", 1, "expected a string"),
    ("id = 'x'\n", "", 1, "missing field `id`"),
    ("idle = '20 min'", "idle = 1200", 4, "expected a string"),
    ("'20 min'", "'20 fortnights'", 4, "fortnights"),
    ("'20 min'", "'soon'", 4, "soon"),
    ("'20 min'", "''", 4, "is no"),
    ("'20 min'", "'-5 min'", 4, "-5 min"),
    ("'20 min'", "'0 s'", NOWHERE, "too short to be judged"),
    ("idle =", "idel =", 4, "unknown field `idel`"),
    ("[session]", "[sessions]", 3, "unknown field `sessions`"),
    ("'crisp-2018-12-09'", "'nowhere.toml'", 2, "nowhere.toml"),
    ("'crisp-2018-12-09'", "'case.toml'", 2, "extend each other"),
    ("extends = 'crisp-2018-12-09'\n", "", NOWHERE, "which the policy that it extends does not have"),
    ("ip.stored", "ip.stroed", 5, "ip.stroed"),
    ("'must'", "'perhaps'", 5, "level"),
    ("= 3", "= -3", 5, "min_observations"),
    ("min_observations = 3", "min_span = 'long'", 5, "min_span"),
    ("min_observations = 3", "min_observations = 3\nmin_observations = 4", 8, "duplicate key"),
    ("[session]", "[session", 3, ""),
    ("idle = '20 min'", "idle = '20 min'\naccess = ['walking']", 5, "walking"),
    ("idle = '20 min'", "idle = '20 min'\ngreeting = 'perhaps'", 5, "perhaps"),
    ("[session]", "[cookie]\nlifetime = '6 moons'\n[session]", 4, "a lifetime is a text such as"),
    ("[session]", "[cookie]\ntolerance = '1 %%'\n[session]", 4, "is no share"),
];

const IN_SCENARIOS: &[Mistake] = &[
    ("name = 'x'\n", "", 1, "missing field `name`"),
    ("visitors = 5", "visitors = 'many'", 2, "expected u32"),
    ("visitors = 5", "visitors = 0", 2, "1 to 16000000"),
    ("visitors = 5", "visitors = 99999999999", 2, ""),
    ("visitors = 5", "visitors = 5\nseed = -1", 3, ""),
    ("'1 day'", "'1 dya'", 3, "dya"),
    ("'1 day'", "'1 day +'", 3, "1 day +"),
    ("journey = 'own'", "journey = 'nope'", 5, "loiter list journeys"),
    ("share = 1", "share = 0", 6, "1 to 10000"),
    ("share = 1", "share = 1.5", 6, "expected u32"),
    ("share = 1", "share = 1\nshares = 1", 7, "unknown field `shares`"),
    ("do = ['load']", "do = []", 7, "must do 1 to 12 things"),
    ("do = ['load']", "do = ['dance']", 11, "dance"),
    ("do = ['load']", "do = ['load']\nat = '1 idle'", 7, "is the arrival"),
    ("at = '1 idle'\n", "", 7, "has no `at`"),
    ("'1 idle'", "'access + idel'", 13, "idel"),
    ("'1 idle'", "'1 idle .. '", 13, ""),
    ("do = ['read']", "do = ['read']\npoints = 3", 7, "`points`"),
    ("do = ['read']", "do = ['read']\nchance = 1.5", 7, "`chance`"),
    ("do = ['read']", "do = ['read']\nchance = nan", 7, "`chance`"),
    ("do = ['read']", "do = ['read']\nrepeat = 0", 7, "`repeat`"),
    ("do = ['read']", "do = ['read']\nrepeat = [9, 1]", 7, "`repeat`"),
    ("do = ['read']", "do = ['read']\nspread = { weibull = 1.0 }", 7, "`spread`"),
    ("do = ['read']", "do = ['agent-inspect']\nwith = 'forged'", 7, "`with`"),
    ("do = ['read']", "do = ['read']\nwith = 'stolen'", 15, "stolen"),
    ("do = ['read']", "do = ['read']\nfrom = 'nowhere'", 15, "nowhere"),
    ("about = 'mine'", "about = 'mine'\non = 'easter'", 10, "easter"),
    ("[[journey.step]]\nat = '1 idle'\ndo = ['read']\n", LONG, 7, "1 to 64"),
    ("[[journey]]\nid", "[[journey]]\nid = 'own'\nabout = ''\nstep = []\n[[journey]]\nid", 7, "0 steps"),
    ("[[cohort]]", "[cohort]", 4, ""),
];

const IN_TARGETS: &[Mistake] = &[
    ("name = \"the reference server\"", "name = 5", 4, "expected a string"),
    ("websites = [\"site-a\", \"site-b\"]", "websites = []", NOWHERE, "names no website"),
    ("http://127.0.0.1:8080", "not a url", 5, "no URL"),
    ("http://127.0.0.1:8080", "http://user:pass@x", 5, "as a secret from the environment"),
    ("http://127.0.0.1:8080", "http://x/path", 5, "has a path"),
    ("kind = \"cookie\"", "kind = \"pigeon\"", 19, "pigeon"),
    ("hop = \"last\"", "hop = \"first\"", 16, "first"),
    ("[clock.endpoint]", "[clock.sundial]", 22, "sundial"),
    ("capture = { now = { json = \"/now\" } } }", "capture = {} }", 23, "captures no `now`"),
    ("json = \"/now\"", "yaml = \"/now\"", 23, "yaml"),
    ("json = \"/now\"", "json = \"now\"", 23, "begins with `/`"),
    ("json = \"/now\"", "regex = \"(\"", 23, "no regular expression"),
    ("json = \"/now\"", "regex = \"a\"", 23, "has no group"),
    ("json = \"/now\"", "header = \"a b\"", 23, "no header's name"),
    ("{{ to_ms }}", "{{ to_ms", 24, "template"),
    ("{{ to_ms }}", "{{ to_ms | frobnicate }}", 24, "unknown filter"),
    ("{{ page }}", "{{ pgae }}", 36, "it can name"),
    ("[visitor.load]\nmethod = \"POST\"", "[visitor.load]\nmethod = \"PO ST\"", 33, "no HTTP method"),
    ("path = \"/healthz\"", "path = \"healthz\"", 29, "begin with `/`"),
    ("[visitor.load]", "[visitor.laod]", 32, "laod"),
    (
        "capture = { session = { json = \"/session\" } }",
        "capture = { sesion = { json = \"/session\" } }",
        44,
        "nothing uses",
    ),
    ("capture = { session = { json = \"/session\" }, messages", "capture = { messages", 34, "captures no `session`"),
    ("[restart]\ncommand = [\"kill\", \"-HUP\", \"{{ about.pid }}\"]", "[restart]\ncommand = []", 83, "is empty"),
    ("[restart]\ncommand", "[restart]\nsettle = 30\ncommand", 83, "expected a string"),
    ("[store.sqlite]", "[store.oracle]", 87, "oracle"),
    ("[secrets]", "timeout = 5\n[secrets]", 10, "expected a string"),
    ("[secrets]", "timeout = \"5 parsecs\"\n[secrets]", 10, "parsecs"),
    ("[secrets]", "horizon = \"next year\"\n[secrets]", 10, "2038-01-01T00:00:00Z"),
    ("[secrets]", "connections = 70000\n[secrets]", 10, ""),
    ("[visitor.read]", "[visitor.read]\noutcome = { gone = [404] }", 54, "gone"),
    ("[visitor.read]", "[visitor.read]\noutcome = { absent = [99999] }", 54, ""),
    ("[visitor.read]", "[visitor.read]\nwhen = [{ json = \"error\", outcome = \"absent\" }]", 54, "begins with `/`"),
];

/// More steps than a journey can have.
const LONG: &str =
    concat!("[[journey.step]]\nat = '1 idle'\ndo = ['read']\n", "[[journey.step]]\nat = '1 idle'\ndo = ['read']\n");

/// Writes a file with each mistake, asks for its message, and gathers what is not as it should be.
fn faults(sound: &str, mistakes: &[Mistake], marks: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.toml");
    let mut faults = Vec::new();
    for (from, to, line, words) in mistakes {
        assert!(sound.contains(from), "{from}");
        let to = if *to == LONG { &to.repeat(40) } else { *to };
        std::fs::write(&path, format!("{}{}", sound.replacen(from, to, 1), marks.concat())).unwrap();
        let output = loiter(&["lint", path.to_str().unwrap()]);
        let told = said(&output);
        let place = if *line == NOWHERE { "case.toml: ".into() } else { format!("case.toml:{line}: ") };
        let one = told.lines().count() == 1;
        if output.status.code() != Some(4) || !one || !told.contains(&place) || !told.contains(words) {
            let to: String = to.chars().take(60).collect();
            faults.push(format!("{to}: {:?}, wanted {place}..{words}: {told}", output.status.code()));
        }
    }
    faults
}

#[test]
fn each_mistake_in_a_policy_has_one_message_with_its_line() {
    assert_eq!(faults(POLICY, IN_POLICIES, &[]), Vec::<String>::new());
}

#[test]
fn each_mistake_in_a_scenario_has_one_message_with_its_line() {
    assert_eq!(faults(SCENARIO, IN_SCENARIOS, &[]), Vec::<String>::new());
}

#[test]
fn each_mistake_in_a_target_file_has_one_message_with_its_line() {
    assert_eq!(faults(TARGET, IN_TARGETS, &[]), Vec::<String>::new());
}

#[test]
fn what_is_no_file_of_text_has_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("a-folder.toml")).unwrap();
    std::fs::write(at("empty.toml"), "").unwrap();
    std::fs::write(at("latin.toml"), b"name = \"caf\xe9\"\n").unwrap();
    std::fs::write(at("binary.toml"), b"\x00\x01\x02\xff").unwrap();
    std::fs::write(at("junk.toml"), vec![b'x'; 50 << 20]).unwrap();
    std::fs::write(at("nested.toml"), format!("name = {}", "[".repeat(100_000))).unwrap();
    for (name, words) in [
        ("a-folder.toml", "is a folder"),
        ("empty.toml", ""),
        ("latin.toml", "save it as UTF-8"),
        ("binary.toml", "save it as UTF-8"),
        ("junk.toml", "a few kilobytes"),
        ("nested.toml", ":1:"),
        ("missing.toml", "check the path"),
    ] {
        let (file, target) = (at(name), "scenarios/targets/reference.toml");
        let file = file.to_str().unwrap();
        for flags in [
            &["check", file][..],
            &["check", target, "--policy", file],
            &["check", target, "--scenario", file],
            &["lint", file],
        ] {
            let output = loiter(flags);
            let told = said(&output);
            assert_eq!(output.status.code(), Some(4), "{flags:?}: {told}");
            assert!(told.lines().count() == 1 && told.contains(name) && told.contains(words), "{flags:?}: {told}");
        }
    }
}

#[test]
fn what_only_a_run_can_find_has_one_message_before_its_first_visitor() {
    let folder = tempfile::tempdir().unwrap();
    let server = Reference::start(folder.path(), &["--test-clock"]);
    for (name, from, to, line, words) in [
        ("log", "{{ about.log }}", "{{ about.lgo }}", 7, "template"),
        ("word", "{{ about.pid }}", "{{ about.pdi }}", 83, "about.pid"),
        ("path", "path = \"{{ about.store }}\"", "path = \"/nowhere/x.sqlite\"", 88, "/nowhere/x.sqlite"),
        ("folder", "path = \"{{ about.store }}\"", "path = \"/tmp\"", 88, "/tmp"),
        (
            "write",
            "SELECT ip AS address FROM sessions WHERE id = :session",
            "DELETE FROM sessions",
            89,
            "write a SELECT",
        ),
        ("table", "FROM sessions WHERE id", "FROM sesions WHERE id", 89, "sesions"),
        ("name", "id = :session\"", "id = :sesion\"", 89, "only :session and :address"),
        (
            "block",
            "header = \"x-forwarded-for\"",
            "header = \"x-forwarded-for\"\nipv4 = \"11.0.0.0/99\"",
            0,
            "11.0.0.0/99",
        ),
    ] {
        let file = folder.path().join(format!("{name}.toml"));
        std::fs::write(&file, TARGET.replacen(from, to, 1)).unwrap();
        let report = folder.path().join(format!("run-{name}"));
        let output = loiter(&["check", &text(&file), "--url", &server.url, "--report", &text(&report)]);
        let told = said(&output);
        let place = if line == NOWHERE { ":".into() } else { format!(":{line}: ") };
        assert_eq!(output.status.code(), Some(4), "{name}: {told}");
        let one = told.lines().count() == 1 && told.contains(&format!("{name}.toml{place}")) && told.contains(words);
        assert!(one, "{name}: {told}");
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
