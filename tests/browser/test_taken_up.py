"""A conversation in a notebook whose kernel is a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from front_ends import FrontEnd

COUNTED = """from routeway_magic import session
kept = session().conversation()
print(len(kept.path(kept.head)), "of", len(kept))"""
CELLS = [
    "%load_ext routeway_magic",
    "%%claude\nthe first question",
    "%%claude\nthe second question",
    "%claude load",
    "%claude load 1",
    COUNTED,
]


def test_a_new_kernel_goes_on_where_the_last_one_stood(lab: FrontEnd) -> None:
    """The list is this notebook's; running a cell again answers from its old place."""
    first = lab.open(CELLS)
    for cell in (0, 1, 2):
        first.run(cell)
    first.save()
    second = lab.reopen(first)
    for cell in (0, 3, 4, 5):
        second.run(cell)
    offered = second.text(3).splitlines()
    assert len(offered) == 2
    assert "main  2 turns" in offered[1]
    assert "the second question" in offered[1]
    assert second.text(5) == "2 of 2\n"
    second.run(2)
    second.run(5)
    assert second.text(5) == "2 of 3\n"
