/**
 * The lookup on the home page and the 404 page: shows what the decoder finds. Text from a paste is never shown.
 *
 * @typedef {{code: string, http_status: number, message: string, section: string, retry: [string, string], outcome: [string, string], actor: string, summary: string, steps: string[]}} Row
 * @typedef {{code: string, via: string, wording: string, count: number, reason?: string}} Match
 */

const SECTIONS = { authentication: "authentication", contract: "contract" }
const VIA = { code: "Recognised by its code.", message: "Recognised by its wording.", both: "Recognised by code and wording." }
const HASH = "#q="
const GUESSES = 6

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {{[name: string]: string}} [attributes] @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** @param {string} text prose of the catalogue @returns {(Node | string)[]} */
const textOf = (text) => [text]

/**
 * @param {Document | HTMLElement} scope @param {string} root address of the site's root
 * @param {() => Promise<[typeof import("./decode.js"), {errors: Row[]}]>} loadDecoder
 */
export function mountLookup(scope, root, loadDecoder) {
  const form = scope.querySelector("[data-lookup]")
  if (!(form instanceof HTMLFormElement) || form.dataset.mounted) return
  form.dataset.mounted = "true"
  const view = new Lookup(form, root, loadDecoder)
  view.listen()
  view.readAddress()
}

class Lookup {
  /** @param {HTMLFormElement} form @param {string} root @param {() => Promise<[typeof import("./decode.js"), {errors: Row[]}]>} loadDecoder */
  constructor(form, root, loadDecoder) {
    this.root = root
    this.loadDecoder = loadDecoder
    this.form = form
    this.input = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"))
    this.status = /** @type {HTMLElement} */ (form.querySelector("[role=status]"))
    this.list = /** @type {HTMLElement} */ (form.querySelector("ol"))
    this.share = /** @type {HTMLButtonElement} */ (form.querySelector("[data-share]"))
    this.turn = 0
    this.link = ""
  }

