"""Terms of the circulars as they are proposed to the officer who has to confirm or change them.

What they say could not be read in the circulars' text. They are the first rows of a new office and
no more than that: rules are given terms, and never take these by themselves.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def proposed() -> dict[str, dict[str, Any]]:
    """The terms by rule set, as JSON values."""
    text = resources.files(__package__).joinpath("proposed_terms.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found
