"""That no token is given."""

from __future__ import annotations

from bedside.errors import BedsideError


class TokenRefused(BedsideError):
    """No token is given. code: the word of OAuth for it; the message says why, and nothing of the request."""

    def __init__(self, code: str, why: str) -> None:
        self.code = code
        super().__init__(why)
