"""The Figure that every picture is, and what it has to do with Jupyter and pyplot."""

import base64
import contextlib
import io
import sys
import warnings
from html import escape

from matplotlib import style
from matplotlib._pylab_helpers import Gcf
from matplotlib.figure import Figure

from .alt import described

KEPT = 20  # figures that pyplot knows; of more it warns


class Picture(Figure):
    """A matplotlib Figure that Jupyter shows by itself, without pyplot.

    Where pyplot is in use, its ``show()`` and ``savefig()`` know the last of them, up to
    :data:`KEPT`, as their own, until Jupyter has shown them. It is drawn in the style it was made
    in, whatever the user's is by then, and without a warning for each character that no font has.
    """

    settings, lang = None, "en"

    @classmethod
    def new(cls, settings, lang="en", **how):
        """One of ``figsize=`` and so on, known to pyplot if somebody has imported that; ``lang`` is
        the language of :attr:`alt`."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        try:
            if pyplot is not None:
                # Loads the backend, whose own settings would else end with the style.
                pyplot.draw_if_interactive()
        except ImportError:  # a backend with windows, where there is no screen
            pyplot = None
        known = [manager.canvas.figure for manager in Gcf.get_all_fig_managers()]
        too_many = max(0, len(known) - KEPT + 1)
        for picture in [one for one in known if isinstance(one, cls)][:too_many]:
            pyplot.close(picture)  # the oldest
        with styled(settings):
            made = pyplot.figure(FigureClass=cls, **how) if pyplot else cls(**how)
        made.settings, made.lang = settings, lang
        return made

    @classmethod
    def of(cls, figure, settings, lang):
        """``figure``, of mere matplotlib, made one of these in place: artists cannot move."""
        figure.__class__ = cls
        figure.settings, figure.lang = settings, lang
        return figure

    def close(self):
        """Let pyplot forget it; it can still be saved."""
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close(self)

    @property
    def alt(self):
        """The picture in words, its alternative text."""
        with styled(self.settings):
            return described(self, self.lang)

    def _repr_mimebundle_(self, **_):
        # As HTML, too: JupyterLab and nbconvert have no alternative text for a mere image.
        alt, png = self.alt, base64.b64encode(self._repr_png_()).decode()
        html = f'<img alt="{escape(alt)}" src="data:image/png;base64,{png}">'
        return {"image/png": png, "text/html": html}, {"image/png": {"alt": alt}}

    def _repr_png_(self):
        """Bytes; pyplot forgets the picture, or Jupyter would show it once more."""
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=100)
        self.close()
        return stream.getvalue()

    def savefig(self, *args, **kwargs):
        with styled(self.settings):
            super().savefig(*args, **kwargs)

    def draw(self, renderer):
        with styled(self.settings):
            super().draw(renderer)

    def get_tightbbox(self, *args, **kwargs):
        with styled(self.settings):
            return super().get_tightbbox(*args, **kwargs)


@contextlib.contextmanager
def styled(settings):
    """matplotlib's own style with ``settings``; a missing glyph is a box, not a warning."""
    with style.context(["default", settings or {}]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing|Matplotlib currently does not support")
        yield
