"""A DNS server on loopback that tells the truth, or hangs, refuses, lies, denies everything."""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

# What there is, by name and type; a name that stands here without a type has no such record.
ZONE: Mapping[str, Mapping[str, str]] = {
    "gmail.com.": {"MX": "5 mx.gmail.com."},
    "outlook.com.": {"MX": "5 mx.outlook.com."},
    "mx.example.org.": {"MX": "10 mail.mx.example.org."},
    "address.example.org.": {"A": "192.0.2.1"},
    "six.example.org.": {"AAAA": "2001:db8::1"},
    "null.example.org.": {"MX": "0 ."},
    "bare.example.org.": {"TXT": '"nothing"'},
    "xn--mxico-bsa.example.org.": {"MX": "10 mail.mx.example.org."},
}
Answerer = Callable[[dns.message.Message], bytes | None]


def truthful(query: dns.message.Message) -> bytes:
    """Answer from the zone."""
    question = query.question[0]
    name, kind = question.name.to_text().lower(), question.rdtype.name
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if name not in ZONE:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif text := ZONE[name].get(kind):
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, text))
    return answer.to_wire()


def failing(rcode: dns.rcode.Rcode) -> Answerer:
    """Answer everything with one code."""

    def answer(query: dns.message.Message) -> bytes:
        made = dns.message.make_response(query)
        made.set_rcode(rcode)
        return made.to_wire()

    return answer


def hanging(_query: dns.message.Message) -> None:
    """Never answer."""


def blessing(query: dns.message.Message) -> bytes:
    """Have an address for every name, as a captive portal has."""
    question = query.question[0]
    answer = dns.message.make_response(query)
    if question.rdtype.name == "A":
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", "192.0.2.9"))
    return answer.to_wire()


def garbling(_query: dns.message.Message) -> bytes:
    """Send bytes that are no answer."""
    return b"\x00\x01garbage"


def misdirecting(query: dns.message.Message) -> bytes:
    """Answer another question, under another id."""
    other = dns.message.make_query("elsewhere.example.org.", "MX")
    return dns.message.make_response(other).to_wire() if query else b""


@dataclass
class StubDns:
    """The server: its address, and how often it was asked for which name."""

    answer: Answerer
    asked: Counter[str] = field(default_factory=Counter)
    port: int = 0

    @property
    def where(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def serving(answer: Answerer) -> Iterator[StubDns]:
    """Run a server that answers so."""
    stub = StubDns(answer)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.1)
        stub.port = listener.getsockname()[1]
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, stub, ended))
        thread.start()
        try:
            yield stub
        finally:
            ended.set()
            thread.join()


def _serve(listener: socket.socket, stub: StubDns, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            packet, sender = listener.recvfrom(4096)
        except TimeoutError:
            continue
        query = dns.message.from_wire(packet)
        stub.asked[query.question[0].name.to_text()] += 1
        answer = stub.answer(query)
        if answer:
            listener.sendto(answer, sender)
