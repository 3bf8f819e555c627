/**
 * The lookup on the home page and the 404 page: asks the engine and shows its answer. Text of a paste is never shown.
 *
 * @typedef {import("./answer.js").Answer} Answer
 * @typedef {import("./answer.js").Item} Item
 * @typedef {import("./cards.js").Site} Site
 * @typedef {typeof import("./answer.js") & typeof import("./cards.js") & typeof import("./rank.js") &
 *   typeof import("./redact.js")} Engine
 * @typedef {{engine: Engine, catalogue: import("./answer.js").Catalogue}} Loaded
 * @typedef {{load: () => Promise<Loaded>, readPages: () => Promise<{docs: import("./rank.js").Page[]}>, startWorker: () => Worker,
 *   readLog: (text: string) => void, takeText: (box: HTMLTextAreaElement) => string}} Sources
 */
import { locatePage, make } from "./elements.js"
import { forgetText, keepScroll, keepText, readKept } from "./store.js"

const TEXT_HASH = "#q="
const CODES_HASH = "#c="
/** A longer text is read by a worker. */
const MOST_INLINE = 20_000
const MOST_ROWS = 12
/** The width of a letter in the box, about. */
const LETTER = 9

/** Whether the page was reached by going back or forward, or loaded again. */
let isReturn = isRepeated()
window.addEventListener("popstate", () => {
  isReturn = true
})
document.addEventListener(
  "click",
  () => {
    isReturn = false
  },
  { capture: true },
)

/** @returns {boolean} */
function isRepeated() {
  const [entry] = performance.getEntriesByType("navigation")
  return entry instanceof PerformanceNavigationTiming && entry.type !== "navigate"
}

/**
 * @param {Document | HTMLElement} scope
 * @param {string} root address of the site's root
 * @param {Sources} sources
 * @param {string} [text] a text whose beginning only stands in the box
 */
export function mountLookup(scope, root, sources, text) {
  const form = scope.querySelector("[data-lookup]")
  if (!(form instanceof HTMLFormElement) || form.dataset.mounted) return
  form.dataset.mounted = "true"
  const view = new Lookup(form, root, sources)
  view.listen()
  view.start(text)
}

class Lookup {
  /**
   * @param {HTMLFormElement} form
   * @param {string} root
   * @param {Sources} sources
   */
  constructor(form, root, sources) {
    this.root = root
    this.sources = sources
    this.form = form
    this.input = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"))
    this.status = /** @type {HTMLElement} */ (form.querySelector("[role=status]"))
    this.list = /** @type {HTMLElement} */ (form.querySelector("ol"))
    this.more = /** @type {HTMLElement} */ (form.querySelector("[data-more]"))
    this.share = /** @type {HTMLButtonElement} */ (form.querySelector("[data-share]"))
    this.turn = 0
    this.link = ""
    // Enter may come before the script does.
    this.opensSingle = form.dataset.entered === "true"
    /** @type {Worker | undefined} */
    this.worker = undefined
    /** @type {import("./rank.js").Entry[] | undefined} */
    this.entries = undefined
  }

  listen() {
    this.input.addEventListener("input", () => {
      this.opensSingle = false
      this.look()
    })
    this.input.addEventListener("focus", () => this.sources.load().catch(() => {}))
    this.form.addEventListener("submit", (event) => event.preventDefault())
    this.form.addEventListener("reset", () => setTimeout(() => this.clear()))
    this.form.addEventListener("keydown", (event) => this.press(event))
    this.list.addEventListener("click", keepScroll)
    this.share.addEventListener("click", () => this.copyLink())
    const read = () => (this.form.isConnected ? this.readAddress() : window.removeEventListener("hashchange", read))
    window.addEventListener("hashchange", read)
  }

  /** Reads what is there already: typed before the script came, named by the address, or kept by this tab. @param {string} [text] */
  start(text) {
    const kept = readKept()
    const isWanted = isReturn || kept?.isHandedOver
    isReturn = false
    if (this.input.value.trim()) return this.look(text || undefined)
    if (this.readAddress()) return undefined
    if (kept && isWanted) return this.restore(kept)
    return this.form.dataset.lookup === "path" ? this.readPath() : undefined
  }

  /** @param {import("./store.js").Kept} kept */
  async restore(kept) {
    this.input.value = kept.text
    await this.look()
    if (kept.scroll) window.scrollTo({ top: kept.scroll, behavior: "instant" })
  }

  clear() {
    forgetText()
    if (location.hash.startsWith(TEXT_HASH) || location.hash.startsWith(CODES_HASH)) {
      history.replaceState(history.state, "", location.pathname + location.search)
    }
    this.look()
  }

