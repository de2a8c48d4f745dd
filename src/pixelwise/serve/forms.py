"""Forms of several fields, taken apart in memory."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import HTTPException
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM = "multipart/form-data"
_MOST_FIELDS = 8


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form.

    Attributes:
        files: Bytes by field, whatever the files were called.
        words: Texts by field.
    """

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    words: dict[str, str] = field(default_factory=dict[str, str])

    def file(self, name: str) -> bytes:
        """The bytes of a field.

        Raises:
            HTTPException: 400 if there is none.
        """
        if name not in self.files:
            found = ", ".join(sorted(repr(each[:80]) for each in {*self.files, *self.words})) or "none"
            raise HTTPException(
                400, f"the form has no file {name!r}. Its fields: {found}. Send it as a file."
            )
        return self.files[name]


def read_form(content: bytes, kind: str) -> Form:
    """The fields of a form, each but once.

    Args:
        content: The whole body.
        kind: Its Content-Type, which tells what parts the fields.

    Raises:
        HTTPException: 400 if it is no sound form.
    """
    boundary = parse_options_header(kind)[1].get(b"boundary")
    if not boundary:
        raise _unsound("its type does not say what parts the fields")
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(content)
        parser.finalize()
    except FormParserError as error:
        raise _unsound(str(error)) from None
    if not reader.ended:
        raise _unsound("its end is missing")
    return reader.form


@dataclass(slots=True)
class _Reader:
    """Gathers what the parser comes upon."""

    form: Form = field(default_factory=Form)
    ended: bool = False
    heads: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    head: bytes = b""
    value: bytes = b""
    body: bytearray = field(default_factory=bytearray)

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self.begin,
            "on_header_field": self.read_head,
            "on_header_value": self.read_value,
            "on_header_end": self.end_head,
            "on_part_data": self.read_body,
            "on_part_end": self.end,
            "on_end": self.finish,
        }

    def begin(self) -> None:
        self.heads, self.body = {}, bytearray()

    def read_head(self, data: bytes, start: int, end: int) -> None:
        self.head += data[start:end]

    def read_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def end_head(self) -> None:
        self.heads[self.head.lower()] = self.value
        self.head = self.value = b""

    def read_body(self, data: bytes, start: int, end: int) -> None:
        self.body += data[start:end]

    def end(self) -> None:
        told = parse_options_header(self.heads.get(b"content-disposition"))[1]
        name = told.get(b"name", b"").decode("utf-8", "replace")
        if name in self.form.files or name in self.form.words:
            raise _unsound(f"the field {name[:80]!r} stands twice")
        if len(self.form.files) + len(self.form.words) == _MOST_FIELDS:
            raise _unsound(f"it has more than {_MOST_FIELDS} fields")
        if b"filename" in told:
            self.form.files[name] = bytes(self.body)
        else:
            self.form.words[name] = self.body.decode("utf-8", "replace")

    def finish(self) -> None:
        self.ended = True


def _unsound(why: str) -> HTTPException:
    return HTTPException(400, f"this is no sound form: {why}. Send it as {FORM}, each field once.")
