"""A site's policy of consent is read whole or refused with everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.genome.consent import Decision, Scope
from bedside.knowledge.consent_policy import load_consent_policy, read_consent_policy, read_data_uses
from bedside.knowledge.provenance import DATA, parse_rule_file

POLICY = (DATA / "consent" / "policy.toml").read_text(encoding="utf-8")
USES = (DATA / "consent" / "uses.toml").read_text(encoding="utf-8")


def policy(text: str):
    uses = read_data_uses(parse_rule_file("uses.toml", USES.encode(), "consent"))
    return read_consent_policy(parse_rule_file("policy.toml", text.encode(), "consent"), uses)


def test_the_shipped_policy_gives_care_by_ordering_and_nothing_else():
    assert load_consent_policy().unasked == {
        scope: Decision.GIVEN if scope is Scope.CLINICAL else Decision.NOT_ASKED for scope in Scope
    }


def test_a_site_s_own_majority_takes_the_place_of_the_shipped_one(tmp_path: Path):
    folder = tmp_path / "consent"
    folder.mkdir()
    own = POLICY.replace('jurisdiction = "default"', 'jurisdiction = "XX"')
    own = own.replace("default = 18", "default = 18\nXX = 21")
    (folder / "policy.toml").write_text(own, encoding="utf-8")
    assert (load_consent_policy(tmp_path).majority, load_consent_policy().majority) == (21, 18)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('family = "not-asked"\n', "", r"\[unasked\] says nothing of family"),
        ('family = ["clinical", "family"]\n', "", r"\[needs\] says nothing of family"),
        ('research = "not-asked"', 'research = "perhaps"', "perhaps"),
        ('research = "not-asked"', 'research = "withdrawn"', "nobody has withdrawn"),
        ('care = ["clinical"]', 'care = "clinical"', "a list is needed"),
        ("default = 18", "default = 0", "years of age"),
        ("emancipated_minors = false", 'emancipated_minors = "no"', "true or false"),
    ],
)
def test_a_policy_that_leaves_something_open_is_refused(old, new, says):
    assert old in POLICY
    with pytest.raises(PackError, match=says):
        policy(POLICY.replace(old, new))


def test_every_wrong_term_of_use_is_named_at_once():
    wrong = 'met = "?"'.join(USES.replace('is = "permission"', 'is = "wish"', 1).rsplit("met = false", 1))
    with pytest.raises(PackError) as refused:
        read_data_uses(parse_rule_file("uses.toml", wrong.encode(), "consent"))
    assert [str(problem).split(":")[1] for problem in refused.value.problems] == [
        " [[use]] 1 is missing or has wrong",
        " [[use]] 23 is missing or has wrong",
    ]


def test_a_term_that_is_named_must_be_described():
    with pytest.raises(PackError, match="DUO:0000099 is named and not described"):
        read_data_uses(
            parse_rule_file("u", USES.replace('["DUO:0000007"]', '["DUO:0000099"]').encode(), "consent")
        )
