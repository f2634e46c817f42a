"""Which company a lead is at, by its address or by its company's name."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.company import (
    Company,
    account_id,
    company_domain,
    company_in,
    fold_company,
    registrable,
)


@pytest.mark.parametrize(
    ("domain", "company"),
    [
        ("acme.com", "acme.com"),
        ("mail.acme.com", "acme.com"),
        ("news.acme.co.uk", "acme.co.uk"),
        ("acme.com.ar", "acme.com.ar"),
        ("acme.onmicrosoft.com", "acme.onmicrosoft.com"),
        ("пример.рф", "пример.рф"),
        ("mail.公司.cn", "mail.公司.cn"),
        ("gmail.com", ""),
        ("hotmail.es", ""),
        ("yahoo.co.uk", ""),
        ("qq.com", ""),
        ("gmial.com", ""),
        ("mailinator.com", ""),
        ("example.com", ""),
        ("mail.example.org", ""),
        ("acme.test", ""),
        ("acme.invalid", ""),
        ("localhost", ""),
    ],
)
def test_a_mail_domain_is_a_companys_unless_anybody_or_nobody_has_it(
    domain: str, company: str
) -> None:
    """Free, disposable, reserved and mistyped domains make no account; hosts are one company."""
    assert company_domain(domain) == company


def test_the_suffix_list_is_read_for_what_needs_it_alone() -> None:
    """Two labels tell themselves: a form's cold start does not load the list."""
    code = (
        "import sys; from chalicelib.intake.company import company_domain as c;"
        "c('acme.es'); early = 'publicsuffixlist' in sys.modules;"
        "c('mail.acme.es'); print(early, 'publicsuffixlist' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ACME, S.L.", "acme sl"),
        ("  Acme   Industries ", "ACME Industries"),
        ("Ａcme", "Acme"),
        ("شرکت نمونه", "شرکت‌نمونه"),
    ],
)
def test_case_width_spaces_and_punctuation_tell_no_companies_apart(left: str, right: str) -> None:
    """Anything else does: the legal form too."""
    assert fold_company(left) == fold_company(right) != ""
    assert fold_company("Acme") != fold_company("Acme SL")


@pytest.mark.parametrize(
    "word", ["-", "n/a", "None", "Autónomo", "自由职业", "ندارم", "12345", "x", "?"]
)
def test_what_stands_for_no_company_makes_no_account(word: str) -> None:
    """What people write where a form insists."""
    assert company_in({"company": word, "email": "ana@gmail.com"}) is None


def test_the_address_goes_before_the_name() -> None:
    """A name beside a company's address names the account; beside a free one it is the account."""
    assert company_in({"email": "ana@acme.es", "company": " Acme  SL "}) == Company(
        "d:acme.es", "Acme SL", "acme.es"
    )
    assert company_in({"email": "ana@gmail.com", "company": "Acme SL"}) == Company(
        "n:acmesl", "Acme SL", ""
    )
    assert company_in({"email": "ana@gmail.com"}) is None
    assert company_in({"email": None, "company": None}) is None
    assert company_in({"phone": "+34600123456", "company": "中"}) == Company("n:中", "中", "")


@given(st.text(max_size=60))
def test_folding_a_name_is_idempotent_and_raises_nothing(name: str) -> None:
    """Whatever somebody writes: what is folded folds to itself."""
    assert fold_company(fold_company(name)) == fold_company(name)


@given(st.from_regex(r"[a-z0-9.-]{1,40}", fullmatch=True) | st.text(max_size=40))
def test_any_domain_is_read_without_an_error(domain: str) -> None:
    """A registrable domain is its own."""
    found = company_domain(domain)
    assert not found or company_domain(found) == found
    registrable(domain)


def test_an_id_is_the_same_everywhere() -> None:
    """No secret goes into it: it must stay when the stage's secret changes."""
    assert account_id("d:acme.com") == "18cfb84d76baf98113bfc97b25228e1f"
