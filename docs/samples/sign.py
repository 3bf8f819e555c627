"""Sign a request: key, secret, memo, time and body text in, the three X-API headers out."""

import hashlib
import hmac
import time

# The sample key of the documentation, not a live one.
VECTOR_SECRET = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"
VECTOR_MEMO = "test001"
VECTOR_TIMESTAMP_MS = 1589793796145
VECTOR_BODY = '{"symbol":"BTC_USDT","price":"8600","count":"100"}'
VECTOR_SIGNATURE = "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d"


def refuse_empty(**parts: str) -> None:
    """Raise ValueError for an empty part: an unset variable would be signed without a word and end in 30005."""
    empty = [name for name, part in parts.items() if not part.strip()]
    if empty:
        raise ValueError(f"{' and '.join(empty)} must not be empty")


def sign(secret: str, memo: str, timestamp_ms: int, body: str = "") -> str:
    """Return the hexadecimal signature; body is the exact text sent, "" for a GET."""
    refuse_empty(secret=secret, memo=memo)
    payload = f"{timestamp_ms}#{memo}#{body}"
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def signed_headers(key: str, secret: str, memo: str, body: str = "", timestamp_ms: int | None = None) -> dict[str, str]:
    """Return the headers of a SIGNED request; call it again for every attempt, since the time in it ages."""
    refuse_empty(key=key)
    moment = time.time_ns() // 1_000_000 if timestamp_ms is None else timestamp_ms
    headers = {
        "X-API-KEY": key,
        "X-API-TIMESTAMP": str(moment),
        "X-API-SIGN": sign(secret, memo, moment, body),
    }
    if body:
        headers["Content-Type"] = "application/json"
    return headers


def check_vector() -> str:
    """Return the signature of the published vector, or stop when it is not the published one."""
    signature = sign(VECTOR_SECRET, VECTOR_MEMO, VECTOR_TIMESTAMP_MS, VECTOR_BODY)
    if signature != VECTOR_SIGNATURE:
        raise SystemExit(f"signature {signature}, expected {VECTOR_SIGNATURE}")
    return signature


if __name__ == "__main__":
    print(check_vector())
