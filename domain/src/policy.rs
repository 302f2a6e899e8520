//! Who may do and see what: one table, denied by default, asked before any rule.
//!
//! The table is printed to `domain/policy.txt`; a test compares the two, so that a change of rights
//! is seen by whoever reviews it.

use crate::program::ProgramActs;

/// What someone is at this moment: through a grant, through the directory, or by standing at the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hat {
    /// Anyone who signs in through the trust's issuer and is not external.
    Staff,
    /// Manages a unit in the directory.
    Manager,
    /// The PIPSS lead or a deputy.
    Lead,
    /// Facilitates, internally or externally.
    Facilitator,
    /// Receives private requests for supervision.
    SupervisionLead,
    /// Reads released reports.
    Governance,
    /// Reads the access log and metadata.
    Auditor,
    /// Runs the configuration; sees no content.
    Administrator,
    /// Another system of the trust, and what it was granted.
    Integration(ProgramActs),
    /// Whoever runs the machine, at its console.
    Operator,
    /// This program, doing what a fact owes.
    Program,
    /// Looks at what cannot wait while nobody else is at work.
    DutyContact,
}

impl Hat {
    /// Where it stands among the columns of the table.
    const fn column(self) -> usize {
        match self {
            Self::Staff => 0,
            Self::Manager => 1,
            Self::Lead => 2,
            Self::Facilitator => 3,
            Self::SupervisionLead => 4,
            Self::Governance => 5,
            Self::Auditor => 6,
            Self::Administrator => 7,
            Self::Integration(_) => 8,
            Self::Operator => 9,
            Self::Program => 10,
            Self::DutyContact => 11,
        }
    }

    /// Its name at the head of the printed table.
    fn name(self) -> String {
        match self {
            Self::Integration(_) => "Integration".into(),
            other => format!("{other:?}"),
        }
    }
}

/// How far a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nowhere.
    None,
    /// What one raised oneself.
    Own,
    /// What one is assigned to, while assigned and 30 days after.
    Assigned,
    /// The teams one manages.
    Team,
    /// What cannot wait, until someone has triaged it.
    Duty,
    /// Everywhere in the organisation.
    All,
}

/// Everything that can be done or seen. Each route and each part of an answer is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the table's first column describes them")]
pub enum Act {
    SeeMe,
    SeeCodebook,
    SeeTeams,
    SeeTeamTimeline,
    SeeFacilitators,
    SeeDiary,
    SeeQueue,
    SeeLetters,
    SeeReports,
    SeeWaits,
    SeeCase,
    SeeRequest,
    SeeRequestText,
    SeeTriage,
    SeeTriageWorking,
    SeeClocks,
    SeeNeeds,
    SeeNeedNotes,
    SeePlan,
    SeeSessions,
    SeeVenue,
    SeeSessionActions,
    SeeSessionRecord,
    RaiseReferral,
    AcknowledgeReferral,
    TriageCase,
    RecordScoping,
    PlanOffer,
    ArrangeSession,
    RecordSession,
    RecordSessionNotHeld,
    EndOffer,
    CompleteHandover,
    CloseCase,
    ReopenCase,
    OpenWithDefusion,
    LogDefusion,
    SeeDefusions,
    SeeOnBehalf,
    SeeNotice,
    SeeActions,
    CompleteAction,
    SeeFollowUps,
    SeeFollowUpWorking,
    ConfirmFollowUp,
    AnswerFollowUp,
    SeeLinks,
    LinkIncident,
    MergeCase,
    UnmergeCase,
    SeeGroups,
    AgreeGroup,
    EndGroup,
    KeepDirectory,
    KeepLetters,
    SeeStaffing,
    DeclareInvolved,
    MoveSession,
    CancelSession,
    HandOverSession,
    AnswerInvitation,
    ReassignSessions,
    PlanLeave,
    SeeGrants,
    SeeAccessLog,
    SeeWhoLooked,
    SeeBreakGlass,
    AskToBreakGlass,
    DecideBreakGlass,
    AskForOneToOne,
    SeeMySupport,
    SeeOneToOnes,
    SeeOneToOneRequest,
    SeeOneToOneOutcome,
    OfferOneToOne,
    ArrangeOneToOne,
    TakeUpOneToOne,
    DeclineOneToOne,
    EndOneToOne,
    FlagRisk,
    SetBar,
    LiftBar,
    SeeBars,
    SeeWhy,
    ProposeGrant,
    DecideGrant,
    EndGrant,
    NameDeputy,
    SeeDisclosures,
    RequestDisclosure,
    DecideDisclosure,
    UnlinkIncident,
    SeeRetention,
    SetRetention,
    HoldForLaw,
    ProposeErasure,
    DecideErasure,
    WithdrawErasure,
    CarryOutErasure,
    TakeBackup,
    GiveSubjectAccess,
    SeeSupervision,
    AskForSupervision,
    AnswerSupervision,
    CloseSupervision,
    EscalateDanger,
    SeeEscalations,
    HandleEscalation,
    IssueFeedbackCodes,
    GiveFeedback,
    SeeFeedback,
    SeeVerification,
    ProvePrivacy,
    CompareDirectory,
}

