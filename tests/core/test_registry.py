import importlib
import sys
from pathlib import Path

import pytest

from explorer.core.errors import UserError
from explorer.core.registry import Registry, meant

ONE = '''
from tools_for_test import tool

@tool("A hammer", paper="arXiv:0000.00000", weight=2)
def hammer(nail):
    """Hit the nail.

    More words.
    """
    return nail + 1
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one registered function, importable as `tools_for_test`."""
    folder = tmp_path / "tools_for_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from explorer.core.registry import Registry\n"
        "TOOLS = Registry('tools_for_test', 'tool')\n"
        "tool = TOOLS.register\n"
    )
    (folder / "hammer.py").write_text(ONE)
    (folder / "_private.py").write_text("raise RuntimeError('never imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "tools_for_test"]:
        del sys.modules[name]


def tools() -> Registry:
    return importlib.import_module("tools_for_test").TOOLS


def test_an_entry_is_what_the_function_says(package):
    entry = tools()["hammer"]
    assert (entry.name, entry.title, entry.summary) == ("hammer", "A hammer", "Hit the nail.")
    assert (entry.paper, dict(entry.facts), dict(entry.knobs)) == ("arXiv:0000.00000", {"weight": 2}, {})
    assert entry.run(1) == 2


def test_adding_a_file_adds_an_entry_in_order_of_name(package):
    (package / "axe.py").write_text(ONE.replace("def hammer", "def axe"))
    assert list(tools()) == ["axe", "hammer"] == [entry.name for entry in tools().values()]
    assert len(tools()) == 2
    assert "axe" in tools()
    assert "saw" not in tools()


def test_an_unknown_name_is_told_the_known_ones(package):
    with pytest.raises(UserError, match=r"no tool 'saw'; known: hammer\."):
        tools()["saw"]
    with pytest.raises(UserError) as caught:
        tools()["x" * 10_000]
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("name", ["hamer", "hammmer", "Hammer"])
def test_a_mistyped_name_is_told_what_may_have_been_meant(package, name):
    with pytest.raises(UserError) as caught:
        tools()[name]
    assert str(caught.value) == f"There is no tool {name!r}; known: hammer. Did you mean hammer?"


def test_the_name_that_is_most_alike_is_named_and_none_that_is_far():
    assert meant("pdg", ("apgd", "pgd", "square")) == " Did you mean pgd?"
    assert meant("zap", ("pgd", "apgd", "square")) == meant("zap", ()) == ""


def test_one_name_from_two_modules_is_an_error(package):
    (package / "zother.py").write_text(ONE)
    with pytest.raises(ValueError, match="two tools are called 'hammer'"):
        list(tools())


def test_a_module_run_again_replaces_its_entry(package):
    before = tools()["hammer"].run
    (package / "hammer.py").write_text(ONE.replace("A hammer", "A bigger hammer"))
    module = sys.modules["tools_for_test.hammer"]
    exec(compile((package / "hammer.py").read_text(), "hammer.py", "exec"), module.__dict__)
    assert tools()["hammer"].title == "A bigger hammer"
    assert tools()["hammer"].run is not before
    assert len(tools()) == 1


def test_a_function_without_a_docstring_is_refused(package):
    def bare() -> None: ...

    with pytest.raises(ValueError, match="has no docstring"):
        tools().register("Bare")(bare)
