//! Takes one hot path so often: `instructions PATH TIMES`. `benches/instructions/run` counts what that executes, for
//! two numbers of times, and takes the difference. Without a path each is taken once.

mod paths;

use std::hint::black_box;

/// A path, and what takes it for so many items. The item is what the count is given for.
type Path = (&'static str, fn(u32));

const PATHS: [Path; 11] = [
    ("timeline", |times| {
        assert_eq!(paths::walk(&mut paths::waiting::<6>(times)), times);
    }),
    ("jar-receive", |times| {
        let rules = paths::carrier();
        (0..times).for_each(|_| drop(black_box(paths::receive(&rules))));
    }),
    ("jar-header", |times| {
        let rules = paths::carrier();
        let mut browser = paths::receive(&rules);
        (0..times).for_each(|_| drop(black_box(browser.header(&rules, &rules.url, paths::T0.0))));
    }),
    // What the next three begin with: to be taken off their counts.
    ("exchanges", |times| drop(black_box((0..times / paths::EXCHANGES).map(paths::visits).collect::<Vec<_>>()))),
    ("oracle-fold", |times| {
        let all: Vec<_> = (0..times / paths::EXCHANGES).map(paths::visits).collect();
        black_box(paths::judge(&paths::oracle(), &all));
    }),
    ("history-encode", |times| {
        let all: Vec<_> = (0..times / paths::EXCHANGES).map(paths::visits).collect();
        black_box(paths::encode(&all));
    }),
    ("history-encode-decode", |times| {
        let all: Vec<_> = (0..times / paths::EXCHANGES).map(paths::visits).collect();
        assert_eq!(paths::decode(&paths::encode(&all)), all.iter().map(Vec::len).sum::<usize>());
    }),
    ("freeze-thaw", |times| {
        let models = paths::models(&paths::oracle(), 10);
        let (mut bytes, mut model) = (Vec::new(), Default::default());
        for _ in 0..times / 10 {
            paths::freeze(&models, &mut bytes);
            assert_eq!(paths::thaw(&bytes, &mut model), 10);
        }
    }),
    ("template-render", |times| {
        let target = paths::target();
        (0..times).for_each(|_| assert!(black_box(paths::render(&target)) > 0));
    }),
    ("capture-json", |times| {
        let (target, answer) = (paths::target(), paths::answer());
        (0..times).for_each(|_| assert!(black_box(paths::capture(&target, &answer)).1 > 0));
    }),
    ("plan-walk", |times| assert!(paths::steps(&paths::plan(times)) > times as usize)),
];

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let name = words.next();
    let times = words.next().map_or(100, |word| word.parse().expect("TIMES is a number"));
    let wanted = |path: &&Path| name.as_ref().is_none_or(|name| name == path.0);
    let mut taken = 0;
    for (_, take) in PATHS.iter().filter(wanted) {
        take(times);
        taken += 1;
    }
    assert!(taken > 0, "there is no such path; there are {:?}", PATHS.map(|(name, _)| name));
}
