"""Mutation testing of the findings: `python -m tests.mutation [MODULE …]` changes one word or choice after another and runs their tests.

A change that no test notices is a survivor and a failure: a sentence or a choice that nothing holds. Asked are the examples in the module
and the files of `tests/findings` that are called `test_MODULE*.py` or import the module.
Tests are collected once. Each mutant is put into the loaded module in a forked process, where only the tests that enter the changed
function run, likeliest first. Data that a test makes behind `functools.cache` are made once for all. A line that ends with
`# no mutate: WHY` is left alone.

A mutant takes 0.06 to 0.1 s, all of them about twenty minutes of one core (`make mutation`, which keeps the result after each module);
`make test-slow` tries a stated part of each module.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import gc
import importlib
import inspect
import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).resolve().parents[1]
FINDINGS = ROOT / "lib" / "goodwill" / "findings"
RESULT = ROOT / "benchmarks" / "results" / "mutation.txt"
HOMES = {path.stem: path for path in FINDINGS.rglob("*.py")}
PLACEHOLDER = re.compile(r"(?<!\{)\{[^{}]*\}(?!\})")
WORD = re.compile(r"[^\W\d_]{2,}")
LEFT_ALONE = "# no mutate:"
MACHINERY = {"__init__", "finding"}  # say nothing themselves
SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}


# --- mutants --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """One change: the number of the changed node in walking order, what it becomes, and the function it stands in."""

    node: int
    becomes: ast.AST
    line: int
    function: str  # "" at the level of the module
    text: str


def mutants(source: str) -> list[Mutant]:
    """All changes of a module, in the order of its lines."""
    tree, lines, found = ast.parse(source), source.splitlines(), []
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    for node, function in _live(tree, ""):
        line = getattr(node, "lineno", 0)
        if line and LEFT_ALONE not in lines[line - 1]:
            for becomes in _changes(node):
                text = f"{_brief(node)} -> {_brief(becomes)}"
                found.append(Mutant(numbers[id(node)], becomes, line, function, text))
    return sorted(found, key=lambda mutant: mutant.line)


def sample(found: list[Mutant], share: float, seed: str) -> list[Mutant]:
    """A part of the mutants by lot, in their order: the same for the same seed."""
    chosen = set(random.Random(seed).sample(range(len(found)), round(share * len(found))))
    return [mutant for number, mutant in enumerate(found) if number in chosen]


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The module with one change."""
    tree = ast.parse(source)
    old = next(node for number, node in enumerate(ast.walk(tree)) if number == mutant.node)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, copy.deepcopy(mutant.becomes))
            elif isinstance(value, list) and any(item is old for item in value):
                setattr(parent, name, [copy.deepcopy(mutant.becomes) if item is old else item for item in value])
    return ast.fix_missing_locations(tree)


