"""The detail of a card becomes paragraphs, lists and links, and nothing a sender wrote becomes markup."""

from __future__ import annotations

import pytest

from bedside.web.prose import prose


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", ""),
        ("One.\nTwo.\n\nThree.", "<p>One. Two.</p><p>Three.</p>"),
        ("Do:\n- this\n- that", "<p>Do:</p><ul><li>this</li><li>that</li></ul>"),
        ("**After PCI.** Avoid.", "<p><strong>After PCI.</strong> Avoid.</p>"),
        ("*Knowledge cpic@2025-11-05.*", "<p><em>Knowledge cpic@2025-11-05.</em></p>"),
        ("CYP2C19 *2/*2: poor metabolizer", "<p>CYP2C19 *2/*2: poor metabolizer</p>"),
        ("*2/*2 and \\*17", "<p>*2/*2 and *17</p>"),
        ("<b>x</b> & y", "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>"),
        (
            "[CPIC](https://cpicpgx.org/)",
            '<p><a href="https://cpicpgx.org/" rel="noopener noreferrer">CPIC</a></p>',
        ),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        (
            '[x](https://a.example/"onclick=)',
            '<p><a href="https://a.example/&#34;onclick=" rel="noopener noreferrer">x</a></p>',
        ),
    ],
)
def test_prose(written: str, shown: str) -> None:
    assert str(prose(written)) == shown
