//! The names of news, and of why something ended, as Plivo's masking API has them.
//!
//! Deliberately not here: which step of a call is which.

use crate::domain::settings::words;
use crate::domain::{LegOutcome, LegStatus};

words! {
    /// What happened, under the names of Plivo's masking API.
    SessionEvent {
        /// The first party is on the line.
        FirstPartyAnswer = "SessionFirstPartyAnswer",
        /// The second party's phone rings.
        SecondPartyRing = "SessionSecondPartyRing",
        /// The second party is on the line.
        SecondPartyAnswer = "SessionSecondPartyAnswer",
        /// The second party is gone, or was not reached.
        SecondPartyHangup = "SessionSecondPartyHangup",
        /// The first party is gone, or was not reached.
        FirstPartyHangup = "SessionFirstPartyHangup",
        /// A caller proved who they are, did not, or had no need to.
        PinAuthenticationStatus = "SessionPinAuthenticationStatus",
        /// The session expired, by the clock or because it was told to.
        Timeout = "SessionTimeout",
        /// A call is over for both.
        PartiesHangup = "SessionPartiesHangup",
        /// A conversation is being recorded.
        RecordingInitiated = "SessionRecordingInitiated",
        /// A recording is made.
        RecordingCompleted = "SessionRecordingCompleted",
        /// A conversation that was to be recorded is not, or nothing of its recording is kept.
        RecordingFailed = "SessionRecordingFailed",
    }
}

impl SessionEvent {
    /// Whether it goes to whoever hears of recordings.
    pub const fn of_recording(self) -> bool {
        match self {
            Self::RecordingInitiated | Self::RecordingCompleted | Self::RecordingFailed => true,
            Self::FirstPartyAnswer
            | Self::SecondPartyRing
            | Self::SecondPartyAnswer
            | Self::SecondPartyHangup
            | Self::FirstPartyHangup
            | Self::PinAuthenticationStatus
            | Self::Timeout
            | Self::PartiesHangup => false,
        }
    }
}

words! {
    /// What became of asking a caller for a PIN.
    PinStatus {
        /// It was right.
        Success = "success",
        /// It was wrong, or none was given.
        Failed = "failed",
        /// The caller is a party of the session and was not asked.
        AuthorizedCaller = "AuthorizedCaller",
    }
}

words! {
    /// Why a leg ended, as Plivo names it (its "hangup causes").
    Cause {
        /// It was taken back, or its caller gave up.
        Canceled = "Canceled",
        /// It could not be reached.
        OutOfService = "Destination Out Of Service",
        /// Nobody answered.
        NoAnswer = "No Answer",
        /// Busy.
        Busy = "Busy Line",
        /// It was refused.
        Rejected = "Rejected",
        /// Somebody hung up.
        Normal = "Normal Hangup",
        /// There was nothing more to do: whom it was for was not reached.
        EndOfInstructions = "End Of XML Instructions",
    }
}

impl Cause {
    /// Plivo's number for it.
    pub const fn code(self) -> u32 {
        match self {
            Self::Canceled => 1000,
            Self::OutOfService => 2010,
            Self::NoAnswer => 3000,
            Self::Busy => 3010,
            Self::Rejected => 3020,
            Self::Normal => 4000,
            Self::EndOfInstructions => 4010,
        }
    }

    /// Why an attempt ended.
    pub(super) const fn of(outcome: LegOutcome) -> Self {
        match outcome {
            LegOutcome::Connected | LegOutcome::CalleeGone => Self::Normal,
            LegOutcome::Rejected | LegOutcome::ScreenTimeout => Self::Rejected,
            LegOutcome::NoAnswer => Self::NoAnswer,
            LegOutcome::Busy => Self::Busy,
            LegOutcome::Failed => Self::OutOfService,
            LegOutcome::Canceled | LegOutcome::CallerGone => Self::Canceled,
        }
    }

    /// Why a leg in this state ended.
    pub(super) const fn of_status(status: LegStatus) -> Self {
        match status {
            LegStatus::Busy => Self::Busy,
            LegStatus::NoAnswer => Self::NoAnswer,
            LegStatus::Failed => Self::OutOfService,
            LegStatus::Canceled => Self::Canceled,
            LegStatus::Queued
            | LegStatus::Initiated
            | LegStatus::Ringing
            | LegStatus::InProgress
            | LegStatus::Completed => Self::Normal,
        }
    }
}
