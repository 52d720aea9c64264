"""What is packed, by its bytes and not by its name: gzip, bzip2, xz, Zstandard, zip and tar."""

import contextlib
import gzip
import io
import tarfile
import zipfile
import zlib
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple, Type

from ...errors import DataError, SystemProblem
from .lines import Place

MAX_UNPACKED, MAX_RATIO = 2 * 2**30, 200  # bytes; times the archive: no text shrinks so far
AT_ONCE = 65_536, 32  # packed bytes; of bzip2 and LZMA, which zipfile unpacks to any length
FEW = 1024  # packed bytes of Zstandard at once, which unpack to at most 32 MiB
DAMAGE: Tuple[Type[Exception], ...]  # what a file that is no archive, or no more, leads to
DAMAGE = OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error
DAMAGE += (tarfile.TarError,)
with contextlib.suppress(ImportError):  # a Python without it refuses such archives itself
    import lzma

    DAMAGE += (lzma.LZMAError,)


class Member(NamedTuple):
    """A file that is packed, or that lies in a folder: its name, and what reads its bytes."""

    name: str
    content: Callable[[], bytes]


def content_of(path: Place) -> bytes:
    """The bytes of a file as they are; a pipe can be read once."""
    with _blaming(path):
        return Path(path).read_bytes()


def members(path: Place, name: str, content: bytes) -> Optional[List[Member]]:
    """What is packed in ``content``, of the file that is called ``name``, or None where nothing is.

    ``path`` stands for it in messages. Raises :class:`DataError` for what is damaged, or has the
    ending of an archive and is none.
    """
    stream = io.BytesIO(content)
    inner = name[: -len(Path(name).suffix)] if Path(name).suffix.lower() in ENDINGS else name
    for kind, (magic, opener) in STREAMS.items():
        if content.startswith(magic):

            def unpacked(kind: str = kind, opener: Callable[[IO[bytes]], Any] = opener) -> bytes:
                with _blaming(path, kind), opener(stream) as packed:
                    return _all_of(path, packed, len(content))

            tar = Path(name).suffix.lower() in (".tgz", ".tbz2", ".tbz", ".txz")
            return [Member(f"{inner}.tar" if tar else inner, unpacked)]
    if content[257:262] == b"ustar":
        with _blaming(path):
            return list(_of_tar(path, stream, len(content)))
    if zipfile.is_zipfile(stream):
        with _blaming(path):
            return list(_of_zip(path, zipfile.ZipFile(stream)))
    kind = ENDINGS.get(Path(name).suffix.lower(), "")
    if kind:
        raise DataError(
            f"{path}: is not a {kind} file, or cut short: give it another name, or fetch it again"
        )
    return None


def _of_zip(path: Place, archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        if not info.is_dir():

            def unpacked(info: zipfile.ZipInfo = info) -> bytes:
                with _blaming(path), archive.open(info) as stream:
                    if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                        return _all_of(path, stream, info.compress_size)
                    stream.MIN_READ_SIZE = AT_ONCE[1]  # type: ignore[attr-defined]
                    return _all_of(path, stream, info.compress_size, AT_ONCE[1])

            yield Member(info.filename, unpacked)


def _of_tar(path: Place, stream: IO[bytes], size: int) -> Iterator[Member]:
    archive = tarfile.TarFile(fileobj=stream, mode="r")
    for info in archive.getmembers():
        if info.isreg():

            def unpacked(info: tarfile.TarInfo = info) -> bytes:
                with _blaming(path):
                    packed = archive.extractfile(info)
                    return _all_of(path, packed, size) if packed else b""

            yield Member(info.name, unpacked)


class Zstandard:
    """A stream of what is packed in one of Zstandard, by Python 3.14 or the package ``zstandard``.

    The package's own stream ends without a word where a file was cut short.
    """

    def __init__(self, stream: IO[bytes]):
        self.stream, self.rest = stream, b""
        self.unpacker: Any = None
        self.make: Callable[[], Any]
        try:
            self.make = import_module("compression.zstd").ZstdDecompressor
        except ImportError:
            try:
                package = import_module("zstandard")
            except ImportError:
                raise SystemProblem(
                    "Zstandard (.zst, .anki21b) needs a package: pip install zstandard, or pip "
                    "install 'gluon-seq2seq[formats]'"
                ) from None
            self.make = lambda: package.ZstdDecompressor().decompressobj()

    def __enter__(self) -> "Zstandard":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing: the stream is another's."""

    def read(self, size: int) -> bytes:
        """Some bytes, of which ``size`` says nothing, or none at the end. Raises :class:`EOFError`
        where that is in the middle."""
        while True:
            packed = self.rest or self.stream.read(FEW)
            if not packed:
                if self.unpacker:
                    raise EOFError("it is cut short")
                return b""
            self.unpacker = self.unpacker or self.make()
            found: bytes = self.unpacker.decompress(packed)
            self.rest = b""
            if self.unpacker.eof:
                self.rest, self.unpacker = self.unpacker.unused_data, None
            if found:
                return found


def _of_library(module: str, name: str) -> Callable[[IO[bytes]], Any]:
    """What opens a stream by a module that some builds of Python are without."""

    def opened(stream: IO[bytes]) -> Any:
        try:
            return getattr(import_module(module), name)(stream)
        except ImportError:
            raise SystemProblem(f"this Python has no {module}: unpack the file by hand") from None

    return opened


STREAMS: Dict[str, Tuple[bytes, Callable[[IO[bytes]], Any]]] = {
    "gzip": (b"\x1f\x8b", lambda stream: gzip.GzipFile(fileobj=stream)),
    "bzip2": (b"BZh", _of_library("bz2", "BZ2File")),
    "xz": (b"\xfd7zXZ\x00", _of_library("lzma", "LZMAFile")),
    "Zstandard": (b"\x28\xb5\x2f\xfd", Zstandard),
}
"""Name -> how such a file begins, and what opens a stream of it."""
ENDINGS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard", ".tgz": "gzip"}
ENDINGS.update({".tbz2": "bzip2", ".tbz": "bzip2", ".txz": "xz", ".zip": "zip", ".tar": "tar"})


@contextlib.contextmanager
def _blaming(path: Place, kind: str = "") -> Iterator[None]:
    """Say of ``path``, a file of this ``kind``, what goes wrong."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (DataError, SystemProblem):
        raise
    except Exception as error:
        if not isinstance(error, DAMAGE) and type(error).__name__ != "ZstdError":
            raise
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise DataError(
            f"{path}: cannot be read{' as ' + kind if kind else ''}: {reason or 'it is damaged'}"
        ) from None


def _all_of(path: Place, stream: Any, packed_size: int, at_once: int = AT_ONCE[0]) -> bytes:
    """All of a stream, unless it grows to more than a text could."""
    limit = min(MAX_UNPACKED, MAX_RATIO * max(packed_size, 1000))
    parts, size = [], 0
    for part in iter(lambda: stream.read(at_once), b""):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise DataError(
                f"{path}: unpacks to more than {limit:,} bytes: unpack it by hand if it is a text"
            )
    return b"".join(parts)


def of_folder(folder: Place) -> List[Member]:
    """The files of a folder, sorted, without those below it."""
    with _blaming(folder):
        paths = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return [Member(path.name, lambda path=path: content_of(path)) for path in paths]  # type: ignore
