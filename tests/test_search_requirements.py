"""What a question requires: quoted words stand in every hit, excluded words in none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from asking import candidate
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_search_ranking import ENCODER, MODE_NAMES, VOCABULARY, add, edition

from kb.errors import BadUsage
from kb.filters import Filters
from kb.index.clauses import Phrase
from kb.store import Store, open_store
from search.query.requirements import Requirements, requirements
from search.retrieval.ranking import lifted, ranked, score
from search.searcher import Searcher, SearchOptions

Ask = Callable[..., tuple[int, str, str]]
WORDS = st.sampled_from(VOCABULARY)
RUNS = st.lists(WORDS, min_size=1, max_size=3)


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A knowledge base of ninety short documents of the same few words, in two states.

    The words of the last third are not in the file of the index.
    """
    texts = {
        f"brief-{n}": [
            " ".join(VOCABULARY[(n * a + n // 7 * b) % 8] for b in range(1, 2 + n % 9))
            for a in range(1, 4)
        ]
        for n in range(90)
    }
    location = tmp_path_factory.mktemp("animals") / "kb"
    kept = [edition(key, passages) for key, passages in texts.items()]
    with open_store(location, create=True, model="hashing") as store:
        add(store, kept[:60])
    with open_store(location, write=True) as store:
        add(store, kept[60:])
        store.remove("brief-5")
        yield store


def written(quoted: Sequence[Sequence[str]], excluded: Sequence[str], rest: Sequence[str]) -> str:
    """A question of these."""
    return " ".join(
        [*rest, *(f'"{" ".join(run)}"' for run in quoted), *(f"-{w}" for w in excluded)]
    )


def holds(text: str, run: Sequence[str]) -> bool:
    """Whether words stand in a text of plain words, next to each other."""
    return f" {' '.join(run)} " in f" {text} "


@given(
    quoted=st.lists(RUNS, max_size=2),
    excluded=st.lists(WORDS, max_size=2),
    rest=st.lists(WORDS, min_size=1, max_size=3),
    mode=st.sampled_from(MODE_NAMES),
    tens=st.none() | st.integers(0, 8),
)
@settings(max_examples=150)
def test_requirements_narrow_a_search_exactly_and_change_nothing_else(
    animals: Store,
    quoted: list[list[str]],
    excluded: list[str],
    rest: list[str],
    mode: str,
    tens: int | None,
) -> None:
    searcher = Searcher(animals, ENCODER)
    filters = Filters(documents=() if tens is None else (f"brief-{tens}?",))
    options = SearchOptions(1000, mode=mode, filters=filters, rerank=False, plain=True)
    hits = searcher.ask(written(quoted, excluded, rest), options).hits
    asked = " ".join([*rest, *(word for run in quoted for word in run)])
    left = [
        hit
        for hit in searcher.ask(asked, options).hits
        if all(holds(hit.passage.text, run) for run in quoted)
        and not any(holds(hit.passage.text, [word]) for word in excluded)
    ]
    candidates = []
    for at, hit in enumerate(left):
        assert hit.signals is not None
        one = candidate(at, hit.passage.document, replace(hit.signals, document=0.0))
        candidates.append(replace(one, ordinal=hit.passage.ordinal))
    if mode == "hybrid":  # what is left out does not speak for its document
        candidates = lifted(candidates)
    expected = [
        (left[one.id].passage.reference, score(one, mode)) for one in ranked(candidates, mode)
    ]
    assert [(hit.passage.reference, hit.score) for hit in hits] == expected
    few = searcher.ask(written(quoted, excluded, rest), replace(options, limit=3)).hits
    assert [hit.passage.reference for hit in few] == [place for place, _ in expected[:3]]


@given(st.text())
@example('a "quote that never ends')
@example("co-operation - and 5-6, -5 or --flag")
def test_a_question_without_quotes_and_minus_is_as_it_was(text: str) -> None:
    if "-" not in text and not set('"“„«').intersection(text):
        assert requirements(text) == (text, Requirements())


@given(before=st.text(), after=st.text(), word=WORDS)
def test_any_text_is_read(before: str, after: str, word: str) -> None:
    asked, found = requirements(f'{before} "{word}" {after} {word}')
    assert not found or asked.split()
    assert all(phrase.words for phrase in (*found.required, *found.excluded))


@pytest.mark.parametrize(
    ("text", "asked", "required", "excluded"),
    [
        (
            'why "targeting intelligence"?',
            "why targeting intelligence?",
            ["targeting intelligence"],
            [],
        ),
        (
            "“Targeting Intelligence” shared",
            "Targeting Intelligence shared",
            ["targeting intelligence"],
            [],
        ),
        ("„cold war“ «front line»", "cold war front line", ["cold war", "front line"], []),
        ("targets -drones", "targets", [], ["drones"]),
        ("-drones targets", "targets", [], ["drones"]),
        ('targets -"aerial drones", please', "targets , please", [], ["aerial drones"]),
        ("targets -co-operation?", "targets ?", [], ["co operation"]),
        ('"a -b" c', "a -b c", ["a b"], []),
        ('("ground truth")', "(ground truth)", ["ground truth"], []),
        # no requirement
        ('an "unbalanced quote', 'an "unbalanced quote', [], []),
        ("co-operation", "co-operation", [], []),
        ("a - b", "a - b", [], []),
        ("below -5 degrees", "below -5 degrees", [], []),
        ("what does --flag do", "what does --flag do", [], []),
        ('pipes of 5" and 6"', 'pipes of 5" and 6"', [], []),
        ('"" and "?!"', '"" and "?!"', [], []),
        ("the farmer's and the states' share", "the farmer's and the states' share", [], []),
    ],
)
def test_what_is_required(text: str, asked: str, required: list[str], excluded: list[str]) -> None:
    expected = (
        tuple(Phrase(tuple(words.split())) for words in some) for some in (required, excluded)
    )
    assert requirements(text) == (asked, Requirements(*expected))


@pytest.mark.parametrize("text", ["-drones", " -drones  -planes ", '-"aerial drones" ?!'])
def test_a_question_of_exclusions_only_is_an_error(animals: Store, text: str) -> None:
    for mode in MODE_NAMES:
        with pytest.raises(BadUsage, match=r"only says what to leave out.*targets -"):
            Searcher(animals, ENCODER).ask(text, SearchOptions(mode=mode))


def test_words_are_matched_as_words_are(tmp_path: Path) -> None:
    with open_store(tmp_path / "kb", create=True, model="hashing") as store:
        texts = [
            "Targeting intelligence was shared.",
            "Intelligence of a target.",
            "A café’s drones.",
        ]
        add(store, [edition("x", texts)])
        searcher = Searcher(store, ENCODER)

        def found(question: str) -> list[int]:
            return sorted(hit.passage.ordinal for hit in searcher.ask(question).hits)

        assert found("intelligence") == [1, 2, 3]
        assert found('"targeted INTELLIGENCE"') == [1]
        assert found("intelligence -drone") == [1, 2]
        assert found("intelligence -cafe") == [1, 2]
        assert found('intelligence -"target intelligence"') == [2, 3]
        answer = searcher.ask('"drones targeted" -planes -"of war" intelligence')
        assert (answer.hits, answer.notes) == (
            (),
            ('no passage meets "drones targeted" -planes -"of war"',),
        )


def test_on_the_command_line(home: Path, ask: Ask) -> None:
    (home / "a.txt").write_text("Hands\n\nTargets are chosen by hand.\n")
    (home / "b.txt").write_text("Drones\n\nDrones choose targets.\n")
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", "a.txt", "b.txt")[0] == 0
    for arguments in (["targets -drones"], ["--", "targets", "-drones"]):
        code, out, err = ask("search", *arguments)
        assert (code, err) == (0, "")
        assert "by hand" in out
        assert "Drones" not in out
    code, out, _ = ask("search", '"choose targets"')
    assert code == 0
    assert "by hand" not in out
    assert ask("search", '"targets of war"') == (
        1,
        "Nothing found.\n",
        'note: no passage meets "targets of war"\n',
    )
    for excluded in ("-drones", "-nuclear", "-hand"):
        code, out, err = ask("search", "targets", excluded)
        assert (code, out) == (2, "")
        assert err == (
            f"kb: {excluded} was read as an option. To leave passages with that word out, put the "
            f'whole question in quotes: kb search "targets {excluded}"\n'
        )
    assert "No such option" in ask("search", "targets", "--drones")[2]
    assert "only says what to leave out" in ask("search", "--", "-drones")[2]
