"""What one form, endpoint or import asks of its submissions, in the one shape the road reads."""

from collections.abc import Mapping
from dataclasses import field

from chalicelib.intake.stages import Stage
from chalicelib.model import Mode, Policy
from chalicelib.noun import noun


@noun
class FieldRule:
    """One field as a form or import wants it.

    `type` is the file name of a module on the fields shelf. `choices` are the allowed values of a
    choice. `label` maps a language to the words beside the input, `help` to those below it.
    `choice_labels` does so for choices that are shown in other words than they are kept in.
    `max_length` 0 means the type's own bound. `mapping` says which choice is meant by another word
    (`{"Herr": "male"}`), as other systems write it. `essential`: without it a lead is not complete.
    Of a file field: `accept` are types of `fields/_file_types.py`, `max_bytes` bounds each file,
    `max_files` their number; empty and 0 mean the usual.
    `deprecated`: it is read, and said to be. `personal`: hidden from callers who see data masked.
    """

    name: str
    type: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    max_length: int = 0
    label: Mapping[str, str] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    choice_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    essential: bool = False
    deprecated: bool = False
    personal: bool = True
    accept: tuple[str, ...] = ()
    max_bytes: int = 0
    max_files: int = 0

    def words(self, language: str) -> str:
        """The words beside the input in a language, else in English, else of the field's name."""
        return worded(self.label, language) or self.name.replace("_", " ").capitalize()

    def choice_words(self, choice: str, language: str) -> str:
        """What stands for a choice in a language, else the choice itself."""
        return worded(self.choice_labels.get(choice, {}), language) or choice


def worded(texts: Mapping[str, str], language: str) -> str:
    """A text in a language (`pt` serves `pt-BR`), else in English, else the empty string."""
    base = language.partition("-")[0]
    return texts.get(language) or texts.get(base) or texts.get("en") or ""


@noun
class Rules:
    """How to read, check and apply a batch of submissions.

    `fields` are the fields known, by name. `region` (ISO 3166-1 alpha-2) reads national phone
    numbers; where it is empty the submission's own country does, else `default_region`.
    `language` (BCP 47) words and messages; `date_order` is `dmy`, `mdy`, `ymd` or empty
    (ambiguous dates are errors). `checks` maps `email` and `phone` to `block`, `flag` or
    `accept`. `clear_token` is the text that clears a value; empty: none does. `policies` name the
    fields whose policy is not `overwrite`. `key_required` refuses what carries no key at all.
    `dates` says of a field what its whole column showed: the order of its numbers, where `date_order`
    leaves that open, and the system of a spreadsheet's serial numbers; either may be empty.
    `lenient` is for where nobody is there to mend anything: what is wrong is left out and named, and
    only a submission without any key is refused. `mail`: mails are due about what takes effect.
    `consent` is kept with every yes or no to the field of that name: how it was asked for.
    `completeness` names the fields without which a lead that came by this form is partial;
    `essential` those of the stage, where there are none of its own. `quarantine_partial` has a
    person look at a submission that lacks any. `stage` is where its leads are moved on to, `tags`
    are set on them.
    """

    fields: Mapping[str, FieldRule]
    region: str = ""
    language: str = "en"
    date_order: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)
    clear_token: str = ""
    policies: Mapping[str, Policy] = field(default_factory=dict)
    mode: Mode = Mode.UPSERT
    key_required: bool = True
    default_region: str = ""
    dates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    lenient: bool = False
    mail: bool = False
    consent: Mapping[str, str] = field(default_factory=dict)
    completeness: tuple[str, ...] = ()
    essential: tuple[str, ...] = ()
    quarantine_partial: bool = False
    stage: Stage | None = None
    tags: tuple[str, ...] = ()
