//! Timings of the hot paths: `cargo bench --bench micro`. With `-- --test` each runs once, which shows that it works.
//! A new path takes a function in `paths` and one here.

mod paths;

use divan::Bencher;
use divan::counter::ItemsCount;
use loiter::oracle::Model;

fn main() {
    divan::main();
}

/// How many visitors wait in the queue.
const WAITING: u32 = 1_000_000;

/// Of how many visitors the visits are judged, encoded and decoded in one go.
const VISITORS: u32 = 100;

#[divan::bench(sample_count = 5, sample_size = 1, consts = [1, 4, 6])]
fn timeline_insert<const BITS: u32>(bencher: Bencher) {
    bencher.counter(ItemsCount::new(WAITING)).bench(|| paths::waiting::<BITS>(WAITING));
}

#[divan::bench(sample_count = 5, sample_size = 1, consts = [1, 4, 6])]
fn timeline_pop<const BITS: u32>(bencher: Bencher) {
    let input = || paths::waiting::<BITS>(WAITING);
    bencher.counter(ItemsCount::new(WAITING)).with_inputs(input).bench_refs(paths::walk);
}

#[divan::bench]
fn jar_receive(bencher: Bencher) {
    let rules = paths::carrier();
    bencher.bench_local(|| paths::receive(&rules));
}

#[divan::bench]
fn jar_header(bencher: Bencher) {
    let rules = paths::carrier();
    let mut browser = paths::receive(&rules);
    bencher.bench_local(|| browser.header(&rules, &rules.url, paths::T0.0 + 1000));
}

#[divan::bench]
fn oracle_fold(bencher: Bencher) {
    let oracle = paths::oracle();
    let all: Vec<_> = (0..VISITORS).map(paths::visits).collect();
    bencher.counter(ItemsCount::new(VISITORS * paths::EXCHANGES)).bench(|| paths::judge(&oracle, &all));
}

#[divan::bench]
fn model_freeze(bencher: Bencher) {
    let models = paths::models(&paths::oracle(), VISITORS);
    let mut out = Vec::new();
    bencher.counter(ItemsCount::new(VISITORS)).bench_local(|| paths::freeze(&models, &mut out));
}

#[divan::bench]
fn model_thaw(bencher: Bencher) {
    let mut bytes = Vec::new();
    paths::freeze(&paths::models(&paths::oracle(), VISITORS), &mut bytes);
    let mut model = Model::default();
    bencher.counter(ItemsCount::new(VISITORS)).bench_local(|| assert_eq!(paths::thaw(&bytes, &mut model), VISITORS));
}

#[divan::bench]
fn history_encode(bencher: Bencher) {
    let all: Vec<_> = (0..VISITORS).map(paths::visits).collect();
    bencher.counter(ItemsCount::new(VISITORS * paths::EXCHANGES)).bench(|| paths::encode(&all));
}

#[divan::bench]
fn history_decode(bencher: Bencher) {
    let all: Vec<_> = (0..VISITORS).map(paths::visits).collect();
    let lines = paths::encode(&all);
    bencher.counter(ItemsCount::new(VISITORS * paths::EXCHANGES)).bench(|| paths::decode(&lines));
}

#[divan::bench]
fn template_render(bencher: Bencher) {
    let target = paths::target();
    bencher.bench(|| paths::render(&target));
}

#[divan::bench]
fn capture_json_300_bytes(bencher: Bencher) {
    let (target, answer) = (paths::target(), paths::answer());
    bencher.bench(|| paths::capture(&target, &answer));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn plan_walk(bencher: Bencher) {
    let plan = paths::plan(10_000);
    let steps = paths::steps(&plan);
    bencher.counter(ItemsCount::new(steps)).bench(|| paths::steps(&plan));
}
