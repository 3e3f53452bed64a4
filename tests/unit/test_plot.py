"""Figures, read back from their pixels and artists."""

from __future__ import annotations

import io
import re
from pathlib import Path

import fontpkg_source_sans_3
import matplotlib as mpl
import numpy as np
import pytest
import torch
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from torch import nn

from gennb import _type, plot
from gennb.vae import VAE


@pytest.fixture(autouse=True)
def _closed():
    with mpl.rc_context():
        yield
    plt.close("all")


def test_montage_lays_out_every_pixel():
    images = torch.arange(1, 1 + 5 * 6).reshape(5, 1, 2, 3) / 100
    picture = plot.montage(images, columns=2, gap=1)
    a, b, c, d, e = images[:, 0].numpy()
    column, gap = np.zeros((2, 1)), np.zeros((1, 7))
    blank = np.zeros((2, 3))
    gray = np.block(
        [[a, column, b], [gap], [c, column, d], [gap], [e, column, blank]],
    )
    for channel in range(3):
        np.testing.assert_array_equal(picture[..., channel], gray.astype(np.float32))
    np.testing.assert_array_equal(picture[..., 3], (gray > 0).astype(np.float32))


def test_montage_keeps_the_channels_of_a_color():
    images = torch.rand(2, 3, 4, 5)
    picture = plot.montage(images, columns=9, gap=0)
    expected = torch.cat(list(images), dim=2).permute(1, 2, 0)
    np.testing.assert_array_equal(picture[..., :3], expected.numpy())
    assert picture.shape == (4, 10, 4)
    assert (picture[..., 3] == 1).all()


def test_image_grid_draws_the_montage_and_names_each_row_at_its_middle():
    images = torch.rand(6, 1, 4, 4)
    ax = plot.image_grid(images, 3, rows=["input", "output"], title="six")
    (drawn,) = ax.images
    np.testing.assert_array_equal(drawn.get_array(), plot.montage(images, 3))
    assert [t.get_text() for t in ax.get_yticklabels()] == ["input", "output"]
    # Pixel i has its center at i: rows of the first image are 0 to 3, of the second 5 to 8.
    assert ax.get_yticks() == pytest.approx([1.5, 6.5], abs=1)
    assert ax.get_title() == "six"


def signpost() -> VAE:
    """A model whose image tells its code: left pixel σ(z₁), right pixel σ(z₂)."""
    model = VAE((1, 1, 2), 2, hidden=(4,))
    model.decoder = nn.Sequential(nn.Identity(), nn.Unflatten(1, (1, 1, 2)))
    model.register_parameter("dtype_of", nn.Parameter(torch.zeros(1)))
    return model


def test_manifold_has_the_first_code_to_the_right_and_the_second_upwards():
    side, extent = 5, 2.0
    ax = plot.manifold(signpost(), side=side, extent=extent)
    (drawn,) = ax.images
    picture = np.asarray(drawn.get_array())[..., 0]
    assert drawn.origin == "upper"
    left, right, bottom, top = drawn.get_extent()
    height, width = picture.shape
    for z1 in np.linspace(-extent, extent, side):
        for z2 in np.linspace(-extent, extent, side):
            # The picture that is drawn where the axes say (z1, z2).
            row = int((top - z2) / (top - bottom) * side) * height // side
            column = int((z1 - left) / (right - left) * side) * width // side
            code = np.array([z1, z2])
            assert picture[row, column : column + 2] == pytest.approx(
                1 / (1 + np.exp(-code)), abs=1e-6
            )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$z_1$", "$z_2$")


def test_manifold_takes_whatever_decodes():
    def paint(z):
        return z.sigmoid()[:, None, None]

    expected = plot.manifold(signpost(), side=3).images[0].get_array()
    np.testing.assert_allclose(plot.manifold(paint, side=3).images[0].get_array(), expected)
    for wrong in (lambda z: z, lambda z: paint(z)[:2], lambda z: paint(z).expand(-1, 2, -1, -1)):
        with pytest.raises(ValueError, match="model"):
            plot.manifold(wrong, side=3)


def test_three_gray_images_without_an_axis_of_channels_are_told_from_a_color_one():
    digits = torch.rand(3, 5, 4)
    with pytest.raises(ValueError, match=r"images: .*images\[:, None\].*gray.*images\[None\]"):
        plot.montage(digits, 3)


