"""Two services name an achievement: in a catalogue, and in a notice."""

from notification_project.notices.templates import ACHIEVEMENTS
from user_project.achievements.rules import RULES, TITLES


def test_an_achievement_has_the_same_name_in_the_catalogue_and_in_its_notice():
    assert ACHIEVEMENTS == TITLES
    assert set(TITLES) == {rule.key for rule in RULES}
