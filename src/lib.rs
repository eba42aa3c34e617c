//! Hookswitch answers a phone provider's webhooks: which session do these two phones belong to, where should the call
//! go at this minute, and what document makes the provider do it. This page is the manual of the code; how to run and
//! operate the program is in `README.md`.
//!
//! # Floors
//!
//! Each module uses only those before it. The first four are pure: no await, no I/O, no clock, no panic; [`routing`]
//! and [`voice`] cannot even fail.
//!
//! ```text
//! domain → rules → routing → voice │ providers → store → switchboard → jobs → replay → http → cli
//! words   settings decisions documents dialects  memory  one webhook  sweeps  fixtures doors  commands
//! ```
//!
//! What crosses a floor is a value: settings come up as a [`Ruleset`](rules::ruleset::Ruleset), a webhook goes down as
//! an [`Event`](domain::Event), and comes back as a [`Decision`](routing::Decision) with its effects and its reasons.
//! Each floor has crates that only it may use (SQL, TOML, XML, HTTP). `tests/it/tidy.rs` holds all of this.
//!
//! # A call, from ring to answer
//!
//! Ana calls a masking number, and the provider posts to `/webhooks/acme-twilio/voice`.
//!
//! 1. **The door** ([`http`]) takes method, target, headers and raw bytes, within limits, and nothing else. The webhook
//!    is worked on to its end in a task of its own, even when the provider hangs up.
//! 2. **Verify**: the account's [`Dialect`](providers::Dialect) checks the signature over the configured public base
//!    URL with every active secret. Only a [`Verified`](providers::Verified) request can be read.
//! 3. **Read**: the same dialect turns the bytes into an [`Event`](domain::Event). From here on nobody knows which
//!    provider it was.
//! 4. **Claim**: the event's [key](providers::claim()) tells a first delivery from a repeat, which gets the first one's
//!    answer, byte for byte. The time is asked for once.
//! 5. **World**: the [`directory`](switchboard::directory) lends what is known about this number, from memory, without
//!    waiting.
//! 6. **Decide**: [`routing::decide`] finds the session, then the route by rules, reply window and hours, then what is
//!    possible. It answers an [`Answer`](routing::Answer), [`Effect`](routing::Effect)s and
//!    [`Reason`](routing::Reason)s.
//! 7. **Compose and write**: [`voice::compose`] makes a [`Document`](voice::Document) with the account's own addresses,
//!    and the dialect writes its bytes.
//! 8. **Settle**: decision, reasons, document and effects go to the [`journal`](store::Journal) as one entry, and the
//!    memory learns the effects. The reply waits for the commit, which many webhooks share, and no longer than
//!    `commit_deadline_ms`: after that the entry waits in memory and in the spill file.
//! 9. **Reply.**
//!
//! The whole way is one function, `Switchboard::answer` in `switchboard/webhook.rs`; read it first. The desk's phone
//! then asks for its whisper (`voice/whisper`), the staffer presses a key (`voice/accept`), the leg ends
//! (`voice/dialed`), statuses arrive: the same way each time, and only step 6 differs. What a later step needs is in the
//! store and in the opaque ids of its address, so that a restart in between is not noticed.
//!
//! [`routing::decide`] is also what `hookswitch explain` and `hookswitch replay` call, on a
//! [`Switchboard`](switchboard::Switchboard) in memory: an explanation is never told by other code than the decision.
//!
//! # A change, from request to the next webhook
//!
//! A program sends masking settings to `/api/v1` ([`http`]'s `api`). Its key says whose they are; the desk
//! ([`Switchboard::change`](switchboard::Switchboard::change)) waits for the tenant's turn, reads what is stored and needed
//! to judge it, and lets the door plan: [`rules`] reads the body over it as it would read a rules file. The store writes the
//! plan with its audit, and the answer for a repeat, in one transaction, if nobody else changed the tenant meanwhile;
//! else the door plans again. Then the memory takes it in, and the next webhook goes by it; other processes hear of it from the
//! feed. A new field of a resource is a field of its rules file and of its shape, and no more.
//!
//! # What leaves the machine
//!
//! Whatever is asked of a provider is written with what it follows from ([`store::provider_jobs`]), and done by
//! [`jobs::provider`] as soon as that is committed: a call of ours is started, a conversation recorded, a recording
//! fetched. A creation whose answer was lost is looked for before it is tried again, and what comes too late is not done:
//! [`routing::connect`] says what a call of ours is, from its plan to its end. Sounds are kept sealed
//! ([`store::recordings`]) and handed out by us alone.
//!
//! What a session's maker wants to hear is derived from the same decisions ([`routing::news`]), written in the same
//! transaction ([`store::outbox`]), and delivered by [`jobs::deliver`], in order, to addresses that [`jobs::guard`] lets pass.
//!
//! # The contract
//!
//! What holds whatever happens, each with the tests that hold it:
//!
//! * **A wrong signature is never read.** Published vectors, and every changed byte refused (`providers`).
//! * **Past the signature there is always an answer**: normal, else from memory, else voicemail, else an apology and a
//!   recording. A document is never empty and at most 32 kB (`switchboard`'s ladder, `voice`'s properties).
//! * **A repeat gets the same bytes and has no effect**, at once or after a restart (`tests/it/calls.rs`).
//! * **What was acknowledged is kept**: decision and effects are one transaction, written before the answer
//!   (`tests/it/kill.rs`, `tests/it/outage.rs`).
//! * **What a tenant's program is to be told is told**: written with what it tells, numbered without a gap, sent in each
//!   session's order until it is taken or given up, and only to machines that were checked (`tests/it/deliveries.rs`).
//! * **No party sees the other's number.** A dial's caller id is a [`MaskingNumber`](domain::MaskingNumber); no other
//!   type fits.
//! * **Nobody is bridged without the key where one is required**, and no recording starts unannounced (the fixtures).
//! * **No number is shown whole** in logs, metrics or sentences: [`E164`](domain::E164)'s `Debug` is masked; no body,
//!   name or secret is shown at all.
//! * **Time is an argument.** Only [`Clock`](domain::Clock) reads the machine's; the same world, event and instant give
//!   the same decision.
//! * **A key learns nothing of another tenant**: every door of the API's description is tried with every foreign id
//!   (`tests/it/api_foreign.rs`).
//! * **State does not move backwards**: late and repeated news is stored and not applied.

// The words: phones, sessions, people, places, calls, events.
pub mod domain;

// What the operator wrote, checked: rules files, hours, templates, numbering plans.
pub mod rules;

// From an event to a decision, with its reasons.
pub mod routing;

// From a decision's answer to a document.
pub mod voice;

// The providers' dialects: proof, reading, writing.
pub mod providers;

// What is kept, in SQLite, and the journal of every webhook.
pub mod store;

// One webhook from end to end, on what is known in memory.
pub mod switchboard;

// Work that nobody waits for.
pub mod jobs;

// Fixtures, played again.
pub mod replay;

// The doors.
pub mod http;

// The commands.
pub mod cli;
