"""What the program makes of answers: exit codes, one sentence, and what goes out again."""

import pytest

from tests.cli.conftest import KEY
from tests.cli.harness import Terminal
from tests.cli.scripted import Reply, Scripted, problem

EMPTY = Reply(200, {"items": [], "next": None})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, 1), (401, 3), (403, 3), (404, 4), (409, 5), (410, 4), (412, 5), (413, 1), (415, 1),
        (422, 1), (429, 6), (500, 6), (502, 6), (503, 6), (504, 6),
    ],
)  # fmt: skip
def test_the_exit_code_says_whose_turn_it_is(
    inlet: Terminal, script: Scripted, status: int, code: int
) -> None:
    """One sentence with the stable code on standard error, and nothing on the output."""
    script.replies = [problem(status, "some_code", "It is so.")]
    ran = inlet("leads")
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.splitlines()[-1] == "Error: It is so (some_code)"


def test_every_problem_is_told_with_its_place_and_code(inlet: Terminal, script: Scripted) -> None:
    """In one line, with what would be right."""
    typo = {"field": "email", "code": "email_typo", "message": "A typo.", "suggestion": "a@b.org"}
    phone = {"field": "phone", "code": "phone_invalid", "message": "No phone."}
    script.replies = [problem(422, "invalid", "the content is invalid", errors=[typo, phone])]
    assert inlet("leads", "add", "email=a@b.orgg").err == (
        "Error: email: A typo (perhaps a@b.org) (email_typo); phone: No phone (phone_invalid)\n"
    )


@pytest.mark.parametrize(("locale", "asked", "told"), [
    ("es_ES.UTF-8", "es", "Title of gone"), ("C.UTF-8", "en", "It went"), ("de_DE", "en", "It went"),
])  # fmt: skip
def test_messages_come_in_the_locales_language(
    inlet: Terminal, script: Scripted, locale: str, asked: str, told: str
) -> None:
    """Where the API has it; a title is translated, a detail is not."""
    inlet.set(LC_ALL=locale)
    script.replies = [problem(404, "gone", "It went.")]
    assert inlet("leads").err == f"Error: {told} (gone)\n"
    assert script.asked[0].headers["accept-language"] == asked


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, raw=b"<html>a proxy</html>"),
        Reply(200, raw=b"\xff\xfe"),
        Reply(403, {"message": "Missing Authentication Token"}),
        Reply(500, raw=b"[" * 100_000),
        Reply(418, ["tea"]),
        Reply(200, ["tea"]),
        Reply(200, {"ok": True}),
        Reply(204),
        Reply(302, headers={"Location": "https://elsewhere.test/"}),
    ],
)
def test_what_is_no_answer_of_inlet_ends_in_a_sentence(
    inlet: Terminal, script: Scripted, reply: Reply
) -> None:
    """Never in a trace."""
    script.replies = [reply]
    ran = inlet("leads")
    assert ran.code in {1, 3, 6}
    assert ran.err.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in ran.err


def test_what_is_busy_is_asked_again(inlet: Terminal, script: Scripted) -> None:
    """After the time it asks for; it says so beside the output."""
    script.replies = [Reply(503, headers={"Retry-After": "7"}), Reply(429), Reply(502), EMPTY]
    ran = inlet.done("leads", "--json")
    assert len(script.asked) == 4
    assert (ran.out, ran.err.splitlines()[0]) == ("", "the stage is busy; once more in 7 s")


def test_it_gives_up_in_the_end(inlet: Terminal, script: Scripted) -> None:
    """Unavailable, after five attempts."""
    script.replies = [problem(503, "unavailable", "The store does not answer.")]
    assert inlet("leads").code == 6
    assert len(script.asked) == 5


def test_a_write_under_a_key_goes_out_again_under_the_same(
    inlet: Terminal, script: Scripted
) -> None:
    """So that it takes effect once, though its answer was lost; another command has another key."""
    done = Reply(201, {"receipt": "1", "fate": "created", "lead": "2"})
    script.replies = [Reply(0), Reply(503), done]
    inlet.done("leads", "add", "email=ana@x.org")
    inlet.done("leads", "add", "email=ana@x.org")
    keys = [each.headers["idempotency-key"] for each in script.asked]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]


@pytest.mark.parametrize(
    "command",
    [
        ("keys", "create", "--role", "viewer"),
        ("submissions", "release", "1"),
        ("leads", "merge", "1", "2"),
        ("forms", "rollback", "shop", "1"),
    ],
)
def test_a_write_without_a_key_goes_out_once(
    inlet: Terminal, script: Scripted, command: tuple[str, ...]
) -> None:
    """Whether its answer was lost or it was told to come later."""
    for reply in (Reply(0), Reply(503)):
        script.replies, script.asked[:] = [reply], []
        assert inlet(*command).code == 6
        assert len(script.asked) == 1


def test_a_deletion_whose_answer_was_lost_is_done(inlet: Terminal, script: Scripted) -> None:
    """What is not there the second time went the first time; never there at all is not found."""
    script.replies = [Reply(0), problem(404, "not_found", "no such key")]
    inlet.done("keys", "revoke", "1", "--yes")
    assert inlet("keys", "revoke", "1", "--yes").code == 4


def test_a_guarded_write_whose_answer_was_lost_does_not_go_out_again(
    inlet: Terminal, script: Scripted
) -> None:
    """The second would find the version that the first made."""
    script.replies = [Reply(0)]
    assert inlet("forms", "push", "-", "--name", "shop", "--if-version", "3", stdin="{}").code == 6
    assert len(script.asked) == 1
    assert script.asked[0].headers["if-match"] == '"3"'


