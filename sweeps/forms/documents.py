"""A document to make something of: pasted, or as a file."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile

from sweeps.services.documents.yaml_text import MAX_CHARS, load
from sweeps.validation.problems import Invalid, Problem

MAX_BYTES: Final = 4 * MAX_CHARS


class DocumentForm(forms.Form):
    """Cleans to the mapping in `cleaned_data["document"]`. After `refuse`, the problems stand beneath the text."""

    text = forms.CharField(
        label="YAML",
        required=False,
        strip=False,
        max_length=MAX_CHARS,
        help_text="As the YAML button of a sweep, a search space or a model gives it; kind says which of them it is.",
        widget=forms.Textarea(attrs={"rows": 20, "class": "form-control mono", "spellcheck": "false"}),
        error_messages={"max_length": "The text is longer than %(limit_value)d characters."},
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        help_text="Or a file. It goes before the text.",
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,application/yaml"}),
    )
    name = forms.CharField(
        required=False, max_length=100, help_text="Instead of the document's own, where the team has that already."
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.errors:
            return data
        text = self._text(data)
        if text is not None:
            # What was in the file is shown, so that it can be mended here.
            self.data = {**self.data.dict(), "text": text} if hasattr(self.data, "dict") else self.data
            try:
                data["document"] = load(text)
            except Invalid as error:
                self.refuse(error)
        return data

    def refuse(self, error: Invalid) -> None:
        """Show what is wrong beneath the text; a name that is taken beneath the name."""
        for problem in error.errors():
            self.add_error("name" if problem.path == "name" else "text", _told(problem))

    def _text(self, data: dict[str, Any]) -> str | None:
        file: UploadedFile[Any] | None = data.get("file")
        if file is None:
            text = str(data.get("text") or "")
            if not text.strip():
                self.add_error("text", "Paste a document, or choose a file.")
                return None
            return text.replace("\r\n", "\n")
        if file.size is None or file.size > MAX_BYTES:
            self.add_error("file", f"The file is larger than {MAX_BYTES // 1000} kB, so it is no such document.")
            return None
        try:
            found: bytes = file.read()
            return found.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self.add_error("file", "The file is no text in UTF-8: save it as one.")
            return None


def _told(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" if problem.path not in ("", "name") else problem.message
