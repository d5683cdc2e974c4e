"""A scan of 200 pages in the reader: its first page, the next ones, the strip, its words.

Each sample begins with an empty disk and a process that remembers nothing; the file comes from
memory, as the object store is not what is measured. Peer: pdftoppm drawing the same page at the
same width from a file, in the same run.
"""

from __future__ import annotations

import io
import random
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

from benchmarks.figures import Figure, Peer, Samples
from benchmarks.pages import NotRunning
from eoffice.files import page_images
from eoffice.files.leaves import Leaves
from eoffice.files.page_images import PAGE_PX, SMALL_PX, Paper

PAGES, TIMES = 200, 7


def scan() -> bytes:
    """Pages of A4 at 150 dots per inch, grey, with the grain of paper: about 60 MB."""
    chance = random.Random(1)
    leaves: list[bytes] = []
    for _ in range(4):
        leaf = Image.effect_noise((1240, 1754), 9).point(lambda tone: min(255, tone + 105))
        pen = ImageDraw.Draw(leaf)
        for line in range(120, 1640, 34):
            pen.text((130, line), "Kinh gui cac truong " * chance.randint(3, 5), fill=40)
        one = io.BytesIO()
        leaf.save(one, "PDF", resolution=150, quality=60)
        leaves.append(one.getvalue())
    with pikepdf.new() as file:
        for number in range(PAGES):
            with pikepdf.open(io.BytesIO(leaves[number % 4])) as one_page:
                file.pages.extend(one_page.pages)
        out = io.BytesIO()
        file.save(out)
    return out.getvalue()


def measure() -> Sequence[Figure]:
    program = shutil.which("pdftoppm")
    if program is None:
        raise NotRunning("pdftoppm (poppler-utils) is not installed")
    content = scan()
    paper = Paper.of(content)
    with tempfile.TemporaryDirectory(prefix="eoffice-benchmark-") as name:
        file = Path(name) / "scan.pdf"
        file.write_bytes(content)
        bare = _samples(
            lambda: subprocess.run(
                (
                    *(program, "-png", "-f", "1", "-l", "1", "-scale-to-x", str(PAGE_PX)),
                    *("-scale-to-y", "-1", str(file), str(Path(name) / "bare")),
                ),
                check=True,
            ),
            Path(name),
        )
        peer = Peer(f"pdftoppm, one page of {len(content) >> 20} MB, p50", bare.median_ms)
        asked: list[tuple[str, Callable[[], object], bool]] = [
            ("first page, p50", lambda: page_images.picture(paper, 1, PAGE_PX), True),
            ("page 150, file on this machine, p50", _further(paper), False),
            ("strip of 20 small pages, p50", _strip(paper), False),
            ("sizes of all pages, p50", lambda: page_images.sizes(paper), True),
            ("words of all pages, p50", lambda: page_images.texts(paper), True),
        ]
        figures = []
        for said, work, is_cold in asked:
            samples = _samples(work, Path(name), is_cold=is_cold)
            figures.append(Figure(said, "ms", samples.median_ms, peer, f"{TIMES} times"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    limit = Peer("limit of a child, MiB", 1536.0)
    return [*figures, Figure("memory of a child at most", "MiB", peak, limit, "all of them")]


def _samples(work: Callable[[], object], directory: Path, *, is_cold: bool = True) -> Samples:
    samples = Samples()
    for number in range(TIMES + 1):
        if is_cold or number == 0:
            _forget(directory / f"leaves-{id(samples)}-{number}")
        if number == 0:
            work()
            continue
        with samples.one():
            work()
    return samples


def _forget(directory: Path) -> None:
    """As after a restart on a new machine."""
    made = Leaves(directory)
    page_images._leaves = lambda: made  # type: ignore[assignment]
    page_images._recent = page_images._Recent()  # type: ignore[misc]


def _further(paper: Paper) -> Callable[[], object]:
    """A page that nobody has asked for, each time another one."""
    numbers = iter(range(150, 150 + TIMES + 1))
    return lambda: page_images.picture(paper, next(numbers), PAGE_PX)


def _strip(paper: Paper) -> Callable[[], object]:
    numbers = iter(range(1, PAGES, page_images.BLOCK))
    return lambda: page_images.picture(paper, next(numbers), SMALL_PX)
