"""Pack the built site into a zip that opens from disk: links name files, scripts and data load from file://."""

import io
import json
import posixpath
import re
import zipfile
from pathlib import Path

from catalogue.files import is_draft, write_file
from catalogue.paths import TEMPLATES
from catalogue.site.scripts import STARTER

RUNTIME = TEMPLATES / "offline.js"
SCRIPTS = "assets/javascripts"
# In the order in which they need each other.
MODULES = (
    "text.js",
    "redact.js",
    "lines.js",
    "wordings.js",
    "mentions.js",
    "messages.js",
    "statuses.js",
    "attempts.js",
    "decode.js",
    "rank.js",
    "answer.js",
    "search.js",
    "store.js",
    "elements.js",
    "cards.js",
    "lookup.js",
    "filter.js",
    "page.js",
    "signature.js",
    "signature-view.js",
    "clock.js",
    "box.js",
    "forms.js",
    "palette.js",
    "paste.js",
)
BUNDLE = f"{SCRIPTS}/offline.js"
MISTAKES = "samples/signature_mistakes.json"
DATA = ("lookup.json", "search/pages.json", MISTAKES)
NEEDED = (
    "index.html",
    *DATA,
    "search/search_index.json",
    STARTER,
    *(f"{SCRIPTS}/{name}" for name in (*MODULES, "site.js")),
)
# Only a server makes use of these.
LEFT_OUT = {"404.html", "sitemap.xml", "sitemap.xml.gz", "opensearch.xml"}

LINK = re.compile(r'(?P<name>\bhref)="(?P<path>[^":?#]*)(?P<rest>[#?][^"]*)?"')
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+))", re.MULTILINE)
IMPORT = re.compile(r'^import (?P<names>\{[^}]*\}) from "\./(?P<module>[\w-]+\.js)"$', re.MULTILINE)
REEXPORT = re.compile(r'^export \{(?P<names>[^}]*)\} from "[^"]*"$', re.MULTILINE)
MODULE_TAG = re.compile(r'<script src="[^"]*site\.js" type="module"></script>')
# What site.js does through the network, and what stands in for it on disk.
STAND_INS = {
    "import.meta.url": "offlineSite.base",
    "import(new URL(name, here).href)": "offlineSite.modules[name]",
    "fetch(`${locateRoot()}${path}`).then((answer) => answer.json())": "offlineSite.read(path)",
}
# The same for modules.
MODULE_STAND_INS = {
    "signature.js": {
        "import.meta.url": "offlineSite.base",
        '(await import(TABLE.href, { with: { type: "json" } })).default': f"offlineSite.read({json.dumps(MISTAKES)})",
    }
}
# A fixed time, so that the same site gives the same bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)


class OfflineError(ValueError):
    """The folder is no finished site. The message says what to do."""


def pack_site(site_dir: Path, target: Path) -> int:
    """Write the zip `target` from a built site and return the number of its files. Raises OfflineError."""
    files = convert_site(site_dir)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, file in sorted(files.items()):
            info = zipfile.ZipInfo(f"{target.stem}/{path}", EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, file)
    write_file(target, content.getvalue())
    return len(files)


def convert_site(site_dir: Path) -> dict[str, bytes]:
    """Return path → content of the site as it opens from disk."""
    files = {
        path.relative_to(site_dir).as_posix(): path.read_bytes()
        for path in sorted(site_dir.rglob("*"))
        if path.is_file() and not is_draft(path)
    }
    missing = [path for path in NEEDED if path not in files]
    if missing:
        raise OfflineError(f"{site_dir} holds no {', no '.join(missing)}. Build the site first: mkdocs build")
    files = {path: content for path, content in files.items() if path not in LEFT_OUT and not path.endswith(".map")}
    known = frozenset(files)
    for path, content in files.items():
        if path.endswith(".html"):
            files[path] = convert_page(path, content.decode(), known).encode()
    for path in DATA:
        files[f"{path}.js"] = f"offlineSite.received[{json.dumps(path)}] = {files[path].decode()}".encode()
    index = files["search/search_index.json"].decode()
    # The theme reads this name where it is opened from disk.
    files["search/search_index.js"] = f"var __index = {index}".encode()
    # The theme would fetch the next page.
    files[STARTER] = files[STARTER].replace(b'"navigation.instant",', b"")
    files[BUNDLE] = bundle_scripts(site_dir / SCRIPTS).encode()
    return files


def convert_page(path: str, page: str, known: frozenset[str]) -> str:
    """Let the links of a page name files instead of folders, and its script be the bundle."""
    folder = posixpath.dirname(path)
    root = "../" * path.count("/")

    def name_file(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match["path"] or "."))
        index = posixpath.normpath(posixpath.join(target, "index.html"))
        if not match["path"] or target in known or index not in known:
            return match[0]
        return f'{match["name"]}="{root}{index}{match["rest"] or ""}"'

    page = MODULE_TAG.sub(f'<script src="{root}{BUNDLE}"></script>', page)
    return LINK.sub(name_file, page)


def bundle_scripts(folder: Path) -> str:
    """Return the site's modules as one classic script; raises OfflineError where site.js no longer fits."""
    parts = [RUNTIME.read_text("utf-8")]
    for name in MODULES:
        source = replace_once(name, (folder / name).read_text("utf-8"), MODULE_STAND_INS.get(name, {}))
        source = IMPORT.sub(r'const \g<names> = offlineSite.modules["\g<module>"]', source)
        exported = ", ".join(match["name"] for match in EXPORT.finditer(source))
        body = f"{EXPORT.sub('', REEXPORT.sub('', source))}\nreturn {{ {exported} }}"
        parts.append(f"offlineSite.modules[{json.dumps(name)}] = (() => {{\n{body}\n}})()")
    site = EXPORT.sub("", (folder / "site.js").read_text("utf-8"))
    site = replace_once("site.js", site, STAND_INS)
    # The scripts end without semicolons; between two of them one is needed.
    return ";\n".join([*parts, f"(() => {{\n{site}\n}})()\n"])


def replace_once(name: str, source: str, stand_ins: dict[str, str]) -> str:
    """Return a script with its stand-ins; raises OfflineError where it no longer fits."""
    for original, stand_in in stand_ins.items():
        if source.count(original) != 1:
            raise OfflineError(f"{name} should hold {original!r} once. Adapt STAND_INS in catalogue/site/offline.py.")
        source = source.replace(original, stand_in)
    return source
