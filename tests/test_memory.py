"""What is free: the least of three limits, and what caches hold counts as free."""

import pytest

from gluon_seq2seq import SystemProblem, memory


@pytest.fixture
def container(tmp_path, monkeypatch):
    """A container that may use so many bytes, and uses some, a part of them for cached files."""

    def make(most, used, cached):
        (tmp_path / "memory.max").write_text(f"{most}\n")
        (tmp_path / "memory.current").write_text(f"{used}\n")
        (tmp_path / "memory.stat").write_text(f"anon 1\nfile {cached}\nactive_file 7\n")
        monkeypatch.setattr(memory, "CGROUP", tmp_path)

    return make


def test_cached_files_are_free(container):
    container(10_000_000, 9_000_000, 8_000_000)
    assert memory.left() == 9_000_000


def test_a_container_without_a_limit(container):
    container("max", 9_000_000, 8_000_000)
    assert memory.left() > 9_000_000


def test_a_system_that_does_not_say(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "CGROUP", tmp_path / "none")
    assert memory.left() is None or memory.left() > 0


class OneBatch:
    def most_tokens(self):
        return 100


@pytest.mark.parametrize("short", [0, 1])
def test_refused_by_a_byte(small_model, monkeypatch, short):
    model = small_model()
    parameters = sum(p.data().size for p in model.collect_params().values())
    needed = 16 * parameters + 400 * len(model.tgt_vocab) + memory.MARGIN
    monkeypatch.setattr(memory, "left", lambda: needed - short)
    if short:
        with pytest.raises(SystemProblem, match="smaller --batch-size"):
            memory.check(model, OneBatch())
    else:
        memory.check(model, OneBatch())
