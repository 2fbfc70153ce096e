"""What was tried on SQLite, tried on PostgreSQL: the promises are the same."""

import pytest

from shared.testing.fleet import Fleet
from tests.conftest import ENVIRONMENT
from tests.e2e.test_attempts import (  # noqa: F401 - collected here too
    ana,
    test_twenty_starts_at_once_are_one_attempt,
    test_twenty_submissions_at_once_give_one_result_and_count_once,
    test_when_time_and_grace_are_over_the_autosave_is_graded,
)
from tests.e2e.test_registration import (  # noqa: F401 - collected here too
    test_a_registration_reaches_every_service_within_a_second,
    test_fifty_parallel_registrations_of_one_address_make_one_account,
)
from tests.e2e.test_sessions import (  # noqa: F401 - collected here too
    test_a_token_whose_successor_was_used_ends_the_session,
    test_access_ends_everywhere_within_a_minute_of_signing_out,
    test_one_address_gets_thirty_verdicts_for_all_accounts,
    test_twenty_parallel_refreshes_make_one_successor,
    test_two_hundred_parallel_guesses_get_ten_verdicts,
)
from tests.e2e.test_streams import (  # noqa: F401 - collected here too
    listener,
    test_a_hundred_streams_share_a_few_threads_and_each_gets_its_notice,
    test_a_notice_arrives_through_the_gateway_as_the_list_shows_it,
    test_who_comes_again_gets_exactly_what_was_missed,
)
from tests.faults.test_crashes import (  # noqa: F401 - collected here too
    test_a_receiver_killed_over_a_delivery_gets_it_again,
    test_no_crash_loses_or_doubles_a_registration,
    test_what_was_committed_is_delivered_after_a_crash,
)
from tests.faults.test_frozen_relay import (  # noqa: F401 - collected here too
    test_a_relay_that_slept_past_its_lease_settles_nothing,
)
from tests.faults.test_peer_away import (  # noqa: F401 - collected here too
    test_registrations_do_not_wait_for_a_user_service_that_is_away,
)

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def session_fleet():
    """The platform with a database per service on a server of its own."""
    with Fleet(environment=ENVIRONMENT, on_postgres=True) as fleet:
        yield fleet
