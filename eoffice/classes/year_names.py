"""School years by name: "2025-2026" begins in August 2025. Pure."""

from __future__ import annotations

from datetime import date


def year_of(day: date) -> str:
    """The school year of a day."""
    first = day.year if day.month >= 8 else day.year - 1
    return f"{first}-{first + 1}"


def next_year(school_year: str) -> str:
    """The one that follows."""
    first = int(school_year[:4]) + 1
    return f"{first}-{first + 1}"


def last_year(school_year: str) -> str:
    """The one before."""
    first = int(school_year[:4]) - 1
    return f"{first}-{first + 1}"


def years_around(day: date) -> list[str]:
    """The next school year, that of the day, and the five before it."""
    first = int(year_of(day)[:4]) + 1
    return [f"{one}-{one + 1}" for one in range(first, first - 7, -1)]
