"""`eoffice demo`: the whole story against the running system, each fact checked.

Runs again on a system where it ran before, as long as that keeps its answers: every step then gets
its old one back. After that it says so at the beginning and changes nothing.
"""

from __future__ import annotations

import httpx

from eoffice.demo import archive_story, delivery_story, dispatch_story, register_story
from eoffice.demo.client import StoryFailed
from eoffice.demo.load import Access
from eoffice.demo.telling import Telling, complain

#: A signature asks a time-stamp authority, a submission renders pages.
TIMEOUT_S = 60.0


def play(access: Access, base_url: str) -> int:
    """Tell the story; returns the exit code. Writes `demo/` below the office's directory."""
    folder = access.var / "demo"
    with httpx.Client(base_url=base_url, timeout=TIMEOUT_S, trust_env=False) as http:
        telling = Telling(access, http, folder)
        try:
            dispatch_story.require_tellable(telling)
        except StoryFailed as failure:
            complain(str(failure))
            return 1
        try:
            document_id = dispatch_story.draft(telling)
            dispatch_story.sign(telling, document_id)
            delivery_story.deliver(telling, document_id)
            book = register_story.keep_register(telling)
            archive_story.archive(telling, document_id, book)
        except StoryFailed as failure:
            complain(str(failure))
            return 1
        finally:
            telling.write()
    facts = sum(len(step.checked) for step in telling.steps)
    print(f"Xong: {len(telling.steps)} bước, {facts} điều đã kiểm tra. Xem {folder}.")
    return 0
