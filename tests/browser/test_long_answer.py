"""A long answer in JupyterLab: it is laid out as one comes to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from front_ends import FrontEnd

PARTS = 120
SHOW = f"""
from IPython.display import publish_display_data
from routeway_magic.answer import bundle

part = "## Part {{0}}\\n\\n" + 6 * "Some words that fill a few lines of a page. " + '''

$x_{{{{{{0}}}}}} = 1$

```python
def f(x):
    return x
```
'''
text = "\\n".join(part.format(number) for number in range({PARTS}))
publish_display_data(bundle({{"content": [{{"type": "text", "text": text}}]}}))
"""
TOP = """() => {
  const view = document.querySelector('.jp-WindowedPanel-outer');
  view.scrollTop = 0;
  const box = view.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}"""
READ = """() => {
  const top = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect().top;
  window.read = [...document.querySelectorAll('.rw > *')].find(
    block => block.getBoundingClientRect().top > top + 100);
}"""
PLACE = "() => window.read.getBoundingClientRect().top"
LAST = """() => {
  const blocks = [...document.querySelectorAll('.rw > * > *')];
  const seen = block => block.checkVisibility({contentVisibilityAuto: true});
  return [seen(blocks[0]), seen(blocks.at(-1))];
}"""


def test_a_long_answer_is_laid_out_as_it_is_read(lab: FrontEnd) -> None:
    """Its end costs nothing before it is seen, and nothing jumps on the way there."""
    notebook = lab.open([SHOW])
    notebook.run(0)
    notebook.output(0)
    page = notebook.page
    x, y = page.evaluate(TOP)
    page.mouse.move(x, y)
    page.wait_for_function(f"() => ({LAST})()[0]")
    assert page.evaluate(LAST) == [True, False]
    for _ in range(12):
        page.evaluate(READ)
        before = page.evaluate(PLACE)
        page.mouse.wheel(0, 300)
        page.wait_for_function(f"before => ({PLACE})() < before", arg=before)
        page.wait_for_timeout(150)
        assert abs(before - 300 - page.evaluate(PLACE)) < 2
    assert page.locator("mjx-container").count() == PARTS
