"""Correct what the theme puts into every built page, and merge its stylesheets into one.

Each correction answers one line of Material's templates and names it. A page of another theme, or a page that is
corrected already, holds none of these lines and stays as it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from catalogue.files import write_files
from catalogue.site.policy import add_policy, format_headers
from catalogue.site.scripts import STARTER, fold_blanks, move_scripts, read_starter, strip_comments
from catalogue.site.stylesheet import Names, trim_styles

HEADERS = "_headers"
STYLES = "assets/stylesheets/site.css"
LINK = r'<link rel="stylesheet" href="(?P<root>[^"]*?)assets/stylesheets/(?P<sheet>{})[^"]*">'
SHEETS = ("main.*.css", "palette.*.css", "extra.css")
# Sheets of our own that come with a list, a picture, a form or a report.
LATE_SHEETS = ("guides.css", "lists.css", "lookup.css", "triage.css", "workbench.css")
LATE_LINK = re.compile(rf'<link rel="stylesheet" href="[^"]*assets/stylesheets/(?:{"|".join(LATE_SHEETS)})">')
# Markdown takes a link that stands alone for a paragraph.
LATE_PARAGRAPH = re.compile(rf"<p>({LATE_LINK.pattern})</p>")


@dataclass(frozen=True)
class Correction:
    """What stands in the theme's page, what shall stand there, and why."""

    template: str
    found: re.Pattern[str]
    instead: str
    reason: str


CORRECTIONS = (
    Correction(
        "base.html, block scripts",
        re.compile(r'<script src="(?P<address>[^"]*assets/javascripts/bundle\.[^"]*)"></script>'),
        r'<script type="text/plain" data-late="\g<address>"></script>',
        "site.js starts the theme's script once the page is drawn; nothing on the first screen needs it.",
    ),
    Correction(
        "base.html, block config",
        re.compile(r"assets/javascripts/workers/search\.(?P<version>\w+)\.min\.js"),
        r"assets/javascripts/search-worker.js?v=\g<version>",
        "Our worker ranks the codes; the theme's splits messages in other places than people do.",
    ),
    Correction(
        "partials/palette.html, line 4",
        re.compile(r'<form class="md-header__option" data-md-component="palette">'),
        '<form class="md-header__option" data-palette>',
        "palette.js switches; the theme's script makes Chromium style the whole page twice.",
    ),
    Correction(
        "partials/javascripts/palette.html",
        re.compile(r'var palette=__md_get\("__palette"\);.*?(?=</script>)'),
        '__md_scheme=(media="")=>(/dark|light/.test(media)?media.includes("dark")'
        ':matchMedia("(prefers-color-scheme: dark)").matches)?"slate":"default",'
        'document.body.dataset.mdColorScheme=__md_scheme(__md_get("__palette")?.color?.media)',
        "The theme's colours a first view by the system only once its script has come: a dark screen flashed white.",
    ),
    Correction(
        "partials/search.html, line 4",
        re.compile(r'<div class="md-search" data-md-component="search" role="dialog">'),
        '<div class="md-search" data-md-component="search" role="dialog" aria-label="Search">',
        "A dialog needs a name.",
    ),
    Correction(
        "partials/search.html, line 7",
        re.compile(r'<form class="md-search__form" name="search">'),
        '<form class="md-search__form" name="search" method="dialog">',
        "Without the script, Enter would send what was typed to the server, keys included.",
    ),
    Correction(
        "partials/toc.html, line 9",
        re.compile(r'(?s)(?P<before>\A(?!.*id="__toc").*?<label class="md-nav__title") for="__toc"'),
        r"\g<before>",
        "A page outside the navigation has this label of a switch that only pages inside it have.",
    ),
    Correction(
        "partials/tabs-item.html, line 15",
        re.compile(r'<li class="md-tabs__item">(?P<link>\s*<a href="\.\./")'),
        r'<li class="md-tabs__item md-tabs__item--active">\g<link>',
        "A page of a code or a status is not in the navigation; the list above it is, and shows where the reader is.",
    ),
    Correction(
        "partials/nav-item.html, line 165",
        re.compile(r'(?P<link><a href="\.\./" class="md-nav__link)"'),
        r'\g<link> md-nav__link--active"',
        "The same in the menu of a phone.",
    ),
    Correction(
        "base.html, block content",
        re.compile(r"<script>var target=document\.getElementById\(location\.hash[^<]*</script>"),
        "",
        "It opens a tab of content by its address; no page has tabs.",
    ),
    Correction(
        "base.html, block site_meta",
        re.compile(r'<meta name="generator"[^>]*>'),
        "",
        "No reader needs it; the lock file names the versions.",
    ),
    Correction(
        "partials/nav-item.html and partials/toc-item.html",
        re.compile(
            r'(?P<link><a href="[^"]*" class="md-nav__link[^"]*">)\s*<span class="md-ellipsis">\s*'
            r"(?P<words>[^<]*?)\s*</span>\s*</a>"
        ),
        r"\g<link>\g<words></a>",
        "A long title shall wrap, not be cut.",
    ),
    Correction(
        "the theme's script, navigation.instant",
        re.compile(r'<a (?P<address>href="https?://)'),
        r'<a rel="external" \g<address>',
        "The script makes every address absolute; print spells out those of other hosts only.",
    ),
    Correction(
        "markdown.extensions.toc",
        re.compile(r'(?P<link><a class="headerlink" href="[^"]*") title="Permanent link"'),
        r"\g<link>",
        "The sign is known, and its words stand at every heading.",
    ),
    Correction(
        "pymdownx.highlight",
        re.compile(r'<span class="(?:n|o|p|w|kc|sa|vm)">(?P<code>[^<]*)</span>'),
        r"\g<code>",
        "Names, blanks and punctuation look like the code around them.",
    ),
)


