"""Scripts, formulas, headers and templates sent through every public field: harmless wherever
they come out again. Each check is proven to find a payload that was not made harmless."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from chalicelib import errors, http
from chalicelib.admin.routes import ROUTES
from chalicelib.aws.mail import FolderMailer
from chalicelib.doors import front
from chalicelib.doors.catalogue import Catalogue
from chalicelib.mail.deliver import Delivery
from chalicelib.model import Response
from chalicelib.presets import SHELF as PRESETS
from tests.admin.marked import names
from tests.console.crawl import crawl, entries, filled, shelf
from tests.console.visitor import Visitor
from tests.live import asked
from tests.road import harmless
from tests.road.harmless import MARK, PAYLOADS
from tests.road.town import Town

ENDPOINT = "g-3f9aQ7xLm2Zt8Kc5Rv1Wy6"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
FORM = "application/x-www-form-urlencoded"
TEXTS = list(PAYLOADS.values())


def spoiled(number: int) -> dict[str, str]:
    """A person whose every value is hostile, a payload each; only the address is one."""
    given = (
        "first_name",
        "last_name",
        "company",
        "job_title",
        "city",
        "address",
        "notes",
        "message",
    )
    turned = {name: TEXTS[(number + at) % len(TEXTS)] for at, name in enumerate(given)}
    return {"email": f"{MARK}{number}@example.org", **turned}


@pytest.fixture(scope="module")
def town() -> Town:
    """A stage into which every payload was sent by every door, in every public place."""
    made = Town()
    configure(made)
    for number, text in enumerate(TEXTS):
        by_form(made, number, text)
        by_webhook(made, number, text)
        by_api(made, number, text)
    by_file(made)
    return made


def configure(town: Town) -> None:
    """A form with mails, whose own words are hostile too; an endpoint; a field."""
    fields: dict[str, Any] = {name: {} for name in spoiled(0)}
    fields |= {"email": {"required": True}, "consent": {}}
    fields["city"] = {"label": {"en": PAYLOADS["script"]}, "help": {"en": PAYLOADS["attribute"]}}
    fields["own"] = {
        "type": "choice",
        "choices": [PAYLOADS["script"], PAYLOADS["formula"]],
        "label": {"en": PAYLOADS["formula"]},
    }
    form = {
        "fields": fields,
        "title": {"en": PAYLOADS["end of a text"]},
        "thanks": {"en": PAYLOADS["svg"]},
        "notify": {"to": ["sales@example.org"]},
        "autoresponse": {"subject": {"en": "{first_name}"}, "text": {"en": "{first_name} {notes}"}},
        "double_opt_in": {"days": 3},
    }
    town.ask("PUT", "/forms/{form}", body=form, form="contact")
    own = {"type": "text", "label": {"en": PAYLOADS["formula"], "es": PAYLOADS["script"]}}
    town.ask("PUT", "/fields/{field}", body=own, field="zq_own")
    endpoint = {"provider": "generic", "source": {"name": PAYLOADS["script"]}}
    town.ask("PUT", "/endpoints/{endpoint}", body=endpoint, endpoint=ENDPOINT)


def by_form(town: Town, number: int, text: str) -> None:
    """As values, unknown names, pages, languages and campaigns: by a program and by a browser."""
    page = f"https://shop.test/{text}?utm_source={text}&gclid={text}"
    told = {
        **spoiled(number),
        "utm_campaign": text,
        "_page": page,
        "_referrer": text,
        "consent": "yes",
    }
    body = json.dumps(told).encode()
    sent = {"content_type": "application/json", "accept": "application/json"}
    assert town.form("POST", "contact", body, **sent).status == 200
    for odd in ({"_language": text}, {"_redirect": text}, {text: text}, {"own": text}):
        answer = town.form(
            "POST",
            "contact",
            urlencode({**told, **odd}).encode(),
            content_type=FORM,
            accept=BROWSER,
        )
        harm(answer, f"form, {next(iter(odd))[:20]}")
    wrong = urlencode({**told, "email": text}).encode()
    answer = town.form("POST", "contact", wrong, content_type=FORM, accept=BROWSER)
    assert answer.status == 422
    assert MARK in str(answer.body)
    harm(answer, "form, typed again")
    harm(
        town.form("GET", "contact", query={"lang": text, "x": text}, accept=BROWSER), "form, query"
    )


def by_webhook(town: Town, number: int, text: str) -> None:
    """As values, names and campaigns of a delivery."""
    told = {**spoiled(number), text: text, "utm_source": text, "email": f"{MARK}w{number}@x.org"}
    path = f"/webhooks/generic/{ENDPOINT}"
    request = asked("POST", path, json.dumps(told).encode(), content_type="application/json")
    assert front.webhook(cast("Any", town.live), "generic", ENDPOINT, request).status == 200


def by_api(town: Town, number: int, text: str) -> None:
    """As values, tags, ids, sources, notes, labels of keys, names of files and options."""
    person = {
        "values": {**spoiled(number), "email": f"{MARK}a{number}@x.org", "zq_own": text},
        "tags": [text],
        "external_ids": {"crm": text},
        "source": {"name": text, "campaign": text},
    }
    sent(town, "/leads", person)
    sent(town, "/leads", {**person, "tags": []})
    note = {"email": f"{MARK}s{number}@x.org", "reason": "bounced", "note": text}
    sent(town, "/suppressions", note)
    sent(town, "/keys", {"role": "viewer", "label": text})
    options = {"source": text, "tags": text, "campaign": text}
    sent(town, "/imports", {"filename": f"{text}.csv", "options": options})


def sent(town: Town, path: str, body: dict[str, Any]) -> None:
    """Post what may be refused, too: a refusal comes out as well."""
    try:
        town.post(path, body)
    except errors.InletError as error:
        harm(http.problem(error), path)


def by_file(town: Town) -> None:
    """As the names of folders, files, columns, tags and options, and in every cell."""
    header = ["email", "first_name", "company", "notes", "tags", "phone", *TEXTS]
    for number, text in enumerate(TEXTS):
        rows = [
            [f"{MARK}f{number}-{n}@x.org", *[each] * 4, "12", *TEXTS]
            for n, each in enumerate(TEXTS)
        ]
        rows += [["broken@", *[each] * 4, each, *TEXTS] for each in TEXTS]
        out = io.StringIO(newline="")
        csv.writer(out).writerows([header, *rows])
        plain = text.replace("/", "_")
        said = {"inlet-language": text, "inlet-tags": text}
        town.door.import_file(f"inbox/{plain}/{plain}/{plain}.csv", out.getvalue(), said)


def harm(made: Response, where: str) -> None:
    """Nothing in an answer does anything: its headers, and its body by its kind."""
    found = harmless.headers(made.headers)
    kind = {name.lower(): str(value) for name, value in made.headers.items()}.get(
        "content-type", ""
    )
    body = made.body if isinstance(made.body, str) else made.body.decode("utf-8", "replace")
    if kind.startswith("text/html"):
        found += harmless.page(body)
    elif kind.startswith("text/javascript"):
        found += harmless.script(body)
    elif kind.startswith("text/csv"):
        found += harmless.sheet(body)
    elif body:
        assert kind.startswith(("application/json", "application/problem+json")), (where, kind)
        json.loads(body)
    assert found == [], (where, found)


def read(town: Town, kind: str) -> Iterator[tuple[str, bytes]]:
    """The objects of the bucket whose names end so."""
    for stat in town.door.files.list(""):
        if stat.key.endswith(kind):
            yield stat.key, town.door.files.body(stat.key)


def test_a_form_shows_every_word_and_runs_none(town: Town) -> None:
    """The hosted page, its thanks, the script of it, in every language."""
    for language in ("en", "es", "pt", "fa", "zh"):
        page = town.form("GET", "contact", query={"lang": language}, accept=BROWSER)
        assert MARK in str(page.body)
        harm(page, f"page in {language}")
    live: Any = town.live
    for view, path in ((front.form_embed, "embed.js"), (front.form_thanks, "thanks")):
        request = asked("GET", f"/forms/contact/{path}", accept=BROWSER)
        made = view(live, "contact", request)
        assert MARK in str(made.body)
        harm(made, path)
    for wrong in TEXTS:
        request = asked(
            "GET", "/forms/contact/confirm", query={"c": wrong, "u": wrong}, accept=BROWSER
        )
        for view in (front.form_confirm, front.form_unsubscribe):
            harm(view(live, "contact", request), "a link that was not made by us")


def test_a_report_shows_and_runs_nothing(town: Town) -> None:
    """Headers, values, file names, options: text on the page, text in the rows to mend."""
    pages = list(read(town, "/report.html"))
    assert len(pages) == len(TEXTS)
    for key, body in pages:
        assert MARK in body.decode()
        assert harmless.page(body.decode()) == [], key
    rows = list(read(town, "/errors.csv"))
    assert len(rows) == len(TEXTS)
    for key, body in rows:
        assert harmless.sheet(body.decode()) == [], key


@pytest.mark.parametrize("layout", ["", *PRESETS.names()])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_an_export_runs_nothing(town: Town, kind: str, layout: str) -> None:
    """In our own layout and everybody's, headers and cells."""
    asked_for = {"format": kind, "layout": layout, "suppressed": True}
    name = town.post("/exports", asked_for)["export"]
    run_exports(town)
    told = town.get("/exports/{export}", export=name)
    assert (told["status"], told["rows"] > 2 * len(TEXTS)) == ("done", True)
    (key,) = [k for k, _ in read(town, f".{kind}") if name in k]
    body = town.door.files.body(key)
    if kind == "csv":
        assert harmless.sheet(body.decode()) == []
    elif kind == "xlsx":
        assert harmless.workbook(body) == []
    else:
        assert harmless.lines(body) == []


