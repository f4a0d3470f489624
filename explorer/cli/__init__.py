"""The command line: `explorer app | run | catalogue | train | import | evaluate | certify | study | ship`.

Results go to standard output, words about the work to standard error. Bad input ends with status 2
and one sentence. Whatever takes long to import is imported inside the commands.
"""

import os
import sys

import click

from explorer.cli.app import app
from explorer.cli.catalogue import catalogue
from explorer.cli.certify import certify
from explorer.cli.evaluate import evaluate
from explorer.cli.importing import import_
from explorer.cli.run import run
from explorer.cli.ship import ship
from explorer.cli.study import study
from explorer.cli.train import train
from explorer.core.errors import UserError

BAD_INPUT, FAULT, INTERRUPTED = 2, 1, 130


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """See why one network can be fooled and another less so."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (app, run, catalogue, train, import_, evaluate, certify, study, ship):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its status; never with a stack trace, unless EXPLORER_DEBUG is set."""
    sys.exit(_status(arguments))


def _status(arguments: list[str] | None) -> int:
    try:
        cli.main(arguments, prog_name="explorer", standalone_mode=False)
        return 0
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
    except UserError as error:
        click.echo(str(error), err=True)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # a reader such as `head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAULT
        click.echo(f"{error.strerror or error}: {error.filename or 'no file'}.", err=True)
    except Exception as error:
        if os.environ.get("EXPLORER_DEBUG"):
            raise
        what = type(error).__name__
        click.echo(f"Internal error ({what}: {error}); with EXPLORER_DEBUG=1 it says where.", err=True)
        return FAULT
    return BAD_INPUT
