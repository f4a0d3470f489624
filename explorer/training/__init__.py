"""Training: the loop, and one file per recipe."""

from explorer.core.registry import Registry

RECIPES = Registry("explorer.training", "recipe")
recipe = RECIPES.register
