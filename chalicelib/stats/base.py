"""What the whole base is like: figures of the leads and suppressions as they are, by the audit's walk."""

from collections import Counter
from collections.abc import Iterable, Mapping

from chalicelib.intake.completeness import complete
from chalicelib.intake.fold import BORROWED
from chalicelib.intake.quality import quality
from chalicelib.ports import Item, Key
from chalicelib.stats.counts import BANDS, NAMELESS, Counts, bounded, empty
from chalicelib.store.items import Lead

STAGE, LEADS = "stage", "leads"


def note_leads(counts: Counts, leads: Iterable[Lead]) -> None:
    """Add some leads: each by its first touch, its stage, and how good what is known of it is."""
    for lead in leads:
        if lead.alive:
            _note(counts, lead)


def note_suppressions(counts: Counts, page: Iterable[tuple[Key, Item]]) -> None:
    """Add the suppressions that stand among some items, by reason."""
    for key, item in page:
        reasons = item.get("reasons")
        if key.pk.startswith("X#") and isinstance(reasons, set):
            counts["suppressed"].update(map(str, reasons))


def kept(counts: Counts) -> Counts:
    """Bounded, the stages too."""
    stages = Counter(dict(counts.get(STAGE, Counter()).most_common(100)))
    return {**bounded(empty() | counts), STAGE: stages, LEADS: counts.get(LEADS, Counter())}


def _note(counts: Counts, lead: Lead) -> None:
    view = lead.view
    source: Mapping[str, object] = view.first.source if view.first else {}
    counts.setdefault(LEADS, Counter())["leads"] += 1
    counts.setdefault(STAGE, Counter())[lead.stage or NAMELESS] += 1
    for section in ("channel", "acquisition"):
        counts[section][str(source.get(section) or NAMELESS)[:80]] += 1
    name = str(source.get("name") or NAMELESS)[:80]
    values = view.visible()["values"]
    assert isinstance(values, dict)
    whole = complete(values, view.needs)
    borrowed = {name for name, (stamp, _) in view.values.items() if stamp.rank <= BORROWED}
    good = quality(values, complete=whole, borrowed=borrowed)
    counts["source"][name] += 1
    counts["source_complete"][name] += int(whole)
    counts["source_scores"][name] += good.score
    counts["complete"]["complete" if whole else "incomplete"] += 1
    counts["scores"][BANDS[min(good.score // 25, 3)]] += 1
    counts["reasons"].update(good.reasons)
