"""What the Makefile calls; type `python3 tasks.py NAME` where there is no make. Standard library only.

Every task first makes sure that `.venv` holds what `requirements.lock` says, so that a fresh clone needs no other step.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed-from"
OLDEST = (3, 11)
KEPT = {"PYTHONDONTWRITEBYTECODE": ""}  # pytest rewrites each file of tests; kept, that is done once and not by each worker of each run


def run(*command: str | Path, **variables: str) -> None:
    """Run a command from the root and stop with its exit status when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=os.environ | variables)
    if done.returncode:
        sys.exit(done.returncode)


def find_python() -> str:
    """This Python when it is new enough, else the newest `python3.x` on the path."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(OLDEST[1] + 9, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "--version"], capture_output=True).returncode == 0:
            return found
    sys.exit(f"Goodwill needs Python 3.11 or newer; this is {sys.version.split()[0]} and no newer one is on the path.")


def locked_state(*files: str) -> str:
    """What an environment was made from, as one hash: by default the lock and what the project asks for."""
    wanted = hashlib.sha256()
    for name in files or ("requirements.lock", "pyproject.toml"):
        wanted.update((ROOT / name).read_bytes())
    return wanted.hexdigest()


def env() -> None:
    """Create `.venv` from the lock, with compiled bytecode; a second call only compares a stamp."""
    wanted = locked_state()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text().strip() == wanted:
        return
    if not PYTHON.exists():
        run(find_python(), "-m", "venv", VENV)
    install = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    print("Installing the locked packages into .venv (once; a few minutes)...", flush=True)
    run(*install, "--requirement", "requirements.lock")
    run(*install, "--no-deps", "--no-build-isolation", "--editable", ".")
    # Without bytecode every kernel would compile the whole stack again: some machines forbid Python to write it.
    run(PYTHON, "-m", "compileall", "-q", ROOT / "lib")
    STAMP.write_text(wanted + "\n")


def reports() -> None:
    """Build the main recipe into reports/build/main."""
    build(*sys.argv[2:])


def build(*options: str) -> None:
    """The reports of the main recipe, those that have changed."""
    env()
    run(BIN / "goodwill", "run", "reports/recipes/main.yaml", "--jobs", str(min(2, os.cpu_count() or 1)), *options)


def check() -> None:
    """Style, types, the import rules between the rooms, and code that nothing reaches."""
    env()
    run(BIN / "ruff", "check", ".")
    run(BIN / "ruff", "format", "--check", ".")
    run(BIN / "mypy")
    run(BIN / "lint-imports", "--no-cache")
    run(PYTHON, "-m", "tests.unused")


def test() -> None:
    """The fast tests: pytest, and beside it examples, style, types and import rules, whose answer comes when the tests are done."""
    env()
    others = [sys.executable, __file__, "beside"]
    checks = subprocess.Popen(others, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        fast_tests()
    finally:
        print(checks.communicate()[0], end="", flush=True)
    sys.exit(checks.returncode)


def fast_tests() -> None:
    """What pytest runs of the fast tests: all but the examples, unless options say what."""
    # Workers share the work, a file at a time, in the order of tests/conftest.py; one thread of linear algebra each.
    shared = ("--numprocesses", str(min(max(os.cpu_count() or 1, 2), 4)), "--dist", "loadfile", "--no-loadscope-reorder")
    run(PYTHON, "-m", "pytest", *shared, *(sys.argv[2:] or ["tests"]), OPENBLAS_NUM_THREADS="1", **KEPT)


def beside() -> None:
    """What `test` runs beside the tests: the examples of the library, by one process since each would look for all of them, and `check`."""
    env()
    examples = subprocess.run([str(PYTHON), "-m", "pytest", "lib/goodwill"], cwd=ROOT, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    check()
    sys.exit(examples.returncode)


def test_slow() -> None:
    """What does not fit into the fast tests: slow ones, then a part of the words of the findings changed to see a test fail."""
    env()
    shared = ("--numprocesses", "2", "--dist", "loadfile")
    slow = ("-m", "(slow or hypothesis) and not long and not browser and not engines", "--hypothesis-profile", "thorough")
    run(PYTHON, "-m", "pytest", *slow, *shared, *sys.argv[2:], OPENBLAS_NUM_THREADS="1", **KEPT)
    run(PYTHON, "-m", "tests.mutation", "--share", "0.01", "--seed", "1", OPENBLAS_NUM_THREADS="1")


def test_long() -> None:
    """What takes minutes a test: every notebook in two kinds of kernels, with every scheme, on all tables that lack something."""
    env()
    run(PYTHON, "-m", "pytest", "-m", "long", "--numprocesses", "2", "--dist", "loadfile", *sys.argv[2:], OPENBLAS_NUM_THREADS="1", **KEPT)


def mutation() -> None:
    """Each word, number and choice of the findings changed to see a test fail; some twenty minutes, kept in benchmarks/results/."""
    env()
    run(PYTHON, "-m", "tests.mutation", "--write", *sys.argv[2:], OPENBLAS_NUM_THREADS="1")


def environment(name: str, wanted: str, *installs: tuple[str, ...]) -> Path:
    """The Python of an environment of its own beside `.venv`, installed in these steps of pip where it was not made from what is wanted."""
    folder = ROOT / f".venv-{name}"
    python, stamp = folder / BIN.name / PYTHON.name, folder / "installed-from"
    if stamp.exists() and stamp.read_text().strip() == wanted:
        return python
    if not python.exists():
        run(find_python(), "-m", "venv", folder)
    print(f"Installing what `{name}` needs into .venv-{name} (once; a few minutes)...", flush=True)
    for given in installs:
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *given)
    stamp.write_text(wanted + "\n")
    return python


def docs() -> None:
    """The site of the documentation into build/docs, with the figures of the built reports; it needs no network to be read."""
    build()
    lock = "requirements-docs.lock"
    run(environment("docs", locked_state(lock), ("--requirement", lock)), "-m", "mkdocs", "build", "--quiet", NO_MKDOCS_2_WARNING="1")
    print(f"The site: {ROOT / 'build' / 'docs' / 'index.html'}")


def test_browser() -> None:
    """JupyterLab, the built pages and the documentation in headless Chromium (installed from Debian's packages where it may)."""
    docs()
    run(PYTHON, "-m", "tests.browser.chromium")
    run(PYTHON, "-m", "pytest", "tests/browser", "-m", "browser", *sys.argv[2:])


def test_engines() -> None:
    """Equal results on DuckDB, Spark (local mode, needs Java 17) and a PostgreSQL server of the tests' own."""
    lock = "requirements.lock"
    python = environment("engines", locked_state(), ("--requirement", lock), ("--constraint", lock, "--editable", ".[spark,postgres]"))
    run(python, "-m", "tests.engines.postgres")
    run(python, "-m", "pytest", "tests/engines", "-m", "engines", *sys.argv[2:], OPENBLAS_NUM_THREADS="1")


def course_env() -> Path:
    """The Python of `.venv-course`: the locked packages and nbgrader, which grades the lessons."""
    lock = "requirements-course.lock"
    own = ("--no-deps", "--no-build-isolation", "--editable", ".")
    return environment("course", locked_state(lock, "pyproject.toml"), ("--requirement", lock), own)


def course() -> None:
    """The lessons run, graded by nbgrader untouched, mistaken and solved; student folder, book and teachers' folder in build/course."""
    run(course_env(), "-m", "goodwill.course", "--out", "build/course", *sys.argv[2:], OPENBLAS_NUM_THREADS="1")


def course_wheels() -> None:
    """The course for laptops without network: student folder, book and wheels in build/laptops (after `course`)."""
    run(course_env(), "-m", "goodwill.course.laptops", "--course", "build/course", "--out", "build/laptops", *sys.argv[2:])


def lab() -> None:
    """JupyterLab on notebooks/; options go on to it: `tasks.py lab --port 9000`, `make lab ARGS="--port 9000"`."""
    env()
    threads = {"OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1")}  # more of them only wait for each other in small fits
    run(BIN / "jupyter", "lab", "--notebook-dir=notebooks", *sys.argv[2:], **threads)


