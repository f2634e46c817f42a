"""Who is who, as a function of the set of submissions and of what people decided (law 3).

A *node* is a key under which touches are filed: an e-mail address, or the phone or external id of
somebody who gave no address. A *claim* says that a node's touches carry a key. From the claims on
a key follow its owner, the edges it makes between nodes and the pairs that a person must look at;
from all edges, and from what people merged and unmerged, follows the partition into leads.

Nothing here depends on an order of arrival: the store keeps the outcome up to date incrementally,
and `inlet verify` derives it from nothing and compares.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from typing import NamedTuple

from chalicelib.model import Touch, Value

EMAIL, PHONE, EXTERNAL = "e", "p", "x"

# A phone with more claimants than this identifies nobody: a switchboard, not a family.
PHONE_BOUND = 5
# An external id shared by more addresses than this is a wrong mapping, not a person.
EXTERNAL_BOUND = 30


class Rank(NamedTuple):
    """How strong a claim is; the least owns the key: e-mail before none, own before borrowed."""

    without_email: bool
    borrowed: bool
    submitted_ms: int
    id: str


# The claims on one key: by node, the least rank that any of its touches gives it.
Claims = Mapping[str, Rank]


class Keyring:
    """Turns what identifies a person into keys: a letter and a keyed hash, the same each time.

    The hash is an HMAC-SHA256 under the stage's secret, cut to 128 bits: who reads the table, a
    log or a metric learns no address from it. With `aliases`, addresses that their provider delivers
    to one mailbox identify one person (docs/identity.md).
    """

    def __init__(self, secret: bytes, *, aliases: bool = False) -> None:
        self._secret = digest(secret, b"inlet key homes", sha256)
        self._aliases = aliases

    def key(self, letter: str, text: str) -> str:
        """The key of one normalised e-mail, E.164 phone or `scope:id`."""
        return letter + digest(self._secret, f"{letter}:{text}".encode(), "sha256")[:16].hex()

    def addressed(self, letter: str, text: str) -> list[str]:
        """The keys of one address, the one that identifies first.

        Beside its mailbox's key an alias has its own: what was suppressed under it stays so.
        """
        own = self.key(letter, text)
        box = mailbox(text) if self._aliases and letter == EMAIL else text
        return [own] if box == text else [self.key(letter, box), own]

    def lead_id(self, node: str, generation: int) -> str:
        """The id of the lead that a node founds: the same for everybody who founds it."""
        return _lead_id(self._secret, node, generation)

    def keys(self, values: Mapping[str, Value], external_ids: Mapping[str, str]) -> tuple[str, ...]:
        """All keys that the values carry, the one that identifies them first."""
        found = []
        for letter, name in ((EMAIL, "email"), (PHONE, "phone")):
            text = values.get(name)
            if isinstance(text, str) and text:
                found += self.addressed(letter, text)
        for scope, known_as in sorted(external_ids.items()):
            found.append(self.key(EXTERNAL, f"{scope}:{known_as}"))
        return tuple(found)


@lru_cache(maxsize=4096)
def _lead_id(secret: bytes, node: str, generation: int) -> str:
    """Asked for once when a chunk's leads are read, and again when each is planned."""
    return digest(secret, f"lead:{node}:{generation}".encode(), "sha256")[:16].hex()


# Providers that deliver to one mailbox whatever follows a plus; those in the second set ignore dots.
_PLUS = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com"}
    | {"me.com", "fastmail.com", "proton.me", "protonmail.com"}
)
_DOTS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def mailbox(email: str) -> str:
    """The mailbox that an address is delivered to, as far as its provider's rules are known."""
    local, _, domain = email.rpartition("@")
    if domain in _PLUS:
        local = local.partition("+")[0] or local
    if domain in _DOTS and local.strip("."):
        local, domain = local.replace(".", ""), _DOTS[domain]
    return f"{local}@{domain}"


def rank_of(touch: Touch) -> Rank:
    """The rank of the claims that a touch makes."""
    return Rank(touch.node[:1] != EMAIL, touch.borrowed, touch.submitted_ms, touch.id)


def claim(touch: Touch, key: str) -> Rank:
    """The rank of a touch's claim on one of its keys: a base's is the least of those it stands for."""
    if touch.base is None:
        return rank_of(touch)
    rank: Rank = touch.base.ranks[key]
    return rank