def test_manifold_needs_a_plane():
    with pytest.raises(ValueError, match="two latent variables, got 3"):
        plot.manifold(VAE((1, 4, 4), 3, hidden=(4,)))


def test_codes_have_the_color_and_name_of_their_class():
    z = torch.randn(30, 2)
    y = torch.arange(30) % 3 + 4
    ax = plot.codes(z, y, extent=2.5)
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert legend == ["4", "5", "6"]
    for digit, dots in zip((4, 5, 6), ax.collections, strict=True):
        np.testing.assert_allclose(dots.get_offsets(), z[y == digit], rtol=1e-6)
        assert tuple(dots.get_facecolor()[0][:3]) == to_rgb(plot.CLASS_COLORS[digit])
    assert [circle.radius for circle in ax.patches] == [1, 2]
    assert ax.get_xlim() == ax.get_ylim() == (-2.5, 2.5)


def test_curves_draw_the_mean_and_one_standard_deviation():
    x = [1, 10, 100]
    runs = {
        "three": torch.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 9.0, 9.0]]),
        "one": torch.tensor([[5.0, 5.0, 5.0]]),
    }
    ax = plot.curves(x, runs, xlabel="K", ylabel="nats", log_x=True)
    for line, (name, values) in zip(ax.lines, runs.items(), strict=True):
        assert line.get_label() == name
        np.testing.assert_allclose(line.get_xdata(), x)
        np.testing.assert_allclose(line.get_ydata(), np.mean(values.numpy(), 0))
    (band,) = ax.collections  # a single run has no spread
    outline = band.get_paths()[0].vertices
    values = runs["three"].numpy()
    for at, mean, std in zip(x, values.mean(0), values.std(0, ddof=1), strict=True):
        heights = outline[outline[:, 0] == at, 1]
        assert (heights.min(), heights.max()) == pytest.approx((mean - std, mean + std))
    assert tuple(band.get_facecolor()[0][:3]) == to_rgb(ax.lines[0].get_color())
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "K", "nats")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["three", "one"]


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channel = np.array(to_rgb(color))
    linear = np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("background", ["#ffffff", "#121212"])
@pytest.mark.parametrize("color", [*plot.PALETTE.items(), ("ink", plot.INK)], ids=lambda c: c[0])
def test_colors_stand_out_on_light_and_dark_pages(color, background):
    assert contrast(color[1], background) >= 3


def test_style_is_transparent_and_keeps_text_as_text():
    plot.style()
    assert mpl.rcParams["svg.fonttype"] == "none"
    assert mpl.rcParams["savefig.transparent"] is True
    inks = {mpl.rcParams[k] for k in ("text.color", "axes.edgecolor", "xtick.color", "ytick.color")}
    assert inks == {plot.INK}
    assert mpl.rcParams["axes.prop_cycle"].by_key()["color"] == list(plot.PALETTE.values())


def test_figures_are_set_in_the_books_type_letters_and_formulas_alike():
    plot.style()
    figure, ax = plt.subplots()
    ax.set(xlabel=r"$\beta_1 + \mathbf{x}$", title="−½ σ²")
    page = io.StringIO()
    figure.savefig(page, format="svg")
    families = re.findall(r"font-family: ([^;]*)", page.getvalue())
    assert families
    assert all(family.startswith("'Source Sans 3'") for family in families)


def test_the_type_of_figures_is_as_wide_as_that_of_pages():
    """matplotlib would take the thinnest weight of the variable font."""
    plot.style()
    file = TTFont(font_manager.findfont(font_manager.FontProperties()))
    variable = TTFont(Path(fontpkg_source_sans_3.__file__).parent / "files/SourceSans3[wght].ttf")
    regular = variable.getGlyphSet(location={"wght": 400})
    for letter in map(ord, "mW5σ"):
        width = file["hmtx"][file.getBestCmap()[letter]][0]
        assert width == pytest.approx(regular[variable.getBestCmap()[letter]].width, abs=1)


def test_without_the_books_type_figures_take_another(monkeypatch):
    monkeypatch.setattr(_type, "find_spec", lambda name: None)
    _type.family.cache_clear()
    plot.style()
    _type.family.cache_clear()
    assert mpl.rcParams["font.family"] == ["sans", "sans-serif"]
    plt.figure().savefig(io.BytesIO())
