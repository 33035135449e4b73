"""What the indexer says of its settings: a misspelt one would be as if it were not set."""

from tests.indexer.running import Running


def test_a_variable_that_is_no_setting_is_named_without_its_value(running: Running) -> None:
    said = running.run("status", INDEXER_MAX_SHRINK="0.125").stderr
    assert said == "INDEXER_MAX_SHRINK is no setting of indexer and has no effect\n"


def test_a_variable_that_is_a_setting_is_not_named(running: Running) -> None:
    said = running.run("status", INDEXER_MAX_SHRINK_FRACTION="0.125", INDEXER_METRICS_FILE="")
    assert said.stderr == ""