def _live(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
    """Nodes that can change a sentence or a choice: no docstrings, types or imports; of errors only those that a report says."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert) or (isinstance(node, ast.Raise) and not _is_said(node)):
        return
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.keyword) and node.arg == "strict":  # of zip: a guard against our own faults
        return
    if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
        return
    if isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.unparse(node.annotation):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not function:
        function = node.name
    yield node, function
    kinds = node.args[1:] if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance" else []
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_loose_text(child) and child not in kinds:
                    yield from _live(child, function)


def _is_said(error: ast.Raise) -> bool:
    """Whether a report says the error: what is absent for too few data."""
    return error.exc is not None and "TooLittle" in ast.unparse(error.exc)


def _is_loose_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What a node becomes."""
    if isinstance(node, ast.Constant):
        yield from (ast.copy_location(ast.Constant(value), node) for value in _other_values(node.value))
    elif isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in SWAPPED[type(operator)]:
                yield _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPPED:
        yield from (_with(node, op=other()) for other in SWAPPED[type(node.op)])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _other_values(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, float):
        yield value * 2 or 1.0
    elif isinstance(value, str):
        yield from _other_texts(value)


def _other_texts(text: str) -> Iterator[str]:
    """Another first, middle and last word, as a test that states only a part would miss one of them; and one more decimal."""
    hidden = [match.span() for match in PLACEHOLDER.finditer(text)]
    words = [match.start() for match in WORD.finditer(text) if not any(low <= match.start() < high for low, high in hidden)]
    for place in sorted({words[0], words[len(words) // 2], words[-1]}) if words else [0]:
        yield f"{text[:place]}XX{text[place:]}"
    for match in re.finditer(r"\.(\d)(?=[f%eg])", text):
        if not words or any(low <= match.start() < high for low, high in hidden):
            yield f"{text[: match.start()]}.{int(match[1]) + 1}{text[match.end() :]}"


def _brief(node: ast.AST) -> str:
    text = ast.unparse(node.test if isinstance(node, ast.If | ast.While) else node)
    place = max(text.find("XX") - 30, 0)
    return text if len(text) <= 90 else f"{'…' if place else ''}{text[place : place + 88]}…"


# --- putting a mutant into a loaded module --------------------------------------------------------------------------------------------


def put_in(module: ModuleType, tree: ast.Module) -> None:
    """Run the changed module and give its functions' code and its tables to the objects that tests have already imported."""
    fresh: dict[str, Any] = {key: value for key, value in vars(module).items() if key.startswith("__")}
    exec(compile(tree, str(module.__file__), "exec"), fresh)
    for name, new in fresh.items():
        if not name.startswith("__") and not (isinstance(new, type) and new.__module__ != module.__name__):
            _replace(vars(module), name, new, module.__name__)


def _replace(space: Any, name: str, new: Any, home: str) -> None:
    old = space.get(name)
    if old is new:  # imported, perhaps a table of another module: not to be emptied
        return
    if isinstance(old, type) and isinstance(new, type):
        for key, value in list(vars(new).items()):
            if _function(value) is not None:
                _give_code(_function(vars(old).get(key)), _function(value), home)
    elif _function(old) is not None and _function(new) is not None:
        _give_code(_function(old), _function(new), home)
        getattr(old, "cache_clear", int)()
    elif isinstance(old, dict) and isinstance(new, dict):
        old.clear()
        old.update(new)
    elif isinstance(space, dict) and not inspect.ismodule(new):
        space[name] = new


def _function(value: Any) -> FunctionType | None:
    """The plain function within a method, a property or a cache."""
    for name in ("__func__", "fget", "func", "__wrapped__"):
        value = getattr(value, name, value)
    return value if isinstance(value, FunctionType) else None


def _give_code(old: FunctionType | None, new: FunctionType | None, home: str) -> None:
    ours = old is not None and (old.__module__ == home or old.__module__.startswith("namedtuple_"))
    if ours and old is not None and new is not None and len(old.__code__.co_freevars) == len(new.__code__.co_freevars):
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


# --- running the tests ----------------------------------------------------------------------------------------------------------------


@dataclass
class Known:
    """What the run without a change tells of a test: its seconds, the functions and the lines it enters by module, and its words."""

    item: pytest.Item
    seconds: float = 0.0
    functions: set[tuple[str, str]] = field(default_factory=set)
    lines: set[tuple[str, int]] = field(default_factory=set)
    words: str = ""
    names: dict[str, Any] = field(default_factory=dict)  # of an example, which forgets them when it has run

    def passes(self) -> bool:
        """Run the test."""
        if self.names:
            self.item.dtest.globs.update(self.names)  # type: ignore[attr-defined]
        return not any(report.failed for report in runtestprotocol(self.item, nextitem=None, log=False))


class Mutation:
    """A plugin of pytest that runs the collected tests once as they are and then against every mutant."""

    def __init__(self, modules: list[str], jobs: int, minutes: float, share: float, seed: int, keep: bool) -> None:
        self.modules, self.jobs, self.ends = modules, jobs, time.monotonic() + 60 * minutes
        self.share, self.seed, self.keep = share, seed, keep
        self.survivors: list[str] = []
        self.problems: list[str] = []
        self.count = 0
        self.done: dict[str, tuple[int, int, int]] = {}  # module -> mutants there are, tried, survivors

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Whether a test failed; why, which takes pytest longer than most tests, nobody reads."""
        failed = call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception)
        return pytest.TestReport(item.nodeid, item.location, {}, "failed" if failed else "passed", "", call.when)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.disable()  # a collection would write to all pages that the forked processes share
        for name in self.modules:
            known = self.run_unchanged(session, name)
            if known:
                self.run_mutants(name, known)
        return True

    def run_unchanged(self, session: pytest.Session, name: str) -> list[Known]:
        """Run a module's tests, noting what each enters; none when they cannot judge a change."""
        tests = [Known(item, names=_names_of(item)) for item in session.items if _is_of(name, item.path)]
        if not any(isinstance(test.item, pytest.Function) for test in tests):
            self.problems.append(f"findings/{name}.py has no test in tests/findings/test_{name}.py")
            return []
        failed = []
        for test in tests:
            began = time.monotonic()
            sys.settrace(functools.partial(_note, test, str(HOMES[name])))
            passed = test.passes()
            sys.settrace(None)
            test.seconds = time.monotonic() - began
            test.words = _words_of(test.item)
            failed += [] if passed else [f"{test.item.nodeid} fails without a change"]
        self.problems += failed
        return [] if failed else tests

    def run_mutants(self, name: str, tests: list[Known]) -> None:
        """Fork for each mutant, some at a time, and note those that survive."""
        module = importlib.import_module(".".join(HOMES[name].relative_to(ROOT / "lib").with_suffix("").parts))
        source, began = Path(str(module.__file__)).read_text("utf8"), time.monotonic()
        if not self.survives_unchanged(module, source, tests):
            self.problems.append(f"findings/{name}.py: its tests fail when they run a second time, in a forked process")
            return
        running: dict[int, tuple[Mutant, int, list[Known]]] = {}
        found, killers, before = mutants(source), {}, len(self.survivors)
        waiting = sample(found, self.share, f"{self.seed} {name}")
        self.count += len(waiting)
        for number, mutant in enumerate(waiting):
            if time.monotonic() > self.ends:
                self.problems.append(
                    f"findings/{name}.py: the time was up; {len(waiting) - number} of {len(waiting)} mutants were not tried"
                )
                break
            order = _ordered(name, mutant, tests, killers)
            if not order:
                self.survivors.append(f"findings/{name}.py:{mutant.line}: {mutant.text}  (no test comes here)")
                continue
            if len(running) >= self.jobs:
                self.wait(name, running, killers)
            process, pipe = _fork(module, mutated(source, mutant), order)
            running[process] = (mutant, pipe, order)
        while running:
            self.wait(name, running, killers)
        lived, seconds = len(self.survivors) - before, time.monotonic() - began
        if time.monotonic() <= self.ends:
            self.done[name] = (len(found), len(waiting), lived)
            if self.keep:
                RESULT.write_text(kept(RESULT.read_text("utf8") if RESULT.exists() else "", self.done), "utf8")
        told = [f"findings/{name}.py: {len(waiting)} of {len(found)} mutants, {lived} survived, {seconds:.0f} s"]
        print(*told, *self.survivors[before:], sep="\n", flush=True)

    def survives_unchanged(self, module: ModuleType, source: str, tests: list[Known]) -> bool:
        """Whether the tests pass with the module put in as it is: else every mutant would seem to be noticed."""
        process, pipe = _fork(module, ast.parse(source), tests)
        status = os.waitpid(process, 0)[1]
        os.close(pipe)
        return status == 0

    def wait(self, name: str, running: dict[int, tuple[Mutant, int, list[Known]]], killers: dict[str, int]) -> None:
        """Wait for one mutant to end."""
        process, status = os.wait()
        if process not in running:
            return
        mutant, pipe, order = running.pop(process)
        told = os.read(pipe, 100).decode()
        os.close(pipe)
        if status == 0:
            self.survivors.append(f"findings/{name}.py:{mutant.line}: {mutant.text}  ({len(order)} tests passed)")
        elif told:
            killers[order[int(told)].item.nodeid] = mutant.line


def _is_of(name: str, path: Path) -> bool:
    """Whether a file holds tests of a module: by its name, by what it imports, or as the module itself, for its examples."""
    if path.parent.name != "findings" or "tests" not in path.parts:
        return path.name == f"{name}.py"
    imports = re.compile(rf"^(from goodwill\.findings\b.* import .*(?<!as )\b{name}\b|from goodwill\.findings\..*\b{name} import)", re.M)
    return re.fullmatch(rf"test_{name}(_.*)?\.py", path.name) is not None or imports.search(_text(path)) is not None


@functools.cache
def _text(path: Path) -> str:
    return path.read_text("utf8")


def _note(test: Known, file: str, frame: FrameType, event: str, _: Any) -> Any:
    """A trace function: notes functions and lines of one file."""
    if frame.f_code.co_filename != file:
        return None
    test.functions.add((file, frame.f_code.co_qualname))

    def line(inner: FrameType, event: str, _: Any) -> Any:
        test.lines.add((file, inner.f_lineno))
        return line

    test.lines.add((file, frame.f_lineno))
    return line


def _names_of(item: pytest.Item) -> dict[str, Any]:
    return dict(item.dtest.globs) if hasattr(item, "dtest") else {}


def _words_of(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    source = inspect.getsource(item.function) if isinstance(item, pytest.Function) else item.dtest.docstring or ""  # type: ignore[attr-defined]
    return source + (repr(callspec.params) if callspec else "")


def _ordered(name: str, mutant: Mutant, tests: list[Known], killers: dict[str, int]) -> list[Known]:
    """The tests that enter the changed function (all, for a change of a table), those first that will most likely notice."""
    file, line = str(HOMES[name]), mutant.line
    inside = [t for t in tests if any(mutant.function in code.split(".") for _, code in t.functions)] if mutant.function else tests
    pieces = [piece for piece in re.split(r"\{[^{}]*\}|['\"]", mutant.text.split(" -> ")[0]) if len(piece) > 8]

    def rank(test: Known) -> tuple[bool, bool, int, float]:
        near = killers.get(test.item.nodeid)
        states = any(piece in test.words for piece in pieces)
        return not states, (file, line) not in test.lines, abs(near - line) if near is not None else 10_000, test.seconds

    return sorted(inside, key=rank)


def _fork(module: ModuleType, tree: ast.Module, order: list[Known]) -> tuple[int, int]:
    """Start a process with the mutant; it ends with 0 if all tests pass. Returns its number and a pipe that tells which test failed."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    # An endless loop is noticed too: the alarm ends the process.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(10 + 10 * sum(test.seconds for test in order)))
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        put_in(module, tree)
        for number, test in enumerate(order):
            if not test.passes():
                os.write(writing, str(number).encode())
                os._exit(1)
    except BaseException:
        os._exit(1)
    os._exit(0)


def kept(before: str, done: dict[str, tuple[int, int, int]]) -> str:
    """The text of the results, with the modules that were run now in place of what stood there."""
    rows = {line.split()[0]: line for line in before.splitlines()[3:] if line}
    rows |= {name: f"{name:<30} {found:>8,} {tried:>8,} {lived:>10,}" for name, (found, tried, lived) in done.items()}
    head = "One word, number or choice of goodwill.findings changed after another: how many changes no test noticed, by module"
    columns = f"{'module':<30} {'mutants':>8} {'tried':>8} {'survivors':>10}"
    return "\n".join([head, "", columns, *(rows[name] for name in sorted(rows))]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="modules of goodwill.findings; all that say something by default")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--minutes", type=float, default=240.0, help="what is not tried by then is a failure (240)")
    parser.add_argument("--share", type=float, default=1.0, help="part of the mutants of each module, by lot (1: all)")
    parser.add_argument("--seed", type=int, default=1, help="of that lot (1)")
    parser.add_argument("--write", action="store_true", help=f"keep the result of these modules in results/{RESULT.name}")
    given = parser.parse_args()
    modules = given.modules or sorted(name for name in HOMES if name not in MACHINERY)
    plugin = Mutation(modules, given.jobs, given.minutes, given.share, given.seed, given.write)
    pytest.main(
        [
            str(ROOT / "tests" / "findings"),
            str(FINDINGS),
            "-q",
            "-m",
            "not browser and not engines",
            "--assert=plain",
            "-p",
            "no:cacheprovider",
            f"--rootdir={ROOT}",
        ],
        [plugin],
    )
    for line in plugin.problems:
        print(line)
    print(f"{plugin.count} mutants, {len(plugin.survivors)} survived")
    return 1 if plugin.problems or plugin.survivors or not plugin.count else 0


if __name__ == "__main__":
    sys.exit(main())
