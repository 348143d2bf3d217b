"""What a delivery to a webhook is made of, and what each answer means."""

from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from cli.relay.errors import NotNow, Refused
from cli.relay.feed import Change
from cli.relay.webhook import Webhook, checked_address, id_of, judge, key_of, keys_of, signature
from shared.failures import UserError
from tests.cli.relay.receiver import SECRET, Receiver, Verdict


def a_change(number: int) -> Change:
    return Change(
        id=str(number),
        cursor=f"9.{number}",
        kind="new",
        article_id=7,
        version=1,
        recorded_at=datetime(2026, 5, 8, 12, tzinfo=UTC),
        article=msgspec.Raw(b'{"title": "Le port rouvre"}'),
    )


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of Standard Webhooks' own libraries."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as receiver:
        webhook = Webhook(receiver.url, SECRET)
        webhook.deliver([a_change(4), a_change(7)])
        webhook.deliver([a_change(8)])
        webhook.close()
    assert receiver.wrong == []
    assert [headers["webhook-id"] for headers in receiver.headers] == ["4-7", "8"]
    assert receiver.headers[0]["content-type"] == "application/json"
    assert receiver.came[1] == [
        {
            "id": "8",
            "cursor": "9.8",
            "kind": "new",
            "article_id": 7,
            "version": 1,
            "recorded_at": "2026-05-08T12:00:00Z",
            "article": {"title": "Le port rouvre"},
        }
    ]


def test_while_the_secret_changes_both_sign() -> None:
    other = "whsec_" + "A" * 40
    with Receiver() as receiver:
        Webhook(receiver.url, f"{other} {SECRET}\n").deliver([a_change(1)])
    assert receiver.wrong == []
    assert len(receiver.headers[0]["webhook-signature"].split()) == 2


@pytest.mark.parametrize(
    ("status", "retry_after", "after"), [(503, "7", 7.0), (429, None, None), (500, "soon", None), (408, "0", 0.0)]
)
def test_what_passes_is_sent_again(status: int, retry_after: str | None, after: float | None) -> None:
    with Receiver(lambda _: Verdict(status, retry_after)) as receiver, pytest.raises(NotNow) as raised:
        Webhook(receiver.url, SECRET).deliver([a_change(1)])
    assert (raised.value.reason, raised.value.after) == (f"http_{status}", after)


@pytest.mark.parametrize(("status", "of_content"), [(400, True), (413, True), (422, True), (401, False), (404, False)])
def test_what_does_not_pass_is_refused(status: int, of_content: bool) -> None:
    with pytest.raises(Refused) as raised:
        judge(httpx.Response(status, text="no"))
    assert raised.value.of_content is of_content
    assert "no" in raised.value.detail


def test_a_redirect_is_not_followed() -> None:
    with pytest.raises(Refused) as raised:
        judge(httpx.Response(307, headers={"location": "http://169.254.169.254/"}))
    assert not raised.value.of_content


def test_of_an_endless_answer_the_beginning_is_read() -> None:
    def endless():
        while True:
            yield b"x" * 4096

    with pytest.raises(NotNow) as raised:
        judge(httpx.Response(500, content=endless()))
    assert len(raised.value.detail) < 300


def test_a_receiver_that_breaks_off_or_is_not_there_is_waited_for() -> None:
    with Receiver(lambda _: Verdict(silent=True)) as receiver, pytest.raises(NotNow, match="unreachable"):
        Webhook(receiver.url, SECRET).deliver([a_change(1)])
    with pytest.raises(NotNow, match="unreachable"):
        Webhook(receiver.url, SECRET).deliver([a_change(1)])


@pytest.mark.parametrize("secret", [None, "", " \n", "whsec_", "whsec_short", "whsec_%%%", "whsec_" + "A" * 100])
def test_a_wrong_secret_is_not_repeated(secret: str | None) -> None:
    with pytest.raises(UserError, match="whsec_") as raised:
        keys_of(secret)
    assert not secret or len(secret) < 10 or secret not in str(raised.value)


@pytest.mark.parametrize("address", ["ftp://desk.example/", "https://", "desk.example", "http://[::1", "x" * 10])
def test_what_is_no_webhook_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="receiver"):
        checked_address(address)


def test_a_password_in_the_address_is_not_shown() -> None:
    assert "hunter2" not in Webhook("https://me:hunter2@desk.example/", SECRET).shown


def test_a_delivery_has_the_number_of_its_change() -> None:
    assert id_of([a_change(5)]) == "5"
    assert id_of([a_change(5), a_change(3), a_change(9)]) == "5-9"
