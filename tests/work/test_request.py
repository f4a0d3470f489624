import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer.work.key as key_module
import explorer.work.request as request_module
from explorer.attacks import ATTACKS
from explorer.attribution import SALIENCY
from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Switch, Whole
from explorer.data import DATA
from explorer.models.zoo import zoo_names
from explorer.work.address import NAMES as ADDRESS_NAMES
from explorer.work.address import read, read_query, strict
from explorer.work.choices import VIEWS
from explorer.work.pages import PAGES
from explorer.work.request import Request, default, eps_limit, norms_of

SHA = "0123456789abcdef" * 4
METHODS = sorted(SALIENCY)
READY = [name for name in DATA if zoo_names(name)]


def values(kind):
    if isinstance(kind, Whole):
        return st.integers(kind.low, kind.high)
    if isinstance(kind, Choice):
        return st.sampled_from(kind.options)
    return st.booleans() if isinstance(kind, Switch) else st.floats(kind.low, kind.high)


def pairs(knobs):
    return st.tuples(*[st.tuples(st.just(name), values(knobs[name].kind)) for name in sorted(knobs)])


@st.composite
def requests(draw) -> Request:
    data, page = draw(st.sampled_from(READY)), draw(st.sampled_from(sorted(PAGES)))
    attack = draw(st.sampled_from([name for name in sorted(ATTACKS) if norms_of(data, name)]))
    norm = draw(st.sampled_from(norms_of(data, attack)))
    facts, upload = DATA[data].facts, draw(st.sampled_from(["", SHA]))
    models = st.sampled_from(zoo_names(data))
    method = draw(st.sampled_from(METHODS))
    second = draw(st.sampled_from(["", *(name for name in METHODS if name != method)]))
    return Request(
        page=page,
        data=data,
        data_knobs=draw(pairs(DATA[data].knobs)),
        index=draw(st.integers(0, facts["sizes"]["test"] - 1)),
        upload=upload,
        label=draw(st.sampled_from(["", *facts["classes"]])) if upload else "",
        a=draw(models),
        b=draw(models),
        more=tuple(draw(st.lists(models, unique=True))),
        attack=attack,
        knobs=draw(pairs(ATTACKS[attack].knobs)),
        norm=norm,
        eps=draw(st.integers(0, eps_limit(data, norm))),
        target=draw(st.sampled_from(["", *facts["classes"]])),
        seed=draw(st.integers(0, 9999)),
        method=method,
        method_knobs=draw(pairs(SALIENCY[method].knobs)),
        second=second,
        second_knobs=draw(pairs(SALIENCY[second].knobs)) if second else (),
        explained=draw(st.sampled_from(["", "answer", *facts["classes"]])),
        against=draw(st.sampled_from(["", *facts["classes"]])),
        choices=draw(pairs(PAGES[page].choices)),
        show=draw(pairs(PAGES[page].show)),
    )


@settings(max_examples=200)
@given(requests())
def test_an_address_reads_back_as_the_same_request(request):
    assert read(request.address()) == (request, [])
    assert strict("http://127.0.0.1:8501" + request.address()) == request


@settings(max_examples=350)
@given(st.text(max_size=60))
def test_reading_never_raises_whatever_is_typed(text):
    request, _ = read(text)
    assert read(request.address()) == (request, [])


@settings(max_examples=250)
@given(requests(), st.data())
def test_a_spoilt_address_is_mended_in_sentences(request, data):
    address = request.address()
    place, count = data.draw(st.integers(0, len(address))), data.draw(st.integers(0, 5))
    spoilt = address[:place] + data.draw(st.text(max_size=8)) + address[place + count :]
    mended, problems = read(spoilt)
    assert read(mended.address()) == (mended, [])
    assert all(problem.endswith(".") and "\n" not in problem.replace("\\n", "") for problem in problems)
    if problems:
        with pytest.raises(UserError):
            strict(spoilt)
    else:
        assert strict(spoilt) == mended


NAMES = st.sampled_from(
    [*ADDRESS_NAMES, "map", "transfer", "n", "view"]
    + [
        f"{entry.name}_{knob}"
        for entry in (*ATTACKS.values(), *DATA.values(), *SALIENCY.values())
        for knob in entry.knobs
    ]
)
WORDS = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "8",
        "1e9",
        "nan",
        "inf",
        "-0.0",
        "0.5",
        "true",
        "l2",
        "l1",
        *READY,
        *ATTACKS,
        *SALIENCY,
        *zoo_names(),
        SHA,
    ]
)


