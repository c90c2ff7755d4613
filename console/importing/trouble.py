"""Why an import cannot be done, in sentences."""

from __future__ import annotations

from console.picture import Text, Value
from console.trouble import OperatorError


def refusal(word: str, /, **args: Value) -> OperatorError:
    """The sentence ``import.refused.<word>`` with its remedy ``import.remedy.<word>``."""
    return OperatorError(Text(id=f"import.refused.{word}", args=args), Text(id=f"import.remedy.{word}", args=args))
