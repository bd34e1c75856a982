"""The pages of documents: files to download, and a form that makes things of them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sweeps.models import Sweep
from tests.factories import Cast
from tests.sweeps.parts import make_draft, make_space

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def test_a_downloaded_file_is_made_a_sweep_again(page: Client, cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.bob)
    address = reverse("documents:sweep", args=[sweep.public_id])
    assert address in page.get(reverse("sweeps:detail", args=[sweep.public_id])).content.decode()
    file = page.get(address)
    assert file["Content-Disposition"].startswith('attachment; filename="draft-')
    answer = page.post(
        "/import/", {"file": SimpleUploadedFile("s.yaml", file.content), "text": "ignored", "name": "Again"}
    )
    made = Sweep.objects.get(name="Again")
    assert (answer.status_code, answer["Location"]) == (302, reverse("sweeps:review", args=[made.public_id]))
    assert made.draft == sweep.draft
    assert page.get(answer["Location"]).status_code == 200


def test_a_pasted_space_leads_to_its_page(page: Client, cast: Cast) -> None:
    text = "kind: space\r\nname: Pasted\r\nspace:\r\n  learning_rate: {low: 1e-5, high: 1e-3, log: true}\r\n"
    answer = page.post("/import/", {"text": text}, follow=True)
    assert answer.status_code == 200
    assert "Pasted is made." in answer.content.decode()
    assert "learning_rate" in answer.content.decode()


def test_what_is_wrong_stands_beneath_the_text_and_the_file_can_be_mended(page: Client, cast: Cast) -> None:
    space = make_space(cast.team)
    taken = f"kind: space\nname: {space.name}\nspace: {{learning_rate: {{low: 2, high: 1}}}}\n"
    answer = page.post("/import/", {"file": SimpleUploadedFile("s.yaml", taken.encode())})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "space.learning_rate.high: high 1 is below low 2: swap them." in shown
    assert "low: 2" in shown, "the file's text is there to be mended"
    answer = page.post("/import/", {"text": taken.replace("low: 2", "low: 0")})
    assert answer.context["form"].errors == {"name": [f"The team has {space.name!r} already. Choose another name."]}


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({"text": " "}, "text", "Paste a document, or choose a file."),
        ({"text": "a: [1"}, "text", "Line 1, column 6: expected ',' or ']', but got '<stream end>'."),
        (
            {"file": SimpleUploadedFile("x.yaml", b"\xff\xfe\x00")},
            "file",
            "The file is no text in UTF-8: save it as one.",
        ),
    ],
)
def test_what_is_no_document_is_said(page: Client, data: dict[str, str], field: str, message: str) -> None:
    answer = page.post("/import/?kind=model", data)
    assert (answer.status_code, answer.context["form"].errors[field]) == (422, [message])
    assert page.get("/import/?kind=nonsense").status_code == 200
