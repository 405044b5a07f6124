"""The one style sheet of all outputs in a notebook."""

from __future__ import annotations

from typing import Final

from batchwright._display.view import Tone

PREFIX: Final = "bw"

TONES: Final = {
    Tone.GOOD: "#178a3c",
    Tone.BUSY: "#1b7cb8",
    Tone.WARN: "#b06a00",
    Tone.BAD: "#d8323c",
    Tone.FAINT: "#808080",
}
"""Colours of middle lightness; each is mixed with the page's own, so that it reads on a light and on a dark ground."""
PERCENT: Final = 50
"""How much of the mixture is the tone; the rest is the page's own colour of text."""

# No colour is fixed but as a part of a mixture: whoever shows the output (JupyterLab, VS Code, an exported page) says
# what text looks like on its ground, and a browser that cannot mix leaves the text as it is.
_LINE: Final = "1px solid rgba(128,128,128,.35)"
_RULES: Final = {
    "": "color:inherit;max-width:100%;line-height:1.45;text-align:left;overflow-wrap:anywhere",
    "p": "margin:.3em 0",
    ".bw-title": "font-size:1.05em",
    ".bw-box": "overflow-x:auto;max-width:100%;margin:.4em 0",
    ".bw-part": f"margin:.6em 0 .6em .2em;padding-left:.8em;border-left:{_LINE}",
    "table": "border-collapse:collapse;margin:0;border:0;font-size:.95em;color:inherit;background:none;"
    "font-variant-numeric:tabular-nums;table-layout:auto",
    "caption": "caption-side:top;text-align:left;font-weight:600;color:inherit;padding:.2em 0",
    "tr": "background:none;text-align:left",
    "th": "text-align:left;vertical-align:top;padding:.2em 1em .2em 0;border:0;color:inherit;white-space:nowrap",
    "td": "text-align:left;vertical-align:top;padding:.2em 1em .2em 0;border:0;color:inherit;white-space:pre-wrap;"
    "min-width:14em;max-width:48em",
    ".bw-facts td": "min-width:8em;max-width:64em",
    "td.bw-short": "min-width:0;white-space:pre",
    "thead th": f"border-bottom:{_LINE}",
    "tbody tr + tr > *": f"border-top:{_LINE}",
    ".bw-facts tbody tr + tr > *": "border-top:0",
    ".bw-facts th": "font-weight:400",
    "ul": "margin:.2em 0;padding-left:1.4em;list-style:none",
    "li": "margin:0",
    "summary": "cursor:pointer;margin-left:-1.1em;padding-left:1.1em;text-indent:-1.1em",
    "pre": f"margin:.4em 0;padding:.4em .6em;border:{_LINE};background:none;color:inherit;max-height:30em;"
    "overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.9em;"
    "font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)",
    "a": f"color:color-mix(in srgb,{TONES[Tone.BUSY]} {PERCENT}%,currentColor);text-decoration:underline",
}


def _sheet() -> str:
    rules = dict(_RULES)
    for tone, colour in TONES.items():
        weight = "400" if tone is Tone.FAINT else "600"
        rules[f".bw-{tone.value}"] = f"color:color-mix(in srgb,{colour} {PERCENT}%,currentColor);font-weight:{weight}"
    scope = f".{PREFIX}" * 3  # said three times it counts for more than what notebooks say of all tables
    return "".join(f"{scope} {selector}".rstrip() + f"{{{rule}}}" for selector, rule in rules.items())


STYLE: Final = _sheet()