def bench() -> None:
    """The side-by-side timings with the peers."""
    env()
    run(PYTHON, "-m", "benchmarks", *sys.argv[2:])


def coverage() -> None:
    """The slow study: how often intervals hold the truth in simulated data."""
    env()
    run(PYTHON, "-m", "benchmarks.coverage", *sys.argv[2:])


def truth() -> None:
    """The headlines on companies whose truth is known; at most 2 hours, goes on where it was stopped."""
    env()
    run(PYTHON, "-m", "benchmarks.truth", *sys.argv[2:], OPENBLAS_NUM_THREADS="1")


def clean() -> None:
    """Remove what a command can rebuild, but not .venv."""
    for folder in ("reports/build", "build", "dist", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"):
        shutil.rmtree(ROOT / folder, ignore_errors=True)
    for folder in ("lib", "tests", "benchmarks"):
        for cache in (ROOT / folder).rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)


TASKS = {
    task.__name__.replace("_", "-"): task
    for task in (
        env,
        reports,
        check,
        test,
        beside,
        test_slow,
        test_long,
        mutation,
        test_browser,
        test_engines,
        course,
        course_wheels,
        lab,
        docs,
        bench,
        coverage,
        truth,
        clean,
    )
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in TASKS:
        lines = (f"  {name:15}{(task.__doc__ or '').splitlines()[0]}" for name, task in TASKS.items())
        sys.exit("usage: python3 tasks.py " + "|".join(TASKS) + "\n\n" + "\n".join(lines))
    TASKS[sys.argv[1]]()