@settings(max_examples=250)
@given(st.sampled_from(sorted(PAGES)), st.dictionaries(NAMES, WORDS | st.text(max_size=10), max_size=6))
def test_any_query_gives_a_valid_request(page, query):
    request, _ = read_query(page, query)
    assert read(request.address()) == (request, [])
    assert 0 <= request.eps <= eps_limit(request.data, request.norm)


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("/attack?eps=999", "eps = '999' is not a whole number from 0 to 32."),
        ("/attack?eps=8.5", "eps = '8.5' is not a whole number from 0 to 32."),
        ("/attack?data=imagenet", "There is no data set 'imagenet'; known: "),
        ("/attack?more=toy-pgd,nobody", "more = 'toy-pgd' is not one of shapes-"),
        ("/attack?a=nobody", "a = 'nobody' is not one of shapes-"),
        ("/attack?norm=l7", "norm = 'l7' is not one of linf, l2, l1, l0."),
        ("/attack?pgd_steps=0", "pgd_steps = '0' is not a whole number from 1 to 500."),
        ("/attack?pgd_stpes=4", "There is no parameter 'pgd_stpes'; known: data, "),
        ("/attack?tint=red", "There is no parameter 'tint'; known: data, "),
        ("/attack?label=star", "label = 'star' has no meaning here: leave it out."),
        ("/attack?upload=../../etc", "upload = '../../etc' is not the sha256 of an uploaded picture."),
        (
            "/lesson",
            "There is no page 'lesson'; known: attack, robustness, saliency, boundary, embedding, landscape, "
            "certificate, training, models.",
        ),
        ("http://[half", "'http://[half' is not an address."),
        ("/attack?eps=4&eps=8", "eps is given more than once."),
    ],
)
def test_each_mistake_has_its_sentence(address, wrong):
    request, problems = read(address)
    assert len(problems) == 1
    assert problems[0].startswith(wrong)
    assert request == default()
    with pytest.raises(UserError) as caught:
        strict(address)
    assert str(caught.value).startswith(wrong)
    assert "instead" not in str(caught.value)


def test_knobs_of_another_choice_are_no_mistake():
    request, problems = read("/attack?attack=noise&pgd_steps=7&toy_kind=spirals")
    assert problems == []
    assert request.attack == "noise"
    assert dict(request.knobs) == {"kind": "sign"}


def test_an_address_may_come_from_a_browser_or_be_a_query_alone():
    wanted = default().with_(eps=4)
    for address in (
        "http://localhost:8501/attack?eps=4",
        "https://host/base/attack/?eps=4#x",
        "?eps=4",
        "attack?eps=4",
    ):
        assert read(address) == (wanted, [])


def test_a_data_set_without_models_is_a_sentence(monkeypatch):
    known = request_module.zoo_names
    monkeypatch.setattr(request_module, "zoo_names", lambda data=None: [] if data == "mnist" else known(data))
    request, problems = read("/attack?data=mnist")
    assert request.data == "shapes"
    assert problems == [
        "There is no trained model for mnist: train one with `explorer train mnist-standard`. Using shapes instead."
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"page": "zap"},
        {"data": "zap"},
        {"index": 500},
        {"upload": "zap"},
        {"label": "0"},
        {"a": "toy-pgd"},
        {"attack": "zap"},
        {"knobs": ()},
        {"norm": "l7"},
        {"eps": -1},
        {"eps": "x"},
        {"target": "x"},
        {"seed": 10_000},
    ],
)
def test_a_request_checks_itself(change):
    with pytest.raises(UserError):
        default("digits").with_(**change)


def test_equal_choices_make_equal_requests():
    request = default("toy").with_(eps="30", seed=1.0, data_knobs=(("kind", "moons"), ("noise", -0.0)))
    assert (request.eps, request.seed) == (30, 1)
    assert request.key == default("toy").with_(eps=30, seed=1, data_knobs=(("kind", "moons"), ("noise", 0))).key


