//! What someone means to do, ready for the door: named, aimed, with its rule.

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::feedback::week_of;
use pipss_domain::ids::{CaseId, CommandId, OneToOneId, OrganisationId, PersonId, SupervisionId};
use pipss_domain::pathway::{CaseCommand, Context, Decision, Happened, concerned, raise, to_case};
use pipss_domain::policy::Act;
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_projections::cases::{About, Cases};
use pipss_projections::letters::Letters;

use crate::body::Body;
use crate::view::View;

/// An intent.
pub struct Intent<'a> {
    pub(crate) act: Act,
    pub(crate) route: String,
    pub(crate) target: Target,
    pub(crate) named: Named,
    pub(crate) if_match: Option<u64>,
    pub(crate) body: Body,
    pub(crate) decide: Rule<'a>,
}

/// What a command is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The organisation as it stands.
    Nothing,
    /// A case.
    Case(CaseId),
    /// What is kept apart from a case: the case's own version does not move.
    Apart(CaseId),
    /// A facilitator's diary.
    Diary(PersonId),
    /// A request for supervision.
    Supervision(SupervisionId),
    /// A one-to-one.
    OneToOne(OneToOneId),
}

impl Target {
    /// The stream whose version the command is meant for.
    pub(crate) const fn stream(self) -> Option<Stream> {
        match self {
            Self::Case(case) => Some(Stream::Case(case)),
            Self::OneToOne(one) => Some(Stream::Support(one)),
            Self::Nothing | Self::Apart(_) | Self::Diary(_) | Self::Supervision(_) => None,
        }
    }

    /// The case, if it is one.
    pub(crate) const fn case(self) -> Option<CaseId> {
        match self {
            Self::Case(case) => Some(case),
            _ => None,
        }
    }
}

/// A rule, ready to be asked once, or again when another was quicker.
pub(crate) type Rule<'a> = Box<dyn Fn(&Body, &Situation<'_>) -> Decision + Send + Sync + 'a>;

/// By what a repeat of it would be recognised.
pub(crate) enum Named {
    /// The Idempotency-Key of whoever asks.
    Key(String),
    /// A step that a fact calls for.
    Step(CommandId),
    /// The code with which someone answers.
    Code(CommandId),
}

/// What a rule may look at.
pub(crate) struct Situation<'a> {
    pub case: Option<&'a Case>,
    pub letters: &'a Letters,
    pub cases: &'a Cases,
    pub context: Context<'a>,
    pub view: &'a View<'a>,
}

impl Situation<'_> {
    /// Another case, if whoever asks may see it.
    pub(crate) fn seen(&self, id: CaseId) -> Option<&Case> {
        let other = self.view.views.cases.get(id);
        other.filter(|case| self.view.sees(Act::SeeCase, case, About::Case))
    }
}

/// The headers and the body of a command.
pub struct Asked {
    /// The Idempotency-Key.
    pub key: String,
    /// The version it is meant for.
    pub if_match: Option<u64>,
    /// The body, well-formed but not yet understood.
    pub body: Body,
}

impl Intent<'_> {
    /// The log that it is recorded in.
    pub(crate) fn log(&self, organisation: OrganisationId) -> LogId {
        let log = match self.act {
            Act::GiveFeedback => Log::Feedback,
            _ => Log::Main,
        };
        LogId { organisation, log }
    }

    /// The time that it is stamped with: of feedback only the week is kept.
    pub(crate) fn stamp(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self.act {
            Act::GiveFeedback => week_of(now),
            _ => now,
        }
    }
}

impl Intent<'static> {
    /// To give a command to the organisation as it stands: no version is asked for.
    pub(crate) fn to_nothing(
        act: Act,
        route: impl Into<String>,
        asked: Asked,
        decide: impl Fn(&Body, &Situation<'_>) -> Decision + Send + Sync + 'static,
    ) -> Self {
        Self {
            act,
            route: route.into(),
            target: Target::Nothing,
            named: Named::Key(asked.key),
            if_match: None,
            body: asked.body,
            decide: Box::new(decide),
        }
    }

    /// To raise a referral.
    pub fn raise(asked: Asked) -> Self {
        Self::to_nothing(Act::RaiseReferral, "referrals", asked, |body, situation| {
            raise(body.parse()?, &situation.context)
        })
    }

    /// To give a command to a case.
    pub fn to_case<C: CaseCommand>(case: CaseId, asked: Asked) -> Self {
        Self {
            act: C::ACT,
            route: format!("cases/{case}/{}", C::NAME),
            target: Target::Case(case),
            named: Named::Key(asked.key),
            if_match: asked.if_match,
            body: asked.body,
            decide: Box::new(|body, situation| {
                let command: C = body.parse()?;
                let case = situation
                    .case
                    .expect("the door found the case before it asked the rule");
                let others = concerned(&command, case).into_iter();
                let others: Vec<_> = others.filter_map(|id| situation.seen(id)).collect();
                let context = Context {
                    others: &others,
                    ..situation.context
                };
                to_case(command, case, &context)
            }),
        }
    }

    /// To give a command to a facilitator's diary, which nobody reads whole: no version is asked for,
    /// the append guards every stream it rests on.
    pub(crate) fn to_diary(
        (act, name): (Act, &str),
        person: PersonId,
        asked: Asked,
        decide: impl Fn(&Body, &Situation<'_>) -> Decision + Send + Sync + 'static,
    ) -> Self {
        Self {
            act,
            route: format!("facilitators/{person}/{name}"),
            target: Target::Diary(person),
            named: Named::Key(asked.key),
            if_match: None,
            body: asked.body,
            decide: Box::new(decide),
        }
    }

    /// To sign in for the first time as someone whom the directory expected: that they were met is the
    /// fact, and the door adds it by itself.
    pub(crate) fn sign_in(command: CommandId) -> Self {
        Self {
            act: Act::SeeMe,
            route: String::new(),
            target: Target::Nothing,
            named: Named::Step(command),
            if_match: None,
            body: Body::empty(),
            decide: Box::new(|_, _| Ok(Vec::new())),
        }
    }

    /// To record what the operator keeps in the directory. There is no route for this yet.
    pub fn keep_directory(key: &str, happened: Vec<Happened>) -> Self {
        Self {
            act: Act::KeepDirectory,
            route: "directory".into(),
            target: Target::Nothing,
            named: Named::Key(key.into()),
            if_match: None,
            body: Body::empty(),
            decide: Box::new(move |_, _| Ok(happened.clone())),
        }
    }
}

impl<'a> Intent<'a> {
    /// To record what became of a mail's letters: a step of the program, named by its cause.
    pub(crate) fn keep_letters(
        step: CommandId,
        decide: impl Fn(&Situation<'_>) -> Decision + Send + Sync + 'a,
    ) -> Self {
        Self {
            act: Act::KeepLetters,
            route: String::new(),
            target: Target::Nothing,
            named: Named::Step(step),
            if_match: None,
            body: Body::empty(),
            decide: Box::new(move |_, situation| decide(situation)),
        }
    }
}
