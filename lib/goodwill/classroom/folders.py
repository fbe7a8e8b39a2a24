"""A class on disk: a folder per student, the teacher's secret beside it, and one table of marks. Nothing that is not ours is replaced."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets as random_secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from goodwill.classroom.answers import ANSWERS, CUSTOMERS, Answers, fields, read_answers
from goodwill.classroom.copies import Flag, flags
from goodwill.classroom.grading import POINTS, Grade, grade
from goodwill.classroom.oracle import Oracle, oracle_of
from goodwill.classroom.students import TRIED, StudentCompany, student_company
from goodwill.classroom.task import answer_sheet, task_text
from goodwill.errors import DataError, UsageError
from goodwill.reports.running.writing import read_object, write_json, write_whole

CLASS, KIND, SCHEMA = "class.json", "goodwill class", 1
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # names that Windows keeps for itself
LONGEST_NAME, SMALLEST, MOST_STUDENTS = 60, 50, 1_000
TABLE = ("student", "mark", *POINTS, "copied", "reasons")


@dataclass(frozen=True, eq=False)
class Marks:
    """The marks of a class.

    Attributes
    ----------
    table : student, mark, points by part, copied (whose answers they are, else empty), reasons; one row per student
    flagged : pairs whose answers are not each their own

    Examples
    --------
    >>> import pandas as pd
    >>> found = Marks(pd.DataFrame({"student": ["Ann", "Ben"], "mark": [81.5, 60.0], "copied": ["", "Ann"]}), flagged=[])
    >>> found.table.set_index("student")["mark"].to_dict()
    {'Ann': 81.5, 'Ben': 60.0}
    """

    table: pd.DataFrame
    flagged: list[Flag]


def student_names(number: int) -> list[str]:
    """Names for a class without a list of names.

    >>> student_names(2)
    ['student_01', 'student_02']
    """
    digits = max(2, len(str(number)))
    return [f"student_{place:0{digits}d}" for place in range(1, number + 1)]


def read_names(path: Path) -> list[str]:
    """Names of students, one a line, in any script."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is no text in UTF-8'}).") from None
    return [line.strip() for line in lines if line.strip()]


def write_class(names: Sequence[str], out: Path, secret_file: Path | None = None, customers: int = 400, tried: int = TRIED) -> list[Path]:
    """Write a company for each student into `out/NAME`, and the secret from which they were made into a file beside `out`.

    Parameters
    ----------
    secret_file : where the teacher's secret is, or goes; by default `OUT.secret` beside `out`. An existing one is used again, so that the
        same names get the same companies
    customers, tried : of each company, and of the trial in its sister region

    Raises
    ------
    UsageError
        The folder holds something already, the secret would lie inside it, or a name is no name of a folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     (ann,) = write_class(["Ann"], Path(folder, "spring"), customers=60, tried=100)
    ...     sorted(file.name for file in ann.iterdir())
    ['TASK.md', 'answers.toml', 'complaints.csv', 'customers.csv', 'customers_known.csv', 'orders.csv', 'survey.csv', 'trial.csv']
    """
    _check_names(names)
    if customers < SMALLEST or tried < SMALLEST:
        raise UsageError(f"a company has at least {SMALLEST} customers, and so has its trial; fewer say nothing.")
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise UsageError(f"{out} holds something already, and is left as it is; name a new folder.")
    place = secret_place(out, secret_file)
    try:
        out.mkdir(parents=True, exist_ok=True)
        secret = _read_secret(place) if place.exists() else _new_secret(place)
        made = [_write_student(out / name, student_company(secret, name, customers, tried)) for name in names]
        facts = {"made_by": KIND, "schema": SCHEMA, "customers": customers, "tried": tried, "secret": _mark_of(secret)}
        write_json(out / CLASS, facts | {"students": [list(pair) for pair in zip(names, made, strict=True)]})
    except OSError as error:
        raise UsageError(f"The class cannot be written to {out}: {error.strerror or error}.") from error
    return [out / name for name in names]