def test_the_key_names_the_computation_and_nothing_else():
    request = default("toy")
    key = request.key
    assert len(key) == 64
    assert request.with_(show=(("compare", True), ("map", "size"), ("marks", False), ("transfer", True))).key == key
    others = [
        {"eps": 10},
        {"index": 3},
        {"seed": 3},
        {"a": "toy-pgd"},
        {"norm": "l2"},
        {"target": "blue"},
        {"upload": SHA},
        {"data_knobs": (("kind", "circles"), ("noise", 0.08))},
        {"knobs": tuple((k, 7 if k == "steps" else v) for k, v in request.knobs)},
    ]
    assert len({key, *(request.with_(**change).key for change in others)}) == len(others) + 1
    sent = request.with_(upload=SHA)
    assert sent.with_(index=9, data_knobs=(("kind", "circles"), ("noise", 0.1))).key == sent.key
    assert sent.with_(label="blue").key != sent.key


def test_an_upload_among_others_hangs_on_which_others_they_are():
    sent = default("shapes", page="saliency").with_(upload=SHA)
    swapped = tuple((k, "swapped" if k == "cue" else v) for k, v in sent.data_knobs)
    for method, view, same in (
        ("gradient", "maps", True),
        ("gradient_shap", "maps", False),
        ("gradient", "drawn", False),
    ):
        one = sent.with_(choices=tuple((k, view if k == "view" else v) for k, v in sent.choices))
        one = one.with_(method=method, method_knobs=default("shapes", page="saliency", method=method).method_knobs)
        assert (one.with_(data_knobs=swapped).key == one.key) is same


def test_what_a_measure_is_asked_for_is_in_its_key():
    request = default("digits", page="saliency")
    view = tuple((k, "measures" if k == "view" else v) for k, v in request.choices)
    request = request.with_(choices=view)
    other = tuple((k, "sparsity" if k == "measure" else v) for k, v in request.show)
    assert request.with_(show=other).key != request.key


def test_another_view_of_an_evaluation_is_another_computation():
    request = default("toy", page="robustness")
    keys = {request.with_(show=(("view", view),)).key for view in VIEWS}
    assert len(keys) == len(VIEWS)


def test_the_key_follows_weights_data_and_format(monkeypatch):
    request = default("toy")
    keys = {request.key}
    for name, change in (
        ("weights_digest", lambda name: "other weights of " + name),
        ("data_digest", lambda *which: "other data"),
        ("FORMAT", 999),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(key_module, name, change)
            keys.add(request.key)
    assert len(keys) == 4


def test_the_key_stays_what_it_was(monkeypatch):
    monkeypatch.setattr(key_module, "weights_digest", lambda name: name)
    monkeypatch.setattr(key_module, "data_digest", lambda *which: "data")
    monkeypatch.setattr(key_module, "FORMAT", 0)
    request = Request(
        "attack", "toy", (("kind", "moons"), ("noise", 0.08)), 0, "", "", "toy-standard", "toy-pgd", (),
        "noise", (("kind", "sign"),), "linf", 60, "", 0, "gradient", (), "", (), "", "", (),
        (("compare", False), ("map", "signed"), ("marks", True), ("transfer", False)),
    )  # fmt: skip
    assert request.key == "0f5d9b9d9e9cbc61bb198b130a8870f43f68ede03dd525d90a0b2aef1ef3ca57"


def test_a_page_s_key_hangs_on_what_it_uses():
    attack, robustness = default("toy"), default("toy", page="robustness")
    assert attack.with_(more=("toy-pgd",)).key == attack.key
    assert robustness.with_(index=3, target="blue").key == robustness.key
    keys = {robustness.key, attack.key, robustness.with_(choices=(("budgets", 8), ("n", 50))).key}
    assert len(keys | {robustness.with_(b="toy-standard").key}) == 4
    assert robustness.models == ("toy-standard", "toy-pgd")


def test_turning_the_page_keeps_the_choices():
    request = default("toy").with_(
        eps=30, index=4, show=(("compare", False), ("map", "size"), ("marks", True), ("transfer", False))
    )
    turned = request.on("robustness")
    assert (turned.page, turned.eps, turned.index, dict(turned.choices)["n"]) == ("robustness", 30, 4, 200)
    assert turned.on("attack").on("robustness") == turned
    with pytest.raises(UserError, match="page = 'zap'"):
        request.on("zap")


def test_eps_is_in_units_of_the_data():
    assert default("shapes").threat.eps == pytest.approx(8 / 255)
    assert default("toy").threat.eps == pytest.approx(0.06)
    assert eps_limit("mnist", "linf") == 1000


@pytest.mark.parametrize("address", ["", "  "])
def test_an_empty_address_is_none(address):
    with pytest.raises(UserError, match=r"^The address is empty: give one"):
        strict(address)
