"""What is a reference is DESIGN.md's rule, clause by clause."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from routeway_magic.errors import InputError
from routeway_magic.interpolate import (
    Reference,
    Text,
    left_as_typed,
    parse,
)
from routeway_magic.interpolate.chains import MAX_CHAIN, MAX_DEPTH

FRAME = SimpleNamespace(shape=(3, 2), a=[1, 2])
NAMES: dict[str, Any] = {
    "df": FRAME,
    "d": {"a b": 1, "}": 2, '{"x"}': 3},
    "name": "Ada",
    "os": 1,
    "now": 1,
    "x": 3.14159,
    "n": 2,
    "a": 1,
    "b": 2,
    "color": "red",
    "items": [3, 1],
}


def sources(prompt: str) -> list[str]:
    """The references of a prompt, as typed."""
    return [part.source for part in parse(prompt, NAMES) if isinstance(part, Reference)]


def reference(source: str) -> Reference:
    """The one reference that the source is."""
    (part,) = parse(source, NAMES)
    assert isinstance(part, Reference)
    return part


@pytest.mark.parametrize(
    ("source", "expression", "conversion", "spec"),
    [
        ("{df}", "df", "", ""),
        ("{df.shape}", "df.shape", "", ""),
        ("{df.shape!r:>10}", "df.shape", "r", ">10"),
        ("{name!s}", "name", "s", ""),
        ("{name!a}", "name", "a", ""),
        ("{x:.2f}", "x", "", ".2f"),
        ("{x:}", "x", "", ""),
        ("{x:,.2f}", "x", "", ",.2f"),
        ("{now:%A, %d %B at %H:%M}", "now", "", "%A, %d %B at %H:%M"),
        ('{d["a b"]}', 'd["a b"]', "", ""),
        ('{d["}"]}', 'd["}"]', "", ""),
        ("""{d['{"x"}']}""", """d['{"x"}']""", "", ""),
        (r'{d.get("\"}")}', r'd.get("\"}")', "", ""),
        ('{d.get("""a"}""")}', 'd.get("""a"}""")', "", ""),
        ("{df[df.a > 1]}", "df[df.a > 1]", "", ""),
        ("""{d.get('', "")}""", """d.get('', "")""", "", ""),
        ("{df.a[1:2][0]}", "df.a[1:2][0]", "", ""),
        ("{df.a[{0: 1}[0]]}", "df.a[{0: 1}[0]]", "", ""),
        (
            "{df.f(lambda r: {r, (1,)}, k={})}",
            "df.f(lambda r: {r, (1,)}, k={})",
            "",
            "",
        ),
        ("{items[\n  0\n]}", "items[\n  0\n]", "", ""),
        ("{len(items)}", "len(items)", "", ""),
        ("{str(len(df.a))}", "str(len(df.a))", "", ""),
        ("{round(x, 2):>8}", "round(x, 2)", "", ">8"),
        ("{type(df).__name__}", "type(df).__name__", "", ""),
    ],
)
def test_reference_is_a_chain_with_conversion_and_format(
    source: str, expression: str, conversion: str, spec: str
) -> None:
    """A known name with attributes, subscripts and calls, or a builtin called on one."""
    found = reference(source)
    assert found.source == source
    assert (found.expression, found.conversion, found.spec) == (
        expression,
        conversion,
        spec,
    )


