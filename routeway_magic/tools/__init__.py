"""Functions of the notebook that a model may ask to be called."""

from routeway_magic.tools.tool import Tool, tool_of
from routeway_magic.tools.toolbox import Toolbox, toolbox_named, toolbox_of

__all__ = ["Tool", "Toolbox", "tool_of", "toolbox_named", "toolbox_of"]
