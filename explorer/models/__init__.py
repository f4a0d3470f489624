"""Networks: architectures (one file each) and the zoo of trained ones."""

from explorer.core.registry import Registry

ARCHITECTURES = Registry("explorer.models", "architecture")
architecture = ARCHITECTURES.register
