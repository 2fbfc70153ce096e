"""The texts of notices: key, language and named parameters make title and message.

Keys are for ever: a stored notice is rendered each time somebody reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter

DEFAULT_LOCALE = "en"
# The key of what only this service makes: no peer can ask for it.
DIGEST = "digest"


@dataclass(frozen=True)
class Text:
    """What a person reads."""

    title: str
    message: str


@dataclass(frozen=True)
class Template:
    """A text in each language; *fallbacks* say what stands for an empty parameter."""

    texts: Mapping[str, Text]
    fallbacks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def parameters(self) -> frozenset[str]:
        """The names that the texts mention, in any language."""
        return frozenset(
            name
            for text in self.texts.values()
            for part in (text.title, text.message)
            for _, name, _, _ in Formatter().parse(part)
            if name
        )

    def render(self, params: Mapping[str, str], locale: str) -> Text:
        """Return the text in *locale*, or in English where there is none."""
        language = locale if locale in self.texts else DEFAULT_LOCALE
        text = self.texts[language]
        values = {
            name: params.get(name, "").strip() or self._fallback(name, language)
            for name in self.parameters
        }
        return Text(text.title.format_map(values), text.message.format_map(values))

    def _fallback(self, name: str, language: str) -> str:
        return self.fallbacks.get(name, {}).get(language, "")


_SOMEBODY = {"name": {"en": "there", "vi": "bạn"}}

# user-service names them too, in its catalogue; a test holds the two together.
ACHIEVEMENTS = {
    "first_lesson": {"en": "First lesson", "vi": "Bài học đầu tiên"},
    "lessons_10": {"en": "10 lessons", "vi": "10 bài học"},
    "lessons_50": {"en": "50 lessons", "vi": "50 bài học"},
    "first_exercise": {"en": "First exercise", "vi": "Bài luyện tập đầu tiên"},
    "exercises_50": {"en": "50 exercises", "vi": "50 bài luyện tập"},
    "listening_100": {"en": "100 listening exercises", "vi": "100 bài luyện nghe"},
    "streak_7": {"en": "7 days in a row", "vi": "7 ngày liên tiếp"},
    "streak_30": {"en": "30 days in a row", "vi": "30 ngày liên tiếp"},
    "band_6": {"en": "Band 6", "vi": "Band 6"},
    "band_7": {"en": "Band 7", "vi": "Band 7"},
    "hours_10": {"en": "10 hours of study", "vi": "10 giờ học"},
    "hours_50": {"en": "50 hours of study", "vi": "50 giờ học"},
    "hours_100": {"en": "100 hours of study", "vi": "100 giờ học"},
    "first_goal": {"en": "First goal completed", "vi": "Mục tiêu đầu tiên"},
    "goals_10": {"en": "10 goals completed", "vi": "10 mục tiêu đã đạt"},
}


def achievement_template(achievement: str) -> str:
    """Return the key of an achievement's text, also of one of a newer release."""
    return f"achievement_{achievement if achievement in ACHIEVEMENTS else 'earned'}"


def _congratulation(names: Mapping[str, str]) -> Template:
    return Template(
        {
            "en": Text(
                f"Achievement earned: {names['en']}",
                "Well done! {points} points have been added to your total.",
            ),
            "vi": Text(
                f"Thành tích mới: {names['vi']}",
                "Chúc mừng bạn! Bạn được cộng thêm {points} điểm.",
            ),
        }
    )