def test_nobody_there_is_said_at_once(inlet: Terminal, script: Scripted) -> None:
    """A refused connection is no busy stage."""
    inlet.set(INLET_URL="http://127.0.0.1:1")
    ran = inlet("leads")
    assert (ran.code, ran.err) == (
        6, "Error: http://127.0.0.1:1 does not answer: Connection refused (unreachable)\n"
    )  # fmt: skip


def test_the_key_goes_to_its_stage_alone(inlet: Terminal, script: Scripted) -> None:
    """A redirect is not followed with it: a file is fetched without."""
    place = f"{script.url}/bucket/leads.xlsx?signature=1"
    script.replies = [Reply(303, headers={"Location": place}), Reply(200, raw=b"a workbook")]
    inlet.done("template", "-o", "t.xlsx")
    first, second = script.asked
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in second.headers


def test_the_key_is_shown_nowhere(inlet: Terminal, script: Scripted) -> None:
    """Not in an error, a usage, a help text."""
    said = ""
    for arguments in (("--help",), ("leads", "--bogus"), ("--key", KEY, "leads"), ("status",)):
        script.replies = [problem(500, "internal", "Something went wrong.")]
        ran = inlet(*arguments)
        said += ran.out + ran.err
    inlet.set(INLET_URL=f"http://{KEY}@127.0.0.1:1")
    said += inlet("leads").err
    assert KEY not in said


def test_a_list_is_read_page_after_page(inlet: Terminal, script: Scripted) -> None:
    """As far as is asked for, through short and empty pages; with 0 to the end."""

    def page(count: int, following: str | None) -> Reply:
        keys = [{"kind": "email", "hint": "a***", "reasons": [], "channels": [], "updated_at": ""}]
        return Reply(200, {"items": keys * count, "next": following})

    script.replies = [page(2, "a"), page(0, "b"), page(2, None)]
    assert len(inlet.done("suppressions", "--limit", "0", "--json").lines) == 4
    script.replies = [page(100, "a"), page(20, "b")]
    assert len(inlet.done("suppressions", "--limit", "120", "--json").lines) == 120
    limits = [each.path.partition("limit=")[2].partition("&")[0] for each in script.asked]
    assert limits == ["100", "100", "100", "100", "20"]


def test_what_strangers_typed_does_nothing_to_the_terminal(
    inlet: Terminal, script: Scripted
) -> None:
    """Neither on the output nor in an error; JSON keeps it, escaped."""
    hostile = "\x1b]0;pwned\x07\u202eevil\n[red]\tx"
    item = {"kind": hostile, "hint": "a***", "reasons": [], "channels": [], "updated_at": ""}
    script.replies = [Reply(200, {"items": [item], "next": None})]
    (row,) = inlet.done("suppressions").rows
    assert row[0] == "]0;pwnedevil [red] x"
    ran = inlet.done("suppressions", "--json")
    assert not any(letter in ran.out for letter in "\x1b\x07\u202e")
    assert ran.lines[0]["kind"] == hostile
    script.replies = [problem(409, "conflict", hostile)]
    assert not any(letter in inlet("suppressions").err for letter in "\x1b\x07\u202e\t")


def test_a_file_that_breaks_off_is_not_there(inlet: Terminal, script: Scripted) -> None:
    """The old one stays as it was; nothing half-written lies beside it."""
    from pathlib import Path

    Path("t.xlsx").write_text("the old one")
    place = Reply(303, headers={"Location": f"{script.url}/bucket"})
    short = Reply(200, raw=b"half", headers={"Content-Length": "100"})
    script.replies = [place, short]
    assert inlet("template", "-o", "t.xlsx", "--force").code == 6
    assert [each.name for each in Path().iterdir() if each.is_file()] == ["t.xlsx"]
    assert Path("t.xlsx").read_text() == "the old one"


def test_an_upload_that_broke_off_is_sent_again(inlet: Terminal, script: Scripted) -> None:
    """To the same address with the same fields: the import has one file."""
    from pathlib import Path

    Path("a.csv").write_text("email\na@x.org\n")
    upload = {"url": f"{script.url}/bucket", "fields": {"key": "inbox/a.csv", "policy": "p"}}
    script.replies = [
        Reply(201, {"import": "1", "upload": upload}), Reply(503), Reply(204),
        Reply(200, {"import": "1", "key": "inbox/a.csv", "status": "queued", "rows": 0}),
    ]  # fmt: skip
    assert inlet.done("import", "a.csv", "--source", "fair", "--json").json["status"] == "queued"
    sent = [each for each in script.asked if each.path == "/bucket"]
    assert len(sent) == 2
    assert sent[0].body.partition(b"\r\n")[2].count(b"a@x.org") == 1
    assert all(b'name="policy"' in each.body and b"a@x.org" in each.body for each in sent)


def test_an_import_that_fails_ends_in_1(inlet: Terminal, script: Scripted) -> None:
    """With its own code; one that was cancelled too."""
    counts = dict.fromkeys(
        (
            "rows",
            "created",
            "merged",
            "unchanged",
            "repeated",
            "quarantined",
            "rejected",
            "ignored",
        ),
        0,
    )
    for status, said in (("failed", "No such sheet (sheet_unknown)"), ("cancelled", "cancelled")):
        content = {
            "import": "1", "key": "inbox/a.csv", "status": status, **counts, "codes": {},
            "code": "sheet_unknown", "detail": "No such sheet",
        }  # fmt: skip
        script.replies = [Reply(200, content)]
        ran = inlet("imports", "watch", "1")
        assert ran.code == 1
        assert said in ran.err
