"""The sentences of the book, Tatoeba's English and French, downloaded once."""

import hashlib
import logging
from urllib.parse import urlsplit

from ..errors import DataError, SystemProblem
from .readers.compression import content_of, members

URL = "https://d2l-data.s3-accelerate.amazonaws.com/fra-eng.zip"
ARCHIVE = "sha1:94646ad1522d915e7b0f9296181140edcf86a4f5"  # of the zip, as the book has it
SHA256 = "0bb85dbaa1c896844649094d7eaf2e34bee34e84fe362b26ce7e8f2e12aae104"  # of fra.txt
LIMIT = 20_000_000  # bytes; the archive has a third of them
REMEDY = "use data='tiny', which is bundled, or data=PATH of a fra-eng.zip that you have"


def download() -> bytes:
    """The bytes of fra.txt, from the cache or the network, over https; both hashes checked.

    Raises :class:`SystemProblem` when it cannot be downloaded, :class:`DataError` for another
    text.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    try:
        archive = pooch.retrieve(
            URL,
            known_hash=ARCHIVE,
            fname="fra-eng.zip",
            path=pooch.os_cache("gluon_seq2seq"),
            downloader=_fetch,
        )
    except requests.RequestException:
        raise SystemProblem(f"cannot download {URL}: {REMEDY}") from None
    except (ValueError, OSError) as error:  # ValueError: the hash is another
        reason = " ".join(str(error).split())
        raise SystemProblem(f"cannot download {URL}: {reason}; {REMEDY}") from None
    packed = members(archive, "fra-eng.zip", content_of(archive)) or []
    content = b"".join(one.content() for one in packed if one.name == "fra.txt")
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError(f"{archive}: fra.txt is not the file of the book: delete it, or {REMEDY}")
    return content


def _fetch(url: str, file: str, _: object) -> None:
    """Write what ``url`` has to ``file``, for pooch, which renames it once its hash is right."""
    import requests
    from tqdm.auto import tqdm

    with requests.get(url, stream=True, timeout=30) as response:
        response.raise_for_status()
        if urlsplit(response.url).scheme != urlsplit(url).scheme:
            raise ValueError(f"it sends us on to {response.url}, without https")
        total = int(response.headers.get("content-length") or 0)
        with open(file, "wb") as stream, tqdm(total=total, unit="B", unit_scale=True) as bar:
            for chunk in response.iter_content(2**16):
                bar.update(stream.write(chunk))
                if stream.tell() > LIMIT:
                    raise ValueError(f"it sends more than {LIMIT:,} bytes")
