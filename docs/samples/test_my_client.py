"""Tests of a client. The fixtures come from mock_fixture.py, which stands beside as conftest.py."""

import pytest
from mock_exchange import Mock
from retry_client import ApiError, Client

ORDER = {"symbol": "BTCUSDT", "side": 1, "size": 1, "price": "60000", "leverage": "10", "open_type": "cross"}
STOP = {"symbol": "BTCUSDT", "side": 3, "type": "stop_loss", "trigger_price": "90000", "price_type": 1}
STOP |= {"executive_price": "0"}


@pytest.mark.parametrize("failure", ["lost-after", "cut", {"error": "30014", "executed": True}])
def test_an_executed_order_is_found(mock: Mock, client: Client, failure: object) -> None:
    mock.set_script("/contract/private/submit-order", [failure])
    row = client.place_order(ORDER)
    assert [str(entry["data"]["order_id"]) for entry in mock.executions] == [row["order_id"]]


def test_a_lost_stop_is_reported_and_not_sent_again(mock: Mock, client: Client) -> None:
    mock.set_state(positions=[{"symbol": "BTCUSDT", "position_side": "long", "current_amount": "5"}])
    mock.set_script("/contract/private/submit-tp-sl-order", ["lost-before"])
    with pytest.raises(ApiError) as caught:
        client.place_tp_sl_order(STOP)
    assert (caught.value.outcome, mock.executions) == ("unknown", [])


def test_nothing_is_sent_after_a_block(mock: Mock, client: Client) -> None:
    mock.set_script("/contract/private/submit-order", ["30017"])
    for _ in range(2):
        with pytest.raises(ApiError, match="30017"):
            client.place_order(ORDER)
    assert mock.executions == []
