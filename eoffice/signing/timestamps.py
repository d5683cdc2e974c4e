"""Asking a time-stamp authority (RFC 3161) over HTTP, within bounds of time and size."""

from __future__ import annotations

import httpx
from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from eoffice.errors import Unavailable
from eoffice.signing import tls

TIMEOUT_S = 10.0
#: Tokens are 1 to 8 KB; what does not fit into a signature's reserved space is of no use.
LARGEST_RESPONSE_BYTES = 64 * 1024


class TimestampUnavailable(Unavailable):
    """The time-stamp authority does not answer, or not with a time-stamp."""


class Authority(TimeStamper):
    """One time-stamp authority. Every request is a new token; asking again is harmless."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token over the digest. Raises TimestampUnavailable."""
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except (TimestampRequestError, ValueError, TypeError, KeyError) as failure:
            # Refused, an answer to another question, or no answer of this protocol at all.
            raise _unavailable() from failure

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Blocks, although its name says otherwise: our callers are synchronous."""
        try:
            with httpx.stream(
                "POST",
                self._url,
                content=req.dump(),
                headers={"Content-Type": "application/timestamp-query"},
                timeout=TIMEOUT_S,
                verify=tls.recognised(),
                trust_env=False,
            ) as response:
                response.raise_for_status()
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > LARGEST_RESPONSE_BYTES:
                        raise _unavailable()
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise _unavailable() from failure
        return tsp.TimeStampResp.load(bytes(body))


def _unavailable() -> TimestampUnavailable:
    return TimestampUnavailable(
        "Dịch vụ cấp dấu thời gian không trả lời. Chữ ký chưa được ghi; hãy thử lại sau ít phút."
    )