def claims_of(touches: Iterable[Touch]) -> dict[str, dict[str, Rank]]:
    """All claims that a set of touches makes: by key, by node, the least rank."""
    claims: dict[str, dict[str, Rank]] = {}
    for touch in touches:
        usual = rank_of(touch) if touch.base is None else None
        for key in touch.keys:
            if key[0] != EMAIL:
                rank = usual or claim(touch, key)
                by_node = claims.setdefault(key, {})
                by_node[touch.node] = min(rank, by_node.get(touch.node, rank))
    return claims


def owner(key: str, claims: Claims) -> str:
    """The node that owns a key, or the empty string where it identifies nobody."""
    if key[0] == EMAIL:
        return key
    if len(claims) == 1:
        return next(iter(claims))  # nearly every key
    by_email = sum(node[0] == EMAIL for node in claims)
    if not claims or by_email > (PHONE_BOUND if key[0] == PHONE else EXTERNAL_BOUND):
        return ""
    return min(claims, key=lambda node: claims[node])


def edges(key: str, claims: Claims) -> set[tuple[str, str]]:
    """The pairs of nodes that a key says are one person.

    Whoever is known by the key alone is absorbed by its owner; two e-mails under one external id
    of one provider are one person. Everything else that meets here is a matter for `reviews`.
    """
    if len(claims) < 2 or not (first := owner(key, claims)):
        return set()
    found = {pair(first, key)} if key in claims and key != first else set()
    if key[0] == EXTERNAL and first[0] == EMAIL:
        found |= {pair(first, node) for node in claims if node[0] == EMAIL and node != first}
    return found


def reviews(key: str, claims: Claims) -> set[tuple[str, str]]:
    """The pairs of nodes that meet under a key without being one person by rule."""
    if not claims or (len(claims) < 2 and key[0] != EMAIL):
        return set()  # nearly every key: whoever claims it alone meets nobody
    first = owner(key, claims)
    if not first:
        return set()
    met = {pair(first, node) for node in claims if node not in (first, key)}
    return met - edges(key, claims)


def pair(left: str, right: str) -> tuple[str, str]:
    """Two nodes in one order."""
    return (left, right) if left < right else (right, left)


class Decision(NamedTuple):
    """What a person said of two nodes: one person or two. The latest word holds."""

    ms: int
    same: bool
    actor: str = ""


@dataclass
class Partition:
    """Nodes united by edges, with barriers that nothing crosses: a union-find that can refuse."""

    _group: dict[str, set[str]] = field(default_factory=dict)

    def group(self, node: str) -> set[str]:
        """The nodes that are one person with this one, itself included."""
        return self._group.setdefault(node, {node})

    def unite(self, left: str, right: str, barriers: Mapping[str, set[str]]) -> bool:
        """Make two groups one unless a barrier stands between any two of their nodes."""
        here, there = self.group(left), self.group(right)
        if here is there:
            return True
        if any(barriers.get(node, set()) & there for node in here):
            return False
        here |= there
        for node in there:
            self._group[node] = here
        return True

    def groups(self) -> Iterator[frozenset[str]]:
        """Every group once."""
        seen: set[str] = set()
        for node, group in self._group.items():
            if node not in seen:
                seen |= group
                yield frozenset(group)


def partition(
    nodes: Iterable[str],
    claims: Mapping[str, Claims],
    decisions: Mapping[tuple[str, str], Decision],
) -> Partition:
    """The leads as sets of nodes: people's merges first, then what the keys say, in one order."""
    barriers: dict[str, set[str]] = {}
    merges = []
    for (left, right), decision in decisions.items():
        if decision.same:
            merges.append((decision.ms, left, right))
        else:
            barriers.setdefault(left, set()).add(right)
            barriers.setdefault(right, set()).add(left)
    known = set(nodes)
    made = Partition()
    for node in sorted(known):
        made.group(node)
    automatic = sorted({edge for key, by_node in claims.items() for edge in edges(key, by_node)})
    for left, right in [*((a, b) for _, a, b in sorted(merges)), *automatic]:
        if left in known and right in known:
            made.unite(left, right, barriers)
    return made
