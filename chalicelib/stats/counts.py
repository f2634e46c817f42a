"""What submissions count for: a few sections of numbers by name, which add up.

Sections whose names anybody can make (sources, campaigns, codes) keep the greatest and add the rest
up under `OTHER`, so that an hour, a day and a year are bounded whatever comes in.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from chalicelib.intake.completeness import complete
from chalicelib.intake.quality import quality
from chalicelib.model import Fate, Touch
from chalicelib.store.submission_items import REFUSED, is_condensed
from chalicelib.store.takeback import what_it_was

# By section: how many of each name. `fates` has `door/fate`.
Counts = dict[str, Counter[str]]

FATES, CHANNEL, SOURCE, ACQUISITION, CAMPAIGN = (
    "fates",
    "channel",
    "source",
    "acquisition",
    "campaign",
)
# Of new leads as they came: `complete` or `incomplete`, the bands of their scores, and the reasons.
COMPLETE, SCORES, REASONS = "complete", "scores", "reasons"
# By the names of `source`: how many of its new leads were complete, and their scores added up.
SOURCE_COMPLETE, SOURCE_SCORES = "source_complete", "source_scores"
PROBLEMS, IMPORTS, SUPPRESSED = "problems", "imports", "suppressed"
SECTIONS = (
    FATES,
    CHANNEL,
    SOURCE,
    ACQUISITION,
    CAMPAIGN,
    COMPLETE,
    SCORES,
    REASONS,
    SOURCE_COMPLETE,
    SOURCE_SCORES,
    PROBLEMS,
    IMPORTS,
    SUPPRESSED,
)
# Names that nobody can give: spaces are trimmed on the way in.
OTHER, NAMELESS = " other", " none"
MOST_NAMES = 40
_LONGEST = 80
BANDS = ("0-24", "25-49", "50-74", "75-100")
_OPEN = (CHANNEL, SOURCE, CAMPAIGN, REASONS, PROBLEMS)
_BY_SOURCE = (SOURCE_COMPLETE, SOURCE_SCORES)


def empty() -> Counts:
    """Nothing of everything."""
    return {section: Counter() for section in SECTIONS}


def note(counts: Counts, touch: Touch) -> None:
    """Add one submission as it is now.

    A new lead is a submission that founded one; it counts for its own source, and for the quality
    of what it brought. Repeats count where the first was received; those by file are the imports'.
    One that was condensed counts as what it was, and the base that holds its values not at all.
    """
    if touch.base:
        return
    fate = what_it_was(touch) if is_condensed(touch) else touch.fate
    counts[FATES][f"{touch.door}/{fate}"] += 1
    repeats = touch.repeats - len(touch.again)
    if repeats:
        counts[FATES][f"{touch.door}/{Fate.REPEATED}"] += repeats
    codes = {problem.code for problem in touch.problems}
    counts[PROBLEMS].update(codes)
    if touch.fate is Fate.CREATED:
        _new(counts, touch, codes)


def _new(counts: Counts, touch: Touch, codes: set[str]) -> None:
    source = touch.source
    name = _short(source.name)
    counts[CHANNEL][_short(source.channel)] += 1
    counts[SOURCE][name] += 1
    counts[ACQUISITION][str(source.acquisition)] += 1
    if source.campaign:
        counts[CAMPAIGN][_short(source.campaign)] += 1
    whole = complete(touch.values, touch.needs)
    borrowed = touch.values.keys() if touch.borrowed else ()
    good = quality(touch.values, complete=whole, borrowed=set(borrowed), also=codes)
    counts[COMPLETE]["complete" if whole else "incomplete"] += 1
    counts[SCORES][BANDS[min(good.score // 25, 3)]] += 1
    counts[REASONS].update(good.reasons)
    counts[SOURCE_COMPLETE][name] += int(whole)
    counts[SOURCE_SCORES][name] += good.score


def _short(name: str) -> str:
    return name.strip()[:_LONGEST] or NAMELESS


def total(parts: Iterable[Mapping[str, Mapping[str, int]]]) -> Counts:
    """The sum of some counts, bounded."""
    made = empty()
    for part in parts:
        for section, numbers in part.items():
            made.setdefault(section, Counter()).update(numbers)
    return bounded(made)


def bounded(counts: Counts) -> Counts:
    """The same with the rare names of each open section added up under `OTHER`."""
    kept = {section: _kept(counts[section]) for section in _OPEN}
    kept |= dict.fromkeys(_BY_SOURCE, kept[SOURCE])
    made = dict(counts)
    for section, names in kept.items():
        numbers: Counter[str] = Counter()
        for name, number in counts[section].items():
            numbers[name if name in names else OTHER] += number
        made[section] = +numbers
    return {section: +numbers for section, numbers in made.items()}


def _kept(numbers: Mapping[str, int]) -> set[str]:
    named = (name for name in numbers if name != OTHER)
    return set(sorted(named, key=lambda name: (-numbers[name], name))[:MOST_NAMES])


def carried(before: Mapping[str, Mapping[str, int]], after: Counts) -> Counts:
    """Counts of an old hour, whose refused submissions may have passed away since it was counted."""
    made = {section: Counter(numbers) for section, numbers in after.items()}
    refused = {str(fate) for fate in REFUSED}
    for name, number in before.get(FATES, {}).items():
        if name.partition("/")[2] in refused:
            made[FATES][name] = max(number, made[FATES][name])
    for name, number in before.get(PROBLEMS, {}).items():
        made[PROBLEMS][name] = max(number, made[PROBLEMS][name])
    return bounded(made)
