"""What the docs site makes of a notebook."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

HOOK = Path(__file__).parents[2] / "docs" / "_site" / "notebook_pages.py"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """The hook, as mkdocs loads it."""
    spec = importlib.util.spec_from_file_location("notebook_pages", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page_of(hook: ModuleType, notebook: Path, *cells: dict[str, Any]) -> tuple[str, str]:
    """The Markdown of a notebook, and the page that comes of it where Markdown is left as it is."""
    notebook.write_text(json.dumps({"cells": cells}), "utf-8")
    text = hook.markdown(notebook)
    page = SimpleNamespace(file=SimpleNamespace(src_uri=f"{notebook.stem}.md"))
    return text, hook.on_page_content(text, page, SimpleNamespace(docs_dir=str(notebook.parent)), ())


def code(*outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "id": "one", "source": ["a = 1\n", "a"], "outputs": list(outputs)}


def value(**forms: list[str] | str) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": {name.replace("_", "/"): form for name, form in forms.items()}}


def test_text_and_code_become_markdown(hook: ModuleType, tmp_path: Path) -> None:
    """Prose stays as it is, code becomes a block, and a cell without outputs leaves no place for any."""
    prose = {"cell_type": "markdown", "id": "prose", "source": ["# Title\n", "[see](how-to/efs.md)"]}
    text, page = page_of(hook, tmp_path / "n.ipynb", prose, code())
    assert text == page == "# Title\n[see](how-to/efs.md)\n\n```python\na = 1\na\n```"


def test_the_richest_form_is_shown(hook: ModuleType, tmp_path: Path) -> None:
    """HTML goes before a picture, and a picture, with its title, before text."""
    _, html = page_of(hook, tmp_path / "n.ipynb", code(value(text_plain="plain", text_html=["<p>", "rich</p>"])))
    assert "<p>rich</p>" in html
    assert "plain" not in html
    _, picture = page_of(hook, tmp_path / "n.ipynb", code(value(text_plain=["7 <jobs>\n", "rest"], image_png="QUJD\n")))
    assert '<img alt="7 &lt;jobs&gt;" src="data:image/png;base64,QUJD">' in picture
    _, text = page_of(hook, tmp_path / "n.ipynb", code(value(text_plain="a < b")))
    assert "<pre>a &lt; b</pre>" in text


def test_what_was_printed_stays_text(hook: ModuleType, tmp_path: Path) -> None:
    """A log line is neither HTML nor Markdown on the page, and cannot leave the place that is its own."""
    line = "```\n</template><script>alert(1)</script> **bold**"
    text, page = page_of(hook, tmp_path / "n.ipynb", code({"output_type": "stream", "name": "stdout", "text": line}))
    assert line not in text
    assert "<pre>```\n&lt;/template&gt;&lt;script&gt;alert(1)&lt;/script&gt; **bold**</pre>" in page
    assert page.count("</template>") == 1


def test_links_to_a_notebook_lead_to_its_page(hook: ModuleType) -> None:
    """In the repository a link leads to the notebook, on the site to the page, at the same heading."""
    text = "[a](tutorial.ipynb) [b](../tutorial.ipynb#see-it) `tutorial.ipynb`"
    assert hook.on_page_markdown(text, None, None, None) == (
        "[a](tutorial.md) [b](../tutorial.md#see-it) `tutorial.ipynb`"
    )


def test_other_pages_are_left_alone(hook: ModuleType, tmp_path: Path) -> None:
    """A page that no notebook lies beside stays as it is."""
    page = SimpleNamespace(file=SimpleNamespace(src_uri="index.md"))
    assert hook.on_page_content("<p>x</p>", page, SimpleNamespace(docs_dir=str(tmp_path)), ()) == "<p>x</p>"
