"""Writes a grey picture as PNG: one filter, one chunk of data, no library of images."""

from __future__ import annotations

import struct
import zlib
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write_png(pixels: Any) -> bytes:
    """The PNG of rows of grey pixels, a numpy array of bytes with two dimensions."""
    import numpy as np

    height, width = pixels.shape[:2]
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, width)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), 6)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
