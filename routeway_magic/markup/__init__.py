"""Untrusted Markdown to safe HTML.

A model's answer is text from a stranger, and a cell that just ran is trusted by
Jupyter: whatever the text holds, no script, no style, no command and no load from
elsewhere comes out of here (NOTEBOOK.md B1 lists what does otherwise). Importing this
package is cheap; the parser and the lexers are imported at first use.
"""

from __future__ import annotations

from routeway_magic.markup.code import code_to_html
from routeway_magic.markup.document import to_html
from routeway_magic.markup.style import READING_STYLE, STYLE
from routeway_magic.markup.text import escape, printable

__all__ = ["READING_STYLE", "STYLE", "code_to_html", "escape", "printable", "to_html"]
