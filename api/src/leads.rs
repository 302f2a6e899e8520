//! Where a letter leads: one kind of link for all of them, which says nothing and needs sign-in.

use pipss_domain::history::Who;
use pipss_domain::ids::PersonId;
use pipss_domain::letter::LetterKind;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_projections::letters::Letter;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::letters::by_time;
use crate::view::View;

/// The link in a letter; none where nobody said where it leads.
pub(crate) fn link(view: &View<'_>, base: &str, letter: &Letter) -> Option<String> {
    page(view, letter)?;
    Some(format!("{base}/go/{}", code(view, letter)))
}

impl App {
    /// The page that a letter to this actor leads to.
    ///
    /// # Errors
    /// `NotFound` for all but whom it was written to.
    pub fn leads_to(&self, actor: &Actor, asked: Uuid) -> Result<String, Refusal> {
        self.view(actor, |view| {
            let Who::Person(person) = actor.who else {
                return Err(Refusal::NotFound);
            };
            let by_time = by_time(view);
            let letters = view.views.letters.iter().chain(by_time);
            let mut theirs = letters.filter(|letter| letter.id.2 == person);
            let letter = theirs.find(|letter| code(view, letter) == asked);
            let path = letter.and_then(|letter| page(view, &letter));
            path.map(|path| format!("/{path}")).ok_or(Refusal::NotFound)
        })
    }
}

/// What the links of someone's letters name, of a few.
pub(crate) fn codes(view: &View<'_>, to: PersonId, most: usize) -> Vec<String> {
    let letters = view.views.letters.iter().rev();
    let theirs = letters.filter(|letter| letter.id.2 == to).take(most);
    theirs
        .map(|letter| code(view, &letter).to_string())
        .collect()
}

/// Which letter: made of the random ids of what caused it, so that it says nothing and cannot be guessed.
fn code(view: &View<'_>, letter: &Letter) -> Uuid {
    let space = view.actor.organisation.uuid();
    Uuid::new_v5(&space, format!("{:?}", letter.id).as_bytes())
}

/// Whoever was released may no longer see the case.
fn page(view: &View<'_>, letter: &Letter) -> Option<String> {
    use LetterKind as Kind;
    Some(match (letter.id.1, letter.about, letter.session) {
        (Kind::Assigned | Kind::Moved | Kind::Reminder | Kind::Released, Stream::Case(_), _) => {
            "sessions".into()
        }
        (Kind::Undelivered, ..) => "letters".into(),
        (Kind::RecordOverdue, Stream::Case(case), Some(session)) => {
            format!("cases/{case}/sessions/{session}/record")
        }
        (Kind::FollowUpDue, Stream::Case(case), _) => format!("cases/{case}/answer-follow-up"),
        (_, Stream::Policy, _) => "queue".into(),
        (_, Stream::Case(case), _) => format!("cases/{case}"),
        // Whoever asked and whoever helps have pages of their own.
        (_, Stream::Support(id), _) => {
            let one = view.views.one_to_ones.get(id)?;
            if one.asker == Who::Person(letter.id.2) {
                "my-support".into()
            } else {
                format!("one-to-ones/{id}")
            }
        }
        (_, Stream::Grants(_), _) => "grants".into(),
        (_, Stream::Glass(id), _) => {
            let glass = view.views.glasses.get(id)?;
            match view.is_concerned(glass, letter.id.2) {
                true => "my-support".into(),
                false => "oversight/break-glass".into(),
            }
        }
        (_, Stream::Supervision(_), _) => "supervision".into(),
        (_, Stream::Restricted(case), _) => format!("cases/{case}/escalations"),
        (_, Stream::Disclosure(_), _) => "oversight/disclosures".into(),
        // Whatever else calls for letters says here where they lead.
        _ => return None,
    })
}
