"""The shapes of accounts, as JSON schemas."""

from chalicelib.admin.account_body import MOST_REVENUES
from chalicelib.admin.accounts import ROLES
from chalicelib.admin.sales_schemas import DAY, MONEY
from chalicelib.admin.schema_parts import (
    ID,
    NUMBER,
    TEXT,
    TIME,
    Schema,
    nullable,
    page,
    several,
    shape,
    word,
)
from chalicelib.store.account_items import Status
from chalicelib.store.opportunity import Period

_AMOUNT: Schema = {"anyOf": [MONEY, {"type": "number", "minimum": 0}]}
_WORTH = {"amount": MONEY, "currency": TEXT}
_REVENUE = {
    "product": TEXT,
    **_WORTH,
    "period": word(Period),
    "from": nullable(DAY),
    "to": nullable(DAY),
}
_BRIEF = shape({"id": ID, "name": TEXT, "domain": nullable(TEXT)})
_ACCOUNT = {
    "id": ID,
    "name": TEXT,
    "domain": nullable(TEXT),
    "status": word(Status),
    "website": TEXT,
    "industry": TEXT,
    "employees": nullable(NUMBER),
    "annual_revenue": nullable(shape(_WORTH)),
    "current_revenue": several(shape(_REVENUE)),
    "recurring": several(shape({"currency": TEXT, "mrr": MONEY, "arr": MONEY})),
    "merged_into": nullable(ID),
    "by": TEXT,
    "created_at": TIME,
    "updated_at": TIME,
    "version": NUMBER,
}
_SAID = {
    "name": nullable(TEXT),
    "status": nullable(word(Status)),
    "website": nullable(TEXT),
    "industry": nullable(TEXT),
    "employees": nullable({"type": "integer", "minimum": 0}),
    "annual_revenue": nullable(shape({**_WORTH, "amount": _AMOUNT})),
    "current_revenue": nullable(
        {
            "type": "array",
            "items": shape({**_REVENUE, "amount": _AMOUNT}, ("period", "from", "to")),
            "maxItems": MOST_REVENUES,
        }
    ),
}

ACCOUNTS = {
    "Account": shape(
        {**_ACCOUNT, "merged": several(_BRIEF), "namesakes": several(_BRIEF)},
    ),
    "AccountEntry": shape(_ACCOUNT),
    "AccountList": page("AccountEntry"),
    "NewAccount": shape({**_SAID, "domain": TEXT}, (*_SAID, "domain")),
    "AccountEdit": shape(_SAID, tuple(_SAID)),
    "AccountMerge": shape({"with": ID}),
    "AccountUnmerge": shape({"account": ID}),
    "AccountRole": shape({"role": nullable(word(ROLES))}),
}
