"""The web application: the edges of all slices, wired once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from litestar import Litestar
from litestar.concurrency import set_asyncio_executor

from eoffice import db, outbox
from eoffice.archive import http as archive_http
from eoffice.archive import pages as archive_pages
from eoffice.audit import http as audit_http
from eoffice.audit import pages as audit_pages
from eoffice.documents import http as documents_http
from eoffice.documents import pages as documents_pages
from eoffice.people import authentication
from eoffice.people import http as people_http
from eoffice.people import pages as people_pages
from eoffice.registers import http as registers_http
from eoffice.registers import pages as registers_pages
from eoffice.routing import http as routing_http
from eoffice.routing import pages as routing_pages
from eoffice.settings import settings
from eoffice.signing import http as signing_http
from eoffice.signing import pages as signing_pages
from eoffice.web import application

EDGES = (
    people_http,
    people_pages,
    audit_http,
    audit_pages,
    documents_http,
    documents_pages,
    signing_http,
    signing_pages,
    routing_http,
    routing_pages,
    registers_http,
    registers_pages,
    archive_http,
    archive_pages,
)
