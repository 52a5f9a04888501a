"""Types that are recognised by their names, where importing them would cost the user."""

from __future__ import annotations

from abc import ABCMeta

__all__ = ["class_named"]


def class_named(package: str, name: str) -> type:
    """A class that counts every class of this name in this package as its own.

    To register a describer for a type whose module the user may not have imported.

    Args:
        package: the module or package, such as "dask.dataframe".
        name: of the class itself.
    """

    def from_there(kind: type) -> bool:
        return kind.__name__ == name and f"{kind.__module__}.".startswith(f"{package}.")

    def subclasshook(_: type, kind: type) -> bool:
        return any(map(from_there, kind.__mro__))

    members: dict[str, object] = {"__subclasshook__": classmethod(subclasshook)}
    return ABCMeta(f"Named{name}", (), members)
