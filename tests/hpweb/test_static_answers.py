"""Static files over HTTP."""

import pytest
from django.test import AsyncClient


@pytest.mark.parametrize(
    ("method", "wanted", "status"), [("get", "", 200), ("head", "", 200), ("get", "bytes=0-9", 206)]
)
async def test_a_static_file_comes_whole_or_in_part(method: str, wanted: str, status: int) -> None:
    client = AsyncClient()
    whole = (await client.get("/static/icons.svg")).content
    headers = {"Range": wanted} if wanted else {}
    answer = await getattr(client, method)("/static/icons.svg", headers=headers)
    body = b"" if method == "head" else whole[:10] if wanted else whole
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (status, body, "image/svg+xml")
    assert len(whole) > 1000
