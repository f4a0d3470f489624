"""Loss landscapes: how a model's loss changes with its weights and with its input, as surfaces and in numbers.

A direction in weight space is a dict of tensors, one for each of `model.named_parameters()`, of the same shapes and
zero where a parameter is left alone. Losses are means of the cross-entropy over the pictures given. A caller's model
is never changed: weights move on a copy.
"""
