"""No script, no style, no load and no command comes out of a model's Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspection import inspect, render_or_raise

from routeway_magic.markup import to_html

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
