"""Plivo's own client against the masking door of a server with the demo world: made, shown, listed, changed, ended, and
every documented error; then bodies and queries as the Node, PHP and Go clients send them.

Usage: plivo_masking.py http://127.0.0.1:PORT
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import plivo
import plivo.rest.client as rest
import requests
from plivo import exceptions

SERVER = sys.argv[1].rstrip("/")
ACCOUNT, TOKEN = "MAHOOKSWITCHDEMO0001", "demo-auth-token"
PIN_SOUND = "https://a.example/pin.mp3"
CHECKED, FAILED = 0, 0

# The client knows the provider's address alone; these are the names that it keeps it under.
BASE = SERVER + "/v1/Account"
rest.PLIVO_API_BASE_URI = rest.API_VOICE_BASE_URI = BASE
rest.API_VOICE_BASE_URI_FALLBACK_1 = rest.API_VOICE_BASE_URI_FALLBACK_2 = BASE

client = plivo.RestClient(ACCOUNT, TOKEN)
sessions = client.masking_sessions


def check(what, got, expected):
    global CHECKED, FAILED
    CHECKED += 1
    if got != expected:
        FAILED += 1
        print(f"FAILED {what}\n  expected {expected!r}\n  got      {got!r}")


def told(what, error, text, ask):
    """What a request is refused with: the client's own exception, and the exact text."""
    try:
        got = ask()
    except Exception as raised:  # noqa: BLE001: which one it is, is what is checked
        got = raised
    check(what, (type(got).__name__, str(got)), (error.__name__, text))


def phone(last):
    return f"+1312555{last:04}"


def create(first, second, **more):
    return sessions.create_masking_session(first_party=phone(first), second_party=phone(second), **more)


# ── Made, shown, changed, ended ──────────────────────────────────────────────────────────────────────────────────────

made = create(
    111, 112, session_expiry=1200, call_time_limit=14400, ring_timeout=45, record=True, record_file_format="wav",
    recording_callback_url="https://a.example/recording", recording_callback_method="GET",
    callback_url="https://a.example/callback", callback_method="POST", first_party_play_url="https://a.example/1.mp3",
    second_party_play_url="https://a.example/2.mp3", unknown_caller_play="https://a.example/who.mp3", geomatch=True,
    virtual_number_cooloff_period=60, initiate_call_to_first_party=False,
)
session = made.session
check("message of a creation", made.message, "Session created")
check("the number outside has a plus", made.virtual_number, "+" + session.virtual_number)
check("the uuid inside and outside", session.session_uuid, made.session_uuid)
for name, value in {
    "first_party": "13125550111", "second_party": "13125550112", "status": "active", "duration": 1200, "amount": 0,
    "session_expiry": 1200, "call_time_limit": 14400, "ring_timeout": 45, "record": True, "record_file_format": "wav",
    "recording_callback_url": "https://a.example/recording", "recording_callback_method": "GET",
    "callback_url": "https://a.example/callback", "callback_method": "POST", "interaction": None,
    "first_party_play_url": "https://a.example/1.mp3", "second_party_play_url": "https://a.example/2.mp3",
    "initiate_call_to_first_party": False, "total_call_count": 0, "total_call_amount": 0.0,
    "total_call_billed_duration": 0, "total_session_amount": 0.0, "last_interaction_time": "",
    "is_pin_authentication_required": False, "first_party_pin": None, "pin_retry": None,
    "unknown_caller_play": "https://a.example/who.mp3", "virtual_number_cooloff_period": 60,
}.items():
    check(f"session.{name}", session[name], value)

TEXT, FLAG, WHOLE, MONEY = (str,), (bool,), (int,), (float,)
TYPES = {
    TEXT: "session_uuid first_party second_party virtual_number status callback_url callback_method created_time "
    "modified_time expiry_time first_party_play_url second_party_play_url record_file_format recording_callback_url "
    "recording_callback_method last_interaction_time unknown_caller_play",
    FLAG: "initiate_call_to_first_party record is_pin_authentication_required create_session_with_single_party",
    WHOLE: "duration session_expiry amount call_time_limit ring_timeout total_call_count total_call_billed_duration "
    "virtual_number_cooloff_period",
    MONEY: "total_call_amount total_session_amount",
}
OF_PINS = "generate_pin generate_pin_length first_party_pin second_party_pin pin_prompt_play pin_retry pin_retry_wait " \
    "incorrect_pin_play force_pin_authentication"


