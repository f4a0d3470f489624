"""What README and CONTRIBUTING say is so."""

import re
from pathlib import Path

from click.testing import CliRunner

import explorer
from explorer.cli import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_models_are_those_of_the_zoo_with_their_figures():
    assert CliRunner().invoke(cli, ["evaluate", "--cards"]).stdout in README


def test_what_is_proved_of_them_is_what_their_cards_say():
    assert CliRunner().invoke(cli, ["certify", "--cards"]).stdout in README


def test_the_variables_are_those_that_are_read():
    code = "".join(path.read_text(encoding="utf-8") for path in Path(explorer.__file__).parent.rglob("*.py"))
    assert set(re.findall(r"^\| `(EXPLORER_\w+)` \|", README, re.M)) == set(re.findall(r'"(EXPLORER_\w+)"', code))


def test_what_is_to_be_run_before_a_commit_is_what_the_whole_check_runs():
    run = re.findall(r"^(?:ruff|mypy|lint-imports).*$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.M)
    assert len(run) == 4
    assert f"`{' && '.join(run)}`" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