impl Act {
    /// Does it do so much harm in the wrong hands that whoever asks proves again who they are?
    pub const fn asks_who_again(self) -> bool {
        matches!(
            self,
            Self::DecideErasure
                | Self::GiveSubjectAccess
                | Self::AskToBreakGlass
                | Self::DecideBreakGlass
        )
    }

    /// Is it done to one case, or a part of one seen by it?
    pub const fn is_about_a_case(self) -> bool {
        use Act as A;
        !matches!(
            self,
            A::SeeMe
                | A::SeeCodebook
                | A::SeeTeams
                | A::SeeTeamTimeline
                | A::SeeFacilitators
                | A::SeeDiary
                | A::SeeQueue
                | A::SeeLetters
                | A::SeeReports
                | A::SeeWaits
                | A::RaiseReferral
                | A::OpenWithDefusion
                | A::SeeGroups
                | A::AgreeGroup
                | A::EndGroup
                | A::KeepDirectory
                | A::KeepLetters
                | A::ReassignSessions
                | A::PlanLeave
                | A::SeeGrants
                | A::SeeAccessLog
                | A::SeeBreakGlass
                | A::AskToBreakGlass
                | A::DecideBreakGlass
                | A::AskForOneToOne
                | A::SeeMySupport
                | A::SeeOneToOnes
                | A::SeeOneToOneRequest
                | A::SeeOneToOneOutcome
                | A::OfferOneToOne
                | A::ArrangeOneToOne
                | A::TakeUpOneToOne
                | A::DeclineOneToOne
                | A::EndOneToOne
                | A::FlagRisk
                | A::SeeBars
                | A::ProposeGrant
                | A::DecideGrant
                | A::EndGrant
                | A::NameDeputy
                | A::SeeDisclosures
                | A::RequestDisclosure
                | A::DecideDisclosure
                | A::SeeRetention
                | A::SetRetention
                | A::HoldForLaw
                | A::ProposeErasure
                | A::DecideErasure
                | A::WithdrawErasure
                | A::CarryOutErasure
                | A::TakeBackup
                | A::GiveSubjectAccess
                | A::SeeSupervision
                | A::AskForSupervision
                | A::AnswerSupervision
                | A::CloseSupervision
                | A::GiveFeedback
                | A::SeeFeedback
                | A::SeeVerification
                | A::ProvePrivacy
                | A::CompareDirectory
        )
    }
}

/// How someone stands to the thing they ask about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// They raised it.
    pub own: bool,
    /// They are, or were within 30 days, assigned to it.
    pub assigned: bool,
    /// They manage its team.
    pub team: bool,
    /// They are the duty contact, it cannot wait, and nobody has triaged it.
    pub on_duty: bool,
    /// They may not know of it: this beats every right.
    pub barred: bool,
}

impl Relation {
    /// Does a right that reaches so far reach this?
    pub const fn within(&self, reach: Reach) -> bool {
        match reach {
            Reach::None => false,
            Reach::Own => self.own,
            Reach::Assigned => self.assigned,
            Reach::Team => self.team,
            Reach::Duty => self.on_duty,
            Reach::All => true,
        }
    }
}

/// The hats in the order of the table's columns.
pub const HATS: [Hat; 12] = [
    Hat::Staff,
    Hat::Manager,
    Hat::Lead,
    Hat::Facilitator,
    Hat::SupervisionLead,
    Hat::Governance,
    Hat::Auditor,
    Hat::Administrator,
    Hat::Integration(ProgramActs::ALL),
    Hat::Operator,
    Hat::Program,
    Hat::DutyContact,
];

use Act as A;
const O: Reach = Reach::None;
const W: Reach = Reach::Own;
const S: Reach = Reach::Assigned;
const T: Reach = Reach::Team;
const D: Reach = Reach::Duty;
const X: Reach = Reach::All;

