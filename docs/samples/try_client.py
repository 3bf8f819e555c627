"""Meet the same error twice: once with an order behind it, and once without."""

from functools import partial

import httpx
from mock_exchange import KEY, MEMO, SECRET
from retry_client import ApiError, Client
from sign import signed_headers

SUBMIT = "/contract/private/submit-order"
ORDER = {"symbol": "BTCUSDT", "side": 1, "size": 1, "price": "60000", "leverage": "10", "open_type": "cross"}

http = httpx.Client(base_url="http://127.0.0.1:8099")
client = Client(http, "errors.json", partial(signed_headers, KEY, SECRET, MEMO), sleep=lambda _: None)

# The answer is 30014, although the exchange has executed the order. The client finds the order.
http.post("/mock/script", json={"path": SUBMIT, "steps": [{"error": "30014", "executed": True}]})
print("found", client.place_order(ORDER)["client_order_id"])

# The answer is the same, but nothing was executed. The client cannot know, and says so.
http.post("/mock/script", json={"path": SUBMIT, "steps": [{"error": "30014"}]})
try:
    client.place_order(ORDER)
except ApiError as error:
    print(error.outcome, error.code, error.client_order_id)

print(len(http.get("/mock/executions").json()), "order executed")
