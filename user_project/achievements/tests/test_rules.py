"""The rules of achievements, as pure data."""

from decimal import Decimal

import pytest

from user_project.achievements.rules import RULES, TITLES, Measure, met_rules


def test_every_rule_has_a_key_of_its_own_and_a_title_in_both_languages():
    keys = [rule.key for rule in RULES]

    assert len(set(keys)) == len(keys)
    assert set(TITLES) == set(keys)
    assert all(set(titles) == {"en", "vi"} for titles in TITLES.values())
    assert all(rule.points > 0 and rule.threshold > 0 for rule in RULES)


def test_every_measure_has_a_rule():
    assert {rule.measure for rule in RULES} == set(Measure)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_rule_is_met_at_its_threshold_and_not_below(rule):
    below = {rule.measure: rule.threshold - Decimal("0.5")}
    reached = {rule.measure: rule.threshold}

    assert rule not in met_rules(below)
    assert rule in met_rules(reached)
    assert rule.progress(below) < rule.threshold
    assert rule.progress({rule.measure: rule.threshold + 5}) == rule.threshold


def test_no_totals_meet_no_rule():
    assert met_rules({}) == []


def test_an_unknown_language_reads_english():
    assert RULES[0].title("fr") == "First lesson"
