"""The models of a command: one, or an ensemble."""

import click

from .options import A_MODEL

models_option = click.option(
    "--model",
    "folders",
    required=True,
    multiple=True,
    metavar="DIR",
    help=f"Use this model: {A_MODEL[:-1]}; more than once for an ensemble, the mean of the "
    "probabilities of models that have the same words.",
)


def loaded(folders, device):
    """The models of ``folders``, on ``device``, as one, which is not trained."""
    from ... import load_model
    from ...translation.ensemble import as_one

    return as_one([load_model(folder, device, "null") for folder in folders], folders)
