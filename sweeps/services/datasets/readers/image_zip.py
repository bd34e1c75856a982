"""A zip of folders of images or audio: `label/a.png`, or `train/label/a.png` and `test/label/b.png`.

Nothing is unpacked to disk and no path of the archive is ever opened, but a path that would lead out of a folder is
refused all the same: such an archive was made to harm someone.
"""

import itertools
import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import pyarrow as pa

from sweeps.services.datasets.limits import (
    BATCH_BYTES,
    BATCH_ROWS,
    MAX_IMAGE_BYTES,
    MAX_IMAGES,
    MAX_NAME_CHARS,
    MAX_ZIP_BYTES,
    MAX_ZIP_RATIO,
)
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows
from sweeps.services.datasets.readers.images import checked_image
from sweeps.services.datasets.readers.sounds import checked_sound, is_sound

COLUMNS: Final = ("image", "label", "split")
SPLIT_FOLDERS: Final = frozenset(
    {"train", "training", "test", "val", "valid", "validation", "eval", "evaluation", "dev"}
)
_ARCHIVES: Final = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_LAYOUT: Final = "Put images (or WAV files) in folders named by their label (cat/1.png), and zip those."
_NOISE: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


def read_image_zip(path: Path) -> FileRows:
    """Columns `image` (`audio`, where the first file is), `label` and, when the archive has split folders, `split`. Every
    file is decoded once."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive.infolist(), path.stat().st_size)
            sounds = is_sound(_read(archive, entries[0])[:16])
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError, UnicodeDecodeError) as error:
        raise BadData(f"The zip is broken ({error}). Zip the folders anew.", field="file") from None
    places = _placed(entries)
    given = any(split for _entry, split, _label in places)
    columns = ("audio" if sounds else "image", *COLUMNS[1 : 3 if given else 2])
    check = checked_sound if sounds else checked_image
    media = {"sounds": frozenset({0})} if sounds else {"images": frozenset({0})}
    return FileRows(columns, "file", _batches(path, places, len(columns), check), **media)


Placed = tuple[zipfile.ZipInfo, str | None, str]
"""An entry, its split folder, its label."""


def _entries(infos: list[zipfile.ZipInfo], archive_bytes: int) -> list[zipfile.ZipInfo]:
    """The image entries by name, once the archive as a whole is harmless."""
    total = sum(info.file_size for info in infos)
    if len(infos) > MAX_IMAGES:
        raise BadData(
            f"The zip has {len(infos):,} entries; at most {MAX_IMAGES:,} are read. Upload a part.", field="file"
        )
    if total > MAX_ZIP_BYTES or (total > 2**20 and total > archive_bytes * MAX_ZIP_RATIO):
        raise BadData(
            f"The zip would unpack {archive_bytes:,} bytes to {total:,}, which images and audio never do, so it is not opened. "
            "Zip plain files.",
            field="file",
        )
    for info in infos:
        _check_entry(info)
    found = sorted(
        (info for info in infos if not info.is_dir() and not _noise(info.filename)), key=lambda i: i.filename
    )
    if not found:
        raise BadData(f"The zip holds no files. {_LAYOUT}", field="file")
    for info, after in itertools.pairwise(found):
        if info.filename == after.filename:
            raise BadData(f"The zip holds {_shown(info)} twice. Zip the folders anew.", field="file")
    return found


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.filename.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        raise BadData(
            f"The zip has an entry {_shown(info)} whose path leads out of its folder. {_LAYOUT}", field="file"
        )
    if not name.isprintable() or len(name) > 1000:
        raise BadData(f"The zip has an entry {_shown(info)} with a name that can't be shown. Rename it.", field="file")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise BadData(f"The zip's {_shown(info)} is a symbolic link. Zip the file itself.", field="file")
    if info.flag_bits & 0x1:
        raise BadData(f"The zip's {_shown(info)} is encrypted. Zip the folders without a password.", field="file")
    if info.file_size > MAX_IMAGE_BYTES:
        raise BadData(
            f"The zip's {_shown(info)} has {info.file_size:,} bytes; a file may have {MAX_IMAGE_BYTES:,}. Make it smaller.",
            field="file",
        )
    if name.lower().endswith(_ARCHIVES):
        raise BadData(f"The zip holds another archive, {_shown(info)}. {_LAYOUT}", field="file")


def _noise(name: str) -> bool:
    """What operating systems leave in archives."""
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name.lower() in _NOISE or path.name.startswith("._")


def _placed(entries: list[zipfile.ZipInfo]) -> list[Placed]:
    folders = [PurePosixPath(info.filename.replace("\\", "/")).parts[:-1] for info in entries]
    # One folder around everything says nothing, as long as a folder for the label is left.
    while len({parts[:1] for parts in folders}) == 1 and min(map(len, folders)) >= 2:
        folders = [parts[1:] for parts in folders]
    given = all(len(parts) >= 2 and parts[0].lower() in SPLIT_FOLDERS for parts in folders)
    placed: list[Placed] = []
    for info, parts in zip(entries, folders, strict=True):
        if not parts:
            raise BadData(f"The zip's {_shown(info)} lies in no folder, so it has no label. {_LAYOUT}", field="file")
        label = parts[1] if given else parts[0]
        if len(label) > MAX_NAME_CHARS:
            raise BadData(f"The zip's folder {label[:40]!r}… has a name that is too long. Shorten it.", field="file")
        placed.append((info, parts[0].lower() if given else None, label))
    return placed


def _batches(path: Path, places: list[Placed], width: int, check: Callable[[bytes, str], bytes]) -> Iterator[Batch]:
    rows: list[tuple[str, bytes, str, str | None]] = []
    size = 0
    with zipfile.ZipFile(path) as archive:
        for info, split, label in places:
            data = check(_read(archive, info), f"The zip's {_shown(info)}")
            rows.append((info.filename, data, label, split))
            size += len(data)
            if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
                yield _batch(rows, width)
                rows, size = [], 0
    if rows:
        yield _batch(rows, width)


def _batch(rows: list[tuple[str, bytes, str, str | None]], width: int) -> Batch:
    places, images, labels, splits = zip(*rows, strict=True)
    cells = [pa.array(images, pa.binary()), pa.array(labels, pa.string()), pa.array(splits, pa.string())]
    return Batch(pa.array(places, pa.string()), cells[:width])


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            return file.read(MAX_IMAGE_BYTES + 1)[: MAX_IMAGE_BYTES + 1]
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise BadData(
            f"The zip's {_shown(info)} can't be unpacked ({error}). Zip the folders anew.", field="file"
        ) from None


def _shown(info: zipfile.ZipInfo) -> str:
    name = info.filename
    return repr(name if len(name) <= 80 else name[:79] + "…")