  listen() {
    this.input.addEventListener("input", () => this.look())
    this.input.addEventListener("focus", () => this.loadDecoder().catch(() => {}))
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.look()
    })
    this.form.addEventListener("reset", () => setTimeout(() => this.look()))
    this.form.addEventListener("keydown", (event) => this.walk(event))
    this.share.addEventListener("click", () => this.copyLink())
    const read = () => (this.form.isConnected ? this.readAddress() : window.removeEventListener("hashchange", read))
    window.addEventListener("hashchange", read)
  }

  /** Opens the lookup named by the fragment, or on the 404 page by the path. */
  readAddress() {
    if (location.hash.startsWith(HASH)) {
      this.input.value = decodeFragment(location.hash.slice(HASH.length))
      this.look()
    } else if (this.form.dataset.lookup === "path") {
      this.readPath()
    }
  }

  async readPath() {
    const [path] = location.href.replace(this.root, "/").split(/[?#]/)
    const number = findNumber(path)
    const turn = (this.turn += 1)
    this.link = ""
    if (!number) return
    const catalogue = await this.load()
    if (!catalogue || turn !== this.turn) return
    const [decoder, rows] = catalogue
    const row = rows.errors.find((error) => error.code === number)
    const said = row ? `There is a page for code ${number}.` : `${number} is not in the vendor's page.`
    this.show([row ? this.makeCard(row, [], 2) : this.makeUnlisted(number, decoder, rows)], said)
  }

  async load() {
    try {
      return await this.loadDecoder()
    } catch {
      this.show([], "The lookup's data could not be loaded. Check the connection and type again, or use the table of all codes.")
      return undefined
    }
  }

  async look() {
    const turn = (this.turn += 1)
    const text = this.input.value
    if (!text.trim()) return this.show([], "")
    const loaded = await this.load()
    if (!loaded || turn !== this.turn) return
    const [decoder, catalogue] = loaded
    const result = decoder.decode(text, catalogue)
    const rows = new Map(catalogue.errors.map((row) => [row.code, row]))
    const found = result.matches.map((match) => /** @type {[Match, Row]} */ ([match, rows.get(match.code)]))
    // Of several errors one status is that of one of them: then the others do not contradict it.
    const http = found.some(([match, row]) => !match.reason && row.http_status === result.http) ? null : result.http
    const cards = found.map(([match, row]) => this.makeMatch(match, http, row))
    cards.push(...result.unlisted.map((number) => this.makeUnlisted(number, decoder, catalogue)))
    // Where something is certain, guesses would only stand in its way.
    const guesses = result.matches.length ? [] : result.maybe.slice(0, GUESSES)
    cards.push(...guesses.map((code) => this.makeGuess(/** @type {Row} */ (rows.get(code)))))
    this.link = makeLink(result, decoder.redact(text))
    this.show(cards, describeResult(result), result.sensitive)
    this.share.hidden = !this.link
  }

  /** @param {HTMLElement[]} cards @param {string} said @param {boolean} [sensitive] */
  show(cards, said, sensitive = false) {
    this.list.replaceChildren(...cards.map((card) => make("li", {}, [card])))
    this.list.hidden = cards.length === 0
    this.share.hidden = cards.length === 0
    const warning = "The paste seems to hold a key, signature or secret. It has not left this page; replace the key if you have shared the text."
    this.status.replaceChildren(said, ...(sensitive ? [make("strong", { class: "lookup-warning" }, [warning])] : []))
  }

  /** @param {Match} match @param {number | null} http @param {Row} row */
  makeMatch(match, http, row) {
    const remarks = [VIA[/** @type {keyof typeof VIA} */ (match.via)] ?? ""]
    if (match.count > 1) remarks.push(`Found ${match.count} times.`)
    if (match.reason) remarks.push(match.reason)
    const warnings = []
    if (match.wording === "unfamiliar") {
      warnings.push("This catalogue does not know the wording for this code. Is this response from WOO X Pro?")
    }
    if (http && http !== row.http_status && !match.reason) {
      warnings.push(`The paste says HTTP ${http}; the vendor's table says ${row.http_status}.`)
    }
    return this.makeCard(row, remarks, 2, warnings)
  }

  /** @param {Row} row */
  makeGuess(row) {
    return this.makeCard(row, ["A guess from the wording alone."], 1)
  }

  /** @param {Row} row @param {string[]} remarks @param {number} steps @param {string[]} [warnings] */
  makeCard(row, remarks, steps, warnings = []) {
    const facts = make("p", { class: "card-facts" }, [
      make("span", { class: `mark mark-${row.retry[0]}` }, [row.retry[1]]),
      make("span", {}, [`Write: ${row.outcome[1]}`]),
      make("span", {}, [`Acts: ${row.actor}`]),
      make("span", {}, [`HTTP ${row.http_status}`]),
    ])
    const title = make("a", { href: locatePage(this.root, `codes/${row.code}/`), class: "card-title" }, [
      make("b", {}, [row.code]), ` ${row.message}`,
    ])
    return make("article", { class: `card card-${row.retry[0]}` }, [
      title,
      ...warnings.map((text) => make("p", { class: "card-warning" }, [text])),
      facts,
      make("p", {}, textOf(row.summary)),
      make("ol", { class: "card-steps" }, row.steps.slice(0, steps).map((step) => make("li", {}, textOf(step)))),
      make("p", { class: "card-remark" }, [remarks.filter(Boolean).join(" ")]),
    ])
  }

  /** @param {string} number @param {typeof import("./decode.js")} decoder @param {{errors: Row[]}} catalogue */
  makeUnlisted(number, decoder, catalogue) {
    const { section, before, after } = decoder.describeUnlisted(number, catalogue)
    const range = section
      ? `By its range it would belong to the ${SECTIONS[/** @type {keyof typeof SECTIONS} */ (section)]} codes. `
      : "Its range is not one of this API: it may come from another product or exchange. "
    const near = [before, after].filter((code) => code !== null)
    const links = near.flatMap((code, at) => [at ? " and " : "", make("a", { href: locatePage(this.root, `codes/${code}/`) }, [code])])
    return make("article", { class: "card card-unlisted" }, [
      make("p", { class: "card-title" }, [make("b", {}, [number]), " is not in the vendor's page"]),
      make("p", {}, [range, ...(near.length ? ["Its neighbours: ", ...links, ". "] : []), "Treat the outcome of a write as unknown: ",
        make("a", { href: locatePage(this.root, "guides/retries/", "#look-up") }, ["look it up"]), " before you send again."]),
    ])
  }

  /** Arrow keys walk from the box to the cards' links and back; Escape clears. @param {KeyboardEvent} event */
  walk(event) {
    if (event.key === "Escape") {
      this.form.reset()
      this.input.focus()
      event.preventDefault()
      return
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    const stops = [this.input, .../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("a.card-title"))]
    const at = stops.indexOf(/** @type {any} */ (document.activeElement))
    if (!step || at < 0 || stops.length < 2) return
    const { value, selectionEnd } = this.input
    if (at === 0 && (step < 0 || value.slice(selectionEnd ?? 0).includes("\n"))) return
    stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus()
    event.preventDefault()
  }

  async copyLink() {
    const address = this.link ? locatePage(this.root, "", this.link) : location.href
    try {
      await navigator.clipboard.writeText(address)
      this.share.textContent = "Link copied"
    } catch {
      // A changed hash would make the theme fetch the page again.
      history.replaceState(history.state, "", this.link || location.href)
      this.share.textContent = "Copy it from the address bar"
    }
    setTimeout(() => (this.share.textContent = "Copy link"), 2500)
  }
}

/** On disk there is no server that opens the index of a folder. @param {string} root @param {string} path @param {string} [anchor] @returns {string} */
function locatePage(root, path, anchor = "") {
  return `${root}${path}${root.startsWith("file:") ? "index.html" : ""}${anchor}`
}

/** @param {string} fragment @returns {string} */
export function decodeFragment(fragment) {
  try {
    return decodeURIComponent(fragment.replace(/\+/g, " "))
  } catch {
    return fragment
  }
}

/** @param {string} path @returns {string | undefined} the last number that is a part of the path by itself, else the last one of five digits */
export function findNumber(path) {
  const parts = decodeFragment(path).split("/").reverse()
  const alone = parts.map((part) => /^(\d{4,6})(?:\.(?:html?|md|json))?$/i.exec(part)?.[1])
  return [...alone, ...parts.map((part) => /(?<!\d)(\d{5})(?![\d\p{L}])/u.exec(part)?.[1])].find(Boolean)
}

/** One code needs no more than itself in the link; anything else keeps the text, secrets masked. @param {{matches: Match[], unlisted: string[], maybe: string[], sensitive: boolean}} result @param {string} redacted @returns {string} empty where there is nothing to link to */
function makeLink(result, redacted) {
  const found = [...result.matches.map((match) => match.code), ...result.unlisted]
  if (!found.length && (result.sensitive || !result.maybe.length)) return ""
  const text = found.length === 1 ? found[0] : result.sensitive ? found.map((code) => `code=${code}`).join(" ") : redacted.slice(0, 1500)
  return HASH + encodeURIComponent(text.toWellFormed?.() ?? text)
}

/** @param {{matches: Match[], unlisted: string[], maybe: string[]}} result @returns {string} the sentence that screen readers hear */
function describeResult(result) {
  const found = [...result.matches.map((match) => match.code), ...result.unlisted.map((number) => `${number}, not in the vendor's page`)]
  if (found.length) return `Found: ${found.join("; ")}.`
  if (result.maybe.length) return "No code found. The wording resembles these:"
  return "No error of this API found. Paste the whole response body, or type the code."
}
