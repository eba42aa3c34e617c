//! What is refused or warned of in people, numbers and sessions: each row changes the smallest world in one place.

use super::{END, check};

#[test]
fn people_numbers_and_sessions() {
    check(&[
        (
            "a phone that is none",
            "\"+13125550144\"\nlocation",
            "\"call Jo\"\nlocation",
            &["20: technician.jo.phone: is no phone: neither E.164 (such as +13125550101) nor a national number of US"],
        ),
        (
            "a customer's phone that is none, where masking is on",
            "[[location.backoffice_line]]",
            "enabled = true\n[[customer]]\nid = \"bo\"\nphones = [\"+13125550103\", \"ask Ana\"]\n[[location.backoffice_line]]",
            &[
                "18: customer.bo.phones: contacts_not_e164: 1 of these phones is not E.164 (+ and 7 to 15 digits), and masking is",
            ],
        ),
        (
            "a number that is somebody's phone",
            "e164 = \"+13125550190\"",
            "e164 = \"+13125550144\"",
            &[
                "20: technician.jo.phone: is one of the tenant's masking numbers; a person's own phone is wanted",
                "36: session.s-1.number: is none of the tenant's numbers: no [[number]] here or stored has it",
                "37: session.s-1.first_party: is one of the tenant's masking numbers; a party is a person's own phone",
            ],
        ),
        (
            "a technician who has one of our numbers",
            "\"+13125550144\"\nlocation",
            "\"+13125550190\"\nlocation",
            &["20: technician.jo.phone: is one of the tenant's masking numbers; a person's own phone is wanted"],
        ),
        (
            "a national masking number",
            "e164 = \"+13125550190\"",
            "e164 = \"(312) 555-0190\"",
            &[
                "31: number[0].e164: must be E.164: + and 7 to 15 digits, such as +13125550190",
                "36: session.s-1.number: is none of the tenant's numbers: no [[number]] here or stored has it",
            ],
        ),
        (
            "a number for two things",
            "provider_account_id = \"tw\"",
            "provider_account_id = \"tw\"\ntechnician_id = \"jo\"\nwork_order_id = \"wo-1\"",
            &["34: number.+13125550190.work_order_id: a number stands for a technician or for a job, not for both"],
        ),
        (
            "a number for no channel",
            "provider_account_id = \"tw\"",
            "provider_account_id = \"tw\"\ncapabilities = []",
            &["33: number.+13125550190.capabilities: must name at least one of voice, sms"],
        ),
        (
            "cooling since never",
            "provider_account_id = \"tw\"",
            "provider_account_id = \"tw\"\nstate = \"cooldown\"",
            &["33: number.+13125550190.state: needs released_at: the cooldown days are counted from it"],
        ),
        (
            "released and in use",
            "provider_account_id = \"tw\"",
            "provider_account_id = \"tw\"\nstate = \"assigned\"\nreleased_at = 2026-03-01T00:00:00Z",
            &["34: number.+13125550190.released_at: does not go with state = \"assigned\"; write state = \"cooldown\""],
        ),
        (
            "done at no time",
            "technician_id = \"jo\"",
            "technician_id = \"jo\"\nstatus = \"completed\"",
            &["30: work_order.wo-1.status: needs completed_at: the grace days are counted from it"],
        ),
        (
            "open and done",
            "technician_id = \"jo\"",
            "technician_id = \"jo\"\ncompleted_at = 2026-03-01T00:00:00Z",
            &["30: work_order.wo-1.completed_at: does not go with status = \"open\"; write status = \"completed\""],
        ),
        (
            "a session with oneself",
            "second_party = \"+13125550101\"",
            "second_party = \"+13125550144\"",
            &["38: session.s-1.second_party: is the same phone as first_party"],
        ),
        (
            "a session with a masking number",
            "second_party = \"+13125550101\"",
            "second_party = \"+13125550190\"",
            &["38: session.s-1.second_party: is one of the tenant's masking numbers; a party is a person's own phone"],
        ),
        (
            "a session with a national phone",
            "second_party = \"+13125550101\"",
            "second_party = \"312 555 0101\"",
            &["38: session.s-1.second_party: must be E.164: + and 7 to 15 digits, such as +13125550101"],
        ),
        (
            "a session of nobody",
            "first_party = \"+13125550144\"\nsecond_party = \"+13125550101\"\n",
            "",
            &["34: session.s-1: has no party; name first_party (the technician side), second_party, or both"],
        ),
        (
            "ended by something, never",
            "second_party = \"+13125550101\"",
            "second_party = \"+13125550101\"\nended_by = \"job\"",
            &["39: session.s-1.ended_by: says what ended the session, and ended_at does not say when"],
        ),
        (
            "a call too long",
            "second_party = \"+13125550101\"",
            "second_party = \"+13125550101\"\ncall_time_limit = 90000",
            &["39: session.s-1.call_time_limit: must be from 60 to 86400"],
        ),
        (
            "two sessions of one customer on one number",
            END,
            "[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550145\"\nsecond_party = \"+13125550101\"",
            &[
                "43: session[1].second_party: this phone is in the session on line 34 already, on the same number at the",
            ],
        ),
        (
            "a technician twice on a pool number",
            END,
            "[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550144\"\nsecond_party = \"+13125550102\"",
            &["42: session[1].first_party: this phone is in the session on line 34 already, on the same number at the"],
        ),
        (
            "the same phone on the other side",
            END,
            "[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550101\"\nsecond_party = \"+13125550102\"",
            &["42: session[1].first_party: this phone is in the session on line 34 already, on the same number at the"],
        ),
        (
            "an incomplete contact",
            END,
            "[[contact]]\nnumber = \"+13125550190\"\nfrom = \"+13125550144\"\nto = \"+13125550101\"\nat = 2026-03-09T16:20:00-05:00\nchannel = \"voice\"",
            &["40: contact[0].by: is missing; a contact is a number, from, to, at, channel and by"],
        ),
        (
            "a contact twice",
            END,
            "[[contact]]\nnumber = \"+13125550190\"\nfrom = \"+13125550144\"\nto = \"+13125550101\"\nat = 2026-03-09T16:20:00-05:00\nchannel = \"voice\"\nby = \"technician\"\n[[contact]]\nnumber = \"+13125550190\"\nfrom = \"+13125550144\"\nto = \"+13125550101\"\nat = 2026-03-09T21:20:00Z\nchannel = \"voice\"\nby = \"backoffice\"",
            &["47: contact[1]: stands in the file already, with the same number, from, to, at and channel"],
        ),
    ]);
}
