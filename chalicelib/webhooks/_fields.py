"""What the keys of a body mean where nobody mapped them: our field names and their common aliases.

`recognise` takes a body's keys apart; `read` does that, or what the endpoint's mapping says.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from functools import lru_cache

from chalicelib import errors
from chalicelib.intake.signals import is_signal
from chalicelib.model import Raw
from chalicelib.noun import noun
from chalicelib.webhooks import _mapping, _taming

MAX_LEAVES = 1000

# Aliases as `plain` spells them: lower case, without accents, words joined by `_`.
ALIASES: Mapping[str, str] = {
    "email": "e_mail mail email_address e_mail_address emailaddress your_email work_email"
    " user_email contact_email business_email correo correo_electronico endereco_de_email",
    "phone": "tel telephone phone_number phonenumber telephone_number mobile mobile_phone"
    " mobile_number cell cell_phone cellphone your_phone your_tel work_phone user_phone"
    " contact_phone phone_full telefono telefone movil celular",
    "first_name": "firstname first fname given_name givenname forename name_first nombre",
    "last_name": "lastname last lname surname family_name familyname name_last apellido apellidos"
    " sobrenome",
    "full_name": "name fullname your_name contact_name name_full display_name nombre_completo"
    " nome_completo nome",
    "company": "company_name companyname organization organisation organization_name"
    " organisation_name business business_name your_company empresa",
    "job_title": "jobtitle job position cargo puesto",
    "website": "web web_site site homepage company_website company_url website_url sitio_web",
    "country": "country_code country_name pais",
    "region": "state province state_province state_region county provincia estado",
    "city": "town locality ciudad cidade",
    "postal_code": "zip zipcode zip_code postcode post_code postal postalcode codigo_postal cep",
    "address": "street street_address address_line_1 address_line1 address1 address_1 addr_line1"
    " line1 direccion endereco",
    "birth_date": "birthdate birthday date_of_birth dob fecha_de_nacimiento",
    "language": "lang locale preferred_language idioma",
    "message": "comment comments your_message enquiry inquiry mensaje mensagem",
    "notes": "note",
    "interest": "interests product_interest interested_in",
    "consent": "gdpr gdpr_consent opt_in optin marketing_consent marketing_opt_in"
    " accepts_marketing privacy_consent",
}
# What attribution reads, beside the campaign tags and click ids that go by their own names.
SIGNALS: Mapping[str, str] = {
    "page": "page_url landing_page landing_page_url",
    "referrer": "referer referrer_url http_referer",
    "gclid": "gcl_id",
}
# Objects that hold the person and say nothing by themselves. `owner` or `agent` are not among
# them: their e-mail is somebody else's.
_ENVELOPES = frozenset(("data", "fields", "values", "properties", "attributes", "payload", "body"))
_ENVELOPES |= {"lead", "contact", "person", "customer", "form", "submission", "record", "address"}
_MANY = frozenset(("interest",))
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_APART = re.compile(r"[^\w]+|_+")


def _by_alias(table: Mapping[str, str]) -> dict[str, str]:
    spellings = {alias: name for name, aliases in table.items() for alias in aliases.split()}
    return spellings | {name: name for name in table}


_FIELDS = _by_alias(ALIASES)
_SIGNALS = _by_alias(SIGNALS)


@noun
class Found:
    """What was found for one lead; the parts of an `Event` that come from its data."""

    fields: Mapping[str, Raw]
    signals: Mapping[str, str]
    extra: Mapping[str, Raw]
    external_ids: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    submitted_at: datetime | None = None


def plain(key: str) -> str:
    """A key in the one spelling that aliases have: `E-Mail`, `eMail` and `e mail` are `e_mail`."""
    return _plain(key[:100])


@lru_cache(maxsize=2048)
def _plain(key: str) -> str:
    """A form's deliveries have the same few keys, each asked for several times."""
    words = _APART.split(_CAMEL.sub("_", key))
    folded = unicodedata.normalize("NFKD", "_".join(w for w in words if w))
    return "".join(c for c in folded if not unicodedata.combining(c)).casefold()


def field_of(key: str) -> str:
    """The standard field that a key or label names, or the empty text."""
    return _FIELDS.get(plain(key), "")


def signal_of(key: str) -> str:
    """The signal that a key names, or the empty text."""
    name = plain(key)
    return name if is_signal(name) else _SIGNALS.get(name, "")


