//! The tests that look at the program from outside, in one binary.
//!
//! Deliberately not here: tables of a single part; they stand at the foot of its file.

/// A switchboard on a database of its own, and signed requests.
mod support;

/// Whole calls: acceptance, repeats, restarts, to-dos.
mod calls;

/// Decisions in small worlds.
mod decide;

/// PINs: locked out after a restart, and nothing typed is kept.
mod pins;

/// Texts: opt-outs and what waits for a choice, after a restart.
mod texts;

/// Calls and texts played to their end, each answer in time.
mod flows;

/// What can happen to a database, and how it is undone.
mod faults;

/// The database is locked, full, read-only or gone: calls go on, and afterwards everything is written once.
mod outage;

/// The management API.
mod api;

/// Technicians and customers through it.
mod api_people;

/// Locations, hours and lines through it.
mod api_places;

/// Masking settings through the API.
mod api_settings;

/// Tenants, their keys and accounts through it.
mod api_tenants;

/// Each masking setting in each encoding.
mod api_settings_fields;

/// Jobs, numbers and sessions through the management API.
mod api_jobs;

/// What changed masking settings do.
mod api_settings_effects;

/// What happened, through the management API.
mod api_traffic;

/// A phone is erased.
mod api_erasure;

/// A tenant's program that is called back.
mod receiver;

/// Callbacks and what becomes of them.
mod deliveries;

/// Callbacks where something is odd.
mod deliveries_odd;

/// A provider on loopback that breaks as it is told.
mod double;

/// Calls that we start.
mod placed;

/// Recordings, kept and handed out.
mod kept_sounds;

/// Somebody is slow, and the others go on.
mod crowded;

/// A server that is stopped finishes what it sends, and the next one goes on with the rest.
mod stopping;

/// What we ask of a provider, held against its published description.
mod conformance;

/// What a key learns of another tenant: nothing.
mod api_foreign;

/// Addresses that are no doors, tenants that nobody has, two at one moment.
mod api_edges;

/// Masks through the doors in DeepCall's shape.
mod deepcall;

/// The documented example of those doors in each of its languages.
mod deepcall_wire;

/// Masking sessions as Plivo's clients ask for them.
mod masking;

/// What they refuse, and what they take back.
mod masking_edges;

/// Lists of them, and their calls.
mod masking_lists;

/// A thousand at the compatible doors at one time.
mod race;

/// HTTP by hand.
mod wire;

/// The program itself, as a process.
mod program;

/// The program is killed, stopped, and told to read its rules again.
mod kill;

/// What each command prints, and what it ends with.
mod commands;

/// A broken installation, looked over.
mod doctor;

/// The demo, watched from outside.
mod demo;

/// The front page tells what is true.
mod readme;

/// Whole calls through the phone network.
mod simulate;

/// Random calls in random worlds.
mod random;

/// Requests as odd as they come.
mod odd;

/// Words, names, numbers and secrets are where they belong, and nowhere else.
mod canary;

/// Names as odd as they come.
mod names;

/// A call that nothing more is heard of.
mod silent;

/// Worlds by the roll of dice.
mod worlds;

/// What no document may do.
mod watch;

/// Random walks in random worlds: nobody sees, hears or reaches what they may not.
mod private;

/// Calls and texts of a running server, recorded and played again.
mod recorded;

/// In front of an older application.
mod passed;

/// Sources and fixtures keep the house rules.
mod tidy;

/// Which phone numbers are nobody's.
mod fiction;

/// The phone network against a switchboard: nothing goes wrong in any weather.
mod network;

/// What callbacks say of a call, and what its session says.
mod amounts;

/// The same of calls that we start.
mod amounts_placed;
