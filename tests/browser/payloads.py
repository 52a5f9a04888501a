"""What a hostile model may write: each names the canary, `@@`, or sets `window.canary`."""

from __future__ import annotations

__all__ = ["BLOCKS", "FORMATTED", "PAYLOADS", "READS_RIGHT"]

_RUN = "window.canary=1"
_BUTTON = (
    '<button data-commandlinker-command="notebook:run-all-cells" '
    "data-commandlinker-args='{}'>Copy code</button>"
)

PAYLOADS = (
    # script and handlers
    f"<script>{_RUN}</script>",
    '<script src="@@script.js"></script>',
    f'<img src=x onerror="{_RUN}">',
    f"<details open ontoggle={_RUN}><summary>a</summary></details>",
    f'<svg onload="{_RUN}"><script>{_RUN}</script></svg>',
    f'<svg><foreignObject><img src=x onerror="{_RUN}"></foreignObject></svg>',
    f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    '<iframe src="@@frame"></iframe>',
    '<object data="@@object"></object><embed src="@@embed">',
    f'<math><mtext><img src=x onerror="{_RUN}"></mtext></math>',
    f'<input autofocus onfocus="{_RUN}">',
    # what loads
    '<img src="@@img.png" srcset="@@srcset.png 2x">',
    "![inline](@@md.png) ![reference][r] [![in a link](@@inner.png)](@@outer)",
    '<video src="@@v.mp4" poster="@@p.png"></video><audio src="@@a.mp3"></audio>',
    '<link rel="stylesheet" href="@@style.css"><link rel="prefetch" href="@@pre">',
    '<div style="background:url(@@bg.png)">styled</div>',
    "<style>@import url(@@import.css); body{display:none!important}</style>",
    '<div style="position:fixed;inset:0;background:red;z-index:99999">over</div>',
    '<form action="@@form"><button>send</button></form>',
    '<meta http-equiv="refresh" content="0;url=@@refresh"><base href="@@base">',
    "![same origin](/api/contents/canary) ![relative](canary.png)",
    # links
    f"[a](javascript:{_RUN}) [b](java&#115;cript:{_RUN}) [c](JaVaScRiPt:{_RUN})",
    f"[d](\x01javascript:{_RUN}) [e](vbscript:x) [f](data:text/html,<script>1</script>)",
    '[g](@@ok "onmouseover=alert(1)") [h](/api/kernels/canary) [i](#canary) [j](//canary)',
    f'<a target="_self" href="javascript:{_RUN}">k</a> <javascript:{_RUN}>',
    "[l](command:workbench.action.terminal.new) [m](file:///etc/passwd)",
    _BUTTON,
    f"[n](@@x'onclick='{_RUN}) [o](<@@ onclick={_RUN}>)",
    # parser differentials: spans, fences, math
    f"x $ a`b$\n<img src=x onerror={_RUN}>` y",
    f"\\`<img src=x onerror={_RUN}>`",
    f"````\n```\n````\n<img src=x onerror={_RUN}>",
    f"```\n</pre></code><img src=x onerror={_RUN}>\n```",
    f'~~~ "><img src=x onerror={_RUN}>\ncode\n~~~',
    f"`</code><img src=x onerror={_RUN}>`",
    f"> ```\n> <img src=x onerror={_RUN}>\n\n- <script>{_RUN}</script>",
    f"| a | b |\n|--|--|\n| <img src=x onerror={_RUN}> | `|` <script>{_RUN}</script> |",
    f"&lt;img src=x onerror={_RUN}&gt; &#60;script&#62;{_RUN}&#60;/script&#62;",
    f"$</span><img src=x onerror={_RUN}>$ \\(</span><script>{_RUN}</script>\\)",
    f"$$\n</mjx-container><img src=x onerror={_RUN}>\n$$",
    f"$\\href{{javascript:{_RUN}}}{{x}}$ $\\href{{@@href}}{{x}}$",
    "$\\def\\sin{POISON}$ $\\gdef\\cos{POISON}$ \\(\\newcommand{\\tan}{POISON}\\)",
    "$\\includegraphics{@@tex.png}$ $\\require{html}$ $\\style{background:url(@@t)}{x}$",
    f"$\\text{{<img src=x onerror={_RUN}>}}$ $\\tag{{<img src=x onerror={_RUN}>}} x$",
    "$\\class{jp-Toolbar}{x}$ $\\cssId{main}{x}$ $\\unicode{x3c}$",
    "and later $\\sin x + \\cos x + \\tan x$",
    # what other renderers would take for a program
    '```mermaid\ngraph TD; A["<img src=@@mermaid.png>"]; click A "@@click"\n```',
    f'```svg\n<svg xmlns="http://www.w3.org/2000/svg" onload="{_RUN}"></svg>\n```',
    f"```html\n<script>{_RUN}</script>\n```",
    "[r]: @@reference.png",
)

BLOCKS = [
    {"type": "thinking", "thinking": f"</pre><script>{_RUN}</script>"},
    {"type": "redacted_thinking", "data": f"<script>{_RUN}</script>"},
    {"type": "tool_use", "id": "t", "name": f"<img src=x onerror={_RUN}>", "input": {}},
    {"type": f"<img src=x onerror={_RUN}>", f"<script>{_RUN}</script>": "@@"},
    {"type": "document", "title": f"<img src=x onerror={_RUN}>"},
    {"type": "image", "source": {"type": "url", "url": "@@block.png"}},
    {
        "type": "image",
        "source": {"media_type": f'image/png"><script>{_RUN}</script>', "data": "QQ=="},
    },
    {
        "type": "text",
        "text": "cited",
        "citations": [
            {
                "title": f"<img src=x onerror={_RUN}>",
                "url": f"javascript:{_RUN}",
                "cited_text": f"<script>{_RUN}</script>",
            },
            {"title": "t", "url": f'http://x.invalid/"onclick="{_RUN}'},
        ],
    },
]

FORMATTED = {
    "html": f"""<script>document.body.className='ran';parent.{_RUN}</script><img src="@@i.png" onerror="{_RUN}">
<style>@import url(@@s.css)</style><meta http-equiv="refresh" content="0;url=@@r">
<iframe src="@@f"></iframe><object data="@@o"></object><embed src="@@e">
<link rel=preconnect href="@@"><form action="@@form"></form><b>bold</b>
<script>document.body.className='ran'</script>""",
    "image": f'<svg xmlns="http://www.w3.org/2000/svg"><script>{_RUN}</script>'
    '<image href="@@svg.png"/><use href="@@use"/></svg>',
    "math": f"x</span><img src=x onerror={_RUN}> \\href{{@@m}}{{y}}",
    "json": f'{{"a": "<img src=x onerror={_RUN}>"}}',
    "code": f"```html\n</pre><img src=x onerror={_RUN}>\n```",
    "text": f"<img src=x onerror={_RUN}>",
}

READS_RIGHT = r"""a < b and Vec<T> and List<int>; it costs $5 and $10, or \(x\) of it.

\[ \frac{a<b}{c} \]

| left | right |
|:--|--:|
| `a` | 12 |

````markdown
```python
nested = "fence"
```
````

שלום עולם, مرحبا and 漢字 and 👩‍🚀.

```mermaid
graph TD; A-->B
```
"""