TEMPLATES: dict[str, Template] = {
    "welcome": Template(
        {
            "en": Text(
                "Welcome to the IELTS platform",
                "Hello {name}, good to have you here. Choose a course or try a "
                "practice test to find out where you stand.",
            ),
            "vi": Text(
                "Chào mừng bạn đến với nền tảng IELTS",
                "Xin chào {name}, rất vui được đồng hành cùng bạn. Hãy chọn một khóa "
                "học hoặc làm thử một bài luyện tập để biết trình độ của mình.",
            ),
        },
        _SOMEBODY,
    ),
    "password_changed": Template(
        {
            "en": Text(
                "Your password was changed",
                "Other devices were signed out. If this was not you, reset your "
                "password now.",
            ),
            "vi": Text(
                "Mật khẩu của bạn đã được thay đổi",
                "Các thiết bị khác đã bị đăng xuất. Nếu không phải bạn thực hiện, hãy "
                "đặt lại mật khẩu ngay.",
            ),
        }
    ),
    "email_verified": Template(
        {
            "en": Text("E-mail address verified", "{email} now belongs to you."),
            "vi": Text("Đã xác minh địa chỉ e-mail", "{email} đã thuộc về bạn."),
        }
    ),
    "instructor_approved": Template(
        {
            "en": Text(
                "You are an instructor now",
                "Your application was approved. Sign in again to use your new role.",
            ),
            "vi": Text(
                "Bạn đã trở thành giảng viên",
                "Đơn đăng ký của bạn đã được chấp thuận. Hãy đăng nhập lại để sử dụng "
                "vai trò mới.",
            ),
        }
    ),
    "instructor_rejected": Template(
        {
            "en": Text(
                "Your application was not approved",
                "We cannot make you an instructor at this time. {reason}",
            ),
            "vi": Text(
                "Đơn đăng ký chưa được chấp thuận",
                "Hiện tại bạn chưa thể trở thành giảng viên. {reason}",
            ),
        },
        {"reason": {"en": "You can apply again.", "vi": "Bạn có thể đăng ký lại."}},
    ),
    "attempt_graded": Template(
        {
            "en": Text(
                "Your result is ready: {title}",
                "{raw_score} of {question_count} correct, {percent} %. See which "
                "answers were right, and why.",
            ),
            "vi": Text(
                "Đã có kết quả: {title}",
                "Đúng {raw_score}/{question_count} câu, {percent} %. Hãy xem đáp án "
                "kèm lời giải thích.",
            ),
        }
    ),
    "attempt_graded_band": Template(
        {
            "en": Text(
                "Band {band}: {title}",
                "{raw_score} of {question_count} correct, {percent} %. See which "
                "answers were right, and why.",
            ),
            "vi": Text(
                "Band {band}: {title}",
                "Đúng {raw_score}/{question_count} câu, {percent} %. Hãy xem đáp án "
                "kèm lời giải thích.",
            ),
        }
    ),
    "submission_marked": Template(
        {
            "en": Text(
                "Band {band}: {title}",
                "Your work has been marked. Read the bands of the four criteria and "
                "the feedback.",
            ),
            "vi": Text(
                "Band {band}: {title}",
                "Bài của bạn đã được chấm. Hãy xem điểm của bốn tiêu chí và nhận xét.",
            ),
        }
    ),
    "attempt_expired": Template(
        {
            "en": Text(
                "Time is up: {title}",
                "The answers that were saved have been graded: {raw_score} of "
                "{question_count} correct, {percent} %.",
            ),
            "vi": Text(
                "Đã hết giờ: {title}",
                "Các câu trả lời đã lưu được chấm điểm: đúng "
                "{raw_score}/{question_count} câu, {percent} %.",
            ),
        }
    ),
    "study_reminder": Template(
        {
            "en": Text(
                "Time to study",
                "You wanted to be reminded. A short session now keeps you on your way "
                "to your band.",
            ),
            "vi": Text(
                "Đã đến giờ học",
                "Bạn đã hẹn được nhắc vào lúc này. Một buổi học ngắn bây giờ giúp bạn "
                "tiến gần hơn đến band mục tiêu.",
            ),
        }
    ),
    "lesson_completed": Template(
        {
            "en": Text(
                "Lesson completed",
                "You have completed “{lesson}”: {percent} % of {course} is done.",
            ),
            "vi": Text(
                "Đã hoàn thành bài học",
                "Bạn đã hoàn thành bài “{lesson}”: {percent} % khóa học {course} đã "
                "xong.",
            ),
        }
    ),
    "day_without_study": Template(
        {
            "en": Text(
                "Time to study",
                "You have not studied yet today. One lesson, one exercise or ten "
                "minutes make the day count.",
            ),
            "vi": Text(
                "Đến giờ học rồi",
                "Hôm nay bạn chưa học. Chỉ cần một bài học, một bài luyện tập hoặc "
                "mười phút là ngày hôm nay được tính.",
            ),
        }
    ),
    "certificate_issued": Template(
        {
            "en": Text(
                "Your certificate for {course}",
                "Congratulations, {name}! You have completed every lesson of {course}. "
                "Your certificate has the code {code}.",
            ),
            "vi": Text(
                "Chứng chỉ của bạn cho khóa học {course}",
                "Chúc mừng {name}! Bạn đã hoàn thành tất cả các bài học của {course}. "
                "Chứng chỉ của bạn có mã {code}.",
            ),
        },
        _SOMEBODY,
    ),
    "goal_completed": Template(
        {
            "en": Text(
                "Goal completed: {title}",
                "Congratulations! You have done what you set out to do.",
            ),
            "vi": Text(
                "Đã đạt mục tiêu: {title}",
                "Chúc mừng bạn! Bạn đã hoàn thành điều mình đặt ra.",
            ),
        }
    ),
    "streak_reached": Template(
        {
            "en": Text(
                "{days} days in a row",
                "You have studied every day for {days} days. Keep it up!",
            ),
            "vi": Text(
                "{days} ngày liên tiếp",
                "Bạn đã học {days} ngày liên tiếp. Hãy tiếp tục nhé!",
            ),
        }
    ),
    "achievement_earned": Template(
        {
            "en": Text(
                "Achievement earned",
                "Well done! {points} points have been added to your total.",
            ),
            "vi": Text(
                "Thành tích mới", "Chúc mừng bạn! Bạn được cộng thêm {points} điểm."
            ),
        }
    ),
    **{
        f"achievement_{achievement}": _congratulation(names)
        for achievement, names in ACHIEVEMENTS.items()
    },
}


def render_text(*, key: str, params: Mapping[str, str], locale: str) -> Text:
    """Return what a stored notice says; a key of a newer release stands for itself."""
    template = TEMPLATES.get(key)
    if template is None:
        return Text(key, "")
    return template.render(params, locale)


_DIGEST = Template(
    {
        "en": Text("More notices: {count}", "{titles}"),
        "vi": Text("Thông báo khác: {count}", "{titles}"),
    }
)
_AND_MORE = {"en": "… and {count} more", "vi": "… và {count} thông báo khác"}


def render_digest(*, params: Mapping[str, object], locale: str) -> Text:
    """Return what a stored digest says: a number, and a line for each title it has."""
    titles = [_title(item, locale) for item in params["titles"]]
    lines = [f"• {title}" for title in titles]
    if rest := params["count"] - len(titles):
        more = _AND_MORE.get(locale, _AND_MORE[DEFAULT_LOCALE])
        lines.append(more.format(count=rest))
    values = {"count": str(params["count"]), "titles": "\n".join(lines)}
    return _DIGEST.render(values, locale)


def _title(item: Mapping[str, object], locale: str) -> str:
    if not item["template"]:
        return item["own_title"]
    return render_text(key=item["template"], params=item["params"], locale=locale).title
