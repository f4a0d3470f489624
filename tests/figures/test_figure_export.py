import csv
import re
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

import explorer
from explorer.figures.export import COLUMNS, html, snippet, table
from explorer.figures.replay import replay
from explorer.figures.sides import sides


def rows_of(data: bytes) -> list[dict[str, str]]:
    reader = csv.DictReader(StringIO(data.decode(), newline=""), strict=True)
    assert tuple(reader.fieldnames) == COLUMNS
    return list(reader)


def test_the_table_carries_the_numbers_of_the_page(make, setting) -> None:
    view = make(changed=7)
    data = table(view, setting)
    assert b"\r\n" in data
    assert [r["quantity"] for r in rows_of(data)[:2]] == ["true class", "class to leave"]
    found = {(r["model"], r["step"], r["class"], r["quantity"]): r["value"] for r in rows_of(data)}
    a = sides(view, setting)[0]
    for step, moment in (("clean", a.clean), ("1", a.path[1]), ("result", a.end)):
        for name, p, z in zip(setting.classes, moment.p, moment.logits, strict=True):
            assert float(found["A standard", step, name, "probability"]) == p
            assert np.float32(found["A standard", step, name, "logit"]) == z
        assert float(found["A standard", step, "", "margin"]) == moment.margin
    assert np.float32(found["A standard", "2", "", "loss"]) == view.a.path["loss"][2, 0]
    assert found["A standard", "result", "", "goal reached"] == "1"
    assert found["B robust", "result", "", "goal reached"] == "0"
    assert found["A standard", "noise", "", "answers changed"] == "7"
    assert float(found["B robust", "transfer", "", "margin"]) == 3
    assert np.float32(found["A standard", "result", "", "length l2"]) == view.a.distance["l2"][0]


def test_points_have_their_place_in_the_table(make, setting) -> None:
    view = make(shape=(2,))
    found = {(r["model"], r["step"], r["quantity"]): r["value"] for r in rows_of(table(view, setting))}
    assert np.float32(found["B robust", "result", "y"]) == view.b.x_adv[0, 1]


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "\tx", 'a "quoted", name', "two\nlines"])
def test_no_name_becomes_a_formula_or_breaks_the_table(make, setting, name) -> None:
    data = rows_of(table(make(), replace(setting, classes=(name, "dog", "eel"))))
    names = {row["class"] for row in data}
    assert len(names) == 4  # three classes, and none
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in names)
    assert any(name in cell for cell in names)
    assert all(row["model"] in ("A standard", "B robust") for row in data)


def test_the_page_needs_no_network_and_obeys_no_text(make, setting) -> None:
    fig = replay(make(), setting)
    page = html(fig, "A <b>title</b>", "address /attack?a=1&b=2\n<script>alert(1)</script>").decode()
    assert "<title>A &lt;b&gt;title&lt;/b&gt;</title>" in page
    assert "/attack?a=1&amp;b=2\n&lt;script&gt;alert(1)&lt;/script&gt;" in page
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", outside)
    assert not re.search(r"<script[^>]+src", page)
    assert "default-src 'none'" in page  # and a browser would refuse it
    assert '"showSendToCloud": false' in page or '"showSendToCloud":false' in page
    assert '"displaylogo": false' in page or '"displaylogo":false' in page


def test_the_same_figure_gives_the_same_page(make, setting) -> None:
    assert html(replay(make(), setting), "t", "n") == html(replay(make(), setting), "t", "n")


@pytest.mark.parametrize("address", ["/attack?data=digits", "/attack?label='\"\\\n&x=é"])
def test_the_snippet_runs_and_prints_the_margins(make, setting, monkeypatch, capsys, address) -> None:
    view, asked = make(), []
    monkeypatch.setattr(explorer, "run", lambda text: asked.append(text) or view, raising=False)
    exec(compile(snippet(address), "snippet", "exec"), {})
    assert asked == [address]
    assert capsys.readouterr().out.splitlines() == [
        "model A, clean: class 0, margin 4.0000",
        "model A, under attack: class 1, margin -7.0000",
        "model B, clean: class 0, margin 3.0000",
        "model B, under attack: class 0, margin 0.5000",
    ]