def typed(what, one):
    """A client with types reads it: each name is there, and of its type."""
    for kinds, names in TYPES.items():
        for name in names.split():
            check(f"{what}: type of {name}", type(one.get(name, "missing")), kinds[0])
    for name in OF_PINS.split():
        check(f"{what}: {name} is there", name in one, True)


raw = requests.Session()
raw.auth = (ACCOUNT, TOKEN)
ALL = f"{BASE}/{ACCOUNT}/Masking/Session/"
ONE = ALL + made.session_uuid + "/"
shown = raw.get(ONE).json()
typed("get", shown["response"])
check("api_id", type(shown["api_id"]), str)
check("get is what creation told", sessions.get_masking_session(made.session_uuid).response.session_uuid, made.session_uuid)
check("without a slash", raw.get(ONE.rstrip("/")).json()["response"], shown["response"])

updated = sessions.update_masking_session(
    made.session_uuid, session_expiry=600, call_time_limit=3600, ring_timeout=30, record=False, record_file_format="mp3",
    callback_url="https://b.example/callback", callback_method="GET", recording_callback_url="https://b.example/recording",
    recording_callback_method="POST", first_party_play_url="https://b.example/1.mp3",
    second_party_play_url="https://b.example/2.mp3",
)
check("message of a change", updated.message, "Session updated")
for name, value in {
    "session_expiry": 600, "call_time_limit": 3600, "ring_timeout": 30, "record": False, "record_file_format": "mp3",
    "callback_url": "https://b.example/callback", "callback_method": "GET",
    "recording_callback_url": "https://b.example/recording", "recording_callback_method": "POST",
    "first_party_play_url": "https://b.example/1.mp3", "second_party_play_url": "https://b.example/2.mp3",
}.items():
    check(f"changed session.{name}", updated.session[name], value)
check("the end counts from now", 600 <= updated.session.duration <= 630, True)

repeated = create(113, 114)
check("a repeat is the same session", create(113, 114).session_uuid, repeated.session_uuid)
with ThreadPoolExecutor(8) as pool:
    bodies = {"first_party": phone(115), "second_party": phone(116)}
    same = list(pool.map(lambda _: requests.post(ALL, json=bodies, auth=(ACCOUNT, TOKEN)), range(8)))
check("eight at a time", {one.status_code for one in same}, {201})
check("are one session", len({one.json()["session_uuid"] for one in same}), 1)

check("message of an end", sessions.delete_masking_session(repeated.session_uuid).message, "Session expired")
check("it stays to be looked at", sessions.get_masking_session(repeated.session_uuid).response.status, "expired")
for what, ask in {
    "an update": lambda: sessions.update_masking_session(repeated.session_uuid, record=True),
    "an end": lambda: sessions.delete_masking_session(repeated.session_uuid),
}.items():
    told(f"{what} of what is over", exceptions.ValidationError, "Session already expired", ask)

# ── Single parties and PINs ──────────────────────────────────────────────────────────────────────────────────────────

single = sessions.create_masking_session(first_party=phone(117), create_session_with_single_party=True)
check("one party", (single.session.second_party, single.session.create_session_with_single_party), ("", True))
joined = sessions.update_masking_session(single.session_uuid, second_party=phone(118))
check("takes another", joined.session.second_party, "13125550118")
changed = sessions.update_masking_session(single.session_uuid, second_party=phone(119), geomatch=True)
check("and yet another", changed.session.second_party, "13125550119")

