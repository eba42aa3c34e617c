//! Everything that we say or write of our own accord, with the words it has unless a location has its own.
//!
//! Deliberately not here: the whisper (its words are a masking setting) and filling in the placeholders
//! (`rules::template`).

use super::settings::words;

words! {
    /// A prompt; its word is its key under `[location.prompts]`.
    Prompt {
        /// Before the beep.
        VoicemailGreeting = "voicemail_greeting",
        /// After a voicemail.
        VoicemailGoodbye = "voicemail_goodbye",
        /// No session, and the location hangs up.
        NoMatch = "no_match",
        /// Before a recorded conversation, to both sides.
        RecordingDisclosure = "recording_disclosure",
        /// A technician's or plain pair's attempt failed.
        Unreachable = "unreachable",
        /// A technician's destination may not be called.
        DestinationRefused = "destination_refused",
        /// Over a cap.
        RateLimited = "rate_limited",
        /// Something of ours is broken; a recording follows.
        Apology = "apology",
        /// Before the choices of a technician's menu.
        MenuIntro = "menu_intro",
        /// Asks for a PIN, where the session that asks has no sound for that.
        Pin = "pin",
        /// After a wrong PIN, likewise.
        PinIncorrect = "pin_incorrect",
        /// After a menu nobody used, or a PIN nobody knew.
        Goodbye = "goodbye",
        /// To a caller in the dispatchers' queue.
        QueueWait = "queue_wait",
        /// A text that came outside hours; nothing is sent unless the location has this prompt.
        ClosedSms = "closed_sms",
        /// To a sender whose counterpart has opted out.
        OptedOutSms = "opted_out_sms",
        /// To a technician whose text could be for several customers; the choices follow.
        ChooseSms = "choose_sms",
        /// After the choices, where the text is not kept.
        SendAgainSms = "send_again_sms",
        /// To a sender whose text cannot be delivered for another reason.
        UndeliveredSms = "undelivered_sms",
    }
}

impl Prompt {
    /// The built-in words; empty where there are none and nothing is said.
    pub const fn built_in(self) -> &'static str {
        match self {
            Self::VoicemailGreeting => {
                "You have reached {location_name}. We cannot take your call right now. \
                 Please leave a message after the tone."
            }
            Self::VoicemailGoodbye => "Thank you. Your message has been received. Goodbye.",
            Self::NoMatch => "This number is not in service for your call. Goodbye.",
            Self::RecordingDisclosure => "This call may be recorded.",
            Self::Unreachable => "The person you are calling cannot be reached right now. Please try again later.",
            Self::DestinationRefused => "This call cannot be connected to its destination. Goodbye.",
            Self::RateLimited => "There have been too many calls. Please try again later. Goodbye.",
            Self::Apology => "We are sorry, something went wrong. Please leave a message after the tone.",
            Self::MenuIntro => "Please choose whom to call.",
            Self::Pin => "Please enter your PIN, then press pound.",
            Self::PinIncorrect => "That PIN is not right.",
            Self::Goodbye => "Goodbye.",
            Self::QueueWait => "Please hold. Somebody will be with you shortly.",
            Self::ClosedSms => "",
            Self::OptedOutSms => "Not delivered: the customer has opted out.",
            Self::ChooseSms => "Whom is this for? Answer with the number.",
            Self::SendAgainSms => "Then send your message again.",
            Self::UndeliveredSms => "Not delivered: this number cannot pass on your message.",
        }
    }
}
