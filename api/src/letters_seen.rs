//! Who may know of a letter: whoever it is for, if nothing keeps them from it, and leads whom it may reach.

use pipss_domain::history::Who;
use pipss_domain::policy::Act;
use pipss_domain::stream::Stream;
use pipss_projections::cases::About;
use pipss_projections::letters::Letter;

use crate::view::View;

/// May whoever it is for know what it is about? Bars that rest on sealed facts show only here.
pub(crate) fn reaches(view: &View<'_>, letter: &Letter) -> bool {
    let to = letter.id.2;
    if let Stream::Glass(id) = letter.about {
        let glass = view.views.glasses.get(id);
        return glass.is_some_and(|glass| view.letter_reaches(glass, to));
    }
    let Stream::Support(id) = letter.about else {
        return true;
    };
    view.views.one_to_ones.get(id).is_some_and(|one| {
        let concerned =
            one.asker == Who::Person(to) || one.provider.is_some_and(|(who, _)| who == to);
        concerned || view.may_know(one, to)
    })
}

/// May whoever reads the list know of this letter? Only if they may know what it is about.
pub(crate) fn may_know(view: &View<'_>, letter: &Letter) -> bool {
    match letter.about {
        Stream::Case(case) => {
            let case = view.views.cases.get(case);
            case.is_some_and(|case| view.sees(Act::SeeCase, case, About::Case))
        }
        // What whoever asked is told stays between them and whoever helps.
        Stream::Support(id) => {
            let one = view.views.one_to_ones.get(id);
            let theirs = one.is_some_and(|one| one.asker == Who::Person(letter.id.2));
            !theirs && view.allow_one_to_one(Act::SeeOneToOnes, id).is_ok()
        }
        // How much waits, told to a lead: numbers and a link.
        Stream::Policy => true,
        Stream::Grants(_) => view.everywhere(Act::SeeGrants),
        Stream::Restricted(case) => !view.escalations_of(case).is_empty(),
        // Whatever else calls for letters says here who may know of them.
        _ => false,
    }
}
