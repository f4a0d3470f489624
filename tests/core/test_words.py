"""Numbers as people read them."""

from explorer.core.words import amount, minus, number


def test_numbers_have_a_true_minus_and_things_a_plural():
    assert [number(value) for value in (-15.07, -0.004, 0.123)] == ["−15.1", "0.00", "0.12"]
    assert [amount(count, "picture") for count in (1, 1200)] == ["1 picture", "1,200 pictures"]
    assert amount(2, "forward pass", "forward passes") == "2 forward passes"


def test_a_minus_is_one_before_numbers_alone():
    text = "PGD-20 of cifar10-pgd: -0.3% (-0.3%–-0.2%), 2-D, from -1 to 3."
    assert minus(text) == "PGD-20 of cifar10-pgd: −0.3% (−0.3%–−0.2%), 2-D, from −1 to 3."
