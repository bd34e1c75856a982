"""Fetch axe-core, which looks at pages in the browser tests, and write `tests/browser/vendor/`. For developers only.

Nothing of it is served or shipped. To change its version, change it here and run the script (needs npm and the registry).
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "tests" / "browser" / "vendor"
VERSION: Final = "4.14.1"
FILES: Final = ("axe.min.js", "LICENSE")


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", f"axe-core@{VERSION}", "--json"]
        # npm compares what it has fetched with the registry's integrity.
        packed = json.loads(subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout)
        told = packed[0] if isinstance(packed, list) else next(iter(packed.values()))
        FOLDER.mkdir(parents=True, exist_ok=True)
        hashes = {}
        with tarfile.open(Path(place) / told["filename"]) as archive:
            for name in FILES:
                source = archive.extractfile(f"package/{name}")
                assert source is not None
                content = source.read()
                (FOLDER / name).write_bytes(content)
                hashes[name] = hashlib.sha256(content).hexdigest()
    record = {
        "made_by": "scripts/vendor_axe.py",
        "name": "axe-core",
        "version": VERSION,
        "licence": "MPL-2.0",
        "source": f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz",
        "integrity": told["integrity"],
        "sha256": hashes,
    }
    (FOLDER / "VENDOR.json").write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
