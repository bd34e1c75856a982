"""Rewrite `runners/protocol/catalogue/catalogue.json` from the installed versions."""

import sys
from pathlib import Path

import runners.protocol.catalogue as package
from runners.process.catalogue_build.build import build, to_json

if __name__ == "__main__":
    target = Path(package.__file__).parent / package.FILE_NAME
    target.write_text(to_json(build()), encoding="utf-8")
    sys.stdout.write(f"{target} written.\n")
