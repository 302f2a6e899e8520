//! What all pages about one session begin with: the case and the session, if whoever asks may see them.

use pipss_api::case_answer::{CaseAnswer, OfferAnswer, SessionAnswer};
use pipss_api::people::RoleCode;
use pipss_domain::ids::SessionId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;

use crate::case_forms::seen;
use crate::form::Form;
use crate::london;
use crate::pages::{Instead, Pages};
use crate::visitor::Visitor;
use crate::words::sentence;

/// A session in its case.
pub struct OfSession {
    /// The case.
    pub case: CaseAnswer,
    /// The session.
    pub id: SessionId,
}

impl OfSession {
    /// The case and the session, if they may see them and do this.
    ///
    /// # Errors
    /// `NotFound` for what is not there or not theirs, else `NotAllowed`.
    pub fn found(
        pages: &Pages,
        visitor: &Visitor,
        act: Act,
        (case, session): (&str, &str),
    ) -> Result<Self, Instead> {
        let case = seen(pages, visitor, act, case)?;
        let id = session.parse().map_err(|_| Refusal::NotFound)?;
        let found = Self { case, id };
        found.look().ok_or(Refusal::NotFound)?;
        Ok(found)
    }

    fn look(&self) -> Option<(&OfferAnswer, &SessionAnswer)> {
        let offers = self.case.offers.iter().flatten();
        let mut all = offers.flat_map(|offer| offer.sessions.iter().map(move |s| (offer, s)));
        all.find(|(_, session)| session.session == self.id)
    }

    /// The offer that it belongs to.
    pub fn offer(&self) -> &OfferAnswer {
        self.look().expect("it was found at first").0
    }

    /// The session itself.
    pub fn session(&self) -> &SessionAnswer {
        self.look().expect("it was found at first").1
    }

    /// `PETR debrief, Harbour Stroke Ward, 2 March 2026, 14:30`.
    pub fn caption(&self) -> String {
        let kind = sentence(self.offer().kind.row().label);
        let when = london::moment(self.session().starts_at);
        format!("{kind}, {}, {when}", self.case.team.name)
    }

    /// A form about it: which session it is stands in the command.
    pub fn about(&self, visitor: &Visitor, form: Form) -> Form {
        form.caption(self.caption())
            .back(self.back(visitor))
            .settled("session", self.id.to_string())
    }

    /// Where one goes from its pages: to one's own sessions, or to its case.
    pub fn back(&self, visitor: &Visitor) -> String {
        if visitor.is(RoleCode::Facilitator) {
            "/sessions".into()
        } else {
            format!("/cases/{}", self.case.case)
        }
    }
}