def run_exports(town: Town) -> None:
    """Let the workers write what was asked for."""
    from chalicelib.exports.run import run

    while waiting := town.door.chunks.take():
        for each in waiting:
            run(json.loads(each), town.live.outside)


def test_the_template_runs_nothing(town: Town) -> None:
    """Fields are named by their labels, which an editor wrote."""
    for language in ("en", "es"):
        made = town.ask("GET", "/template.csv", query={"language": language})
        assert isinstance(made, Response)
        harm(made, "template")
    town.ask("GET", "/template.xlsx", query={"language": "en"})
    (body,) = [body for key, body in read(town, "leads.xlsx")]
    assert harmless.workbook(body) == []


def test_a_mail_says_and_does_nothing(town: Town, tmp_path: Path) -> None:
    """To the owner and to the sender: no header more, nobody else's address, a page at rest."""
    live: Any = town.live
    delivery = Delivery(
        live.outside,
        Catalogue(town.table, live.outside.now),
        FolderMailer(tmp_path),
        "forms@example.org",
        "https://inlet.test",
    )
    for message in town.mails.sent:
        delivery.deliver(message)
    letters = [path.read_bytes() for path in tmp_path.glob("*.eml")]
    assert len(letters) >= 2 * len(TEXTS)
    for raw in letters:
        assert harmless.mail(raw) == []


