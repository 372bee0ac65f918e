"""Plugin tests are as apart from the machine as the core's."""

from tests.conftest import isolation

__all__ = ["isolation"]