pinned = create(
    121, 122, is_pin_authentication_required=True, first_party_pin="1234", second_party_pin="56789",
    pin_prompt_play=PIN_SOUND, pin_retry=3, pin_retry_wait=8, incorrect_pin_play="https://a.example/no.mp3",
    force_pin_authentication=True,
)
for name, value in {
    "is_pin_authentication_required": True, "first_party_pin": "1234", "second_party_pin": "56789", "generate_pin": False,
    "pin_prompt_play": PIN_SOUND, "pin_retry": 3, "pin_retry_wait": 8, "incorrect_pin_play": "https://a.example/no.mp3",
    "force_pin_authentication": True,
}.items():
    check(f"with PINs: {name}", pinned.session[name], value)
generated = create(
    123, 124, is_pin_authentication_required=True, generate_pin=True, generate_pin_length=6, pin_prompt_play=PIN_SOUND
)
pins = (generated.session.first_party_pin, generated.session.second_party_pin)
check("PINs that are made", ([len(pin) for pin in pins], pins[0] != pins[1]), ([6, 6], True))
other = create(
    125, 126, is_pin_authentication_required=True, first_party_pin="1234", second_party_pin="0000", pin_prompt_play=PIN_SOUND
)
check("a PIN is one session's on a number", other.virtual_number != pinned.virtual_number, True)

# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────

listed = sessions.list_masking_session(limit=3).response
check("newest first", [one.session_uuid for one in listed.objects][:2], [other.session_uuid, generated.session_uuid])
check("a page", (listed.meta.limit, listed.meta.offset, listed.meta.previous), (3, 0, None))
total = listed.meta.total_count
check("there is more", listed.meta.next.startswith(f"/v1/Account/{ACCOUNT}/Masking/Session/?"), True)
seen, page = [], f"/v1/Account/{ACCOUNT}/Masking/Session/?limit=3"
while page:
    answer = raw.get(SERVER + page).json()["response"]
    seen += [one["session_uuid"] for one in answer["objects"]]
    page = answer["meta"]["next"]
check("page by page", (len(seen), len(set(seen))), (total, total))
check("back", answer["meta"]["previous"] is not None, True)
for one in raw.get(ALL).json()["response"]["objects"]:
    typed("list", one)
    check("resource_uri", one["resource_uri"], f"/v1/Account/{ACCOUNT}/Masking/Session/{one['session_uuid']}/")


def count(**filters):
    return sessions.list_masking_session(**filters).response.meta.total_count


made_at = session.created_time.replace(" +0000 UTC", "")
minute = made_at[:-3]
far, near = "2000-01-01 00:00:00", "2099-01-01 00:00"
begun = datetime.strptime(made_at, "%Y-%m-%d %H:%M:%S")
later, month_ago = begun + timedelta(minutes=1), begun + timedelta(minutes=1) - timedelta(days=30)
rows = [
    ({"first_party": phone(111)}, 1),
    ({"second_party": "13125550112"}, 1),
    ({"first_party": phone(199)}, 0),
    ({"status": "all"}, total),
    ({"status": "expired"}, 1),
    ({"status": "active"}, total - 1),
    ({"status": "in-progress"}, 0),
    ({"first_party": phone(111), "created_time": made_at}, 1),
    ({"first_party": phone(111), "created_time": minute}, 1),
    ({"created_time__gt": far}, total),
    ({"created_time__lt": near}, total),
    ({"created_time__gte": str(month_ago), "created_time__lte": str(later)}, total),
    ({"created_time__gte": str(month_ago)[:-3], "created_time__lte": str(later)[:-3]}, total),
    ({"first_party": phone(111), "created_time__lte": made_at, "created_time__gte": made_at}, 1),
    ({"first_party": phone(111), "created_time__lt": made_at}, 0),
    ({"first_party": phone(111), "created_time__gt": made_at}, 0),
    ({"first_party": phone(111), "expiry_time__gt": made_at}, 1),
    ({"first_party": phone(111), "expiry_time__gte": made_at}, 1),
    ({"first_party": phone(111), "expiry_time__lt": near}, 1),
    ({"first_party": phone(111), "expiry_time__lte": made_at}, 0),
    ({"first_party": phone(111), "expiry_time": updated.session.expiry_time.replace(" +0000 UTC", "")}, 1),
    ({"first_party": phone(111), "duration": updated.session.duration}, 1),
    ({"first_party": phone(111), "duration__gt": 599}, 1),
    ({"first_party": phone(111), "duration__gte": updated.session.duration}, 1),
    ({"first_party": phone(111), "duration__lt": updated.session.duration}, 0),
    ({"first_party": phone(111), "duration__lte": updated.session.duration}, 1),
    ({"virtual_number": session.virtual_number, "first_party": phone(111)}, 1),
    ({"limit": 1, "offset": 1}, total),
]
for filters, expected in rows:
    check(f"list {filters}", count(**filters), expected)
