"""Says how well a column of a file fits a canonical column: by its name, its values, and the keys that they name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from models.contracts import Column, ColumnType, Contract, Privacy
from models.source_terms import NUMERIC_TYPES
from models.synonyms import Synonyms, load_synonyms
from orchestration.profiling.evidence import Evidence
from orchestration.profiling.shapes import Kind
from orchestration.profiling.words import is_same, likeness, likeness_within, stems

# Below this a name is no reason to believe anything.
_LEAST_LIKENESS = 0.55
LEAST_SCORE = 0.5
_SURE = 0.99
# A column that no name speaks for needs nearly all of its values to be those of the key.
_ALONE = 0.55
# A key that is not unique is believed only if its name says the very word.
_NOT_UNIQUE = 0.51
# From here on a name is the word, but for endings and order.
_SAME = 0.94
FREE_TEXT, _BIRTH = "free text", "birth"


@dataclass(frozen=True)
class Match:
    """A guess: the header (by number) for one canonical column. `is_opposite`: its yes means no."""

    column: str
    header: int
    score: float
    reasons: tuple[str, ...]
    is_opposite: bool = False


@dataclass(frozen=True)
class TableView:
    """A table as the matching sees it: headers and what their values tell."""

    header: tuple[str, ...]
    evidence: tuple[Evidence, ...]


# (header, canonical column) → share of the values that are keys of the entity that the column refers to.
References = dict[tuple[int, str], float]


def match_columns(view: TableView, contract: Contract, synonyms: Synonyms, references: References) -> list[Match]:
    """The best header of each canonical column, each header once; the best guesses choose first."""
    candidates = [
        match
        for name, column in contract.columns.items()
        for number in range(len(view.header))
        if (match := _match(view, number, contract, name, column, synonyms, references)).score >= LEAST_SCORE
    ]
    order = list(contract.columns)
    candidates.sort(key=lambda match: (-match.score, order.index(match.column), match.header))
    chosen: dict[str, Match] = {}
    taken: set[int] = set()
    for match in candidates:
        if match.column not in chosen and match.header not in taken:
            chosen[match.column] = match
            taken.add(match.header)
    return [chosen[name] for name in order if name in chosen]


def _match(
    view: TableView,
    number: int,
    contract: Contract,
    name: str,
    column: Column,
    synonyms: Synonyms,
    references: References,
) -> Match:
    header, evidence = view.header[number], view.evidence[number]
    if personal_kind(header, evidence) and column.privacy in (None, Privacy.PSEUDONYMISE):
        # A doctor's name is no id of the doctor: it would reach the warehouse.
        return Match(name, number, 0.0, ())
    alike, word, is_opposite = _name_score(header, contract.entity, name)
    share = references.get((number, name))
    if not alike and not share:
        return Match(name, number, 0.0, ())
    fit, why = _fit(evidence, contract, name, column, synonyms)
    reasons = [f"name '{word}'" if alike >= _SAME else f"name like '{word}'"] if alike else []
    score = alike * fit
    if share is not None and fit > 0.5:
        target = column.references or contract.entity
        if share >= 0.5:
            score = max(score + 0.25 * share * bool(alike), _ALONE * share if evidence.longest > 3 else 0.0)
            reasons.append(f"{share:.0%} are keys of {target}")
        elif alike and share < 0.1 and evidence.distinct > 3:
            score *= 0.85
            reasons.append(f"but only {share:.0%} are keys of {target}")
    return Match(name, number, min(round(score, 3), _SURE), (*reasons, *why), is_opposite)


@cache
def _name_score(header: str, entity: str, name: str) -> tuple[float, str, bool]:
    """How alike the names are, the word that is most alike, and whether it says the opposite."""
    # Of a JSON path the members are the words.
    said = header.lstrip("$.").replace("[0]", "").replace(".", " ") if header.startswith("$") else header
    # Of equally alike words the first stands: the entity's own before those of any entity.
    scored = [
        (likeness_within(said, word, _topic(entity)) - 0.001 * min(place, 9), word, is_opposite)
        for place, (word, is_opposite) in enumerate(_headers(entity, name))
    ]
    best = max(scored, key=lambda entry: entry[0])
    return best if best[0] >= _LEAST_LIKENESS else (0.0, "", False)


@cache
def _topic(entity: str) -> frozenset[str]:
    """What goes without saying in a file of `entity`: the words for one of it."""
    own = load_synonyms().entities.get(entity)
    names = [name for name in [entity, *(own.names if own else [])] if len(stems(name)) == 1]
    return frozenset(stem for name in names for stem in stems(name))


@cache
def _headers(entity: str, name: str) -> list[tuple[str, bool]]:
    """Words for a canonical column; True of those that say its opposite."""
    synonyms = load_synonyms()
    own = synonyms.entities.get(entity)
    opposites = own.opposites.get(name, []) if own else []
    return [*((word, False) for word in synonyms.headers_of(entity, name)), *((word, True) for word in opposites)]


def _fit(
    evidence: Evidence, contract: Contract, name: str, column: Column, synonyms: Synonyms
) -> tuple[float, list[str]]:
    """How well the values fit the column's type, from 0 to 1, and what speaks for it."""
    if not evidence.filled:
        return (0.85, ["empty here"])
    if column.codes:
        return _code_fit(evidence, synonyms.codes_of(contract.entity, name), set(column.codes))
    moments = evidence.share(Kind.DATE, Kind.TIMESTAMP)
    numbers = evidence.share(Kind.WHOLE, Kind.DECIMAL)
    match column.type:
        case ColumnType.DATE | ColumnType.TIMESTAMP:
            own = Kind(column.type.value)
            if evidence.share(own) > 0.8:
                return 1.0, [f"{own}s"]
            if moments > 0.8:
                return 0.9, ["moments" if own is Kind.DATE else "dates"]
            return (0.8, ["times"]) if own is Kind.TIMESTAMP and evidence.share(Kind.TIME) > 0.8 else (0.1, [])
        case ColumnType.TIME:
            return (1.0, ["times"]) if evidence.share(Kind.TIME) > 0.8 else (0.1, [])
        case ColumnType.BOOLEAN:
            return _boolean_fit(evidence, synonyms)
        case kind if kind in NUMERIC_TYPES:
            if kind is ColumnType.INTEGER and evidence.share(Kind.DECIMAL) > 0.2:
                return 0.2, []
            return (1.0, ["numbers"]) if numbers > 0.8 else (0.15, [])
    if contract.key == [name]:
        return (1.0, ["unique"]) if evidence.unique_share > 0.98 and evidence.filled_share > 0.98 else (_NOT_UNIQUE, [])
    if moments > 0.5:
        return 0.2, []
    # An amount is no id, and still less a label.
    is_amount = evidence.share(Kind.DECIMAL) > 0.5
    is_id = name.endswith("_id") or column.references is not None
    return ((0.5 if is_id else 0.2), []) if is_amount and (is_id or column.label) else (1.0, [])


