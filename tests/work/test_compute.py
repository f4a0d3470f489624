import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

import explorer
from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.core.results import AttackView
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work import compute as computing
from explorer.work.compute import NOISE_COPIES, PLANE_SIDE, compute
from explorer.work.local import run
from explorer.work.pack import pack
from explorer.work.request import default
from explorer.work.store import shared_store


@pytest.fixture(scope="module")
def view() -> AttackView:
    return compute(default("toy").with_(index=3))


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_store.cache_clear()
    yield shared_store()
    shared_store.cache_clear()


def logits(name: str, x) -> np.ndarray:
    with torch.no_grad():
        return load_model(name)(torch.tensor(x)).numpy()


def png(side: int = 8) -> bytes:
    file = BytesIO()
    Image.fromarray(np.arange(side * side, dtype=np.uint8).reshape(side, side)).save(file, "PNG")
    return file.getvalue()


def test_the_attack_is_judged_on_the_picture_asked_for(view):
    data = load_data("toy")
    assert view.label == data.y[3]
    for result, name in ((view.a, "toy-standard"), (view.b, "toy-pgd")):
        np.testing.assert_array_equal(result.x, data.x[3:4].numpy())
        assert result.distance["linf"] <= 0.06 + 1e-6
        np.testing.assert_allclose(result.logits_adv, logits(name, result.x_adv), rtol=1e-5)
        assert result.path["x"].shape == (41, 1, 2)


def test_transfer_is_one_models_view_of_the_others_picture(view):
    np.testing.assert_allclose(view.transfer_a, logits("toy-standard", view.b.x_adv)[0], rtol=1e-5)
    np.testing.assert_allclose(view.transfer_b, logits("toy-pgd", view.a.x_adv)[0], rtol=1e-5)


def test_the_control_is_many_draws_of_the_same_size(view):
    for control in (view.noise_a, view.noise_b):
        assert control.changed.shape == (NOISE_COPIES,)
        np.testing.assert_allclose(control.distance, 0.06, rtol=1e-4)


def test_the_plane_runs_upwards_and_to_the_right(view):
    assert view.plane_a.probabilities.shape == (PLANE_SIDE, PLANE_SIDE, 2)
    row, column = 30, 120
    point = np.array([[column, row]], np.float32) / (PLANE_SIDE - 1)
    expected = torch.tensor(logits("toy-standard", point)).softmax(1)[0]
    np.testing.assert_allclose(view.plane_a.probabilities[row, column], expected, atol=1e-5)


def test_the_same_request_gives_the_same_numbers(view):
    again, meta = pack(compute(default("toy").with_(index=3)))
    first, _ = pack(view)
    assert meta["class"] == "AttackView"
    assert set(again) == set(first)
    for name, array in again.items():
        np.testing.assert_array_equal(array, first[name], err_msg=name)


def test_a_target_is_the_goal_of_both():
    view = compute(default("digits").with_(target="3"))
    assert view.a.targeted
    assert view.b.targeted
    assert (view.a.labels, view.b.labels) == (3, 3)
    assert view.plane_a is None


def test_a_picture_of_unknown_class_is_driven_from_what_each_model_says():
    request = default("digits").with_(upload="0" * 64)
    view = compute(request, uploaded=png())
    assert view.label == -1
    np.testing.assert_allclose(view.a.x[0, 0], np.arange(64).reshape(8, 8) / 255, atol=1e-6)
    for result, name in ((view.a, request.a), (view.b, request.b)):
        assert result.labels == logits(name, result.x).argmax()
    assert compute(request.with_(label="5"), uploaded=png()).label == 5


def test_progress_runs_to_the_end_and_cancelling_stops():
    seen = []
    compute(default("digits"), tick=lambda done, total, note="": seen.append((done, total)))
    assert {total for _, total in seen} == {400}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] > 200

    def cancel(done: int, total: int, note: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        compute(default("digits"), tick=cancel)


def test_run_takes_an_address_and_keeps_the_result(store):
    found = run("http://localhost:8501/attack?data=toy&index=3&pgd_steps=5")
    assert found.a.path["x"].shape == (6, 1, 2)
    assert explorer.run(default("toy").with_(index=3, knobs=knobs(steps=5))) is found
    shared_store.cache_clear()
    assert run("?data=toy&index=3&pgd_steps=5").a.seconds == found.a.seconds  # from disk


def knobs(**changes):
    return tuple((name, changes.get(name, value)) for name, value in default("toy").knobs)


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("/attack?eps=x", "eps = 'x' is not"),
        (f"/attack?data=digits&upload={'0' * 64}", "The uploaded picture 000000000000… is not"),
    ],
)
def test_run_is_strict(store, address, wrong):
    with pytest.raises(UserError, match=wrong):
        run(address)


def test_run_finds_an_uploaded_picture(store):
    sha = store.put_upload(png())
    assert run(f"/attack?data=digits&upload={sha}&label=7").label == 7


def test_the_public_names_are_all_there():
    assert explorer.load_data is load_data
    assert explorer.load_model is load_model
    assert set(explorer.__all__) == {"load_data", "load_model", "run"}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = explorer.nothing


def test_a_process_computes_one_thing_at_a_time(monkeypatch):
    """Tracing a network patches torch for the whole process: a second computation beside it would break."""
    inside, most = [], []

    def slow(request, _uploaded, _tick):
        inside.append(request)
        most.append(len(inside))
        time.sleep(0.05)
        inside.remove(request)

    monkeypatch.setattr(computing, "attack_view", slow)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(compute, [default("toy").with_(index=i) for i in range(4)]))
    assert most == [1, 1, 1, 1]


def test_who_waits_for_another_can_be_cancelled():
    def cancelled(_done, _total, _note=""):
        raise Cancelled

    with ThreadPoolExecutor(1) as pool, computing.ALONE, pytest.raises(Cancelled):
        pool.submit(compute, default("toy"), tick=cancelled).result(timeout=10)
