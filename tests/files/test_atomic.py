"""Files that appear whole, as private as they were, and where they were sent."""

import os
import stat

import pytest

from gluon_seq2seq import SystemProblem
from gluon_seq2seq.files.atomic import whole


def write(path, content=b"new\n"):
    with whole(path) as stream:
        stream.write(content)


@pytest.fixture
def umask():
    """That of most systems: files can be read by all."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_stays_as_it_was(mode, umask, tmp_path):
    path = tmp_path / "out"
    path.write_text("old\n")
    path.chmod(mode)
    with whole(path) as stream:
        (draft,) = set(tmp_path.iterdir()) - {path}
        assert stat.S_IMODE(draft.stat().st_mode) == mode, "also while it is written"
        stream.write(b"new\n")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new\n", mode)
    write(tmp_path / "other")
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o644


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_the_owner_stays_as_it_was(tmp_path):
    (tmp_path / "out").write_text("old\n")
    os.chown(tmp_path / "out", 12345, 54321)
    write(tmp_path / "out")
    found = (tmp_path / "out").stat()
    assert (found.st_uid, found.st_gid) == (12345, 54321)


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd", "link"])
def test_an_open_file_goes_on_where_it_stands(folder, tmp_path):
    (tmp_path / "log").write_text("one\ntwo\n")
    for flags, wanted in (os.O_APPEND, "one\ntwo\nnew\n"), (0, "new\ntwo\nnew\n"):
        descriptor = os.open(tmp_path / "log", os.O_WRONLY | flags)
        path = f"{folder}/{descriptor}"
        if folder == "link":  # as /dev/stdout is one
            path = tmp_path / f"link{flags}"
            path.symlink_to(f"/dev/fd/{descriptor}")
        elif not os.path.exists(folder):
            pytest.skip(f"this system has no {folder}")
        write(path)
        assert (tmp_path / "log").read_text() == wanted
        os.write(descriptor, b"")  # is still open
        os.close(descriptor)


def test_a_pipe_by_its_number():
    reader, number = os.pipe()
    write(f"/dev/fd/{number}")
    os.close(number)
    assert os.read(reader, 100) == b"new\n"
    os.close(reader)


def test_a_number_that_is_not_open():
    reader, number = os.pipe()
    os.close(reader)
    os.close(number)
    with pytest.raises(SystemProblem, match=f"cannot write /dev/fd/{number}: "):
        write(f"/dev/fd/{number}")


def test_a_file_that_has_a_number_for_a_name(tmp_path):
    (tmp_path / "fd").mkdir()
    write(tmp_path / "fd" / "1")
    assert (tmp_path / "fd" / "1").read_text() == "new\n"


def test_a_failure_leaves_the_old_one(tmp_path):
    (tmp_path / "out").write_text("old\n")
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "out") as stream:
        stream.write(b"new")
        raise ZeroDivisionError
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old\n"]


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(SystemProblem, match="cannot write"):
        write(tmp_path / "a" / "out")
