"""XML as untrusted data: its shapes, its charsets, its bounds; and XPath into it."""

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import TooLarge, Unreadable
from chalicelib.webhooks import _xml, _xpath

LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)


def read(text: str | bytes, charset: str = "") -> object:
    """XML as plain data."""
    return _xml.raw(_xml.element(text.encode() if isinstance(text, str) else text, charset))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a>x</a>", "x"),
        ("<a/>", ""),
        ("<a><b>1</b><c> 2 </c></a>", {"b": "1", "c": "2"}),
        ("<a><b>1</b><b>2</b><b>3</b></a>", {"b": ["1", "2", "3"]}),
        ('<a id="7"><b k="v">t</b></a>', {"@id": "7", "b": {"@k": "v", "#text": "t"}}),
        ("<n:a xmlns:n='urn:x' n:y='1'><n:b>é</n:b></n:a>", {"@y": "1", "b": "é"}),
        ("<a><![CDATA[<b>&]]><!-- c --><?p i?></a>", "<b>&"),
        ("<a>&lt;&#233;&amp;</a>", "<é&"),
        (
            "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><b i:nil='true'/></a>",
            {"b": None},
        ),
    ],
)
def test_elements_become_plain_data(text: str, expected: object) -> None:
    """Texts, objects, lists where a name repeats, attributes, nothing."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("<a>é</a>".encode(), ""),
        ("\ufeff<?xml version='1.0' encoding='utf-8'?><a>é</a>".encode(), ""),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"), ""),
        ("<a>é</a>".encode("latin-1"), "iso-8859-1"),
        ("<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16"), ""),
        ("<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16-be"), ""),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode(), "utf-8"),
    ],
)
def test_the_charset_is_stated_declared_or_seen(body: bytes, charset: str) -> None:
    """The label on the outside, else a byte order mark, else the declaration, else UTF-8."""
    assert read(body, charset) == "é"


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS + b"]><l>&j;</l>",
        b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<!DOCTYPE a><a/>",
        b"<a>&unknown;</a>",
        b"<a>" * 65 + b"</a>" * 65,
        b"<a>" * 1_000_000,
        b"<a><b></a>",
        b"<a>\x00</a>",
        b"<a>&#0;</a>",
        b"<a>\xff</a>",
        b"<?xml version='1.0' encoding='punycode'?><a/>",
        b"<a></a><b/>",
        b"{}",
        b"",
        b"<a>" + b"<b/>" * 1_000_000 + b"</a>",
        b"<a " + b" ".join(b"a%d='1'" % n for n in range(200_000)) + b"/>",
        b"<a " + b" ".join(b"a%d  =  '1'" % n for n in range(200_000)) + b"/>",
        b"<p:a xmlns:p='" + b"u" * 1_000_000 + b"'>" + b"<p:b/><p:c/>" * 9_000 + b"</p:a>",
        b"".join(b"<a xmlns:p%d='u'>" % n for n in range(1_100)),
        b"<a " + b" ".join(b"xmlns:p%d='u'" % n for n in range(1_100)) + b"/>",
        b"x" * (4 * 1024 * 1024 + 1),
    ],
    ids=lambda body: body[:16].decode("latin-1"),
)
def test_hostile_xml_is_refused_at_once_and_small(body: bytes) -> None:
    """No DTD, no entity, nothing deep, wide or long: within two seconds and some megabytes."""
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises((Unreadable, TooLarge)):
        read(body)
    spent = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spent < 2
    assert peak < 64 * 1024 * 1024


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text("<>/ab='&;!? x:", max_size=80).map(str.encode))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    """Any bytes: an answer, or an error of ours."""
    try:
        read(body)
    except (Unreadable, TooLarge):
        return


BODY = """<r><l id="1"><e>a@b</e><n>Ann</n><t>x</t><t>y</t></l><l id="2"><e>c@d</e><n/></l></r>"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/r/l[1]/e", "a@b"),
        ("//e", ["a@b", "c@d"]),
        ("(//e)[2]", "c@d"),
        ("/r/l[@id='2']/e", "c@d"),
        ("/r/l[1]/t", ["x", "y"]),
        ("l[1]/@id", "1"),
        ("concat(/r/l[1]/n, ' ', /r/l[2]/e)", "Ann c@d"),
        ("count(//e)", 2),
        ("number('1.5')", "1.5"),
        ("number('x')", None),
        ("count(//e) > 1", True),
        ("/r/l[2]", {"@id": "2", "e": "c@d", "n": ""}),
        ("/r/nothing", None),
        ("/r/l[2]/n", None),
    ],
)
def test_a_path_leads_to_plain_data(path: str, expected: object) -> None:
    """Elements, attributes, texts and numbers; one of several stands alone."""
    assert _xpath.path_problem(path) == ""
    found = _xpath.look_up({"f": path}, _xml.element(BODY.encode()))
    assert found.get("f") == expected


@pytest.mark.parametrize(
    "path",
    [
        *("", "a[", "x:y", "for $x in a return $x", "1 to 9", "document('x')", "doc('file:///x')"),
        *("//a//b", "//a[.//b]", "//a[//b]", "a[/r/b]", "a[../b]", "a[id('x')]"),
        *("descendant::a/descendant::b", "a[following::b]", "//*[ancestor::*]", "//a/following::b"),
        *("(//a)[.//b]", "a[b[c//d]]", "a" * 513, "/".join(["a"] * 70), "//a | //b | //c"),
    ],
)
def test_a_path_that_is_none_or_costs_too_much_is_refused(path: str) -> None:
    """One walk, none within a predicate; XPath 1.0, which reads no other document."""
    assert _xpath.path_problem(path)


def test_many_paths_into_a_large_document_are_too_much() -> None:
    """The work is paths times elements, and bounded."""
    root = _xml.element(b"<a>" + b"<b/>" * 9_000 + b"</a>")
    assert _xpath.look_up({"f": "count(b)"}, root) == {"f": 9_000}
    with pytest.raises(TooLarge):
        _xpath.look_up({f"f{n}": "b" for n in range(6)}, root)