@pytest.mark.parametrize(
    "text",
    [
        *("{ name }", "{name }", "{ name}", "{\nname}", "{{ name }}", "{% name %}"),
        *("{}", "{0}", "{1,2}", "{n,2}", "a{3}", "{True}", "{None}", "{if}", "{name"),
        *("{a, b}", "{a,b}", '{"a": 1}', "{'a'}", "a {color: red}", "{a:1,b:2}"),
        *('{name:"x"}', "{name=}", "{name!x}", "{name!r }", "{x:.2f }", "{x: >8}"),
        *("{foo.bar}", "{foo[0]}", "{foo(name)}", "{foo!r}", "{foo:bar}", "{foo:}"),
        *("{x:a{b}}", "{x!r:{a}.{b}}", "{{{name}}}", "{{{{name}}}}", "{-x}", "{x+1}"),
        *("{len()}", "{len([])}", "{print('x')}", "{len(foo)}", "{await(x)}"),
        *("{items[(y:=1)]}", "{df[await x]}", "{df.f((yield))}", "{df.f(# x\n)}"),
        *("{df[}", "{df(]}", "{df[1}", "{df.}", "{df.f('}", "{df .a}", "{df.1}"),
        *("name}", "}", "}{", "{{", "}}", "{²}", '{"t": {"n": [1, {}]}}'),
    ],
)
def test_other_braces_are_left_as_typed(text: str) -> None:
    """Everything else that has braces is left exactly as typed."""
    assert parse(text, NAMES) == [Text(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("out_{name}.csv", ["{name}"]),
        ("C:/data/{name}.csv", ["{name}"]),
        ('{"t": {name}, "u": {"v":{x}}}', ["{name}", "{x}"]),
        ("$5 and {x} and $10", ["{x}"]),
        ("#{n}, @{name}, %{x}", ["{n}", "{name}", "{x}"]),
        ("f({a},{b}) and {{a} b}", ["{a}", "{b}", "{a}"]),
        ("{foo:{name}} {foo.bar({x})}", ["{name}", "{x}"]),
        ("    indented {name}\n\tand {x}", ["{name}", "{x}"]),
        ("{name}{name}", ["{name}", "{name}"]),
    ],
)
def test_reference_may_stand_among_other_braces(text: str, expected: list[str]) -> None:
    """Braces around or beside a reference take nothing from it."""
    assert sources(text) == expected


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("{{name}}", "{name}"),
        ("{{nmae}}", "{nmae}"),
        ("{{df.shape}}", "{df.shape}"),
        ("{{foo.bar[0](1)}}", "{foo.bar[0](1)}"),
        ("{{len(items)}}", "{len(items)}"),
        ("{{x:.2f}}", "{x:.2f}"),
        ("{{foo:.2f}}", "{{foo:.2f}}"),
        ("{{a, b}}", "{{a, b}}"),
        ("{{True}}", "{{True}}"),
        ("{{name}}}", "{name}}"),
        ("{{{name}}", "{{name}"),
        ("a {{name}} b {{x}}", "a {name} b {x}"),
    ],
)
def test_doubled_braces_send_single_ones(typed: str, sent: str) -> None:
    """`{{chain}}` gives `{chain}`, for unknown names too; other doubles stay."""
    assert parse(typed, NAMES) == [Text(sent)]


def test_texts_are_merged_and_nothing_is_lost() -> None:
    """Text between references is one part; an empty prompt has none."""
    prompt = "a {{name}} {0}{name} {b, c}\r\n"
    assert parse(prompt, NAMES) == [
        Text("a {name} {0}"),
        Reference("{name}", "name", "", "", 14, "name", calls=False, path=("name",)),
        Text(" {b, c}\r\n"),
    ]
    assert parse("", NAMES) == []


@pytest.mark.parametrize(
    ("source", "name", "calls", "path"),
    [
        ("{df}", "df", False, ("df",)),
        ("{df.shape[0]}", "df", False, ("df", "shape")),
        ("{len(df)}", "df", True, ("df",)),
        ("{str(len(df.a)).x}", "df", True, ("df", "a", "x")),
        ('{os.environ["API_KEY"]}', "os", False, ("os", "environ", "API_KEY")),
        ('{os.getenv("API_KEY")}', "os", True, ("os", "getenv", "API_KEY")),
        ('{os.getenv(key="API_KEY")}', "os", True, ("os", "getenv", "API_KEY")),
        ('{d[["u", "key"]]}', "d", False, ("d", "u", "key")),
        ('{df.query("a > 1")}', "df", True, ("df", "query")),
        ("{df[df.a > n]}", "df", False, ("df", "df", "a", "n")),
        ("{d[len(a)]}", "d", True, ("d", "len", "a")),
        ("{\uff4eame.\ufb01}", "name", False, ("name", "fi")),
    ],
)
def test_reference_tells_what_it_reads(
    source: str, name: str, calls: bool, path: tuple[str, ...]
) -> None:
    """The variable, whether anything is called, and all names and keys on the way."""
    found = reference(source)
    assert (found.name, found.calls, found.path) == (name, calls, path)


