//! The walk in the README works word for word.

mod support;

use support::demo::Demo;
use support::readme;

#[test]
fn the_walk_in_the_readme_works_word_for_word() {
    let demo = Demo::start(&["--only-stroke-ward"]);
    readme::walk(&demo.base);
}