def settle(name: str, value: Raw) -> Raw:
    """What a field takes of a value: one plain value of a list, unless it may hold several.

    None where there is nothing that a field can hold (an object, an empty list).
    """
    if not isinstance(value, list):
        return None if isinstance(value, dict) or _taming.blank(value) else value
    held = [v for v in value if isinstance(v, str | int) and not _taming.blank(v)]
    if len(held) > 1 and (name in _MANY or name not in ALIASES):
        return [*held]
    return held[0] if held else None


def recognise(data: Mapping[str, Raw]) -> Found:
    """Sort a body's keys into fields, signals and the rest; the first of two for one field wins."""
    fields: dict[str, Raw] = {}
    signals: dict[str, str] = {}
    extra: dict[str, Raw] = {}
    when = None
    for path, value in sorted(leaves(data), key=lambda leaf: len(leaf[0])):
        name = leaf_name(path)
        if signal := signal_of(name):
            signals.setdefault(signal, _taming.text(value))
        elif plain(name) == "submitted_at" and (when := when or _taming.moment(value)):
            continue
        else:
            take(_FIELDS.get(plain(name), ""), ".".join(path), value, fields, extra)
    return Found(fields, {k: v for k, v in signals.items() if v}, extra, submitted_at=when)


def read(data: Mapping[str, Raw], mapping: Mapping[str, str], body: Raw, scope: str) -> Found:
    """What one lead's data hold: by the endpoint's mapping if it has one, else by their names.

    A mapping's paths begin at `body`. Beside fields and signals it may name `event_id`,
    `submitted_at` and `external_id`, the person's id in the system `scope`.
    """
    if not mapping:
        return recognise(data)
    found = _mapping.look_up(mapping, body)
    read_whole = {_mapping.keys(mapping[name]) for name in found}
    whole = body if isinstance(body, dict) else data
    rest = {".".join(p): v for p, v in leaves(whole) if p not in read_whole}
    return assign(found, rest, scope)


def assign(found: Mapping[str, Raw], rest: Mapping[str, Raw], scope: str) -> Found:
    """Give what a mapping found its places; what its field cannot hold joins the rest."""
    fields: dict[str, Raw] = {}
    signals: dict[str, str] = {}
    extra = dict(rest)
    for name, value in found.items():
        if signal := signal_of(name):
            signals[signal] = _taming.text(value)
        elif name not in RESERVED:
            take(name, name, value, fields, extra)
    person = _taming.text(found.get("external_id"))
    return Found(
        fields,
        {k: v for k, v in signals.items() if v},
        extra,
        external_ids={scope: person} if person else {},
        key=_taming.text(found.get("event_id")),
        submitted_at=_taming.moment(found.get("submitted_at")),
    )


RESERVED = frozenset(("event_id", "submitted_at", "external_id"))


def take(name: str, path: str, value: Raw, fields: dict[str, Raw], extra: dict[str, Raw]) -> None:
    """Put a value into its field; keep in `extra` what has no field, or does not fit in whole."""
    settled = settle(name, value) if name and name not in fields else None
    if settled is not None:
        fields[name] = settled
    whole = value in (settled, [settled])
    if not whole and not _taming.blank(value):
        extra[path] = value


def leaves(data: Mapping[str, Raw]) -> Iterator[tuple[tuple[str, ...], Raw]]:
    """Every value that is no object, with the keys that lead to it; in order, bounded."""
    count = 0
    waiting: list[tuple[tuple[str, ...], Raw]] = [((), dict(data))]
    while waiting:
        path, value = waiting.pop()
        count += len(value) if isinstance(value, dict) else 0
        if count > MAX_LEAVES:
            raise errors.TooLarge("one lead holds too many values")
        if isinstance(value, dict):
            waiting.extend(((*path, k), v) for k, v in reversed(value.items()))
        elif not _taming.blank(value):
            yield path, value


def leaf_name(path: tuple[str, ...]) -> str:
    """The name that a path spells: Zapier's `contact__email` is `contact` and `email`.

    `#text` is what an XML element with attributes says: it goes by the element's name.
    """
    words = [word for key in path for word in key.split("__") if word and key != "#text"]
    while len(words) > 1 and plain(words[0]) in _ENVELOPES:
        words = words[1:]
    return "_".join(words)
