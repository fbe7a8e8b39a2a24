"""What docs/scheduling.md says can be typed as it stands there."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import yaml

from goodwill.cli import main
from goodwill.reports.sets.retention import clean

from .sets import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "scheduling.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_every_command_has_the_options_that_the_program_has():
    commands = [
        line
        for block in re.findall(r"```\w*\n(.*?)```", PAGE, re.DOTALL)
        for line in re.findall(r"goodwill ((?:run|rebuild) [^>|\n\"&]*)", block)
    ]
    assert len(commands) >= 5
    for command in commands:
        name, *arguments = shlex.split(re.sub(r"\{\{.*?\}\}", "2026-11-21", command))
        main.commands[name].make_context(name, arguments)


def test_the_examples_in_python_and_yaml_can_be_read():
    for block in blocks("python"):
        ast.parse(block)
    workflow, keep = map(yaml.safe_load, blocks("yaml"))
    assert workflow["jobs"]["reports"]["steps"]
    assert clean(Path("nowhere"), [], [], keep["keep"], NOW).removed == ()
