from lib.recent import recent


def test_an_answer_is_asked_for_once_until_it_is_forgotten() -> None:
    asked = []

    @recent(seconds=60)
    def question(number: int) -> int:
        asked.append(number)
        return number + 1

    assert [question(1), question(1), question(2)] == [2, 2, 3]
    assert asked == [1, 2]
    question.forget()
    assert question(1) == 2
    assert asked == [1, 2, 1]


def test_nothing_is_asked_for_again_until_there_is_something() -> None:
    answers = [None, "there"]

    @recent(seconds=60)
    def question() -> str | None:
        return answers.pop(0)

    assert [question(), question(), question()] == [None, "there", "there"]


def test_an_answer_that_has_grown_old_is_asked_for_again() -> None:
    asked = []

    @recent(seconds=0)
    def question() -> int:
        asked.append(1)
        return 1

    question()
    question()
    assert asked == [1, 1]