/// Every act and how far each hat reaches in it.
#[rustfmt::skip] // a table is read by its columns
pub const POLICY: [(Act, [Reach; 12]); 114] = [
    //                        staff mana lead faci supe gove audi admi inte oper prog duty
    (A::SeeMe,                [X,   X,   X,   X,   X,   X,   X,   X,   X,   O,   O,   X]),
    (A::SeeCodebook,          [X,   X,   X,   X,   X,   X,   X,   X,   X,   O,   O,   X]),
    (A::SeeTeams,             [X,   X,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeTeamTimeline,      [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeFacilitators,      [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeDiary,             [O,   O,   O,   W,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeQueue,             [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeLetters,           [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeReports,           [O,   O,   X,   O,   O,   X,   O,   O,   O,   O,   O,   O]),
    (A::SeeWaits,             [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeCase,              [W,   T,   X,   S,   O,   O,   O,   O,   W,   O,   O,   D]),
    (A::SeeRequest,           [W,   T,   X,   S,   O,   O,   O,   O,   W,   O,   O,   D]),
    (A::SeeRequestText,       [W,   W,   X,   W,   O,   O,   O,   O,   O,   O,   O,   D]),
    (A::SeeTriage,            [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeTriageWorking,     [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeClocks,            [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeNeeds,             [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeNeedNotes,         [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeePlan,              [O,   T,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeSessions,          [O,   T,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeVenue,             [O,   T,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeSessionActions,    [O,   T,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeSessionRecord,     [O,   O,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::RaiseReferral,        [X,   X,   X,   O,   O,   O,   O,   O,   X,   O,   O,   O]),
    (A::AcknowledgeReferral,  [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   D]),
    (A::TriageCase,           [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::RecordScoping,        [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::PlanOffer,            [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::ArrangeSession,       [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::RecordSession,        [O,   O,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::RecordSessionNotHeld, [O,   O,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::EndOffer,             [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::CompleteHandover,     [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::CloseCase,            [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::ReopenCase,           [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::OpenWithDefusion,     [X,   X,   X,   O,   O,   O,   O,   O,   X,   O,   O,   O]),
    (A::LogDefusion,          [W,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeDefusions,         [W,   T,   X,   O,   O,   O,   O,   O,   W,   O,   O,   O]),
    (A::SeeOnBehalf,          [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeNotice,            [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeActions,           [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::CompleteAction,       [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeFollowUps,         [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeFollowUpWorking,   [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::ConfirmFollowUp,      [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::AnswerFollowUp,       [O,   T,   O,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeLinks,             [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::LinkIncident,         [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::MergeCase,            [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::UnmergeCase,          [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeGroups,            [O,   T,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::AgreeGroup,           [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::EndGroup,             [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::KeepDirectory,        [O,   O,   O,   O,   O,   O,   O,   O,   O,   X,   O,   O]),
    (A::KeepLetters,          [O,   O,   O,   O,   O,   O,   O,   O,   O,   O,   X,   O]),
    (A::SeeStaffing,          [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::DeclareInvolved,      [O,   O,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::MoveSession,          [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::CancelSession,        [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::HandOverSession,      [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::AnswerInvitation,     [O,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::ReassignSessions,     [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::PlanLeave,            [O,   O,   X,   W,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeGrants,            [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::SeeAccessLog,         [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::SeeWhoLooked,         [W,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::SeeBreakGlass,        [W,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::AskToBreakGlass,      [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::DecideBreakGlass,     [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::AskForOneToOne,       [X,   O,   O,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeMySupport,         [X,   O,   O,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeOneToOnes,         [W,   O,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeOneToOneRequest,   [W,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeOneToOneOutcome,   [W,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::OfferOneToOne,        [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::ArrangeOneToOne,      [O,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::TakeUpOneToOne,       [W,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::DeclineOneToOne,      [W,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::EndOneToOne,          [O,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::FlagRisk,             [O,   O,   O,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SetBar,               [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::LiftBar,              [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeBars,              [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::SeeWhy,               [W,   T,   X,   S,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::ProposeGrant,         [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::DecideGrant,          [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::EndGrant,             [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::NameDeputy,           [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::SeeDisclosures,       [W,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::RequestDisclosure,    [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::DecideDisclosure,     [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::UnlinkIncident,       [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeRetention,         [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::SetRetention,         [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::HoldForLaw,           [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::ProposeErasure,       [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::DecideErasure,        [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::WithdrawErasure,      [O,   O,   X,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::CarryOutErasure,      [O,   O,   O,   O,   O,   O,   O,   O,   O,   O,   X,   O]),
    (A::TakeBackup,           [O,   O,   O,   O,   O,   O,   O,   O,   O,   X,   O,   O]),
    (A::GiveSubjectAccess,    [O,   O,   O,   O,   O,   O,   X,   O,   O,   O,   O,   O]),
    (A::SeeSupervision,       [W,   W,   W,   W,   X,   O,   O,   O,   O,   O,   O,   O]),
    (A::AskForSupervision,    [O,   X,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::AnswerSupervision,    [O,   O,   O,   O,   X,   O,   O,   O,   O,   O,   O,   O]),
    (A::CloseSupervision,     [W,   W,   W,   W,   X,   O,   O,   O,   O,   O,   O,   O]),
    (A::EscalateDanger,       [O,   O,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::SeeEscalations,       [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::HandleEscalation,     [O,   O,   X,   O,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::IssueFeedbackCodes,   [O,   O,   X,   S,   O,   O,   O,   O,   O,   O,   O,   O]),
    (A::GiveFeedback,         [O,   O,   O,   O,   O,   O,   O,   O,   O,   O,   X,   O]),
    (A::SeeFeedback,          [O,   O,   X,   O,   O,   X,   O,   O,   O,   O,   O,   O]),
    (A::SeeVerification,      [O,   O,   O,   O,   O,   O,   X,   O,   O,   X,   O,   O]),
    (A::ProvePrivacy,         [O,   O,   O,   O,   O,   O,   X,   O,   O,   X,   O,   O]),
    (A::CompareDirectory,     [O,   O,   O,   O,   O,   O,   O,   X,   O,   X,   O,   O]),
];

/// How far one hat reaches in one act.
pub fn reach(act: Act, hat: Hat) -> Reach {
    match hat {
        Hat::Integration(acts) if !acts.hold(act) => Reach::None,
        _ => POLICY[act as usize].1[hat.column()],
    }
}

/// May someone with these hats, standing so to the thing, do or see this?
pub fn may(act: Act, hats: &[Hat], relation: Relation) -> bool {
    !relation.barred && hats.iter().any(|hat| relation.within(reach(act, *hat)))
}

/// May someone with these hats do this at all, to something or other?
pub fn may_somewhere(act: Act, hats: &[Hat]) -> bool {
    hats.iter().any(|hat| reach(act, *hat) != Reach::None)
}

/// The table as text, one act a line, for the committed file.
pub fn printed() -> String {
    use std::fmt::Write;
    let mut text = String::from(
        "# Who may do and see what. Printed from domain/src/policy.rs; a test compares the two.\n",
    );
    let _ = write!(text, "{:<22}", "#");
    for hat in HATS {
        let _ = write!(text, "{:<17}", hat.name());
    }
    for (act, reaches) in &POLICY {
        let _ = write!(text, "\n{:<22}", format!("{act:?}"));
        for reach in reaches {
            let word = if *reach == Reach::None {
                "-".into()
            } else {
                format!("{reach:?}")
            };
            let _ = write!(text, "{word:<17}");
        }
    }
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_and_every_hat_finds_its_own_row_and_column() {
        for (n, (act, _)) in POLICY.iter().enumerate() {
            assert_eq!(*act as usize, n);
        }
        for (n, hat) in HATS.iter().enumerate() {
            assert_eq!(hat.column(), n);
        }
    }

    #[test]
    fn the_committed_table_is_the_one_in_force() {
        let committed = include_str!("../policy.txt");
        assert_eq!(
            printed(),
            committed,
            "copy the printed table to domain/policy.txt"
        );
    }

    #[test]
    fn nobody_but_a_lead_or_whoever_was_assigned_reads_what_a_session_was_about() {
        let closest = Relation {
            own: true,
            team: true,
            ..Relation::default()
        };
        for hat in HATS.into_iter().filter(|hat| *hat != Hat::Lead) {
            assert!(!may(Act::SeeSessionRecord, &[hat], closest), "{hat:?}");
        }
    }

    #[test]
    fn being_on_duty_adds_nothing_to_what_one_facilitates() {
        let facilitated = Relation {
            assigned: true,
            ..Relation::default()
        };
        let both = [Hat::Facilitator, Hat::DutyContact];
        for (act, _) in &POLICY {
            let alone = may(*act, &[Hat::Facilitator], facilitated);
            let everywhere = reach(*act, Hat::DutyContact) == Reach::All;
            assert_eq!(
                may(*act, &both, facilitated),
                alone || everywhere,
                "{act:?}"
            );
        }
    }

    #[test]
    fn governance_auditors_and_administrators_never_see_a_case() {
        let closest = Relation {
            own: true,
            assigned: true,
            team: true,
            on_duty: true,
            barred: false,
        };
        for hat in [
            Hat::Governance,
            Hat::Auditor,
            Hat::Administrator,
            Hat::SupervisionLead,
        ] {
            assert!(!may(Act::SeeCase, &[hat], closest), "{hat:?}");
        }
    }
}