def test_variable_hides_a_builtin() -> None:
    """A builtin's name that the notebook defines is a variable like any other."""
    (found,) = parse("{len(df)}", {"len": 1})
    assert isinstance(found, Reference)
    assert found.name == "len"


def test_long_and_deep_chains_are_left() -> None:
    """Hostile text costs no deep recursion: what is too long or too deep is text."""
    fits = "{a" + ".b" * (MAX_CHAIN // 2 - 1) + "}"
    assert sources(fits) == [fits]
    deep = "{a" + "[" * MAX_DEPTH + "0" + "]" * MAX_DEPTH + "}"
    assert sources(deep) == [deep]
    assert sources(fits.replace("}", ".b}")) == []
    assert sources(deep.replace("0", "[0]")) == []


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("{nmae}", "line 1, column 1"),
        ("Ünï {x} {nmae}", "line 1, column 9"),
        ("one\ntwo {nmae} {nmea}", "line 2, column 5"),
        ("one\r\n\r\n{nmae}", "line 3, column 1"),
        ("```\n  {nmae}\n```", "line 2, column 3"),
    ],
)
def test_undefined_name_says_where_and_what_was_meant(prompt: str, place: str) -> None:
    """A lone unknown identifier stops: which, where, what is near, how to send it."""
    with pytest.raises(InputError) as stopped:
        parse(prompt, NAMES)
    assert "`nmae`" in stopped.value.what
    assert place in stopped.value.what
    assert "Did you mean `name`" in stopped.value.hint
    assert "`{{nmae}}`" in stopped.value.hint
    assert "`--raw`" in stopped.value.hint


@pytest.mark.parametrize("name", ["len", "foo", "_x", "é", "match", "x" * MAX_CHAIN])
def test_any_undefined_name_stops(name: str) -> None:
    """A builtin is no variable either; names in `_` are not suggested."""
    with pytest.raises(InputError) as stopped:
        parse(f"{{{name}}}", {"_xx": 1, "__x": 2})
    assert "Did you mean" not in stopped.value.hint
    assert len(str(stopped.value)) < 400


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("{ name } and {{ name }}", ["{ name }", "{{ name }}"]),
        (
            "{foo.bar} {foo(1)} {foo!r} {a, b}",
            ["{foo.bar}", "{foo(1)}", "{foo!r}", "{a, b}"],
        ),
        (
            "{name=} {x+1} {x:a{b}} {{{name}}}",
            ["{name=}", "{x+1}", "{x:a{b}}", "{{{name}}}"],
        ),
        ("`{name}` ${name} {name}_{color}", ["{name}", "{color}"]),
        ("```\nf'{x} {foo.bar}'\n{name}\n```", ["{x}"]),
        ("{ name } { name }", ["{ name }"]),
        ('{"a": {"b": 1}} {color: red} {} {1,2} { foo }', []),
        (r"$x_{i}$ \frac{a}{b} x_{i} \{name\} ${HOME} {{foo}}", []),
    ],
)
def test_left_as_typed_lists_what_looks_like_a_reference(
    prompt: str, left: list[str]
) -> None:
    """Known names in other places and chains of unknown ones; no JSON and no LaTeX."""
    assert left_as_typed(prompt, NAMES) == left
