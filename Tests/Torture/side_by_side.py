"""Rounds that have nothing to do with each other, several at a time: most of a round is waiting."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def side_by_side(rounds: Iterable[Callable[[], Result]], is_enough: Callable[[list[Result]], bool]) -> list[Result]:
    """The results of the rounds in their order; those after `is_enough` says so are left out."""
    results: list[Result] = []
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for result in pool.map(lambda play: None if is_enough(results) else play(), rounds):
            if result is not None:
                results.append(result)
    return results