def grade_class(out: Path, secret_file: Path | None = None) -> Marks:
    """Mark the answers that stand in the folders of a class.

    A student whose answers cannot be read gets no points, and the sentence that says why; the others are marked all the same.

    Parameters
    ----------
    out : the folder that `write_class` wrote
    secret_file : the teacher's secret; by default `OUT.secret` beside `out`

    Raises
    ------
    UsageError
        The folder was not made by `write_class`, the secret is lost or another one, or the companies cannot be made again.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from goodwill.classroom import write_class
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "spring.secret").write_text('{"made_by": "goodwill class", "secret": "a secret of thirty-two signs or more"}')
    ...     _ = write_class(["Ann"], Path(folder, "spring"), customers=60, tried=100)
    ...     marks = grade_class(Path(folder, "spring"))
    >>> marks.table[["student", "mark", "reasons"]].to_dict("records")  # she has not begun
    [{'student': 'Ann', 'mark': 0.0, 'reasons': 'nothing was answered'}]
    """
    facts = _class_facts(out)
    secret = _read_secret(secret_place(out, secret_file))
    if not hmac.compare_digest(_mark_of(secret), str(facts["secret"])):
        raise UsageError(f"the secret is not the one that {out} was made with; name the right file with --secret.")
    answers: dict[str, Answers] = {}
    oracles: dict[str, Oracle] = {}
    refused: dict[str, str] = {}
    for name, mark in facts["students"]:
        student = student_company(secret, name, facts["customers"], facts["tried"])
        if _mark_of_orders(student) != mark:
            raise UsageError(f"this version makes another company for {name} than stands in {out}; grade with the version that made it.")
        oracles[name] = oracle_of(student)
        try:
            answers[name] = _answers_of(out / name, student)
        except DataError as error:
            answers[name], refused[name] = Answers(), str(error)
    found = flags(answers, oracles)
    grades = {name: grade(answers[name], oracles[name]) for name in oracles}
    rows = [_row(name, grades[name], refused.get(name, ""), answers[name], found) for name in oracles]
    return Marks(pd.DataFrame(rows, columns=list(TABLE)), found)


def check_answers(folder: Path) -> str:
    """What the answers in a student's own folder hold, without a mark: whether they can be read, and which are missing.

    Raises
    ------
    DataError
        They cannot be read (says where).
    """
    customers, segments = _own_customers(folder)
    given = read_answers(folder, customers, segments)
    asked = fields(segments)
    missing = [name for name in (*asked["forecasts"], *asked["parameters"]) if name not in given.numbers]
    missing += [name for name in asked["decisions"] if name not in given.decisions]
    columns = ((given.values, "value"), (given.visits, "visit"))
    missing += [f"{name} of {len(customers) - len(told):,} customers" for told, name in columns if len(told) < len(customers)]
    return f"{folder}: the answers can be read. " + (f"Not answered: {', '.join(missing)}." if missing else "Everything is answered.")


def is_student_folder(folder: Path) -> bool:
    """Whether a folder is that of one student, and not of a class."""
    return not (folder / CLASS).exists() and (folder / "customers_known.csv").is_file()


def write_marks(marks: Marks, out: Path) -> None:
    """Write the table of marks; only one of ours is replaced.

    Raises
    ------
    UsageError
        Another file stands there, or it cannot be written.
    """
    header = ",".join(TABLE)
    try:
        if out.exists() and out.open(encoding="utf-8-sig", errors="replace").readline().strip() != header:
            raise UsageError(f"{out} is no table of marks, and is left as it is; name another file with --out.")
        guarded = marks.table.assign(**{name: marks.table[name].map(_no_formula) for name in ("student", "copied", "reasons")})
        write_whole(out, guarded.to_csv(index=False, float_format="%.1f", lineterminator="\n"))
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror or error}); name another file with --out.") from None


def _no_formula(text: str) -> str:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _row(name: str, given: Grade, refused: str, answers: Answers, found: Sequence[Flag]) -> tuple[Any, ...]:
    said = [refused] if refused else [f"{part}: {why}" for part, why in given.reasons.items()]
    if not refused and answers.is_empty:
        said = ["nothing was answered"]
    ours = [flag for flag in found if flag.student == name]
    said += [f"copied from {flag.other}? {flag.why}" for flag in ours]
    said += [f"copied by {flag.student}?" for flag in found if flag.other == name]
    return (name, given.mark, *given.points.values(), ", ".join(flag.other for flag in ours), "; ".join(said))


