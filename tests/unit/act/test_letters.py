"""Letters to a person: every template is readable and says no more than its facts, and a changed letter is
caught, whoever changed it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.act.letter_check import check_letter, sentences_of
from bedside.act.letter_rephrase import PLAIN, rephrase
from bedside.act.letter_text import compose, letter_text
from bedside.act.readability import EASE, GRADE, read, spanish_syllables, syllables, too_hard
from bedside.errors import InputError, PackError
from bedside.genome.letter import Fact, FactKind, Facts, Holder, ResultClass, Row, Section, Source
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.letter_rules import LetterRules, load_letter_classes
from bedside.knowledge.letter_templates import LetterTemplate, load_letter_pack, read_template
from bedside.knowledge.provenance import DATA, read_rule_file

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # textstat 0.7.4 imports pkg_resources, which warns
    import textstat

PACK = load_letter_pack()
EVERY = sorted(PACK.templates, key=lambda key: (key[1], key[0].value))
IDS = [f"{language}-{about.value}" for about, language in EVERY]
each_letter = pytest.mark.parametrize("key", EVERY, ids=IDS)
LONG = {
    FactKind.NAME: "Maria Alejandra Fernandez-Castellanos de la Vega",
    FactKind.GENE: "HLA-DQB1",
    FactKind.CONDITION: "arrhythmogenic right ventricular dysplasia with palmoplantar keratoderma (familial)",
    FactKind.CONTACT: "the inherited cardiovascular disorders clinic",
    FactKind.LABORATORY: "International Laboratory for Molecular Genetic Investigations",
}


def parts(key: tuple[ResultClass, str]) -> tuple[LetterTemplate, LetterRules]:
    return PACK.templates[key], PACK.rules[key[1]]


def written(template: LetterTemplate, rules: LetterRules, facts: Facts) -> str:
    return letter_text(template, rules, compose(template, facts))


def worst(template: LetterTemplate, rules: LetterRules) -> Facts:
    """The hardest facts a letter can be filled with: long names, the longest words for every code, and as
    many medicines as a letter names, with the most syllables there are."""

    def hard(one: Fact) -> Fact:
        value = LONG.get(one.kind, one.value)
        if one.kind is FactKind.MEANING:
            value = max(rules.meanings, key=lambda code: len(rules.meanings[code]))
        if one.kind is FactKind.ADVICE:
            value = max(rules.advice, key=lambda code: len(rules.advice[code]))
        return replace(one, value=value, shown=rules.words_for(one.kind, value))

    def row(one: Row) -> Row:
        return {name: hard(fact) for name, fact in one.items()}

    example = template.example
    rows = {name: tuple(map(row, several)) for name, several in example.rows.items()}
    if "advice" in rows:
        first = rows["advice"][0]
        names = sorted(load_pgx().guidance, key=syllables)[-10:]
        told = [replace(first["drug"], value=name, shown=name) for name in names]
        rows |= {"taken": (), "advice": tuple({**first, "drug": drug} for drug in told)}
    return Facts({name: hard(fact) for name, fact in example.single.items()}, rows)


def test_there_is_a_letter_of_every_class_in_both_languages_and_it_says_who_has_to_review_it() -> None:
    assert set(EVERY) == {(about, language) for about in ResultClass for language in ("en", "es")}
    for template in PACK.templates.values():
        assert template.provenance.review_state.startswith("draft, awaiting")
        assert template.provenance.owner
    spanish = [PACK.templates[key].provenance.review_state for key in EVERY if key[1] == "es"]
    assert all("native Spanish clinical reviewer" in one for one in spanish)


@each_letter
def test_a_letter_from_its_example_passes_its_own_check(key: tuple[ResultClass, str]) -> None:
    template, rules = parts(key)
    assert check_letter(written(template, rules, template.example), template, rules, template.example) == ()


@each_letter
def test_every_letter_reads_easily_with_the_hardest_facts(key: tuple[ResultClass, str]) -> None:
    """Measured by ourselves and by textstat, which must agree that it is easy enough."""
    template, rules = parts(key)
    for facts in (template.example, worst(template, rules)):
        told = sentences_of(written(template, rules, facts), rules, PLAIN)
        assert too_hard(told, rules) == ()
        text = " ".join(told)
        textstat.set_lang(key[1])
        if rules.readable.formula == GRADE:
            assert rules.readable.limit == 8
            assert textstat.flesch_kincaid_grade(text) <= 8
        else:
            assert rules.readable.limit == 65
            assert textstat.fernandez_huerta(text) >= 65


def test_our_count_of_syllables_is_close_to_textstats_and_on_the_strict_side() -> None:
    for language, count, formula in (("en", syllables, GRADE), ("es", spanish_syllables, EASE)):
        textstat.set_lang(language)
        told = []
        for key in EVERY:
            if key[1] == language:
                template, rules = parts(key)
                told += sentences_of(written(template, rules, template.example), rules, PLAIN)
        ours = sum(count(word) for one in told for word in re.findall(r"\w+", one))
        theirs = sum(textstat.syllable_count(word) for one in told for word in re.findall(r"\w+", one))
        assert 1.0 <= ours / theirs < 1.2, (language, ours, theirs)
        assert read(told, formula).longest <= 20


@pytest.mark.parametrize(
    ("word", "number"),
    [("result", 2), ("people", 2), ("medicines", 3), ("change", 1), ("gene", 1), ("family", 3), ("table", 2)],
)
def test_syllables_of_english_words(word: str, number: int) -> None:
    assert syllables(word) == number


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("médico", 3),
        ("también", 2),
        ("prueba", 2),
        ("leer", 2),
        ("guía", 2),
        ("que", 1),
        ("cambio", 2),
        ("y", 1),
    ],
)
def test_syllables_of_spanish_words(word: str, number: int) -> None:
    assert spanish_syllables(word) == number


@each_letter
def test_any_one_word_or_number_changed_is_caught(key: tuple[ResultClass, str]) -> None:
    """Every word of the letter in turn is left out, doubled, or exchanged; none slips through."""
    template, rules = parts(key)
    facts = template.example
    text = written(template, rules, facts)
    for number, found in enumerate(re.finditer(r"\S+", text)):
        other = ("", "not", "TP53", "7", found[0] + " " + found[0])[number % 5]
        mutated = text[: found.start()] + other + text[found.end() :]
        if mutated != text:
            assert check_letter(mutated, template, rules, facts), (found[0], other)


@each_letter
def test_a_line_left_out_doubled_or_moved_is_caught(key: tuple[ResultClass, str]) -> None:
    template, rules = parts(key)
    lines = written(template, rules, template.example).rstrip("\n").split("\n")
    for place, line in enumerate(lines):
        if not line:
            continue
        for changed in (
            lines[:place] + lines[place + 1 :],
            [*lines[:place], line, *lines[place:]],
            [*lines[:place], *lines[place + 1 :], line],
        ):
            if changed != lines:
                assert check_letter("\n".join(changed), template, rules, template.example), line


@given(st.sampled_from(EVERY), st.data())
def test_a_character_changed_anywhere_is_caught(key: tuple[ResultClass, str], data: st.DataObject) -> None:
    template, rules = parts(key)
    text = written(template, rules, template.example)
    place = data.draw(st.sampled_from([at for at, one in enumerate(text) if one != "\n"]))
    other = data.draw(st.characters(codec="utf-8", exclude_characters=text[place] + "\n"))
    mutated = text[:place] + other + text[place + 1 :]
    assert check_letter(mutated, template, rules, template.example)


@each_letter
def test_a_fact_that_is_another_than_the_letter_says_is_caught(key: tuple[ResultClass, str]) -> None:
    """The letter stays, the record differs: each fact in turn."""
    template, rules = parts(key)
    facts = template.example
    text = written(template, rules, facts)
    for name, fact in facts.single.items():
        if fact.kind is FactKind.FLAG:
            single = {key: one for key, one in facts.single.items() if key != name}
        else:
            single = {**facts.single, name: replace(fact, value="2020-01-01", shown="otherwise")}
        assert check_letter(text, template, rules, Facts(single, facts.rows)), name
    for name, rows in facts.rows.items():
        other = Facts(facts.single, {**facts.rows, name: rows[:-1]})
        assert check_letter(text, template, rules, other), name


def test_words_that_do_not_belong_to_a_code_are_caught() -> None:
    template, rules = parts((ResultClass.DRUGS, "en"))
    row = template.example.rows["genes"][0]
    lie = {**row, "meaning": replace(row["meaning"], shown=rules.meanings["Rapid Metabolizer"])}
    facts = Facts(template.example.single, {**template.example.rows, "genes": (lie,)})
    faults = check_letter(written(template, rules, facts), template, rules, facts)
    assert [fault.reason for fault in faults] == ["the fact meaning is shown otherwise than it is held"]


@each_letter
def test_a_missing_fact_leaves_its_sentence_out_or_refuses_the_letter(key: tuple[ResultClass, str]) -> None:
    template, rules = parts(key)
    example = template.example
    for name in example.single:
        facts = Facts({n: one for n, one in example.single.items() if n != name}, example.rows)
        refused = any(
            name in one.needs and one.must and (not one.each or example.rows.get(one.each))
            for one in template.sentences
        )
        if refused:
            with pytest.raises(InputError, match="does not hold"):
                written(template, rules, facts)
        else:
            text = written(template, rules, facts)
            assert check_letter(text, template, rules, facts) == ()
            assert "${" not in text


def test_facts_of_several_lines_or_none_are_refused() -> None:
    template, _ = parts((ResultClass.UNCERTAIN, "en"))
    name = template.example.single["name"]
    for shown in ("", "Ana\nYour care changes.", " "):
        single = {**template.example.single, "name": replace(name, shown=shown)}
        with pytest.raises(InputError):
            compose(template, Facts(single, template.example.rows))


def test_a_letter_of_uncertain_meaning_always_says_that_care_does_not_change() -> None:
    for language, claim in (
        ("en", "Your care does not change because of this result alone."),
        ("es", "Su atención médica no cambia solo por este resultado."),
    ):
        template, rules = parts((ResultClass.UNCERTAIN, language))
        assert claim in written(template, rules, template.example).split("\n")


FILE = DATA / "patient_letters" / "en"


def altered(name: str, old: str, new: str) -> LetterTemplate:
    file = read_rule_file(FILE / f"{name}.toml", "patient_letters")
    document = dict(file.document)
    document["sentence"] = [
        {key: value.replace(old, new) if isinstance(value, str) else value for key, value in one.items()}
        for one in file.document["sentence"]
    ]
    return read_template(replace(file, document=document), PACK.rules)


def test_a_sites_own_template_is_refused_where_it_claims_too_much_or_too_little() -> None:
    with pytest.raises(PackError, match="all clear"):
        altered("nothing-found", "Ask if another test could help.", "It is all clear.")
    with pytest.raises(PackError, match="'normal'"):
        altered("nothing-found", "Ask if another test could help.", "Your genes are normal.")
    with pytest.raises(PackError, match="care-unchanged"):
        altered("uncertain", "care-unchanged", "keep-care")
    with pytest.raises(PackError, match="dangerous"):
        altered("uncertain", "most of them do no harm", "this one is dangerous")


class Model:
    """A language model that is told what to do with the first sentence that matches."""

    def __init__(self, old: str, new: str, extra: Sequence[str] = (), drop: int = 0) -> None:
        self.old, self.new, self.extra, self.drop = old, new, extra, drop

    def rephrase(self, sentences: Sequence[str], language: str) -> Sequence[str]:
        changed = [one.replace(self.old, self.new) for one in sentences]
        return [*changed[self.drop :], *self.extra]


def tried(model: Model, about: ResultClass = ResultClass.UNCERTAIN) -> tuple[bool, str, tuple[str, ...]]:
    template, rules = parts((about, "en"))
    facts = template.example
    done = rephrase(model, compose(template, facts), template, rules, facts)
    text = letter_text(template, rules, done.lines)
    if not done.used:
        assert text == written(template, rules, facts)
    return done.used, text, done.refused


def test_a_model_may_put_words_for_others_that_the_rules_allow() -> None:
    used, text, refused = tried(Model("the lab may say", "the laboratory may say"))
    assert used
    assert "the laboratory may say" in text
    assert refused == ()


@pytest.mark.parametrize(
    "model",
    [
        Model("a change", "no change"),
        Model("GENE1", "GENE2"),
        Model("most of them do no harm", "most of them do harm"),
        Model("may say more", "will say more"),
        Model("does not mean that you have", "means that you have"),
        Model("It also does not mean that all is well.", "It means that all is well."),
        Model("a year or two", "a year or 3"),
        Model("", "", extra=("You are cured.",)),
        Model("", "", drop=1),
        Model("Ask your doctor", "Ask your doctor for surgery"),
        Model("if more is known", ""),
        Model("Show this letter to the doctors who care for you.", ""),
        Model("We wrote it on", "We wrote it\n- for nobody on"),
        Model("All people have many gene changes, and", "Many people have all gene changes, and"),
    ],
)
def test_a_model_that_lies_adds_or_leaves_out_is_not_used_and_that_is_said(model: Model) -> None:
    used, _, refused = tried(model)
    assert not used
    assert refused


def test_a_model_that_fails_is_not_used() -> None:
    class Broken:
        def rephrase(self, sentences: Sequence[str], language: str) -> Sequence[str]:
            raise TimeoutError("no answer")

    template, rules = parts((ResultClass.DRUGS, "en"))
    lines = compose(template, template.example)
    done = rephrase(Broken(), lines, template, rules, template.example)
    assert (done.lines, done.used, done.refused) == (lines, False, ("the rephrasing failed: TimeoutError",))


def test_a_model_never_sees_claims_or_technical_details() -> None:
    seen: list[str] = []

    class Listener:
        def rephrase(self, sentences: Sequence[str], language: str) -> Sequence[str]:
            seen.extend(sentences)
            return sentences

    for key in EVERY:
        template, rules = parts(key)
        done = rephrase(Listener(), compose(template, template.example), template, rules, template.example)
        assert done.used
        assert not set(seen) & set(rules.claims.values())
        details = [one.text for one in done.lines if one.section is Section.DETAILS]
        assert not set(seen) & set(details)


def test_no_word_that_changes_a_claim_is_free_to_be_rephrased() -> None:
    for rules in PACK.rules.values():
        assert not rules.kept & rules.light.union(*rules.same)


def test_days_are_read_back_from_their_words() -> None:
    from datetime import date, timedelta

    for rules in PACK.rules.values():
        for number in range(0, 4000, 37):
            day = date(2020, 1, 1) + timedelta(days=number)
            assert rules.day_of(rules.day_words(day)) == day
        assert rules.day_of("soon") is None


def test_every_class_word_leads_to_one_class() -> None:
    classes = load_letter_classes()
    assert not classes.causes & classes.uncertain
    assert not classes.mild & (classes.causes | classes.uncertain)


def test_advice_of_several_kinds_is_to_ask_first() -> None:
    rules = PACK.rules["en"]
    assert rules.words_for(FactKind.ADVICE, "AVOID+REDUCE_DOSE") == rules.unclear_advice
    assert rules.words_for(FactKind.ADVICE, "AVOID+CONTRAINDICATED") == rules.advice["AVOID"]
    said = Fact("x", FactKind.ADVICE, "AVOID", "", Source(Holder.WRITER))
    assert said.shown == ""
