import torch
from sklearn.datasets import load_digits

from explorer.data import load_data


def test_the_splits_part_scikit_learns_digits():
    train, test = load_data("digits", "train"), load_data("digits", "test")
    bunch = load_digits()
    both = torch.cat([train.x, test.x]).flatten(1) * 16
    labelled = torch.cat([both, torch.cat([train.y, test.y])[:, None]], 1)
    expected = torch.cat([torch.tensor(bunch.data), torch.tensor(bunch.target)[:, None]], 1)
    assert sorted(labelled.tolist()) == sorted(expected.tolist())


def test_there_are_seventeen_exact_grey_levels():
    values = load_data("digits").x.unique()
    assert torch.equal(values, torch.arange(17) / 16)


def test_every_class_is_about_a_tenth_of_both_splits():
    for split in ("train", "test"):
        y = load_data("digits", split).y
        share = y.bincount(minlength=10) / len(y)
        assert share.min() > 0.07
        assert share.max() < 0.13