  /** @returns {boolean} whether the fragment names a lookup */
  readAddress() {
    if (location.hash.startsWith(TEXT_HASH)) {
      this.input.value = decodeFragment(location.hash.slice(TEXT_HASH.length))
      this.look()
      return true
    }
    if (!location.hash.startsWith(CODES_HASH)) return false
    this.readCodes(location.hash.slice(CODES_HASH.length))
    return true
  }

  /** @param {string} link */
  async readCodes(link) {
    const turn = (this.turn += 1)
    const loaded = await this.load()
    if (loaded && turn === this.turn) this.showAnswer(loaded, loaded.engine.decodeItems(decodeFragment(link), loaded.catalogue))
  }

  async readPath() {
    const [path = ""] = location.href.replace(this.root, "/").split(/[?#]/)
    const number = findNumber(path)
    const turn = (this.turn += 1)
    if (!number) return
    const loaded = await this.load()
    if (!loaded || turn !== this.turn) return
    const { engine, catalogue } = loaded
    const isListed = catalogue.errors.some((row) => row.code === number)
    this.showAnswer(loaded, engine.decodeItems(isListed ? number : `u${number}`, catalogue))
    this.status.textContent = isListed ? `There is a page for code ${number}.` : `${number} is not in the vendor's page.`
  }

  async load() {
    try {
      return await this.sources.load()
    } catch {
      this.show([], "The lookup's data could not be loaded. Check the connection and type again, or use the table of all codes.")
      return undefined
    }
  }

  async look(text = this.sources.takeText(this.input)) {
    const turn = (this.turn += 1)
    this.worker?.terminate()
    this.grow(text)
    if (!text.trim()) {
      forgetText()
      return this.show([], "")
    }
    // A long paste is a log: the reader of whole logs reads all of it.
    if (text.length > MOST_INLINE) this.sources.readLog(text)
    const loaded = await this.load()
    if (!loaded || turn !== this.turn) return undefined
    keepText(text, loaded.engine.redact)
    const answer = await (text.length > MOST_INLINE ? this.askWorker(text) : this.ask(text, loaded))
    if (turn !== this.turn) return undefined
    return answer ? this.showAnswer(loaded, answer) : this.show([], "The text could not be read. Type again, or use the table of all codes.")
  }

  /**
   * @param {string} text
   * @param {Loaded} loaded
   * @returns {Promise<Answer>} pages are loaded only for a text that is answered by its words
   */
  async ask(text, { engine, catalogue }) {
    const answer = engine.answerText(text, catalogue, this.entries)
    if (this.entries || (answer.heading !== "closest" && !answer.items.some((item) => item.isLoose))) return answer
    try {
      const pages = await this.sources.readPages()
      this.entries = engine.buildEntries(catalogue.errors, pages.docs)
    } catch {
      return answer
    }
    return engine.answerText(text, catalogue, this.entries)
  }

  /**
   * @param {string} text
   * @returns {Promise<Answer | null>}
   */
  askWorker(text) {
    this.show([], `Reading ${text.length.toLocaleString("en")} characters. The box shows the first of them.`)
    const worker = this.sources.startWorker()
    this.worker = worker
    return new Promise((resolve) => {
      worker.addEventListener("message", ({ data }) => resolve(data.answer))
      worker.addEventListener("error", () => resolve(null))
      worker.postMessage(text)
    })
  }

  /**
   * @param {Loaded} loaded
   * @param {Answer} answer
   */
  showAnswer({ engine, catalogue }, answer) {
    const site = { root: this.root, catalogue, rows: new Map(catalogue.errors.map((row) => [row.code, row])) }
    const cards = answer.items.map((item) => engine.makeCard(item, site))
    this.show(cards, describeAnswer(answer, site), answer)
    this.link = makeLink(answer, engine.encodeItems(answer), this.root)
    this.share.hidden = !this.link
    if (this.opensSingle && answer.items.length === 1) this.openFirst()
    this.opensSingle = false
  }

  /**
   * @param {HTMLElement[]} cards
   * @param {string} said
   * @param {Answer} [answer]
   */
  show(cards, said, answer) {
    this.list.replaceChildren(...cards.map((card) => make("li", {}, [card])))
    this.list.hidden = cards.length === 0
    this.more.textContent = answer?.more ? `and ${answer.more} more numbers that are not in the vendor's page` : ""
    this.share.hidden = true
    this.link = ""
    const warnings = []
    if (answer?.isCut) warnings.push("Only the first 400,000 characters were read.")
    if (answer?.sensitive) warnings.push("The text seems to hold a key, signature, secret or address. Replace a key that you have shared.")
    this.status.replaceChildren(said, ...warnings.map((text) => make("strong", { class: "lookup-warning" }, [text])))
  }

  /**
   * The box grows with its text; of a long text the beginning tells enough.
   * @param {string} text
   */
  grow(text) {
    const lines = text.slice(0, 2000).split("\n")
    const columns = Math.max(20, Math.floor(Math.min(window.innerWidth, 1200) / LETTER))
    const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0)
    this.input.rows = Math.min(MOST_ROWS, Math.max(2, rows))
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.isComposing) return
    if (event.key === "Escape") {
      event.preventDefault()
      this.form.reset()
      this.input.focus()
    } else if (event.key === "Enter" && event.target === this.input && !event.shiftKey) {
      event.preventDefault()
      this.enter()
    } else {
      this.walk(event)
    }
  }

