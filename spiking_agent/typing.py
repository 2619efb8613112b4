"""Names of types that many modules use: arrays by the type of their elements, and others."""

from typing import Any

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
Int8Array = npt.NDArray[np.int8]
Int16Array = npt.NDArray[np.int16]
Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
IntpArray = npt.NDArray[np.intp]
UInt8Array = npt.NDArray[np.uint8]
UInt64Array = npt.NDArray[np.uint64]
Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]

Arrays = dict[str, npt.NDArray[Any]]  # arrays by name, as a NumPy archive holds them
Json = dict[str, Any]  # a JSON object
Pairs = tuple[tuple[int, int], ...]  # of inputs or outputs, by number
