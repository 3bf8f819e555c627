"""Show text of strangers on a terminal."""


def escape_terminal(text: str, kept: str = "") -> str:
    r"""Return text so that a terminal shows every character and obeys none; those in `kept` stay.

    Control characters, marks of direction, and invisible or unassigned characters become `\u202e`.
    """
    return "".join(char if char.isprintable() or char in kept else _name_character(char) for char in text)


def _name_character(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