def _code_fit(evidence: Evidence, words: dict[str, list[str]], codes: set[str]) -> tuple[float, list[str]]:
    if not evidence.words:
        return 0.3, []
    known = sum(count for text, count in evidence.words.items() if code_of(text, words, codes))
    share = known / evidence.filled
    return 0.6 + 0.4 * share, [f"{share:.0%} of the values are known words"] if share else []


def _boolean_fit(evidence: Evidence, synonyms: Synonyms) -> tuple[float, list[str]]:
    known = {text for text in evidence.words if truth_of(text, synonyms) is not None}
    if evidence.words and known == set(evidence.words):
        return 1.0, ["yes or no"]
    return (0.6, []) if evidence.distinct <= 2 else (0.1, [])


def personal_kind(header: str, evidence: Evidence) -> str | None:
    """Which personal data a column holds: by its values, or by its header."""
    return evidence.personal or _personal_by_name(header)


@cache
def _personal_by_name(header: str) -> str | None:
    words = load_synonyms().personal
    kinds = {kind for kind in words if kind not in (FREE_TEXT, _BIRTH)}
    return next(
        (kind for kind in words if kind in kinds and any(likeness(header, w) >= _SAME for w in words[kind])), None
    )


@cache
def is_free_text(header: str) -> bool:
    return any(likeness(header, word) >= _SAME for word in load_synonyms().personal[FREE_TEXT])


def name_likeness(header: str, entity: str, column: str) -> float:
    """How well a header alone names a canonical column."""
    return _name_score(header, entity, column)[0]


def code_of(text: str, words: dict[str, list[str]], codes: set[str]) -> str | None:
    """The code that a value of the source means; exact words first, then the same words with other endings."""
    known = [(code, word) for code in codes for word in [code, *words.get(code, [])]]
    known.sort()
    exact = next((code for code, word in known if is_same(text, word)), None)
    return exact or next((code for code, word in known if likeness(text, word) >= _SAME), None)


def truth_of(text: str, synonyms: Synonyms) -> bool | None:
    """Whether a word says yes or no; None if neither."""
    folded = text.strip().casefold()
    return next((said == "true" for said, words in synonyms.booleans.items() if folded in words), None)
