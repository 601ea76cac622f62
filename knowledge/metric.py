"""Nearness in which the manner of asking counts less than what is asked for.

The ways of asking for one passage differ in manner only: who asks, how long, how politely. The
directions in which they scatter about their mean are therefore shrunk (whitened with their
covariance, as in linear discriminant analysis), and the cosine is taken after that. Nothing is
fitted on questions of an evaluation.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

SHRINKAGE = 0.5
"""How much of the average variance is added to every direction, so that none is blown up."""


def unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """The vectors at length one."""
    import numpy as np  # noqa: PLC0415

    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def whitening(groups: "Sequence[NDArray[np.float32]]") -> "NDArray[np.float32] | None":
    """The matrix that evens out the scatter within the groups; None where there is none.

    Args:
        groups: Of each passage the vectors of the ways of asking for it, one a row.
    """
    import numpy as np  # noqa: PLC0415

    several = [group - group.mean(axis=0) for group in groups if len(group) > 1]
    if not several:
        return None
    scatter = np.concatenate(several)
    covariance = scatter.T @ scatter / (len(scatter) - len(several))
    average = float(np.trace(covariance)) / len(covariance)
    if average <= 0:
        return None
    spread, directions = np.linalg.eigh(
        covariance + SHRINKAGE * average * np.eye(len(covariance), dtype=np.float32)
    )
    matrix: NDArray[np.float32] = ((directions / np.sqrt(spread)) @ directions.T).astype(np.float32)
    return matrix