for name in ["created_time_gte", "created_time_gt", "created_time_lte", "created_time_lt"]:
    right = {"first_party": phone(111), name.replace("_time_", "_time__"): made_at}
    alias = raw.get(ALL, params={"first_party": phone(111), name: made_at}).json()["response"]["meta"]["total_count"]
    check(f"{name}, as Node's client says it", alias, count(**right))

# ── Every documented error ───────────────────────────────────────────────────────────────────────────────────────────

WRONG = exceptions.ValidationError
OUTSIDE = "Invalid parameter. {} is outside the allowed range."
MISSING = "Mandatory parameter missing. {} must be present."
for name, values in {
    "session_expiry": [59, 86401, -1], "call_time_limit": [59, 86401], "ring_timeout": [4, 601],
    "virtual_number_cooloff_period": [-1, 3601],
}.items():
    for value in values:
        told(f"{name}={value}", WRONG, OUTSIDE.format(name), lambda: create(131, 132, **{name: value}))
for name, values in {"pin_retry": [-1, 6], "pin_retry_wait": [4, 11], "generate_pin_length": [3, 16]}.items():
    for value in values:
        body = {"first_party": phone(131), "second_party": phone(132), name: value}
        check(f"{name}={value}", raw.post(ALL, json=body).json()["error"], OUTSIDE.format(name))
told("no second party", WRONG, MISSING.format("second_party"), lambda: sessions.create_masking_session(first_party=phone(131)))
told("no first party", WRONG, MISSING.format("first_party"), lambda: sessions.create_masking_session(second_party=phone(131)))
for name in ["first_party", "second_party"]:
    for value in ["123", "sip:ana@example.com", "ana"]:
        body = {"first_party": phone(131), "second_party": phone(132), name: value}
        error = raw.post(ALL, json=body)
        got = (error.status_code, error.json()["error"])
        check(f"{name}={value}", got, (400, f"Invalid parameter. {name} is not a valid phone number."))
LONG = "https://a.example/" + "x" * 1000
for body, text in [
    ({"record": "maybe"}, "record allowed values are true or false."),
    ({"record_file_format": "ogg"}, "record_file_format allowed values are mp3 or wav."),
    ({"recording_callback_url": "nowhere"}, "recording_callback_url should be a valid URL."),
    ({"recording_callback_url": LONG}, "recording_callback_url should be under 1000 characters."),
    ({"callback_method": "PUT"}, "callback_method allowed values are GET or POST."),
    ({"session_expiry": "soon"}, "session_expiry must be an integer."),
]:
    for where, more in [(ALL, {"first_party": phone(131), "second_party": phone(132)}), (ONE, {})]:
        error = raw.post(where, json={**more, **body})
        check(f"{body} at {where[-20:]}", (error.status_code, error.json()["error"]), (400, "Invalid parameter. " + text))
told("one phone twice", WRONG, "Invalid parameter. first_party and second_party should be different.", lambda: create(131, 131))
told("PINs alike", WRONG, "Invalid parameter. first_party_pin and second_party_pin should be different.", lambda: create(
    131, 132, is_pin_authentication_required=True, first_party_pin="1234", second_party_pin="1234", pin_prompt_play=PIN_SOUND))
