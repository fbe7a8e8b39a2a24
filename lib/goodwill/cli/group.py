"""The command `goodwill`, to which the others belong, and how errors reach the user."""

from __future__ import annotations

import re
from typing import Any

import click

from goodwill.cli.shared import COLUMNS, READING, said
from goodwill.errors import GoodwillError, UsageError

FAILED, WRONG_USAGE = 1, 2  # 0 for up to date and 3 for data that are too old come from the run itself


class Commands(click.Group):
    """Commands whose errors reach the user as one paragraph."""

    def invoke(self, ctx: click.Context) -> Any:
        given = [text for argument in ctx.args for text in (argument, argument.partition("=")[2])]
        try:
            return super().invoke(ctx)
        except GoodwillError as error:
            click.echo(f"Error: {_in_options(ctx, said(error, given))}", err=True)
            ctx.exit(WRONG_USAGE if isinstance(error, UsageError) else FAILED)
        except click.ClickException as error:
            vars(error)["message"] = said(error.message, given) + _as_parameter(error)
            raise


def _as_parameter(error: click.ClickException) -> str:
    """How a parameter of a notebook is written, for who wrote it as an option or with an equals sign."""
    context = getattr(error, "ctx", None)
    if context is None or context.command.name != "run":
        return ""
    name, value = "", "VALUE"
    if isinstance(error, click.NoSuchOption):
        name = error.option_name.lstrip("-").replace("-", "_")
    elif found := re.search(r"unexpected extra arguments? \((\w+)=(.*?)\)", error.message):
        name, value = found.groups()
    return f" (a parameter of the notebook is given as: -p {name} {value})" if name else ""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="goodwill")
def main() -> None:
    """What customer relationships are worth and what to do about them: reports from notebooks."""


def _in_options(ctx: click.Context, message: str) -> str:
    """A message in which the parameters of a reader are the options of the command that was typed."""
    from goodwill.data.doubts.answers import on_the_command_line

    command = main.get_command(ctx, ctx.invoked_subcommand or "")
    names = [option.name for option in command.params if isinstance(option, click.Option) and option.name] if command else []
    if ctx.invoked_subcommand == "run":
        return on_the_command_line(message, (*COLUMNS, *READING, "keep", "missing"), "-p {name} {value}")
    return on_the_command_line(message, names)
