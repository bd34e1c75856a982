"""Fetch the browser's libraries from npm and write `static/vendor/` and `static/icons.svg`. For developers only.

    python scripts/vendor.py           fetch, build, write (needs npm and the registry)
    python scripts/vendor.py --check   compare the files with VENDOR.json (needs nothing)

What the program serves is committed, so neither Node nor a network is needed to run it. To change a version, change it
here and run the script; to use another icon, add its Tabler name to `vendor_icons.txt`.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
RECORD = VENDOR / "VENDOR.json"
SPRITE = ROOT / "static" / "icons.svg"
ICONS = Path(__file__).with_name("vendor_icons.txt")
ECHARTS_ENTRY = Path(__file__).with_name("vendor_echarts.js")

ESBUILD = "0.28.2"
PINS = {"@tabler/core": "1.6.1", "@tabler/icons": "3.51.0", "echarts": "6.1.0"}


@dataclass(frozen=True)
class Package:
    """An unpacked npm package and what the registry says of it."""

    name: str
    version: str
    folder: Path
    source: str
    integrity: str
    licence: str


def npm(*arguments: str, cwd: Path) -> str:
    """Run npm and return its output; CalledProcessError when it fails."""
    done = subprocess.run(["npm", *arguments], cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout


def install(folder: Path) -> dict[str, Package]:
    """Install the pinned packages (and esbuild) below `folder`; npm verifies their integrity."""
    (folder / "package.json").write_text('{"private": true}')
    wanted = [f"{name}@{version}" for name, version in PINS.items()]
    npm("install", "--ignore-scripts", "--no-audit", "--no-fund", *wanted, f"esbuild@{ESBUILD}", cwd=folder)
    lock = json.loads((folder / "package-lock.json").read_text())["packages"]
    packages = {}
    for name in [*PINS, "zrender"]:
        entry = lock[f"node_modules/{name}"]
        version = entry["version"]
        source = f"https://registry.npmjs.org/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        unpacked = folder / "node_modules" / name
        packages[name] = Package(name, version, unpacked, source, entry["integrity"], entry["license"])
    return packages


def write_tabler(package: Package) -> None:
    """Copy the style sheet without its source map's address, which a manifest of static files would look for."""
    css = (package.folder / "dist/css/tabler.min.css").read_text()
    out = VENDOR / "tabler"
    out.mkdir(parents=True)
    (out / "tabler.min.css").write_text(re.sub(r"\n?/\*# sourceMappingURL=.*?\*/", "", css))
    # The npm package names its licence but carries no text of it.
    (out / "LICENSE").write_text(
        MIT.format(holders="2018-2026 The Tabler Authors, codecalm\n2011-2026 The Bootstrap Authors")
    )


def write_echarts(echarts: Package, zrender: Package, work: Path) -> None:
    """Bundle the chart types in use into one ES module: 220 kB compressed in place of 370."""
    out = VENDOR / "echarts"
    out.mkdir(parents=True)
    entry = work / "entry.js"
    shutil.copy(ECHARTS_ENTRY, entry)
    banner = f"/*! Apache ECharts {echarts.version} (Apache-2.0) with ZRender {zrender.version} (BSD-3-Clause) and d3 (BSD-3-Clause) */"
    subprocess.run(
        [
            work / "node_modules/.bin/esbuild", entry, "--bundle", "--minify", "--format=esm", "--target=es2022",
            "--legal-comments=none", f"--banner:js={banner}", f"--outfile={out / 'echarts.min.js'}", "--log-level=warning",
        ],
        check=True,
    )  # fmt: skip
    types = "export function init(element: HTMLElement, theme?: string | object | null, options?: object): any;\n"
    (out / "echarts.min.d.ts").write_text(types)
    for name in ("LICENSE", "NOTICE"):
        shutil.copy(echarts.folder / name, out / name)
    shutil.copy(echarts.folder / "licenses/LICENSE-d3", out / "LICENSE-d3")
    shutil.copy(zrender.folder / "LICENSE", out / "LICENSE-zrender")


def read_icons() -> dict[str, str]:
    """Symbol id → Tabler icon, from lines `name` or `id = name`."""
    icons = {}
    for line in ICONS.read_text().splitlines():
        words = line.partition("#")[0].strip()
        if words:
            symbol, equals, name = (part.strip() for part in words.partition("="))
            icons[symbol] = name if equals else symbol
    return dict(sorted(icons.items()))


def write_icons(package: Package) -> None:
    """One sprite with a symbol for each icon in use."""
    symbols = []
    for symbol, name in read_icons().items():
        kind, _, plain = name.partition("/") if name.startswith("filled/") else ("outline", "", name)
        svg = (package.folder / "icons" / kind / f"{plain}.svg").read_text()
        paths = re.findall(r"<(?:path|circle|rect|line)[^>]*/>", svg)
        drawing = "".join(path for path in paths if 'stroke="none"' not in path)
        paint = (
            'fill="currentColor"'
            if kind == "filled"
            else 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
        )
        symbols.append(f'<symbol id="{symbol}" viewBox="0 0 24 24" {paint}>{drawing}</symbol>')
    head = f"<!-- Tabler Icons {package.version}, MIT licence, Copyright 2020-2026 Pawel Kuna; made by scripts/vendor.py -->"
    body = "\n".join(symbols)
    SPRITE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{head}\n{body}\n</svg>\n')
    out = VENDOR / "tabler-icons"
    out.mkdir(parents=True)
    shutil.copy(package.folder / "LICENSE", out / "LICENSE")


def checksums() -> dict[str, str]:
    """Path below the repository → SHA-256 of every vendored file."""
    files = [file for file in sorted(VENDOR.rglob("*")) if file.is_file() and file != RECORD]
    return {
        file.relative_to(ROOT).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in [*files, SPRITE]
    }


def record(packages: dict[str, Package]) -> dict[str, Any]:
    return {
        "made_by": "scripts/vendor.py",
        "packages": [
            {"name": p.name, "version": p.version, "licence": p.licence, "source": p.source, "integrity": p.integrity}
            for p in packages.values()
        ],
        "built_with": f"esbuild {ESBUILD}",
        "sha256": checksums(),
    }


def check() -> list[str]:
    """What differs between the vendored files and their record; empty when nothing does."""
    known = json.loads(RECORD.read_text())["sha256"]
    found = checksums()
    names = sorted(set(known) | set(found))
    return [f"{name}: differs from VENDOR.json" for name in names if known.get(name) != found.get(name)]


def fetch() -> None:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        packages = install(work)
        shutil.rmtree(VENDOR, ignore_errors=True)
        write_tabler(packages["@tabler/core"])
        write_echarts(packages["echarts"], packages["zrender"], work)
        write_icons(packages["@tabler/icons"])
        RECORD.write_text(json.dumps(record(packages), indent=2) + "\n")


MIT = """MIT License

Copyright (c) {holders}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with VENDOR.json and change nothing")
    if parser.parse_args().check:
        wrong = check()
        print("\n".join(wrong) or "vendored files are as recorded")
        return 1 if wrong else 0
    fetch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
