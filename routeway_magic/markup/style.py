"""The one `<style>` element that goes with an answer, and one for what is read again."""

from __future__ import annotations

__all__ = ["READING_STYLE", "STYLE"]

# The colours are those of JupyterLab's editor; each has a fallback that can be read
# on white and on black. `.rw` is tripled where Lab's own rule for tables is outdone.
STYLE = (
    "<style>"
    ".rw .highlight{margin:.7em 0}"
    ".rw.rw pre{padding:.5em .7em;overflow-x:auto;"
    "word-break:normal;"
    "font-family:var(--jp-code-font-family,monospace);"
    "background:var(--jp-layout-color2,#8882)}"
    ".rw .highlight [class^=k],.rw .highlight .nt"
    "{color:var(--jp-mirror-editor-keyword-color,#2e8b3d)}"
    ".rw .highlight [class^=c]{color:var(--jp-mirror-editor-comment-color,#6c8585)}"
    ".rw .highlight [class^=s]{color:var(--jp-mirror-editor-string-color,#c5523f)}"
    ".rw .highlight [class^=m]{color:var(--jp-mirror-editor-number-color,#268a68)}"
    ".rw .highlight :is(.nf,.nc,.nd)"
    "{color:var(--jp-mirror-editor-def-color,#4b7bdc)}"
    ".rw .highlight .nb{color:var(--jp-mirror-editor-builtin-color,#9b62c4)}"
    ".rw details{margin-bottom:.7em}"
    ".rw summary{cursor:pointer}"
    ".rw.rw.rw :is(td,th){text-align:left}"
    ".rw.rw.rw .rw-right{text-align:right}"
    ".rw.rw.rw .rw-center{text-align:center}"
    # What is out of sight is laid out when it comes into sight; until then its height
    # is a guess, and front ends hold the place of what is being read.
    ".rw>*{content-visibility:auto;contain-intrinsic-size:auto 4em}"
    ".rw>:is(ul,ol,.highlight){contain-intrinsic-size:auto 13em}"
    ".rw-status,.rw-footer,.rw summary"
    "{font-size:.85em;color:var(--jp-ui-font-color2,#767676)}"
    "</style>"
)
"""Colours for code, quiet status and footer lines, nothing outside `.rw` and `.rw-*`."""

READING_STYLE = (
    "<style>"
    ".rw.rw.rw .rw-question{white-space:pre-wrap}"
    ".rw ins{background:#3c94}.rw del{background:#d554}"
    "</style>"
)
"""What is needed besides for questions, and for two answers compared."""