  /** Opens a single result, or goes to the first of several. */
  enter() {
    const titles = this.list.querySelectorAll("a")
    if (!titles.length) {
      this.opensSingle = true
      this.look()
    } else if (this.list.children.length === 1) {
      this.openFirst()
    } else {
      titles[0]?.focus()
    }
  }

  openFirst() {
    this.list.querySelector("a")?.click()
  }

  /**
   * Arrow keys walk from the box to the results and back.
   * @param {KeyboardEvent} event
   */
  walk(event) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    const links = [...this.list.children].flatMap((card) => card.querySelector("a") ?? [])
    /** @type {HTMLElement[]} */
    const stops = [this.input, ...links]
    const at = stops.findIndex((stop) => stop === document.activeElement)
    if (!step || at < 0 || stops.length < 2) return
    const { value, selectionEnd } = this.input
    if (at === 0 && (step < 0 || value.slice(selectionEnd ?? 0).includes("\n"))) return
    stops[Math.min(Math.max(at + step, 0), stops.length - 1)]?.focus()
    event.preventDefault()
  }

  async copyLink() {
    try {
      await navigator.clipboard.writeText(this.link)
      this.share.textContent = "Link copied"
    } catch {
      const hash = this.link.includes(CODES_HASH) ? this.link.slice(this.link.indexOf(CODES_HASH)) : ""
      // A changed hash would make the theme fetch the page again.
      if (hash) history.replaceState(history.state, "", hash)
      this.share.textContent = hash ? "Copy it from the address bar" : "Open the page and copy its address"
    }
    setTimeout(() => (this.share.textContent = "Copy link"), 2500)
  }
}

/**
 * @param {string} fragment
 * @returns {string}
 */
export function decodeFragment(fragment) {
  try {
    return decodeURIComponent(fragment.replace(/\+/g, " "))
  } catch {
    return fragment
  }
}

/**
 * @param {string} path
 * @returns {string | undefined} the last number that is a part of the path by itself, else the last one of five digits
 */
export function findNumber(path) {
  const parts = decodeFragment(path).split("/").reverse()
  const alone = parts.map((part) => /^(\d{4,6})(?:\.(?:html?|md|json))?$/i.exec(part)?.[1])
  return [...alone, ...parts.map((part) => /(?<!\d)(\d{5})(?![\d\p{L}])/u.exec(part)?.[1])].find(Boolean)
}

/**
 * @param {Answer} answer
 * @param {string} link codes and counts
 * @param {string} root
 * @returns {string} the page itself where there is one result, and nothing where nothing was recognised
 */
function makeLink(answer, link, root) {
  const [item] = answer.items
  if (!item || !link || answer.heading !== "found") return ""
  const isOne = answer.items.filter((one) => one.basis === "sure").length === 1 && item.kind !== "unlisted"
  return isOne ? locatePage(root, item.path) : locatePage(root, `${CODES_HASH}${link}`)
}

/**
 * @param {Answer} answer
 * @param {Site} site
 * @returns {string} the short sentence that screen readers hear: how many, and which is first
 */
function describeAnswer({ heading, items, errors, inDoubt }, site) {
  const [item] = items
  if (!item) return "The link names no code of this site."
  const first = `First: ${nameItem(item, site)}.`
  const results = items.length === 1 ? "1 result." : `${items.length} results.`
  if (heading === "closest") return `Closest by wording. ${results} ${first}`
  if (heading === "probable") return `Probably this. ${results} ${first}`
  if (errors < 2) return `${results} ${first}`
  const doubt = inDoubt === 0 ? "No write is in doubt." : inDoubt === 1 ? "1 write may be in doubt." : `${inDoubt} writes may be in doubt.`
  return `${errors} errors. ${doubt} ${first}`
}

/**
 * @param {Item} item
 * @param {Site} site
 * @returns {string}
 */
function nameItem(item, { rows }) {
  if (item.kind === "code") return `${item.key} ${rows.get(item.key)?.message ?? ""}`.replace(/\.$/, "")
  if (item.kind === "status") return `HTTP ${item.key}`
  if (item.kind === "lost") return "no answer"
  return item.kind === "unlisted" ? `${item.key}, not in the vendor's page` : (item.title ?? "")
}
