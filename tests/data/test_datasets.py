import numpy as np
import pytest
import torch

from explorer.core.digest import of_arrays
from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.data import DATA, SPLITS, data_digest, load_data, load_first
from explorer.data._shelf import Shelf


def digest(data):
    return of_arrays({"x": data.x.numpy(), "y": data.y.numpy(), **{k: v.numpy() for k, v in data.masks.items()}})


@pytest.fixture(autouse=True)
def _small(files, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(files))
    monkeypatch.setitem(DATA["shapes"].facts["sizes"], "train", 200)  # 20,000 take seconds to draw
    monkeypatch.setitem(DATA["shapes"].facts["sizes"], "test", 200)
    monkeypatch.setattr("explorer.data._SHELF", Shelf(1 << 30))


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", DATA)
def test_every_data_set_keeps_the_contract(name, split):
    facts, data = DATA[name].facts, DATA[name].run(split)
    assert len(data) == facts["sizes"][split]
    assert data.x.shape[1:] == facts["shape"]
    assert data.x.dtype == torch.float32
    assert data.y.dtype == torch.int64
    assert 0 <= data.x.min() < data.x.max() <= 1
    assert data.classes == facts["classes"]
    assert data.y.unique().tolist() == list(range(len(data.classes)))
    for mask in data.masks.values():
        assert mask.shape[0] == len(data)
        assert mask.shape[2:] == data.x.shape[2:]
    for part in data.x.split(5000) if facts["unit"] == 255 else ():
        assert torch.equal(part, (part * 255).round() / 255)


@pytest.mark.parametrize("name", DATA)
def test_the_first_pictures_alone_are_those_of_the_whole(name, monkeypatch):
    monkeypatch.setattr("explorer.data.shapes.CHUNK", 50)
    whole = load_data(name, "train")
    for count in (70, len(whole), len(whole) + 1):
        few = load_first(name, "train", count)
        assert len(few) == min(count, len(whole))
        assert torch.equal(few.x, whole.x[:count])
        assert torch.equal(few.y, whole.y[:count])
        assert all(torch.equal(mask, whole.masks[key][:count]) for key, mask in few.masks.items())
        assert few.masks.keys() == whole.masks.keys()


@pytest.mark.parametrize("name", DATA)
def test_facts_name_the_budget(name):
    facts = DATA[name].facts
    assert set(facts["eps"]) == {"linf", "l2", "l1"} | ({"l0"} if len(facts["shape"]) == 3 else set())
    assert facts["norm"] in facts["eps"]
    assert facts["unit"] in (255, 1000)
    assert all(isinstance(eps, int) and eps > 0 for eps in facts["eps"].values())


@pytest.mark.parametrize("name", DATA)
def test_a_split_is_the_same_again_and_no_global_seed_moves(name):
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = digest(DATA[name].run("test"))
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002
    with torch.random.fork_rng():
        torch.manual_seed(7)
        assert digest(DATA[name].run("test")) == first


@pytest.mark.parametrize("name", ["shapes", "toy"])
def test_no_picture_is_in_both_splits(name):
    train, test = (DATA[name].run(split).x.flatten(1).numpy() for split in SPLITS)
    rows = {row.tobytes() for row in train}
    assert len(rows) == len(train)
    assert not rows & {row.tobytes() for row in test}


def test_loading_again_gives_what_is_in_memory():
    assert load_data("toy") is load_data("toy", "test", kind="moons")
    assert load_data("toy") is not load_data("toy", "train")
    assert load_data("toy") is not load_data("toy", noise=0.2)


def test_the_digest_is_of_pictures_and_labels():
    assert data_digest("digits", "test") == data_digest("digits", "test", ())
    assert data_digest("toy", "test") != data_digest("toy", "test", (("noise", 0.2),))
    data = load_data("digits")
    assert data_digest("digits", "test") == of_arrays({"x": data.x.numpy(), "y": data.y.numpy()})


def test_loading_can_be_watched_and_cancelled(monkeypatch):
    monkeypatch.setitem(DATA["shapes"].facts["sizes"], "test", 600)

    def cancel(done, total, note=""):
        raise Cancelled

    seen = []
    with pytest.raises(Cancelled):
        load_data("shapes", amplitude=1, tick=cancel)
    data = load_data("shapes", amplitude=1, tick=lambda *call: seen.append(call))
    assert len(data) == 600
    assert [call[:2] for call in seen] == [(0, 600), (500, 600)]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: load_data("mnits"), r"'mnits'.*cifar10, digits, mnist, shapes, toy\. Did you mean mnist\?$"),
        (lambda: load_data("toy", "valid"), "'valid'.*train, test"),
        (lambda: load_data("toy", kind="ring"), "kind = 'ring'.*moons, circles, spirals, blobs"),
        (lambda: load_data("toy", noise="nan"), "noise = 'nan'.*0 to 0.3"),
        (lambda: load_data("shapes", amplitude=17), "amplitude = '17'.*0 to 16"),
        (lambda: load_data("shapes", cue="none"), "cue = 'none'.*agrees, swapped, removed"),
        (lambda: load_data("cifar10", size=3), "'size'.*none"),
        (lambda: load_data("toy", nois=0.1), "'nois'.*kind, noise"),
    ],
)
def test_what_is_unknown_is_refused_in_one_sentence_naming_what_is_known(call, said):
    with pytest.raises(UserError, match=said) as caught:
        call()
    assert str(caught.value).endswith((".", ". Did you mean mnist?"))
