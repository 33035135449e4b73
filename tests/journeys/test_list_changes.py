"""Hundreds of changes of the list, while somebody asks all the time, against a plain set."""

import random

from tests.harness import plain_http
from tests.harness.block_threads import BlockThreads
from tests.harness.deployment import Deployed, Partner
from tests.harness.list_model import CHANGES, Selectors, State, command
from tests.harness.slow import slow_but_first

MADE = 150
NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
SELECTORS = [("phone", f"+120255501{number:02}") for number in range(12)]


class Asker(BlockThreads):
    """Asks for all selectors without a pause, and compares each answer with what may be."""

    def __init__(self, url: str, partners: list[Partner], state: State) -> None:
        super().__init__(self._ask)
        self.may_be = {state.listed}
        self.wrong: list[tuple[str, Selectors, set[Selectors]]] = []
        self.answers = 0
        self._url = f"{url}/v1/check"
        self._bodies = [(one.body(*SELECTORS), one.headers) for one in partners]

    def _ask(self) -> None:
        with plain_http.client(timeout=10) as client:
            while not self.ending.is_set():
                for body, headers in self._bodies:
                    may_be = set(self.may_be)
                    answer = client.post(self._url, json=body, headers=headers)
                    may_be |= self.may_be
                    results = answer.json().get("results", [])
                    found = frozenset(
                        one
                        for one, result in zip(SELECTORS, results, strict=True)
                        if result == "match"
                    )
                    self.answers += 1
                    if found not in may_be:
                        self.wrong.append((answer.text, found, may_be))


@slow_but_first(1, "made", [30, MADE])
def test_no_change_shows_an_answer_that_was_never_the_lists(deployed: Deployed, made: int) -> None:
    draw = random.Random(20261126)  # noqa: S311 - the same changes each time
    deployed.publish([(*SELECTORS[0], "buyer")])
    partners = [deployed.add_partner(name, *NO_STRETCH) for name in ("acme", "beta")]
    api = deployed.serve(workers=2, SCREENING_POLL_MS="50")
    deployed.wait_ready(api)
    state = State(frozenset(SELECTORS[:1]))
    with Asker(api.url, partners, state) as asker:
        for _ in range(made):
            some = frozenset(draw.sample(SELECTORS, draw.randint(1, 4)))
            change = draw.choice(CHANGES)
            some = state.possible(change, some)
            if not some:
                continue
            new = state.after(change, some)
            asker.may_be = {state.listed, new.listed}
            ended = deployed.forked(*command(deployed.folder, change, some))
            assert ended.code in (0, 3), (change, ended.output)
            assert "in force on 1 API host" in ended.output, (change, ended.output)
            asker.may_be = {new.listed}
            state = new
            assert asker.wrong == [], change
    assert asker.answers > 2 * made
