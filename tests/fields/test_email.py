"""The e-mail type says what email-validator says, only sooner."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.fields import Context
from chalicelib.fields._domains import suggest
from chalicelib.fields.email import judge, normalise
from chalicelib.intake.rules import FieldRule
from tests.fields.corpora import corpus

RULE = FieldRule("email", "email")

LOCAL = st.text(alphabet="abAB01.+-_'`{}=/?@ \"\\()é", min_size=0, max_size=70)
LABEL = st.text(alphabet="abZ019-éßµxn_", min_size=0, max_size=66)
ODD = (
    *("example.com", "EXAMPLE.com", "example.com.", "a.test", "localhost", "x.local", "1.2.3.4"),
    *("xn--exmple-cua.de", "xn--a.de", "ab--c.de", "-a.com", "a-.com", "[127.0.0.1]"),
)
DOMAIN = st.one_of(
    st.lists(LABEL, min_size=1, max_size=5).map(".".join),
    st.sampled_from(ODD),
)


def reference(text: str) -> str | None:
    """The lower-cased normal form by email-validator alone, or None."""
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def test_verdicts_are_those_of_the_reference_on_its_own_cases() -> None:
    """Every address of email-validator's tests is judged as email-validator judges it."""
    cases = corpus("email-validator/test_syntax.json")
    given = [case["email_input"] for case in cases if "email_input" in case]
    texts = [text if isinstance(text, str) else text[0] for text in given]
    texts += [f"{case['s']}@example.com" for case in cases if "s" in case]
    assert len(texts) > 200
    assert [t for t in texts if judge(t) != reference(t)] == []


def test_each_row_of_email_validators_cases_agrees_or_is_listed() -> None:
    """What the type makes of each differs for one of five reasons, which docs/fields.md gives."""
    cases = corpus("email-validator/test_syntax.json")
    listed = Counter(why for case in cases if (why := _differs(case)))
    assert listed == {"trimmed": 26, "unwrapped": 15, "quoted": 13, "strict": 3, "normalised": 1}
    docs = (Path(__file__).resolve().parents[2] / "docs" / "fields.md").read_text(encoding="utf-8")
    assert [f"| {n} |" in docs for n in listed.values()] == [True] * 5


def _differs(case: dict[str, Any]) -> str:
    """Why the type does not say what the case's answer is; the empty string where it does."""
    given = case.get("email_input", f"{case.get('s')}@example.com")
    text = given if isinstance(given, str) else given[0]
    normal = normalise(text, Context(), RULE)
    quoted = '"@' in text and "normalized_local_part" in case
    right = quoted or (case["output"]["normalized"] if "output" in case else None)
    if case["test"] == "test_pyisemail_tests":
        right = reference(text)
    if normal.value == (normalize("NFC", right.lower()) if isinstance(right, str) else right):
        return ""
    if normal.value is None:
        return "quoted" if '"@' in text else "refused"
    if normal.repairs:
        return normal.repairs[0].code.removeprefix("email_")
    if text.strip() != text:
        return "trimmed"
    return "strict" if case["test"].endswith("_strict") else "normalised"


@settings(max_examples=400)
@given(local=LOCAL, domain=DOMAIN, at=st.sampled_from(["@"] * 8 + ["", "@@"]))
@example(local="a" * 64, domain="b" * 63 + "." + "c" * 63 + "." + "d" * 57 + ".com", at="@")
@example(local="a" * 65, domain="b" * 63 + "." + "c" * 63 + "." + "d" * 57 + ".com", at="@")
@example(local="INFO", domain="Example.com", at="@")
def test_verdicts_are_those_of_the_reference(local: str, domain: str, at: str) -> None:
    """The fast path changes no verdict and no normal form."""
    text = local + at + domain
    expected = reference(text)
    assert judge(text) == (expected and normalize("NFC", expected))


@pytest.mark.parametrize(
    ("policy", "fatal"), [("block", True), ("flag", True), ("accept", False), ("", True)]
)
def test_an_invalid_address_is_refused_unless_accepted(policy: str, fatal: bool) -> None:
    """Invalid is fatal; under `accept` the value is left out and the problem stays as a flag."""
    normal = normalise("ana@", Context(checks={"email": policy} if policy else {}), RULE)
    assert normal.value is None
    assert [(p.code, p.fatal) for p in normal.problems] == [("email_invalid", fatal)]


