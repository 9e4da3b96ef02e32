"""What the document can say in words alone: a request that fits its schemas may be refused for these reasons only."""

import re

import schemathesis
from schemathesis import GenerationMode

# By operation: what the detail of the refusal says, and why no schema can say it.
ALLOWED = {
    # The limit of the goods and of the shop, which are settings.
    "takeTicket": r"quantity: want 1 to \d+, got \d+",
    # One field compared with another.
    "putGoods": r"ends_at: want a time after starts_at|original_price\.currency: want that of price",
    # The length of a duration that is written as a text.
    "setRateLimit": r"window: want ",
    "ban": r"duration: want ",
}


@schemathesis.check
def valid_is_accepted(ctx, response, case):
    """Fails for a refusal of the caller's making that the document does not foresee."""
    if response.status_code not in (400, 405, 413, 415, 421, 422):
        return
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    detail = response.json().get("detail", "")
    allowed = ALLOWED.get(case.operation.definition.raw.get("operationId"))
    if response.status_code == 400 and allowed and re.search(allowed, detail):
        return
    raise AssertionError(f"a request as the document describes it is refused: {detail}")
