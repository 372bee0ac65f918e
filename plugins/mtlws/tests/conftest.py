"""The tests' own store and folder, and no way to the network, as for the core's tests."""

from tests.conftest import isolation, xlt

__all__ = ["isolation", "xlt"]
