//! What is refused or warned of, and with which words: each row changes the smallest world in one place.
//!
//! Deliberately not here: locations and rules (`refused_places`), people, numbers and sessions (`refused_people`).

use super::{END, check};

#[test]
fn types_keys_and_ids() {
    check(&[
        ("not TOML", "[tenant]", "[tenant", &["1: cannot be read as TOML: unclosed table, expected `]`"]),
        (
            "no tenant",
            "[tenant]\nid = \"acme\"\n",
            "",
            &["1: tenant: is missing: a file is about one tenant and says which: [tenant] with its id"],
        ),
        ("a tenant without an id", "id = \"acme\"\n", "name = \"Acme\"\n", &["1: tenant.id: is missing"]),
        ("an unknown kind", END, "[[technicians]]", &["40: technicians: no such field; did you mean \"technician\"?"]),
        (
            "a slip in a field",
            "hours =",
            "huors =",
            &["12: location.chicago.huors: no such field; did you mean \"hours\"?"],
        ),
        (
            "a slip in a setting",
            "inbound_callback_route_in_hours",
            "inbound_callback_route_in_hour",
            &["14: location.chicago.masking.inbound_callback_route_in_hour: no such field; did you mean"],
        ),
        (
            "a table where several may stand",
            "[[technician]]",
            "[technician]",
            &[
                "18: technician: there may be several: write [[technician]], not [technician]",
                "29: work_order.wo-1.technician_id: no [[technician]] here or stored has this id",
            ],
        ),
        ("several where one may stand", "[tenant]", "[[tenant]]", &["1: tenant: must be a table, not a list"]),
        (
            "a number for a text",
            "name = \"Chicago\"",
            "name = 7",
            &["10: location.chicago.name: must be a text in quotes, not a whole number"],
        ),
        (
            "a text for a switch",
            "sandbox = true",
            "sandbox = \"true\"",
            &["7: provider_account.tw.sandbox: must be true or false, without quotes, not a text"],
        ),
        (
            "a bad id",
            "id = \"jo\"",
            "id = \"j o\"",
            &[
                "19: technician[0].id: must be 1 to 64 letters, digits, dots, dashes and underscores, and begin with a",
                "29: work_order.wo-1.technician_id: no [[technician]] here or stored has this id",
            ],
        ),
        (
            "an id twice",
            END,
            "[[technician]]\nid = \"jo\"",
            &["41: technician[1].id: jo stands on line 18 already; each may stand once"],
        ),
        (
            "no id",
            "id = \"ana\"\n",
            "",
            &[
                "22: customer[0].id: is missing",
                "27: work_order.wo-1.customer_id: no [[customer]] here or stored has this id",
            ],
        ),
        (
            "a number twice",
            END,
            "[[number]]\ne164 = \"+13125550190\"",
            &[
                "40: number[1].provider_account_id: is missing; the account that rents it",
                "41: number[1].e164: +13125550190 stands on line 30 already; each may stand once",
            ],
        ),
        (
            "a session twice",
            END,
            "[[session]]\nid = \"s-1\"",
            &[
                "40: session[1].number: is missing; the masking number that both parties see",
                "40: session[1]: has no party; name first_party (the technician side), second_party, or both",
                "41: session[1].id: s-1 stands on line 34 already; each may stand once",
            ],
        ),
        (
            "a word that is none",
            "\"twilio\"",
            "\"twillio\"",
            &[
                "5: provider_account.tw.kind: \"twillio\" is none of twilio, signalwire, telnyx, plivo, ringcentral; did",
            ],
        ),
        (
            "a new account without a kind",
            "kind = \"twilio\"\n",
            "",
            &["3: provider_account.tw.kind: is missing; one of twilio, signalwire, telnyx, plivo, ringcentral"],
        ),
    ]);
}

#[test]
fn references() {
    check(&[
        (
            "to a location",
            END,
            "location_id = \"chicgo\"",
            &["40: session.s-1.location_id: no [[location]] here or stored has this id; did you mean \"chicago\"?"],
        ),
        (
            "to a technician",
            "technician_id = \"jo\"",
            "technician_id = \"joe\"",
            &["29: work_order.wo-1.technician_id: no [[technician]] here or stored has this id; did you mean \"jo\"?"],
        ),
        (
            "to a customer",
            "customer_id = \"ana\"",
            "customer_id = \"zoe\"",
            &["28: work_order.wo-1.customer_id: no [[customer]] here or stored has this id"],
        ),
        (
            "to a job",
            "work_order_id = \"wo-1\"",
            "work_order_id = \"wo-2\"",
            &["39: session.s-1.work_order_id: no [[work_order]] here or stored has this id; did you mean \"wo-1\"?"],
        ),
        (
            "to an account",
            "provider_account_id = \"tw\"",
            "provider_account_id = \"telnyx\"",
            &["32: number.+13125550190.provider_account_id: no [[provider_account]] here or stored has this id"],
        ),
        (
            "to a number",
            "number = \"+13125550190\"",
            "number = \"+13125550191\"",
            &["36: session.s-1.number: is none of the tenant's numbers: no [[number]] here or stored has it"],
        ),
        (
            "of the tenant",
            "id = \"acme\"",
            "id = \"acme\"\ndefault_location = \"denver\"",
            &["3: tenant.default_location: no [[location]] here or stored has this id"],
        ),
        (
            "of a rule to a technician",
            "[[location.backoffice_line]]",
            "[[location.rule]]\nroute = { technician = \"joe\" }\n[[location.backoffice_line]]",
            &["16: location.chicago.rule[0].route.technician: no [[technician]] here or stored has this id; did you"],
        ),
        (
            "of a rule to a line",
            "[[location.backoffice_line]]",
            "[[location.rule]]\nroute = { line = \"desk-9\" }\n[[location.backoffice_line]]",
            &["16: location.chicago.rule[0].route.line: location chicago has no back-office line of this id"],
        ),
    ]);
}

