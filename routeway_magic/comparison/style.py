"""The `<style>` element that goes with a comparison, besides that of answers."""

from __future__ import annotations

__all__ = ["SWEEP_STYLE"]

# `.rw-sweep` is tripled where Lab's own rules for tables are outdone. What a page
# without these rules shows is still a table with a head.
SWEEP_STYLE = (
    "<style>"
    ".rw-side{overflow:auto;max-width:100%;max-height:44em;margin:.4em 0}"
    "@media print{.rw-side{max-height:none}}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-side>table"
    "{table-layout:fixed;width:100%;margin:0;border-collapse:collapse}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-side>table>*>tr>*"
    "{vertical-align:top;text-align:left;white-space:normal;max-width:none;"
    "overflow-wrap:anywhere;padding:.4em .8em;background:none;"
    "border-left:1px solid var(--jp-border-color2,#8886)}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-side>table>*>tr>:first-child{border-left:0}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-side>table>thead>tr>*"
    "{border-bottom:2px solid var(--jp-border-color1,#888a);position:sticky;top:0;"
    "z-index:1;background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas));"
    "color:var(--jp-content-font-color1,var(--vscode-editor-foreground,CanvasText))}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-side table img{max-width:100%}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-figures>table{table-layout:auto;width:auto}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-figures>table>*>tr>*"
    "{padding:.2em .8em;white-space:nowrap}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-figures>table>*>tr>.rw-right{text-align:right}"
    ".rw-side th small{font-weight:normal;opacity:.7}"
    ".rw-sweep caption{caption-side:top;text-align:left;font-size:.85em;"
    "color:var(--jp-ui-font-color2,#767676)}"
    ".rw-sweep ins{background:#3c94}.rw-sweep del{background:#d554}"
    ".rw-sweep.rw-sweep.rw-sweep .rw-question"
    "{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:0;"
    "font-family:inherit;background:none}"
    ".rw-sweep.rw-sweep pre{white-space:pre-wrap;word-break:normal}"
    ".rw-sweep summary{cursor:pointer;font-size:.85em;"
    "color:var(--jp-ui-font-color2,#767676)}"
    ".rw-sweep progress{vertical-align:middle;width:8em}"
    ".rw-failed{color:var(--jp-error-color1,#d0453a)}"
    "</style>"
)
"""Columns that scroll in a box of their own, below their heads; nothing outside `.rw-*`."""
