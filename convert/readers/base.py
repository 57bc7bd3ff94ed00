"""Forwards to `convert.reader.formats.base` and warns: plug-ins written for version 0.1 import these names."""

from __future__ import annotations

import warnings

from convert.reader.formats.base import *  # noqa: F403

warnings.warn("convert.readers.base is convert.reader.formats.base since 0.2.0", DeprecationWarning, stacklevel=2)