def test_the_console_shows_every_word_and_runs_none(town: Town) -> None:
    """Every page that links lead to, and every form of theirs filled in with each payload."""
    visitor = Visitor.signed_in(cast("Any", town), "admin")
    seen = 0
    pages = list(crawl(visitor))
    for page in pages:
        if page.answer.headers:
            harm(page.answer, page.at)
        seen += MARK in str(page.answer.body)
    assert seen >= 5
    assert {page.at.removeprefix("/console") for page in pages} >= shelf()
    for number, (at, form) in enumerate(entries(pages)):
        for text in TEXTS[number % 3 :: 3]:
            visitor.get(at.removeprefix("/console"))
            answer = filled(visitor, form, text)
            # What the door itself refuses is a problem in JSON: `test_a_refusal…` holds those.
            if answer.headers:
                harm(answer, f"{at}: {form.action}")


def test_the_api_answers_json_and_nothing_that_a_browser_would_run(town: Town) -> None:
    """Every GET over all that lists name: its type is JSON or CSV, its headers are whole, and no
    browser guesses otherwise."""
    seen = 0
    for route in ROUTES:
        if route.method != "GET":
            continue
        for named in [*names(town, route)][:8]:
            answer = answered(town, route.path, **named)
            harm(answer, route.path)
            seen += MARK in str(answer.body)
            assert http.to_chalice(answer).headers["X-Content-Type-Options"] == "nosniff"
    assert seen > 10


def answered(town: Town, path: str, method: str = "GET", **rest: Any) -> Response:
    """A call of the API as HTTP answers it, a refusal too."""
    try:
        made = town.ask(method, path, **rest)
    except errors.InletError as error:
        return http.problem(error)
    return made if isinstance(made, Response) else http.json_response(made)


def test_a_refusal_repeats_what_was_sent_as_text(town: Town) -> None:
    """In a parameter, a path, a member's name: problem+json with whole headers."""
    for text in TEXTS:
        for path, rest in (
            ("/leads", {"query": {text: text}}),
            ("/leads", {"query": {"name": text, "cursor": text}}),
            ("/leads/{lead}", {"lead": text}),
            ("/forms/{form}", {"form": text}),
            ("/access", {"query": {"key": text, "lead": text}}),
        ):
            answer = answered(town, path, **cast("Any", rest))
            harm(answer, path)


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_checks_find_what_is_not_made_harmless(name: str) -> None:
    """Each payload, put raw where it belongs, is found by the check of its kind."""
    text = PAYLOADS[name]
    raw = {
        "page": harmless.page(f"<p>{text}</p><input value=\"{text}\"><b title='{text}'></b>"),
        "address": harmless.page(f'<a href="{text}">x</a>'),
        "script": harmless.script(f'var x = "{text}";\nvar y = {json.dumps("ok")};'),
        "sheet": harmless.sheet(f'"{text.replace(chr(34), chr(34) * 2)}",x'),
        "headers": harmless.headers({"X": text, "Location": text}),
    }
    by = {
        "formula": "sheet", "command": "sheet", "minus": "sheet", "at": "sheet", "tab": "sheet",
        "header": "headers", "address": "address", "data": "address", "separator": "script",
    }  # fmt: skip
    if name in ("template", "format", "quoted", "encoded"):
        return
    assert raw[by.get(name, "page")] != []


@pytest.mark.parametrize(
    ("place", "away"),
    [
        ("https://evil.test/x", True),
        ("//evil.test", True),
        ("/\\evil.test", True),
        (" \\\\evil.test/x", True),
        ("https://inlet.test@evil.test/", True),
        ("https://www.evil.test:8000/", True),
        ("javascript:x", True),
        ("/console/leads?q=http%3A%2F%2Fevil.test%2F", False),
        ("?with=//evil.test", False),
    ],
)
def test_the_check_knows_which_way_leads_away(place: str, away: bool) -> None:
    """By the host that a browser would ask, however it is written; what is searched for is none."""
    assert bool(harmless.headers({"Location": place})) == away