#[test]
fn tenant_and_accounts() {
    check(&[
        (
            "an auth id of another form",
            "id = \"acme\"",
            "id = \"acme\"\nauth_id = \"MAHOOKSWITCH\"",
            &["3: tenant.auth_id: must be 20 capital letters and digits, MA or SA first: Plivo's clients refuse any"],
        ),
        (
            "a country by its name",
            "id = \"acme\"",
            "id = \"acme\"\ncountry = \"Germany\"",
            &["3: tenant.country: must be the two capital letters of a country (ISO 3166), such as \"US\""],
        ),
        (
            "a limit below zero",
            "id = \"acme\"",
            "id = \"acme\"\nlimits.concurrent_calls = -1",
            &["3: tenant.limits.concurrent_calls: must be from 0 to 1000000"],
        ),
        (
            "a secret instead of its variable",
            "auth_token = \"t\"",
            "auth_token_env = \"12-34\"",
            &["6: provider_account.tw.auth_token_env: must be the name of an environment variable in"],
        ),
        (
            "a variable that is not set",
            "auth_token = \"t\"",
            "auth_token_env = \"ACME_TOKEN\"",
            &["6: provider_account.tw.auth_token_env: warning: environment variable ACME_TOKEN is not set or empty:"],
        ),
        (
            "one of two is not set",
            "auth_token = \"t\"",
            "auth_token_env = [\"ACME_TOKEN\", \"ACME_OLD_TOKEN\"]",
            &[
                "6: provider_account.tw.auth_token_env[0]: warning: environment variable ACME_TOKEN is not set or empty:",
                "6: provider_account.tw.auth_token_env[1]: warning: environment variable ACME_OLD_TOKEN is not set or",
            ],
        ),
        (
            "a literal secret of a real account",
            "sandbox = true",
            "sandbox = false",
            &["6: provider_account.tw.auth_token: a secret may stand in the file of a sandbox account only; use"],
        ),
        (
            "a literal key of a tenant with a real account",
            "id = \"acme\"\n[[provider_account]]\nid = \"tw\"\nkind = \"twilio\"\nauth_token = \"t\"\nsandbox = true",
            "id = \"acme\"\napi_key = \"k\"\n[[provider_account]]\nid = \"tw\"\nkind = \"ringcentral\"",
            &[
                "3: tenant.api_key: only where all accounts of the tenant are sandbox accounts, and tw is not; name an",
                "12: location.chicago.masking.backoffice_whisper_enabled: warning: account tw (ringcentral) cannot",
            ],
        ),
        (
            "a registration nobody granted",
            "id = \"acme\"\n[[provider_account]]\nid = \"tw\"\nkind = \"twilio\"\nauth_token = \"t\"\nsandbox = true",
            "id = \"acme\"\nbrand = \"approved\"\n[[provider_account]]\nid = \"tw\"\nkind = \"ringcentral\"",
            &[
                "3: tenant.brand: only where all accounts of the tenant are sandbox accounts, and tw is not; the",
                "12: location.chicago.masking.backoffice_whisper_enabled: warning: account tw (ringcentral) cannot",
            ],
        ),
        (
            "signatures off outside a sandbox",
            "auth_token = \"t\"\nsandbox = true",
            "signature = \"off\"",
            &[
                "6: provider_account.tw.signature: \"off\" lets anybody pose as the provider; only an account with sandbox",
            ],
        ),
        (
            "nothing to verify with",
            "auth_token = \"t\"\n",
            "",
            &["3: provider_account.tw: warning: nothing to verify its webhooks with: every one will be refused. Name"],
        ),
        (
            "a hash that is none",
            "id = \"acme\"",
            "id = \"acme\"\napi_key_hash = \"demo\"",
            &["3: tenant.api_key_hash: must be the SHA-256 of the key, as 64 hexadecimal digits"],
        ),
        (
            "a DeepCall door without a user",
            "id = \"acme\"",
            "id = \"acme\"\ndeepcall = { token = \"t\" }",
            &["3: tenant.deepcall.user_id: is missing; the DeepCall door knows the tenant by it"],
        ),
        (
            "an address without a scheme",
            "sandbox = true",
            "sandbox = true\napi_base_url = \"localhost:9\"",
            &["8: provider_account.tw.api_base_url: must begin with http:// or https:// and name a host"],
        ),
        (
            "a price below zero",
            "sandbox = true",
            "sandbox = true\nprice_per_minute = -0.01",
            &["8: provider_account.tw.price_per_minute: must be a number such as 0.014, and not negative"],
        ),
        (
            "a key that is too short",
            "sandbox = true",
            "sandbox = true\npublic_key = \"AAAA\"",
            &["8: provider_account.tw.public_key: must be an Ed25519 public key: 32 bytes in Base64"],
        ),
    ]);
}
