"""Accounts: the companies that leads are at, with their contacts, revenue and opportunities."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import errors
from chalicelib.admin import accounts as api
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._deals import plain_amount, words_of
from chalicelib.admin.console.pages._search import company
from chalicelib.model import Response
from chalicelib.store.account_items import Status
from chalicelib.store.opportunity import Period

_LIMIT = "50"
_TEXTS = ("name", "website", "industry")
_REVENUE = ("product", "amount", "currency", "period", "from", "to")
# So many empty lines for more revenue stand below what there is.
_MORE = 2


def list_accounts(desk: Desk) -> Response:
    """The newest accounts, or those that a name, a domain or a status finds."""
    page: Mapping[str, Any] = {"items": [], "next": None}
    problems: list[dict[str, str]] = []
    text, status = desk.query("q"), desk.query("status")
    wanted = company(text) or ({"status": status} if status else {})
    try:
        page = desk.get("/accounts", {**wanted, **desk.asked("cursor"), "limit": _LIMIT})
    except errors.Rejected as error:
        problems = desk.problems(error)
    return desk.show(
        "accounts.html",
        page=page,
        problems=problems,
        statuses=_words(desk, "status", Status),
        filtered=bool(wanted),
        q=text,
    )


def new_account(desk: Desk) -> Response:
    """What a new account is to be."""
    return _new(desk, {})


def create_account(desk: Desk) -> Response:
    """Make it; one that is there already is shown instead."""
    given = {name: text for name in ("name", "domain", "status") if (text := desk.field(name))}
    try:
        made = desk.post("/accounts", given)
    except errors.Rejected as error:
        return _new(desk, given, desk.problems(error))
    except errors.Conflict as error:
        if error.code != "account_exists":
            raise
        problem = {"field": "", "code": error.code, "message": desk.say("error_account_exists")}
        return _new(desk, given, [problem])
    return desk.go("accounts", made["id"], said="done_made")


def show_account(desk: Desk) -> Response:
    """One account: its contacts with their parts, its revenue, its deals, others of its name."""
    account = desk.get("/accounts/{account}", account=desk.name)
    query = {**desk.asked("cursor"), "limit": _LIMIT}
    contacts = desk.get("/accounts/{account}/leads", query, account=account["id"])
    deals: list[Any] = []
    if desk.may("GET /opportunities"):
        deals = desk.get("/opportunities", {"account": account["id"], "limit": "50"})["items"]
    return desk.show(
        "account.html",
        account=account,
        contacts=contacts,
        deals=deals,
        parts=_words(desk, "part", api.ROLES),
        words=words_of(desk),
    )


def edit_account(desk: Desk) -> Response:
    """What is said of an account, to be changed."""
    account = desk.get("/accounts/{account}", account=desk.name)
    return _edit(desk, account, _typed(account), str(account["version"]))


def save_account(desk: Desk) -> Response:
    """Say it; what somebody else changed meanwhile is not written over."""
    given: dict[str, Any] = {name: desk.field(name) for name in desk.form}
    given["current_revenue"] = _lines(desk)
    version = desk.field("version")
    try:
        made = desk.send(
            "PATCH", "/accounts/{account}", body_of(given), version=version, account=desk.name
        )
    except errors.Rejected as error:
        account = desk.get("/accounts/{account}", account=desk.name)
        return _edit(desk, account, given, version, desk.problems(error))
    return desk.go("accounts", made.content["id"], said="done_saved")


def body_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a form says as the API takes it: what is empty is cleared."""
    body: dict[str, Any] = {name: given.get(name) or None for name in _TEXTS}
    body["status"] = given.get("status") or None
    employees = str(given.get("employees") or "")
    plain = employees.isascii() and employees.isdigit() and len(employees) < 9
    body["employees"] = int(employees) if plain else employees or None
    worth = {
        "amount": plain_amount(str(given.get("amount_year") or "")),
        "currency": given.get("currency_year"),
    }
    body["annual_revenue"] = worth if worth["amount"] else None
    body["current_revenue"] = [
        {n: plain_amount(text) if n == "amount" else text for n, text in line.items() if text}
        for line in given.get("current_revenue", ())
        if line["product"] or line["amount"]
    ]
    return body


def merge(desk: Desk) -> Response:
    """Two accounts are one company."""
    made = desk.post("/accounts/{account}/merge", {"with": desk.field("with")}, account=desk.name)
    return desk.go("accounts", made["id"], said="done_merged")


def unmerge(desk: Desk) -> Response:
    """They are not, after all."""
    body = {"account": desk.field("account")}
    made = desk.post("/accounts/{account}/unmerge", body, account=desk.name)
    return desk.go("accounts", made["id"], said="done_parted")


def say_part(desk: Desk) -> Response:
    """What part one of the contacts has."""
    desk.send(
        "PUT",
        "/accounts/{account}/leads/{lead}",
        {"role": desk.field("part") or None},
        account=desk.name,
        lead=desk.field("lead"),
    )
    return desk.go("accounts", desk.name, said="done_saved")


def delete_account(desk: Desk) -> Response:
    """Remove one that nobody is at."""
    desk.send("DELETE", "/accounts/{account}", account=desk.name)
    return desk.go("accounts", said="done_deleted")


def _new(
    desk: Desk, given: Mapping[str, str], problems: Sequence[Mapping[str, str]] = ()
) -> Response:
    return desk.show(
        "account_new.html",
        given=given,
        statuses=_words(desk, "status", Status),
        problems=problems,
        status=422 if problems else 200,
    )


def _edit(
    desk: Desk,
    account: Mapping[str, Any],
    given: Mapping[str, Any],
    version: str,
    problems: Sequence[Mapping[str, str]] = (),
) -> Response:
    blank = dict.fromkeys(_REVENUE, "")
    return desk.show(
        "account_edit.html",
        account=account,
        given=given,
        version=version,
        lines=[*given["current_revenue"], *[blank] * _MORE],
        statuses=_words(desk, "status", Status),
        periods=_words(desk, "period", (Period.MONTHLY, Period.ANNUAL, Period.ONE_OFF)),
        problems=problems,
        status=422 if problems else 200,
    )


def _typed(account: Mapping[str, Any]) -> dict[str, Any]:
    """An account as its form shows it."""
    worth = account["annual_revenue"] or {}
    return {
        **{name: account[name] for name in (*_TEXTS, "status")},
        "employees": "" if account["employees"] is None else str(account["employees"]),
        "amount_year": worth.get("amount", ""),
        "currency_year": worth.get("currency", ""),
        "current_revenue": [
            {name: line[name] or "" for name in _REVENUE} for line in account["current_revenue"]
        ],
    }


def _lines(desk: Desk) -> list[dict[str, str]]:
    """The lines of revenue as they were typed."""
    columns = [desk.fields(name) for name in _REVENUE]
    return [dict(zip(_REVENUE, line, strict=True)) for line in zip(*columns, strict=False)]


def _words(desk: Desk, kind: str, codes: Sequence[str] | type[Status]) -> list[tuple[str, str]]:
    return [(str(code), desk.say(f"{kind}_{code}")) for code in codes]


PAGE = Page(
    {
        "GET": list_accounts,
        "GET /new": new_account,
        "POST /new": create_account,
        "GET /{name}": show_account,
        "GET /{name}/edit": edit_account,
        "POST /{name}/edit": save_account,
        "POST /{name}/merge": merge,
        "POST /{name}/unmerge": unmerge,
        "POST /{name}/part": say_part,
        "POST /{name}/delete": delete_account,
    },
    needs="GET /accounts",
    group="leads",
    order=30,
)
