"""A snapshot of the homes and leads that a change looks at, loaded on demand, with changes on it.

The planner only asks; where it asks for what is not loaded, `Need` says so, the driver loads it
in one batched read and plans again. So the plan is a pure function of a snapshot.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chalicelib.model import Touch
from chalicelib.ports import Attribute, Check, Insert, Item, Key, Table, Update, Write
from chalicelib.store import account_items, items, lead_items, submission_items
from chalicelib.store.account_items import Account
from chalicelib.store.items import Home, Lead


class Need(Exception):
    """What a plan must know before it can go on: homes, leads, whole nodes, seals or accounts."""

    def __init__(
        self,
        homes: Iterable[str] = (),
        leads: Iterable[str] = (),
        nodes: Iterable[str] = (),
        seals: Iterable[str] = (),
        accounts: Iterable[str] = (),
    ) -> None:
        super().__init__()
        self.homes, self.leads = set(homes), set(leads)
        self.nodes, self.seals = set(nodes), set(seals)
        self.accounts = set(accounts)


class Stale(Exception):
    """The snapshot contradicts itself: somebody wrote between two reads. Read again."""


class Unsealed(Exception):
    """A batch has not sealed what it applied to one of these leads: wait, then read again."""


@dataclass
class World:
    """What was read (`_homes`, `_leads`, `_seals`, `_touches`) and what is to be written."""

    table: Table
    _homes: dict[str, Home] = field(default_factory=dict)
    _leads: dict[str, Lead] = field(default_factory=dict)
    _seals: dict[str, Touch | None] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)
    _touches: dict[str, dict[str, Touch]] = field(default_factory=dict)
    # The accounts that were read; None for one that is not there.
    accounts: dict[str, Account | None] = field(default_factory=dict)
    new_homes: dict[str, Home] = field(default_factory=dict)
    new_leads: dict[str, Lead] = field(default_factory=dict)
    # Whether what was only read must still be so when the changes are written.
    strict: bool = False
    # Whether leads are written as if nothing of them stood in any list yet.
    anew: bool = False
    _tokens: dict[str, str] = field(default_factory=dict)

    # --- asking --------------------------------------------------------------------------

    def homes(self, keys: Iterable[str]) -> dict[str, Home]:
        """The homes of some keys as they will be; raises `Need` for those not loaded."""
        wanted = list(keys)
        missing = [key for key in wanted if key not in self._homes]
        if missing:
            raise Need(homes=missing)
        return {key: self.new_homes.get(key, self._homes[key]) for key in wanted}

    def leads(self, ids: Iterable[str]) -> dict[str, Lead]:
        """Some leads as they will be; raises `Need` for those not loaded."""
        wanted = list(ids)
        missing = [lead for lead in wanted if lead not in self._leads]
        if missing:
            raise Need(leads=missing)
        return {lead: self.new_leads.get(lead, self._leads[lead]) for lead in wanted}

    def lead(self, lead: str) -> Lead:
        """One lead as it will be."""
        return self.leads([lead])[lead]

    def home(self, key: str) -> Home:
        """The home of one key as it will be."""
        return self.homes([key])[key]

    def seals(self, ids: Iterable[str]) -> dict[str, Touch | None]:
        """The stored submissions of some ids; None for those that are not there."""
        wanted = list(ids)
        missing = [receipt for receipt in wanted if receipt not in self._seals]
        if missing:
            raise Need(seals=missing)
        return {receipt: self._seals[receipt] for receipt in wanted}

    def touches(self, nodes: Iterable[str]) -> list[Touch]:
        """Every submission ever filed under some nodes, effective or not."""
        wanted = list(nodes)
        missing = [node for node in wanted if node not in self._touches]
        if missing:
            raise Need(nodes=missing)
        return [touch for node in wanted for touch in self._touches[node].values()]

    def seal_version(self, receipt: str) -> int:
        """The version of a stored submission that was read; 0 where there is none."""
        return self._versions.get(receipt, 0)

    def token(self, receipt: str) -> str:
        """The token of the attempt that stored a submission."""
        return self._tokens.get(receipt, "")

    def read_version(self, lead: str) -> int:
        """The version of a lead as it was read."""
        return self._leads[lead].version

    def read_lead(self, lead: str) -> Lead:
        """A lead as it was read."""
        return self._leads[lead]

    def read_home(self, key: str) -> Home:
        """A home as it was read."""
        return self._homes[key]

    def replace_read(self, lead: Lead) -> None:
        """Take a lead that was read as if it had been stored like this."""
        self._leads[lead.id] = lead

    def known_leads(self) -> dict[str, Lead]:
        """The leads loaded so far, as they will be."""
        return {lead: self.new_leads.get(lead, there) for lead, there in self._leads.items()}

    # --- loading -------------------------------------------------------------------------

    def load(self, need: Need) -> None:
        """Read what is needed: one batched read, one query for each whole node."""
        keys: dict[Key, tuple[str, str]] = {}
        keys |= {items.home_key(key): ("home", key) for key in need.homes}
        keys |= {items.lead_key(lead): ("lead", lead) for lead in need.leads}
        keys |= {items.submission_key(receipt): ("seal", receipt) for receipt in need.seals}
        keys |= {account_items.account_key(each): ("account", each) for each in need.accounts}
        if keys:
            found = self.table.get(list(keys))
            for key, (kind, name) in keys.items():
                self._take(kind, name, found.get(key))
        if need.nodes:
            self._load_nodes(need.nodes)

    def _take(self, kind: str, name: str, item: Item | None) -> None:
        if kind == "home":
            self._homes[name] = items.read_home(name, item)
        elif kind == "lead":
            self._leads[name] = lead_items.read_lead(name, item)
        elif kind == "account":
            self.accounts[name] = account_items.read_account(name, item) if item else None
        else:
            self._seals[name] = submission_items.read_submission(item) if item else None
            self._versions[name] = int(str(item["v"])) if item else 0
            self._tokens[name] = str(item.get("try", "")) if item else ""

    def _load_nodes(self, nodes: Iterable[str]) -> None:
        """One query a node, and all their submissions together."""
        ids = {node: list(filed(self.table, node)) for node in nodes}
        every = {receipt for some in ids.values() for receipt in some}
        self.load(Need(seals=every)) if every else None
        for node, some in ids.items():
            self._touches[node] = {
                receipt: touch
                for receipt in some
                if (touch := self._seals[receipt]) is not None and touch.node == node
            }

    # --- changing ------------------------------------------------------------------------

    def set_home(self, home: Home) -> None:
        """Let a home be otherwise."""
        self.new_homes[home.key] = home

    def set_lead(self, lead: Lead) -> None:
        """Let a lead be otherwise."""
        self.new_leads[lead.id] = lead

    def mark(self) -> tuple[dict[str, Home], dict[str, Lead]]:
        """The changes so far, to go back to with `rewind`."""
        return dict(self.new_homes), dict(self.new_leads)

    def rewind(self, mark: tuple[Mapping[str, Home], Mapping[str, Lead]]) -> None:
        """Forget the changes made since `mark`."""
        self.new_homes, self.new_leads = dict(mark[0]), dict(mark[1])

    # --- writing -------------------------------------------------------------------------

    def home_write(self, key: str) -> Insert | Update:
        """The conditional write that makes a changed home true."""
        version = self._homes[key].version
        return _write(items.home_key(key), items.home_item(self.new_homes[key]), version)

    def lead_write(self, lead: str) -> Insert | Update:
        """The conditional write that makes a changed lead true."""
        version = self._leads[lead].version
        return _write(items.lead_key(lead), lead_items.lead_item(self.new_leads[lead]), version)

    def checks(self) -> list[Write]:
        """Demands that every home read and not changed is still what was read."""
        return [
            Check(items.home_key(key), home.version)
            for key, home in self._homes.items()
            if key not in self.new_homes
        ]


def filed(table: Table, node: str) -> Iterable[str]:
    """The ids of every submission filed under a node, in order of time."""
    after: Mapping[str, str] | None = None
    while True:
        page = table.query(items.home_key(node).pk, begins="T#", limit=1000, after=after)
        yield from (items.filed_id(str(item["sk"])) for item in page.items)
        after = page.after
        if after is None:
            return


def _write(key: Key, attributes: Mapping[str, Attribute | None], version: int) -> Insert | Update:
    if version:
        return Update(key, attributes, version)
    return Insert(key, items.present(attributes))