told("no PIN", WRONG, MISSING.format("second_party_pin"), lambda: create(
    131, 132, is_pin_authentication_required=True, first_party_pin="1234", pin_prompt_play=PIN_SOUND))
told("no sound", WRONG, MISSING.format("pin_prompt_play"), lambda: create(
    131, 132, is_pin_authentication_required=True, generate_pin=True))
told("an update out of range", WRONG, OUTSIDE.format("session_expiry"), lambda: sessions.update_masking_session(
    made.session_uuid, session_expiry=5))
told("abroad", exceptions.GeoPermissionError,
     "second_party may not be called: its region GB is not enabled for this account, or it is no ordinary number.",
     lambda: sessions.create_masking_session(first_party=phone(131), second_party="+442079460123"))
told("no such session", exceptions.ResourceNotFoundError, "Session not found.", lambda: sessions.get_masking_session("nothing"))
told("a wrong token", exceptions.AuthenticationError, "Authentication failed. Send auth_id and auth_token by HTTP Basic.",
     lambda: plivo.RestClient(ACCOUNT, "wrong").masking_sessions.list_masking_session())
told("another account", exceptions.AuthenticationError, "Authentication failed. Send auth_id and auth_token by HTTP Basic.",
     lambda: plivo.RestClient("MAXXXXXXXXXXXXXXXXXX", TOKEN).masking_sessions.list_masking_session())
error = raw.put(ALL, json={})
check("a method", (error.status_code, error.json()["error"], error.headers["allow"]), (405, "Method not allowed.", "GET, HEAD, POST"))
# Each of the two numbers takes a pair once: the terms differ, so that these are no repeats.
create(141, 142, session_expiry=61)
create(141, 142, session_expiry=62)
told("no number is left", WRONG, "Number pool exhausted or not available.", lambda: create(141, 142, session_expiry=63))

# ── As the other clients send it ─────────────────────────────────────────────────────────────────────────────────────

CURL = '{\n  "record": "true",\n  "recording_callback_url": "https://www.example.com/recording"%s\n  }'
JSON = {"Content-Type": "application/json"}
error = raw.post(ONE.rstrip("/"), data=CURL % ",", headers=JSON)
check("the documents' own example", (error.status_code, error.json()["error"]),
      (400, "Invalid JSON: trailing comma at line 4 column 3."))
right = raw.post(ONE.rstrip("/"), data=CURL % "", headers=JSON)
check("and without the comma", (right.status_code, right.json()["session"]["record"]), (200, True))
for what, body, field, value in [
    ("Node, update", {"session_expiry": 120}, "session_expiry", 120),
    ("PHP, update", {"call_time_limit": 3600}, "call_time_limit", 3600),
    ("Go, update: the expiry is always sent", {"session_expiry": 0, "ring_timeout": 20}, "session_expiry", 120),
    ("whole numbers as texts", {"session_expiry": "180"}, "session_expiry", 180),
]:
    answer = raw.post(ONE, json=body)
    check(what, (answer.status_code, answer.json().get("session", {}).get(field)), (200, value))
answer = raw.post(ALL, json={"first_party": phone(143), "create_session_with_single_Party": True, "session_expiry": 0})
check("Go, create: a capital P and no expiry", (answer.status_code, answer.json()["session"]["session_expiry"]), (201, 3600))
answer = raw.delete(ALL + answer.json()["session_uuid"], json={})
check("Node, delete", (answer.status_code, answer.json()["message"]), (200, "Session expired"))

# ── Too many at once: last, for it spoils the next five seconds ──────────────────────────────────────────────────────

time.sleep(5)
with ThreadPoolExecutor(8) as pool:
    statuses = list(pool.map(lambda _: requests.get(ONE, auth=(ACCOUNT, TOKEN)).status_code, range(320)))
check("at most 300 in 5 seconds", (set(statuses) <= {200, 429}, 300 <= statuses.count(200) < 320), (True, True))

print(f"{CHECKED - FAILED} passed, {FAILED} failed")
sys.exit(1 if FAILED else 0)
