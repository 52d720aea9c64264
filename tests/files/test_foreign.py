"""Files of others: read to the last byte, or not opened."""

import hashlib

import pytest

from gluon_seq2seq.files import foreign


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_sha256_is_that_of_all_bytes(tmp_path, size):
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    path = tmp_path / "file"
    path.write_bytes(content)
    assert foreign.sha256(path) == hashlib.sha256(content).hexdigest()


def test_sha256_of_what_is_no_regular_file(tmp_path):
    (tmp_path / "link").symlink_to(__file__)
    for path in tmp_path / "link", tmp_path, tmp_path / "none":
        with pytest.raises(OSError):
            foreign.sha256(path)