@pytest.mark.parametrize(
    ("policy", "doubts"), [("block", [True]), ("flag", [False]), ("accept", [])]
)
def test_a_doubt_follows_the_policy(policy: str, doubts: list[bool]) -> None:
    """A mistyped domain is refused, flagged or let be; the value stays as it was written."""
    normal = normalise("ana@hotmial.com", Context(checks={"email": policy}), RULE)
    assert normal.value == "ana@hotmial.com"
    assert [p.fatal for p in normal.problems] == doubts


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        *(("gmial.com", "gmail.com"), ("gmai.com", "gmail.com"), ("gmaill.com", "gmail.com")),
        *(("gmail.con", "gmail.com"), ("gmail.co", "gmail.com"), ("gnail.con", "gmail.com")),
        *(("hotmal.es", "hotmail.es"), ("yahooo.com.br", "yahoo.com.br"), ("firm.con", "firm.com")),
        *(("outlok.com", "outlook.com"), ("gmail.cmo", "gmail.com"), ("iclod.com", "icloud.com")),
        *(("gmail.com", ""), ("mail.com", ""), ("ymail.com", ""), ("email.com", "")),
        *(("hotmail.dk", ""), ("hotmail.se", ""), ("yahoo.com.tr", ""), ("yahoo.co.id", "")),
        *(
            ("gmx.net", ""),
            ("terra.com.br", ""),
            ("gmail.es", ""),
            ("firm.co", ""),
            ("a.b.con", ""),
        ),
    ],
)
def test_suggestions_are_careful(domain: str, meant: str) -> None:
    """Slips of well-known providers are seen; real domains that look alike are left alone."""
    assert suggest(domain) == meant


def test_mailchecks_cases_agree_but_for_those_in_the_docs() -> None:
    """Each of mailcheck's cases gets its suggestion; docs/fields.md says why two do not."""
    cases = corpus("mailcheck/suggest_cases.json")["cases"]
    assert len(cases) == 21
    wrong = [c["email"] for c in cases if meant(c["email"]) != c["suggested_domain"]]
    assert wrong == ["test@emaildomain.co", "test@#gmail.com"]
    docs = (Path(__file__).resolve().parents[2] / "docs" / "fields.md").read_text(encoding="utf-8")
    assert [text for text in wrong if f"`{text}`" not in docs] == []


def meant(address: str) -> str | None:
    """The domain that we suggest for an address."""
    problems = normalise(address, Context(), RULE).problems
    return "".join(p.suggestion for p in problems).rpartition("@")[2] or None


@pytest.mark.parametrize(
    ("policy", "doubts"), [("block", [True]), ("flag", [False]), ("accept", [])]
)
def test_a_disposable_address_follows_the_policy(policy: str, doubts: list[bool]) -> None:
    """It is refused, kept with a flag, or let be."""
    normal = normalise("ana@mailinator.com", Context(checks={"email": policy}), RULE)
    assert normal.value == "ana@mailinator.com"
    assert [p.fatal for p in normal.problems if p.code == "email_disposable"] == doubts


def test_a_role_account_is_flagged_even_under_block() -> None:
    """An office may be a lead: it is never refused for that."""
    normal = normalise("info@example.com", Context(checks={"email": "block"}), RULE)
    assert [(p.code, p.fatal) for p in normal.problems] == [("email_role", False)]


def test_a_well_known_provider_needs_no_list() -> None:
    """The list of disposable domains is imported for a domain that nobody knows, and not before."""
    code = (
        "import sys; from chalicelib.fields.email import judge;"
        "judge('a@gmail.com'); early = 'disposable_email_domains' in sys.modules;"
        "judge('a@example.com'); late = 'disposable_email_domains' in sys.modules;"
        "sys.exit(early or not late)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_repair_tells_what_was_written() -> None:
    """An address is unwrapped, and not silently."""
    normal = normalise("Ana <Ana@example.com>", Context(), RULE)
    assert [(r.before, r.after) for r in normal.repairs] == [
        ("Ana <Ana@example.com>", "ana@example.com")
    ]


def test_no_resolver_is_imported() -> None:
    """Judging an address needs no DNS library, which would cost half a cold start."""
    code = (
        "import sys; from chalicelib.fields.email import judge;"
        "judge('a@b.com'); sys.exit('dns' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
