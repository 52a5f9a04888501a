"""No script, no style, no load and no command comes out of a model's Markdown."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.markup import to_html
from routeway_magic.markup.parser import parser
from routeway_magic.markup.renderer import Renderer
from routeway_magic.markup.tex import typesettable

ROOT_CLASS = "rw tex2jax_ignore mathjax_ignore"
MATH_CLASS = "tex2jax_process mathjax_process"
LINK = re.compile(r"(?:https?://[^\s/?#]|mailto:\S)\S*", re.IGNORECASE)

CONTAINERS = (
    "p h1 h2 h3 h4 h5 h6 em strong s ul li blockquote code pre table thead tbody tr"
)
VOID = {"br", "hr"}
# Each tag with its attributes, and each attribute with all that it may hold.
ALLOWED: dict[str, dict[str, re.Pattern[str]]] = {
    **{tag: {} for tag in (*CONTAINERS.split(), *VOID)},
    "div": {"class": re.compile(f"{ROOT_CLASS}|highlight")},
    "span": {"class": re.compile(f"{MATH_CLASS}|[a-z][a-z0-9]{{0,2}}")},
    "ol": {"start": re.compile(r"\d{1,9}")},
    "th": {"class": re.compile("rw-(?:right|center)")},
    "td": {"class": re.compile("rw-(?:right|center)")},
    "a": {
        "href": LINK,
        "rel": re.compile("noopener noreferrer"),
        "target": re.compile("_blank"),
    },
}


class Inspector(HTMLParser):
    """Refuses everything that is not on the list, and what is not well nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.roots = 0
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Only listed tags with listed attributes, and no link in a link."""
        assert tag in ALLOWED, f"<{tag}>"
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        for name, value in attrs:
            assert name in ALLOWED[tag], f"<{tag} {name}>"
            assert ALLOWED[tag][name].fullmatch(value or ""), f"<{tag} {name}={value}>"
        if tag == "a":
            assert set(names) == {"href", "rel", "target"}
            assert "a" not in self.open, "links nest"
        self.roots += not self.open
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Each closes the one that was opened last."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        """All text is within the root."""
        assert self.open, "text outside the root"
        self.text.append(data)

    def handle_comment(self, data):
        """No comment, declaration or instruction comes out."""
        pytest.fail(f"a comment: {data}")

    handle_decl = unknown_decl = handle_pi = handle_comment


def inspect(page: str) -> str:
    """Checks a page against the list; returns the text that it shows."""
    inspector = Inspector()
    inspector.feed(page)
    inspector.close()
    assert not inspector.open
    assert inspector.roots == 1
    assert page.startswith(f'<div class="{ROOT_CLASS}">')
    for tex in re.findall(f'<span class="{MATH_CLASS}">(.*?)</span>', page, re.DOTALL):
        assert "<" not in tex, "MathJax reads across no element"
        assert typesettable(tex)
    return "".join(inspector.text)


def render_or_raise(markdown: str) -> None:
    """Renders a text without the net that `to_html` spreads: no error stays hidden."""
    Renderer(typeset=True, highlight=True).render(parser().parse(markdown))


RAW_HTML = [
    "<script>alert(1)</script>",
    "<script src=http://evil.test/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<img srcset='http://evil.test/x 2x'>",
    "<details open ontoggle=alert(1)>x</details>",
    "<svg onload=alert(1)><image href='http://evil.test/x'/></svg>",
    "<iframe srcdoc='<script>parent.x=1</script>'></iframe>",
    "<iframe src=http://evil.test></iframe>",
    "<a target=_self href=javascript:alert(1)>x</a>",
    "<style>@import url(http://evil.test/x.css)</style>",
    "<div style='position:fixed;background:url(http://evil.test/x)'>x</div>",
    "<form action=http://evil.test><button>x</button></form>",
    "<button data-commandlinker-command='notebook:run-cell'>Copy code</button>",
    """<b data-commandlinker-command=x data-commandlinker-args='{"a": 1}'>x</b>""",
    "<video src=http://evil.test/x></video>",
    "<audio src=http://evil.test/x></audio>",
    "<link rel=stylesheet href=http://evil.test/x>",
    "<object data=http://evil.test/x></object>",
    "<embed src=http://evil.test/x>",
    "<base href=http://evil.test/>",
    "<meta http-equiv=refresh content='0;url=http://evil.test'>",
    "<math><mi href='javascript:alert(1)'>x</mi></math>",
    "<template><img src=x></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x>]]>",
    "<?php <img src=x> ?>",
    "</div></div><img src=x onerror=alert(1)>",
    "</span></code></pre><script>alert(1)</script>",
    "<x id=location name=cookie>",
]

AROUND = [
    "{}",
    "a {} b",
    "- {}",
    "> {}",
    "# {}",
    "*{}*",
    "`{}`",
    "``` {}\nx\n```",
    "```\n{}\n```",
    "```html\n{}\n```",
    "```svg\n{}\n```",
    "```mermaid\n{}\n```",
    "~~~{}\n{}",
    "    {}",
    "${}$",
    "$${}$$",
    r"\({}\)",
    r"\[{}\]",
    "\\begin{{align}}\n{}\n\\end{{align}}",
    "|a|\n|-|\n|{}|",
    "[{}](http://a.test)",
    "[a](http://a.test '{}')",
    "[a](http://a.test/{})",
    "[a](<http://a.test/{}>)",
    "![{}](http://a.test)",
    "![a](http://a.test/{})",
    "[a]: http://a.test '{}'\n\n[a] ![a]",
    "<http://a.test/{}>",
    r"\{}",
    "&lt;{}",
]


@pytest.mark.parametrize("payload", RAW_HTML)
def test_raw_html(payload):
    """Raw HTML is inert wherever in Markdown it stands."""
    for around in AROUND:
        inspect(to_html(around.format(payload, payload)))


@pytest.mark.parametrize("payload", RAW_HTML)
def test_raw_html_is_shown(payload):
    """Raw HTML is not eaten either: the reader sees what the model wrote."""
    assert payload in inspect(to_html(f"```\n{payload}\n```"))


REFUSED_LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java&#115;cript:alert(1)",
    "java&Tab;script:alert(1)",
    "&#x6A;avascript:alert(1)",
    "&#1;javascript:alert(1)",
    "javascript&colon;alert(1)",
    r"javascript\:alert(1)",
    "%6aavascript:alert(1)",
    "vbscript:x",
    "data:text/html,x",
    "data:image/svg+xml;base64,AAAA",
    "file:///etc/passwd",
    "blob:http://a.test/x",
    "ftp://a.test/x",
    "command-linker:notebook:run-cell",
    "vscode:extension/x",
    "/api/contents",
    "api/kernels",
    "../files/x",
    "?reset",
    "#heading",
    "//evil.test/x",
    r"\\evil.test\x",
    r"/\evil.test",
    "http:evil.test",
    "http:/evil.test",
    "http:///evil.test",
    r"http:\\evil.test",
    "https:",
    "mailto:",
    "",
]


LINKED = [
    "[text]({})",
    "[text](<{}>)",
    "[text][1]\n\n[1]: <{}>",
    "![text]({})",
    "![text][1]\n\n[1]: <{}>",
    "[![text]({})](<{}>)",
]


@pytest.mark.parametrize("url", REFUSED_LINKS)
def test_refused_links(url):
    """What leads into the server, the browser or a script is text without a link."""
    for markdown in LINKED:
        page = to_html(markdown.format(url, url))
        assert "text" in inspect(page)
        assert "<a" not in page


@pytest.mark.parametrize("url", REFUSED_LINKS)
def test_refused_autolinks(url):
    """An automatic link is held to the same rule."""
    page = to_html(f"<{url}>")
    inspect(page)
    assert "<a" not in page


DIFFERENTIALS = [
    "x $a`b$\n<img src=x onerror=alert(1)>` y",
    r"\`<img src=x onerror=alert(1)>`",
    "````\n```\n````\n<img src=x onerror=alert(1)>\n```",
    "$a\n```\n<img src=x>$\n```",
    "$$\n```\n$$\n<img src=x>\n```",
    "`$` <img src=x> `$`",
    "$`$ <img src=x> $`$",
    r"\(`\) <img src=x> `\(\)`",
    "\\begin{align}\n```\n\\end{align}\n<img src=x>\n```",
    "- ```\n<img src=x>\n  ```",
    "> ```\n<img src=x>\n> ```",
    "~~~ ```\n<img src=x>\n~~~",
    "[`](http://a.test)<img src=x>`",
    "[$a](http://a.test/$b)<img src=x>$",
    '$x</span><img src=x onerror="alert(1)">$',
    "$</mjx-container><img src=x onerror=alert(1)>$",
    r"$\tag{<img src=x onerror=alert(1)>}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "[a](http://a.test/\"onmouseover='alert(1)')",
    '[a](http://a.test "x\\" onmouseover=\\"alert(1)")',
    '```"><img src=x>\nx\n```',
    "```python&quot;&gt;&lt;img src=x&gt;\nx\n```",
    '|a|\n|:-:" onclick=x|\n|b|',
    "\x00<img src=x>",
    "\ufeff<script>x</script>",
]


@pytest.mark.parametrize("markdown", DIFFERENTIALS)
@pytest.mark.parametrize("typeset", [True, False])
def test_parser_differentials(markdown, typeset):
    """Where parsers disagree on where code, math or a link ends, nothing gets out."""
    inspect(to_html(markdown, typeset=typeset, highlight=typeset))
    inspect(to_html(f"a {markdown} b", typeset=typeset))


HOSTILE_TEX = [
    r"\def\sin{POISON}",
    r"\gdef\sin{x}",
    r"\edef\sin{x}",
    r"\xdef\sin{x}",
    r"\let\sin\cos",
    r"\let \sin=\cos",
    r"\futurelet\a\b",
    r"\global\let\a\b",
    r"\newcommand{\sin}{x}",
    r"\renewcommand\sin{x}",
    r"\providecommand{\a}{x}",
    r"\newenvironment{a}{b}{c}",
    r"\renewenvironment{align}{b}{c}",
    r"\DeclareMathOperator{\sin}{x}",
    r"\DeclareMathOperator*{\sin}{x}",
    r"\DeclarePairedDelimiter{\a}{b}{c}",
    r"\Newextarrow{\a}{1,2}{3}",
    r"\newcolumntype{c}{r}",
    r"\newtagform{a}{b}{c}",
    r"\renewtagform{a}{b}{c}",
    r"\usetagform{a}",
    r"\mathtoolsset{a=b}",
    r"\definecolor{red}{rgb}{1,1,1}",
    r"\begingroupSandbox",
    r"\require{html}",
    r"\href{javascript:alert(1)}{x}",
    r"\href {http://evil.test}{x}",
    r"\url{http://evil.test}",
    r"\ref{a}",
    r"\eqref{a}",
    r"\htmlData{a=b}{x}",
    r"\htmlId{a}{x}",
    r"\htmlClass{a}{x}",
    r"\htmlStyle{a}{x}",
    r"\class{jp-Button}{x}",
    r"\cssId{a}{x}",
    r"\style{position:fixed}{x}",
    r"\bbox[position:fixed]{x}",
    r"\fcolorbox{red;position:fixed}{blue}{x}",
    r"\includegraphics{http://evil.test/x}",
    r"\unicode[x]{65}",
    r"\mmlToken{mi}[href='x']{x}",
    r"\csname def\endcsname\sin{x}",
    r"\\def\sin{x}",
    r"\text{\def\sin{x}}",
    r"a%\n\def\sin{x}",
    r"\de\label{a}f\sin{x}",
]


DELIMITED = [
    "${}$",
    "$${}$$",
    r"\({}\)",
    r"\[{}\]",
    r"\begin{{align}}{}\end{{align}}",
    r"$$\begin{{align}}{}\end{{align}}$$",
    "$$\n{}\n$$",
]


@pytest.mark.parametrize("tex", HOSTILE_TEX)
def test_hostile_tex(tex):
    """TeX that reaches beyond its own formula is shown as code, all of it."""
    for around in DELIMITED:
        page = to_html(around.format(tex))
        assert MATH_CLASS not in page
        assert tex in inspect(page)


@pytest.mark.parametrize(
    "tex",
    [
        r"\left( \setminus \right)",
        r"\overset{\text{def}}{=}",
        r"\newline",
        r"\operatorname{def}",
        r"\color{red}{x} \textcolor{blue}{y}",
        r"\hrefs \delta \ell \leq \letter",
        r"\tag{1}",
    ],
)
def test_harmless_tex(tex):
    """TeX whose names only resemble the hostile ones is typeset."""
    assert MATH_CLASS in to_html(f"${tex}$")


HOSTILE_SIZES = {
    "dollars": "$" * 50_000,
    "dollar pairs": "$$ " * 17_000,
    "open dollars": "$a" * 20_000,
    "escaped dollars": "$\\" * 25_000,
    "dollars and ticks": "$a`" * 20_000,
    "brackets": "[" * 25_000,
    "images": "![" * 12_000,
    "links": "[a](" * 12_000,
    "references": "[a][" * 6_000,
    "dollars in links": "[$$a " * 9_000,
    "stars": "*" * 50_000,
    "mixed emphasis": "**x [" * 8_000,
    "ticks": "`" * 50_000,
    "growing ticks": "".join("`" * (n % 200 + 1) + "a " for n in range(3_000)),
    "parentheses": r"\(" * 25_000,
    "parentheses closed": r"\( " * 9_000 + r"\) " * 9_000,
    "brackets over lines": "\\[\n" * 20_000 + "\\]\n" * 20_000,
    "environments": r"\begin{align}" * 5_000,
    "environments closed": r"\begin{align}" * 5_000 + r"\end{align}" * 5_000,
    "environments over lines": "\\begin{align}\n" * 5_000,
    "environments closed over lines": (
        "\\begin{align}\n" * 3_000 + "\\end{align}\n" * 3_000
    ),
    "environments of many names": (
        "\\begin{align}\n\\begin{cases}\n\\begin{array}\n" * 3_000
    ),
    "dollars over lines": "$$a\\$$\n" * 10_000,
    "dollars in quotes": "> $$\n" * 10_000,
    "dollars in lists": "- $$\n" * 10_000,
    "quotes": ">" * 5_000,
    "quotes over lines": ("> " * 500 + "\n") * 20,
    "lists": "- " * 3_000,
    "uneven quotes": "\n".join(">" * (n % 30) + " a" for n in range(3_000)),
    "growing lists": "\n".join("  " * n + "- a" for n in range(600)),
    "tables": "|".join("a" * 1_000)
    + "\n"
    + "|".join("-" * 1_000)
    + "\n"
    + "|\n" * 1_000,
    "fences": "```python\nx=1\n```\n" * 2_000,
    "unknown fences": "".join(f"```x{n}\ny\n```\n" for n in range(3_000)),
    "one slow fence": "```python\n" + "\n " * 40_000 + "\n```",
    "one endless match": "```matlab\n" + "\n" * 60_000 + "```",
    "many slow fences": ("```java\n" + "a \n" * 9_000 + "\n```\n") * 10,
    "angles": "<a " * 20_000,
    "entities": "&" * 50_000,
    "backslashes": "\\" * 50_000,
    "formulas": "$x$ " * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE_SIZES)
def test_time(name):
    """Hostile text costs no more than seconds, though it be tens of kilobytes."""
    to_html("$a$ `b`")
    began = time.process_time()
    to_html(HOSTILE_SIZES[name])
    assert time.process_time() - began < 4  # most need 0.2 s; quadratic ones minutes


@pytest.mark.parametrize("name", HOSTILE_SIZES)
def test_the_parser_bears_it(name):
    """Hostile text is parsed without an error that was hidden, and stays harmless."""
    text = HOSTILE_SIZES[name][:10_000]
    render_or_raise(text)
    inspect(to_html(text))


FRAGMENTS = st.sampled_from(
    [
        *("$", "$$", r"\(", r"\)", r"\[", r"\]", r"\begin{align}", r"\end{align}"),
        *("`", "```", "~~~", "```python\n", "    ", "\t", "\n", "\n\n", "\\", " "),
        *("*", "**", "_", "~~", "[", "]", "](", ")", "![", "<", ">", '"', "'", "&"),
        *("- ", "1. ", "> ", "# ", "---", "===", "|", "|-|\n", "|:-:|-:|\n", "[a]: "),
        *("http://a.test", "javascript:", "mailto:a", "data:", "<http://a.test>", "/x"),
        *("<img src=x onerror=y>", "<script>", "</div>", "</span>", "<!--", "-->"),
        *("&lt;", "&#60;", "&#115;", "style=", " onclick=x ", 'id="x"', "a", "b1"),
        *(r"\def\a{b}", r"\label{a}", r"\href{a}{b}", r"\de", "f", "{", "}", "\x00"),
    ]
)
TEXTS = st.lists(FRAGMENTS | st.text(max_size=4), max_size=40).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.booleans())
def test_any_text(markdown, typeset):
    """Whatever is generated, only what is on the list comes out, well nested."""
    inspect(to_html(markdown, typeset=typeset, highlight=typeset))
    render_or_raise(markdown)


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAGMENTS, max_size=30).map("".join))
def test_nothing_is_kept_between_texts(markdown):
    """A text means the same whatever was shown before it."""
    alone = to_html("[a] $x$ **b**")
    to_html(markdown)
    assert to_html("[a] $x$ **b**") == alone
