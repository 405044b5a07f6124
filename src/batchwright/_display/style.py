"""The one style sheet of all outputs in a notebook."""

from __future__ import annotations

from typing import Final

from batchwright._display.view import Tone

PREFIX: Final = "batchwright"

TONES: Final = {
    Tone.GOOD: "#178a3c",
    Tone.BUSY: "#1b7cb8",
    Tone.WARN: "#b06a00",
    Tone.BAD: "#d8323c",
    Tone.FAINT: "#808080",
}
"""Colours of middle lightness; each is mixed with the page's own, so that it reads on a light and on a dark ground."""
OF_THE_PAGE: Final = 50
"""Per cent of the page's own text colour in a tone."""

# No colour here is fixed but as a part of a mixture: whoever shows the output (JupyterLab, VS Code, an exported page)
# says what text looks like on its ground, and a browser that cannot mix leaves the text as it is.
_LINE: Final = "1px solid rgba(128,128,128,.35)"
_RULES: Final = {
    "": "color:inherit;max-width:100%;line-height:1.45;text-align:left;font-variant-numeric:tabular-nums",
    " p": "margin:.3em 0;overflow-wrap:anywhere",
    " .{p}-title": "font-size:1.05em",
    " .{p}-box": "overflow-x:auto;max-width:100%;margin:.4em 0",
    " .{p}-part": f"margin:.6em 0 .6em .2em;padding-left:.8em;border-left:{_LINE}",
    " table": "border-collapse:collapse;margin:0;border:0;font-size:.95em;color:inherit;background:transparent",
    " caption": "caption-side:top;text-align:left;font-weight:600;color:inherit;padding:.2em 0",
    " tbody tr, .{p} thead tr": "background:transparent",
    " th, .{p} td": "text-align:left;vertical-align:top;padding:.2em 1em .2em 0;border:0;color:inherit;"
    "white-space:normal;overflow-wrap:anywhere;min-width:4.5em;max-width:48em",
    " thead th": f"border-bottom:{_LINE};white-space:nowrap",
    " tbody tr + tr > *": f"border-top:{_LINE}",
    " .{p}-facts tbody tr + tr > *": "border-top:0",
    " .{p}-facts th": "font-weight:400;white-space:nowrap;color:color-mix(in srgb, #808080 50%, currentColor)",
    " ul": "margin:.2em 0;padding-left:1.3em;list-style:none",
    " summary": "cursor:pointer;margin-left:-1.1em",
    " pre": f"margin:.4em 0;padding:.4em .6em;border:{_LINE};background:transparent;color:inherit;max-height:30em;"
    "overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.9em",
    " a": "color:color-mix(in srgb, #1b7cb8 50%, currentColor);text-decoration:underline",
}


def _sheet() -> str:
    rules = {**_RULES}
    for tone, colour in TONES.items():
        strong = ";font-weight:600" if tone is not Tone.FAINT else ""
        mixed = f"color-mix(in srgb, {colour} {100 - OF_THE_PAGE}%, currentColor)"
        rules[f" .{{p}}-{tone.value}"] = f"color:{mixed}{strong}"
    return "".join(f".{{p}}{selector}{{{{{rule}}}}}".format(p=PREFIX) for selector, rule in rules.items())


STYLE: Final = _sheet()
