"""The wire view as a pure function: times, drawing, tree, page."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from events_drawn import EVENTS
from hypothesis import given
from hypothesis import strategies as st
from journaled import HELLO, asked, lived
from payloads_seen import assert_harmless

from routeway_magic.events import Ping, Responded, Waiting, from_data
from routeway_magic.types import Request
from routeway_magic.wire_view import Wire, as_html, as_text, events_text
from routeway_magic.wire_view.drawing import svg, ticks
from routeway_magic.wire_view.json_tree import tree
from routeway_magic.wire_view.lines import timeline_lines
from routeway_magic.wire_view.timeline import (
    duration,
    timeline_of,
    tokens_per_second,
)
