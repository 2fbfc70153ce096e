"""The people of docs/reference/permissions.md, what they own, and what they send.

A new route needs a row on that page. Where its column *Of* says something new, OBJECTS
gets a line that makes such an object; where it wants a body, BODIES gets one.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from uuid import uuid4

import requests

from shared.testing.fleet import Fleet
from tests.asking import PATIENCE_SECONDS
from tests.internal_calls import DOORS, NOTICE, key_of, knock
from tests.mails import mailed_code
from tests.people import PASSWORD, Person, new_email, register, register_as
from tests.waiting import wait_for

ANONYMOUS = "anonymous"
ROLES = {
    "owner": "student",
    "other learner": "student",
    "instructor": "instructor",
    "other instructor": "instructor",
    "admin": "admin",
}
# Of what a request would end for the one who asks: they ask as somebody new.
NEW_ACCOUNT = "one's own new account"
SOON_SECONDS = 20

# What the names in a path stand for, and what a body needs beside them.
Thing = dict[str, str]


class World:
    """One person of each kind, and one object of each kind until it is used up."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.people = {who: register_as(fleet, role) for who, role in ROLES.items()}
        self._things: dict[str, Thing] = {}

    def ask(
        self,
        who: str | Person,
        method: str,
        path: str,
        json: object = None,
        *,
        url: str = "",
    ) -> requests.Response:
        """Send one request as one of the people; of a stream, only its head is read."""
        person = self.people.get(who) if isinstance(who, str) else who
        token = {"Authorization": f"Bearer {person.access_token}"} if person else {}
        with requests.Session() as session:
            session.trust_env = False
            with session.request(
                method,
                url or f"{self.fleet.gateway_url}/api/v1{path}",
                json=json,
                headers=token,
                timeout=PATIENCE_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.headers.get("Content-Type") != "text/event-stream":
                    assert response.content is not None
                return response

    def make(self, who: str, path: str, json: object = None) -> dict:
        """Post something that must succeed; return the answer."""
        response = self.ask(who, "POST", path, json)
        assert response.status_code in (200, 201), f"{path}: {response.text}"
        return response.json() if response.content else {}

    def read(self, who: str, path: str) -> dict:
        """Return what this person reads."""
        response = self.ask(who, "GET", path)
        assert response.status_code == 200, f"{path}: {response.text}"
        return response.json()

    def renew(self, who: str) -> None:
        """Give one of the people tokens that last for another while."""
        person = self.people[who]
        refresh = {"refresh_token": person.refresh_token}
        tokens = self.make(ANONYMOUS, "/auth/refresh", refresh)
        self.people[who] = replace(
            person,
            access_token=tokens["access_token"],
            refresh_token=tokens["refresh_token"],
        )

    def pages(self, who: str, path: str) -> Iterator[requests.Response]:
        """Yield every page of a list; of what is no list, the one answer."""
        separator = "&" if "?" in path else "?"
        response = self.ask(who, "GET", f"{path}{separator}page_size=100")
        if response.status_code == 400:
            response = self.ask(who, "GET", path)
        following = ""
        while following is not None:
            if following:
                response = self.ask(who, "GET", "", url=following)
            assert response.status_code == 200, f"{path}: {response.text}"
            yield response
            is_json = response.headers["Content-Type"] == "application/json"
            following = response.json().get("next") if is_json else None

    def thing(self, of: str) -> Thing:
        """Return the object of this name, the same one until it is forgotten."""
        if of not in self._things:
            self._things[of] = OBJECTS[of](self)
        return self._things[of]

    def keep(self, of: str, thing: Thing) -> None:
        """Let this be the object of this name."""
        self._things[of] = thing

    def forget(self, of: str) -> None:
        """Have the next who wants this object make a new one."""
        self._things.pop(of, None)

    def person(self, who: str, of: str) -> Person | None:
        """Return who asks about such an object as *who*."""
        if of == NEW_ACCOUNT and who != ANONYMOUS:
            return register_as(self.fleet, ROLES[who])
        return self.people.get(who)

    @cached_property
    def taught_course(self) -> str:
        """The id of a course whose instructor exercise-service knows."""
        course_id = self.thing("a published course")["key"]
        task = {**TASK, "course_id": course_id}

        def look():
            return self.ask("owner", "POST", "/submissions", task).status_code == 201

        wait_for(look, SOON_SECONDS, "exercise-service to know the course")
        return course_id


# ── what people send ─────────────────────────────────────────────────────────────

COURSE = {"title": "Measured reading", "skill": "reading", "level": "intermediate"}
LESSON = {"title": "Step", "body": "Read this.", "minutes": 5, "is_published": True}
EXERCISE = {
    "title": "Measured tins",
    "skill": "reading",
    "kind": "practice",
    "difficulty": "easy",
    "minutes": 20,
}
SECTION = {"title": "The tin", "text": "A text about tins."}
GROUP = {"type": "short_answer", "word_limit": 2}
QUESTION = {"number": 1, "prompt": "What is it about?", "answers": ["tins"]}
TASK = {
    "skill": "writing",
    "task": "task_2",
    "title": "On tins",
    "text": "Some people think that tins are old-fashioned.",
}
CRITERIA = (
    "task_response",
    "coherence_and_cohesion",
    "lexical_resource",
    "grammatical_range_and_accuracy",
)
MARK = {"criteria": dict.fromkeys(CRITERIA, 6.5), "feedback": "Clear."}

GOAL = {"title": "Tins", "unit": "lessons", "target": 5, "period": "weekly"}
REMINDER = {"weekdays": ["monday"], "local_time": "08:30"}
BROADCAST = {
    "audience": "role",
    "role": "admin",
    "type": "system",
    "title": "Maintenance",
    "message": "On Sunday, for ten minutes.",
}

# By method and path: a body, or what makes one from the object that is named.
# A POST, PUT or PATCH without a line here sends {}.
BODIES: dict[str, dict | Callable[[Thing], dict]] = {
    "POST /auth/register": lambda _: {"email": new_email(), "password": PASSWORD},
    "POST /auth/login": lambda it: {"email": it["email"], "password": PASSWORD},
    "POST /auth/refresh": lambda it: {"refresh_token": it["refresh_token"]},
    "POST /auth/logout": lambda it: {"refresh_token": it["refresh_token"]},
    "POST /auth/change-password": {
        "current_password": PASSWORD,
        "new_password": "another-horse-battery",
    },
    "POST /auth/password-reset": lambda it: {"email": it["email"]},
    "POST /auth/password-reset/confirm": lambda it: {
        "email": it["email"],
        "code": it["mailed_code"],
        "new_password": "another-horse-battery",
    },
    "POST /auth/email-verification/confirm": lambda it: {"code": it["mailed_code"]},
    "POST /auth/instructor-applications": {"statement": "Ten years of teaching."},
    "DELETE /auth/account": {"password": PASSWORD},
    "PATCH /user/profile": {"bio": "Reads tins."},
    "PATCH /user/preferences": {"study_reminders": False},
    "POST /user/goals": GOAL,
    "PATCH /user/goals/{goal_id}": {"title": "More tins"},
    "POST /user/sessions": {"skill": "reading"},
    "POST /courses": COURSE,
    "PATCH /courses/{key}": {"category": "Tins"},
    "POST /courses/{key}/modules": {"title": "More steps"},
    "POST /courses/{key}/modules/reorder": lambda it: {"ids": [it["module_id"]]},
    "PATCH /modules/{module_id}": {"summary": "Of tins."},
    "POST /modules/{module_id}/lessons": LESSON,
    "POST /modules/{module_id}/lessons/reorder": lambda it: {"ids": [it["lesson_id"]]},
    "PATCH /lessons/{lesson_id}": {"minutes": 6},
    "PUT /lessons/{lesson_id}/progress": {"position_seconds": 30},
    "POST /courses/{key}/reviews": {"rating": 4},
    "PATCH /reviews/{review_id}": {"rating": 5},
    "POST /exercises": EXERCISE,
    "PATCH /exercises/{exercise_id}": {"minutes": 21},
    "POST /exercises/{exercise_id}/sections": SECTION,
    "PATCH /sections/{section_id}": {"title": "The other tin"},
    "POST /sections/{section_id}/groups": GROUP,
    "PATCH /sections/{section_id}/groups/{group_id}": {"word_limit": 3},
    "POST /sections/{section_id}/questions": lambda it: {
        **QUESTION,
        "number": 2,
        "group": it["group_id"],
    },
    "PATCH /questions/{question_id}": {"prompt": "What is it all about?"},
    "PATCH /attempts/{attempt_id}": {"answers": {}},
    "POST /submissions": TASK,
    "POST /submissions/{submission_id}/mark": MARK,
    "POST /notifications/reminders": REMINDER,
    "PATCH /notifications/reminders/{reminder_id}": {"local_time": "09:00"},
    "POST /notifications/broadcasts": BROADCAST,
    "PATCH /notifications/preferences": {"types": {"social": {"email": False}}},
}


def body_of(call: str, thing: Thing) -> dict | None:
    """Return what a right request says."""
    if call.startswith(("GET", "DELETE")) and call not in BODIES:
        return None
    body = BODIES.get(call, {})
    return body(thing) if callable(body) else body


# ── what people own ──────────────────────────────────────────────────────────────


def _account(world: World) -> Thing:
    person = register(world.fleet)
    return {"email": person.email, "refresh_token": person.refresh_token}


def _mailed_code(world: World) -> Thing:
    person = register(world.fleet)
    world.ask(person, "POST", "/auth/password-reset", {"email": person.email})
    return {
        "email": person.email,
        "mailed_code": mailed_code(world.fleet, person),
    }


def _own_mailed_code(world: World) -> Thing:
    owner = world.people["owner"]
    world.ask(owner, "POST", "/auth/email-verification", {})
    return {"mailed_code": mailed_code(world.fleet, owner)}


def _session(world: World) -> Thing:
    owner = world.people["owner"]
    before = {one["id"] for one in _all(world, "owner", "/auth/sessions")}
    world.make("", "/auth/login", {"email": owner.email, "password": PASSWORD})
    after = {one["id"] for one in _all(world, "owner", "/auth/sessions")}
    [session_id] = after - before
    return {"session_id": session_id}


def _profile(world: World, who: str, visibility: str) -> Thing:
    person = world.people[who]
    changed = world.ask(who, "PATCH", "/user/profile", {"visibility": visibility})
    assert changed.status_code == 200, changed.text
    return {"user_id": person.id}


def _draft_course(world: World, **values: str) -> Thing:
    course = world.make("instructor", "/courses", {**COURSE, **values})
    modules = f"/courses/{course['id']}/modules"
    module = world.make("instructor", modules, {"title": "Steps"})
    lesson = world.make("instructor", f"/modules/{module['id']}/lessons", LESSON)
    return {
        "key": course["id"],
        "module_id": module["id"],
        "lesson_id": lesson["id"],
    }


def _published_course(world: World, **values: str) -> Thing:
    course = _draft_course(world, **values)
    world.make("instructor", f"/courses/{course['key']}/publish")
    return course


def _taken_course(world: World) -> Thing:
    course = _published_course(world)
    enrollment = world.make("owner", f"/courses/{course['key']}/enroll")
    return {**course, "enrollment_id": enrollment["id"]}


def _archived_course(world: World) -> Thing:
    course = _taken_course(world)
    world.make("instructor", f"/courses/{course['key']}/archive")
    return course


def _review(world: World) -> Thing:
    address = f"/courses/{_taken_course(world)['key']}/reviews"
    return {"review_id": world.make("owner", address, {"rating": 4})["id"]}


def _certificate(world: World) -> Thing:
    course = _taken_course(world)
    world.make("owner", f"/lessons/{course['lesson_id']}/complete")
    own = _all(world, "owner", "/certificates")
    [code] = [one["code"] for one in own if one["course_id"] == course["key"]]
    return {"code": code}


def _draft_exercise(world: World) -> Thing:
    exercise = world.make("instructor", "/exercises", EXERCISE)
    section = world.make("instructor", f"/exercises/{exercise['id']}/sections", SECTION)
    parts = f"/sections/{section['id']}"
    group = world.make("instructor", f"{parts}/groups", GROUP)
    question = world.make(
        "instructor", f"{parts}/questions", {**QUESTION, "group": group["id"]}
    )
    return {
        "exercise_id": exercise["id"],
        "section_id": section["id"],
        "group_id": group["id"],
        "question_id": question["id"],
    }


def _published_exercise(world: World) -> Thing:
    exercise = _draft_exercise(world)
    world.make("instructor", f"/exercises/{exercise['exercise_id']}/publish")
    return exercise


def _attempt(world: World) -> Thing:
    exercise_id = world.thing("a published exercise")["exercise_id"]
    attempt = world.make("owner", f"/exercises/{exercise_id}/attempts")
    return {"attempt_id": attempt["id"]}


def _result(world: World) -> Thing:
    exercise_id = _published_exercise(world)["exercise_id"]
    attempt = world.make("owner", f"/exercises/{exercise_id}/attempts")
    world.make("owner", f"/attempts/{attempt['id']}/submit", {})
    return {"attempt_id": attempt["id"]}


def _submission(world: World, course_id: str | None = None) -> Thing:
    submission = world.make("owner", "/submissions", {**TASK, "course_id": course_id})
    return {"submission_id": submission["id"]}


def _broadcast(world: World) -> Thing:
    stored = world.ask("admin", "POST", "/notifications/broadcasts", BROADCAST)
    assert stored.status_code == 202, stored.text
    return {"broadcast_id": stored.json()["id"]}


def _notice(world: World) -> Thing:
    [door] = [door for door in DOORS if door.path == NOTICE]
    owner = world.people["owner"]
    told = {"user_id": owner.id, "type": "system", "title": "Hello", "message": "Hi."}
    key = key_of(world.fleet, door.caller, door.callee)
    response = knock(world.fleet, door, key=key, body=told)
    assert response.status_code == 201, response.text
    return {"notice_id": response.json()["notification_id"]}


# By the words of the column Of: what makes such an object. What begins with "the" is
# somebody's alone, so no list may show it to others.
OBJECTS: dict[str, Callable[[World], Thing]] = {
    "": lambda world: {},
    NEW_ACCOUNT: lambda world: {},
    "an account": _account,
    "a refresh token": _account,
    "a mailed code": _mailed_code,
    "the owner's mailed code": _own_mailed_code,
    "the owner's session": _session,
    "the owner's goal": lambda world: {
        "goal_id": world.make("owner", "/user/goals", GOAL)["id"]
    },
    "the owner's study session": lambda world: {
        "session_id": world.make("owner", "/user/sessions", {})["id"]
    },
    "the owner's reminder": lambda world: {
        "reminder_id": world.make("owner", "/notifications/reminders", REMINDER)["id"]
    },
    "a broadcast": _broadcast,
    "a skill": lambda world: {"skill": "reading"},
    "a public profile": lambda world: _profile(world, "instructor", "public"),
    "the owner's private profile": lambda world: _profile(world, "owner", "private"),
    "a published course": _taken_course,
    "a premium course": lambda world: _published_course(
        world, enrollment_type="premium"
    ),
    "an archived course": _archived_course,
    "the instructor's draft course": _draft_course,
    "the owner's enrolment": _taken_course,
    "the owner's review": _review,
    "the owner's certificate": _certificate,
    "a published exercise": _published_exercise,
    "the instructor's draft exercise": _draft_exercise,
    "the owner's open attempt": _attempt,
    "the owner's result": _result,
    "the owner's submission to the instructor's course": lambda world: _submission(
        world, world.taught_course
    ),
    "the owner's submission without a course": _submission,
    "the owner's notice": _notice,
}


def unknown(thing: Thing) -> Thing:
    """Return ids that nothing has, in the place of those of *thing*."""
    return {name: str(uuid4()) for name in thing}


def _all(world: World, who: str, path: str) -> list[dict]:
    return world.read(who, f"{path}?page_size=100")["results"]