def adapt_site(site_dir: Path, *, guarded: bool = True) -> None:
    """Correct every page of a built site, and write the one stylesheet that the pages load.

    Pages are put under the site's policy if `guarded`; the server that reloads pages needs a script of its own.
    """
    pages = {file: file.read_text("utf-8") for file in sorted(site_dir.rglob("*.html"))}
    corrected = {file: correct_page(page) for file, page in pages.items()}
    names = read_names(site_dir, corrected.values())
    styles = merge_styles(site_dir, names)
    version = sha256(styles.encode()).hexdigest()[:8] if styles else ""
    adapted = {file: link_styles(page, version) for file, page in corrected.items()}
    plain = site_dir / "404.html" if site_dir / "404.html" in adapted else site_dir / "index.html"
    starter = read_starter(adapted[plain])
    adapted = {file: fold_blanks(move_scripts(page, starter)) for file, page in adapted.items()}
    # Stylesheet and scripts come first: no page may link to them before they are there.
    files = {site_dir / STYLES: styles.encode()} if styles else {}
    files |= {site_dir / STARTER: starter.encode()} if starter else {}
    files |= shorten_scripts(site_dir) | shorten_sheets(site_dir, names)
    if guarded:
        files |= {site_dir / HEADERS: format_headers().encode()}
        adapted = {file: add_policy(page) for file, page in adapted.items()}
    files |= {file: page.encode() for file, page in adapted.items() if page != pages[file]}
    write_files(files)


def shorten_scripts(site_dir: Path) -> dict[Path, bytes]:
    """Return our own scripts without their comments; the theme's are short already."""
    files = [file for file in (site_dir / "assets/javascripts").glob("*.js") if not file.name.endswith(".min.js")]
    texts = {file: file.read_text("utf-8") for file in files if file.relative_to(site_dir).as_posix() != STARTER}
    shorter = {file: strip_comments(text) for file, text in texts.items()}
    return {file: text.encode() for file, text in shorter.items() if text != texts[file]}


def correct_page(page: str) -> str:
    """Return the page with every correction made."""
    for correction in CORRECTIONS:
        page = correction.found.sub(correction.instead, page)
    return page


def link_styles(page: str, version: str) -> str:
    """Return the page with one link in place of those to the theme's stylesheets and our own, and all in its head."""
    first = re.search(LINK.format("main"), page) if version else None
    if not first:
        return page
    merged = f'<link rel="stylesheet" href="{first["root"]}{STYLES}?v={version}">'
    page = page.replace(first[0], merged, 1)
    head, end, body = re.sub(LINK.format("palette|extra"), "", page).partition("</head>")
    # They come with what they style. Read there, they would be read again when the theme's script writes addresses out.
    body = LATE_PARAGRAPH.sub(r"\g<1>", body)
    late = dict.fromkeys(LATE_LINK.findall(body))
    return f"{head}{''.join(late)}{end}{LATE_LINK.sub('', body)}"


def merge_styles(site_dir: Path, names: Names) -> str:
    """Return one stylesheet from the theme's and our own, cut down to what pages and scripts use.

    It is empty where the site has another theme, whose stylesheets stay as they are.
    """
    folder = site_dir / "assets"
    sheets = [next(iter((folder / "stylesheets").glob(pattern)), None) for pattern in SHEETS]
    if None in sheets:
        return ""
    sources = (sheet.read_text("utf-8").partition("/*# sourceMappingURL")[0] for sheet in sheets if sheet)
    return trim_styles("".join(sources), names, "".join(file.read_text("utf-8") for file in list_late_sheets(site_dir)))


def shorten_sheets(site_dir: Path, names: Names) -> dict[Path, bytes]:
    """Return the sheets that come later, cut down as well."""
    files = list_late_sheets(site_dir)
    first = (site_dir / "assets/stylesheets/extra.css").read_text("utf-8") if files else ""
    return {file: trim_styles(file.read_text("utf-8"), names, first).encode() for file in files}


def list_late_sheets(site_dir: Path) -> list[Path]:
    """Return the sheets of our own that come later."""
    return [file for name in LATE_SHEETS if (file := site_dir / "assets/stylesheets" / name).is_file()]


def read_names(site_dir: Path, pages: Iterable[str]) -> Names:
    """Return what pages and scripts know."""
    scripts = sorted((site_dir / "assets/javascripts").glob("*.js"))
    names = Names("".join(strip_comments(file.read_text("utf-8")) for file in scripts))
    for page in pages:
        names.add_page(page)
    return names
