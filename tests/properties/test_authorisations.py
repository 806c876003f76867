"""Whatever a payer, a network and people do with a request for authorisation, in whatever order."""

from __future__ import annotations

import itertools
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bedside.act.authorisation import authorisations
from bedside.genome.authorisation import Channel, Heard, Move, Purpose, Status, Verdict, heard_of, plain_heard
from tests.made_up_authorisation import AUTHORISATION, OTHER, PERSON, SERVICE, START, Log, heard

CLAIMS = ("C1", "C2", "C3", "elsewhere")
AGREED = (Status.APPROVED, Status.PARTLY_APPROVED, Status.OVERTURNED)
REFUSED = (Status.DENIED, Status.UPHELD)
words = st.builds(
    heard,
    st.sampled_from(Verdict),
    claim=st.sampled_from(CLAIMS),
    person=st.sampled_from((PERSON, PERSON, PERSON, OTHER, "")),
    service=st.sampled_from((SERVICE, SERVICE, SERVICE, "exome", "")),
    number=st.sampled_from(("AUTH-7", "AUTH-7", "AUTH-8", "", "  ")),
    message=st.sampled_from(("M1", "M2", "M3", "M4", "")),
    created=st.one_of(st.none(), st.integers(0, 40).map(lambda hours: START + timedelta(hours=hours))),
    channel=st.sampled_from((Channel.FHIR, Channel.FHIR, Channel.PHONE)),
    by=st.sampled_from(("", "desk")),
    reference=st.sampled_from(("", "call 1")),
)


class Asking(RuleBasedStateMachine):
    """One authorisation; the oracle keeps only what was sent and heard, and reads it without the fold."""

    @initialize()
    def begin(self) -> None:
        self.log = Log().drafted()

    @rule(claim=st.sampled_from(CLAIMS[:3]), purpose=st.sampled_from(Purpose), done=st.booleans())
    def send(self, claim: str, purpose: Purpose, done: bool) -> None:
        self.log.sending(claim, purpose, 1 if purpose is Purpose.APPEAL else 0)
        if done:
            self.log.add(Move.SENT, claim=claim)

    @rule(claim=st.sampled_from(CLAIMS), move=st.sampled_from((Move.NO_ANSWER, Move.SENT, Move.TRIED)))
    def network(self, claim: str, move: Move) -> None:
        self.log.add(move, claim=claim, reason="it did not answer in time")

    @rule(said=words, whose=st.sampled_from((PERSON, PERSON, OTHER)))
    def hear(self, said: Heard, whose: str) -> None:
        self.log.add(Move.HEARD, person=whose, heard=plain_heard(said))

    @rule(
        broken=st.sampled_from(({}, {"heard": "approved"}, {"heard": {"verdict": "approved"}}, {"why": []}))
    )
    def garble(self, broken: dict[str, object]) -> None:
        self.log.add(Move.NOT_BELIEVED if "why" in broken else Move.HEARD, **broken)

    @rule(message=st.sampled_from(("M1", "M2", "M3")), reference=st.sampled_from(("", "call 2")))
    def settle(self, message: str, reference: str) -> None:
        self.log.add(Move.SETTLED, message=message, reference=reference)

    @invariant()
    def only_the_payers_own_well_formed_word_on_this_request_agrees_or_refuses(self) -> None:
        one = authorisations(self.log.events)[AUTHORISATION]
        if one.status not in AGREED + REFUSED:
            assert one.agreement is None
            return
        sent, fitting = set(), []
        for event in self.log.events:
            move = event.payload["move"]
            if move == Move.SENDING.value:
                sent.add(event.payload["claim"])
            if move != Move.HEARD.value or event.person != PERSON:
                continue
            try:
                said = heard_of(event.payload["heard"])
            except (KeyError, TypeError, ValueError):
                continue
            if (
                said.claim in sent
                and (said.person, said.service) == (PERSON, SERVICE)
                and said.message
                and (said.channel is Channel.FHIR or (said.by and said.reference))
            ):
                fitting.append(said)
        if one.status in AGREED:
            assert any(said.verdict.agrees and said.number.strip() for said in fitting)
            assert one.agreement is not None
            assert one.agreement.number.strip()
        else:
            assert any(said.verdict is Verdict.DENIED for said in fitting)

    @invariant()
    def what_was_believed_once_changes_nothing_when_it_comes_again(self) -> None:
        one = authorisations(self.log.events)[AUTHORISATION]
        again = Log()
        again.events, again.sequence = list(self.log.events), itertools.count(10_000)
        for said in one.heard:
            again.add(Move.HEARD, heard=plain_heard(said))
        assert authorisations(again.events)[AUTHORISATION] == one


Asking.TestCase.settings = settings(max_examples=60, stateful_step_count=14, deadline=None)
TestAsking = Asking.TestCase
