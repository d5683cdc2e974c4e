"""How much one request may bring, for every door of the office and for the proxy before it."""

from typing import Final

MEBIBYTE: Final = 1 << 20
#: The largest body that any route takes: a scan of many pages, and room for the rest of its form.
#: `deploy/Caddyfile` names the same number, and a test holds both and all routes together.
LARGEST_REQUEST: Final = 101 * MEBIBYTE
#: What a route takes that asks for no more.
LARGEST_FORM: Final = 12 * MEBIBYTE