def _write_student(folder: Path, student: StudentCompany) -> str:
    folder.mkdir()
    tables = {
        "orders": student.company.transactions,
        "complaints": student.company.complaints,
        "survey": student.company.survey,
        "trial": student.sister.experiment,
        "customers_known": student.segments.rename_axis("customer_id").reset_index(),
    }
    for name, table in tables.items():
        write_whole(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    segments = [name for name, _ in student.mechanism.segments]
    write_whole(folder / "TASK.md", task_text(student))
    write_whole(folder / ANSWERS, answer_sheet(fields(segments)))
    blank = pd.DataFrame({"customer_id": student.history.index, "value": "", "visit": ""})
    write_whole(folder / CUSTOMERS, blank.to_csv(index=False, lineterminator="\n"))
    return _mark_of_orders(student)


def _answers_of(folder: Path, student: StudentCompany) -> Answers:
    if not folder.is_dir():
        raise DataError("the student's folder is gone.")
    return read_answers(folder, list(student.history.index), [name for name, _ in student.mechanism.segments])


def _own_customers(folder: Path) -> tuple[list[int], list[str]]:
    try:
        known = pd.read_csv(folder / "customers_known.csv", usecols=["customer_id", "segment"], dtype={"customer_id": int, "segment": str})
    except (OSError, ValueError) as error:
        raise DataError(f"{folder / 'customers_known.csv'} cannot be read ({error}); take it again from the class.") from None
    return known["customer_id"].to_list(), sorted(known["segment"].unique())


def _mark_of_orders(student: StudentCompany) -> str:
    tables = (student.company.transactions, student.sister.experiment)
    text = "".join(table.to_csv(index=False, lineterminator="\n") for table in tables)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _class_facts(out: Path) -> dict[str, Any]:
    facts = read_object(out / CLASS)
    if facts.get("made_by") != KIND or not _is_list_of_students(facts.get("students")):
        raise UsageError(f"{out} was not made by `goodwill class` ({CLASS} is missing or is something else); name the folder of a class.")
    if facts.get("schema") != SCHEMA:
        raise UsageError(f"{out} was made by another version of the program (schema {facts.get('schema')}); grade with that version.")
    _check_names([name for name, _ in facts["students"]])
    return facts


def _is_list_of_students(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in found)


def _check_names(names: Sequence[str]) -> None:
    if not 1 <= len(names) <= MOST_STUDENTS:
        raise UsageError(f"a class has 1 to {MOST_STUDENTS:,} students, and not {len(names):,}.")
    for problem in _problems(names):
        raise UsageError(problem)


def _problems(names: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if FORBIDDEN.search(name) or RESERVED.fullmatch(name) or name.startswith((".", " ")) or name.endswith((".", " ")):
            yield f'the name {name!r} cannot be the name of a folder on every machine; leave out < > : " / \\ | ? * and dots at its ends.'
        if not 0 < len(name) <= LONGEST_NAME:
            yield f"the name {name[:20]!r}… has {len(name)} characters; a name has 1 to {LONGEST_NAME}."
        if name.casefold() in seen or name.casefold() == CLASS:
            yield f"the name {name!r} stands there twice; every student needs a name of her own."
        seen.add(name.casefold())


def secret_place(out: Path, secret_file: Path | None) -> Path:
    place = secret_file or out.resolve().with_name(out.resolve().name + ".secret")
    if out.resolve() in place.resolve().parents:
        raise UsageError(f"the secret {place} would lie inside {out}, where students see it; keep it elsewhere.")
    return place


def _new_secret(place: Path) -> bytes:
    text = json.dumps({"made_by": KIND, "secret": random_secrets.token_hex(32)}) + "\n"
    place.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return _read_secret(place)


def _read_secret(place: Path) -> bytes:
    if not place.exists():
        raise UsageError(f"the secret {place} is lost: without it nobody can make the companies again; name the file with --secret.")
    facts = read_object(place)
    if facts.get("made_by") != KIND or not isinstance(facts.get("secret"), str) or len(facts["secret"]) < 32:
        raise UsageError(f"{place} holds no secret of a class, and is left as it is; name another file with --secret.")
    return facts["secret"].encode()


def _mark_of(secret: bytes) -> str:
    return hmac.digest(secret, b"which secret", "sha256").hex()[:16]
