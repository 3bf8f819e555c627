/**
 * The place where logs are dropped: shows what the worker finds. All text reaches the page as text nodes.
 *
 * @typedef {import("./triage.js").Report} Report
 * @typedef {import("./triage.js").Write} Write
 * @typedef {import("./triage.js").Tally} Tally
 * @typedef {Extract<import("./triage-worker.js").Answer, {type: "report"}>} Result
 */

import { listLookUps } from "./triage-calls.js"

const BARS = 120
const OUTCOMES = { unknown: "May have executed", duplicate: "An earlier request with this id may have executed" }

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

/** @param {string} tag @param {{[name: string]: string | number}} attributes @param {(Node | string)[]} [children] */
function draw(tag, attributes, children = []) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  element.append(...children)
  return element
}

/** @param {number} count @param {string} one @param {string} [many] */
const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`

/** @param {string|null} time */
const showTime = (time) => (time ? time.replace("T", " ").replace(/\.000Z$|Z$/, " UTC") : "not in the log")

/** @param {string|null} text */
const known = (text) => text ?? "not in the log"

/** @param {{code?: string, status?: number, label: string, href: string|null, tally: Tally, outcome: string}} row */
function makeRow({ label, href, tally, outcome }) {
  const name = href ? make("a", { href }, [label]) : label
  const cells = [tally.count.toLocaleString("en"), outcome, showTime(tally.first), showTime(tally.last), tally.lines.join(", ")]
  return make("tr", {}, [make("th", { scope: "row" }, [name]), ...cells.map((cell) => make("td", {}, [cell]))])
}

/** One row per code by risk, then statuses, then lost answers. @param {Report} report @param {string} root @param {Map<string, string>} labels */
function makeTable(report, root, labels) {
  const doubts = new Set(report.writes.map(({ code }) => code))
  const codes = [
    ...report.codes.map((tally) => ({ label: tally.code, href: `${root}codes/${tally.code}/`, tally, outcome: labels.get(tally.code) ?? "" })),
    ...report.unlisted.map((tally) => ({ label: tally.code, href: null, tally, outcome: "May have executed. Not in the vendor's list" })),
  ]
  const rows = [
    ...codes.sort((a, b) => Number(doubts.has(b.label)) - Number(doubts.has(a.label))),
    ...report.http.map((tally) => ({ label: `HTTP ${tally.status}`, href: `${root}http/`, tally, outcome: "See the status" })),
    ...(report.lost.count ? [{ label: "No answer", href: `${root}guides/retries/`, tally: report.lost, outcome: "A write may have executed" }] : []),
    ...(report.unsent.count ? [{ label: "No connection", href: null, tally: report.unsent, outcome: "Not sent" }] : []),
  ]
  const heads = ["Error", "Count", "Outcome of a write", "First", "Last", "First lines"].map((head) => make("th", { scope: "col" }, [head]))
  const table = make("table", {}, [make("thead", {}, [make("tr", {}, heads)]), make("tbody", {}, rows.map(makeRow))])
  return make("div", { class: "triage-scroll", tabindex: "0", role: "region", "aria-label": "Errors in this log" }, [table])
}

/** Draws the errors per minute; long logs get wider bars. @param {[string, number][]} minutes */
function makeChart(minutes) {
  const times = minutes.map(([minute]) => Date.parse(minute) / 60000)
  const [from, last] = [times[0], times[times.length - 1]]
  const width = Math.max(1, Math.ceil((last - from + 1) / BARS))
  const bars = new Array(Math.ceil((last - from + 1) / width)).fill(0)
  minutes.forEach(([, count], i) => (bars[Math.floor((times[i] - from) / width)] += count))
  const most = Math.max(...bars)
  const peak = minutes.reduce((best, one) => (one[1] > best[1] ? one : best))
  const text = `Errors per minute from ${showTime(minutes[0][0])} to ${showTime(minutes[minutes.length - 1][0])}. Most: ${peak[1]} at ${showTime(peak[0])}.`
  const shapes = bars.map((count, i) => draw("rect", { x: i * 5, y: 60 - (count / most) * 60, width: 4, height: (count / most) * 60 }))
  const svg = draw("svg", { viewBox: `0 0 ${bars.length * 5} 60`, role: "img", class: "triage-chart", preserveAspectRatio: "none", fill: "currentColor" }, [draw("title", {}, [text]), ...shapes])
  return make("figure", { class: "triage-minutes" }, [svg, make("figcaption", {}, [width > 1 ? `${text} Each bar stands for ${width} minutes.` : text])])
}

/** @param {Write} write @param {string} root */
function makeWrite(write, root) {
  const reason = write.code ? make("a", { href: `${root}codes/${write.code}/` }, [write.code]) : "no code"
  const outcome = OUTCOMES[/** @type {keyof typeof OUTCOMES} */ (write.outcome)] ?? write.outcome
  const names = [`Symbol: ${known(write.symbol)}`, `client_order_id: ${known(write.client_order_id)}`, `order_id: ${known(write.order_id)}`]
  const call = write.path ? `${write.method ?? "method not in the log"} ${write.path}` : "endpoint not in the log"
  return make("li", {}, [
    make("p", {}, [make("strong", {}, [`${outcome}: ${call}`]), ", ", reason, `, line ${write.line}, time: ${showTime(write.at)}`]),
    make("p", {}, [names.join(" · ")]),
    makeCalls(write),
  ])
}

/** The look-up calls, written when they are opened. @param {Write} write */
function makeCalls(write) {
  const list = make("ul")
  const details = make("details", {}, [make("summary", {}, ["Look-up calls"]), list])
  details.addEventListener("toggle", () => {
    if (list.childElementCount) return
    list.append(...listLookUps(write).map(({ label, call }) => make("li", {}, [`${label}: `, make("code", {}, [call])])))
  })
  return details
}

/** @param {Result} result @param {string} root @returns {(Node | string)[]} */
function makeWrites({ report: { writes, cut }, doubts }, root) {
  const title = make("h3", {}, ["Writes in doubt"])
  if (!writes.length) return [title, make("p", {}, ["This log shows no write in doubt. Read below what the log does not say."])]
  const more = doubts + cut.writes - writes.length
  return [
    title,
    make("p", {}, ["Look each one up. No program sends it again. If you do not find it, a person decides. Set ", make("code", {}, ["WOOX_KEY"]), " to your API key first."]),
    make("ol", { class: "triage-writes", "aria-label": "Writes in doubt" }, writes.map((write) => makeWrite(write, root))),
    ...(more > 0 ? [make("p", {}, [`And ${plural(more, "more write")}. ${cut.writes ? `${plural(cut.writes, "write")} of them did not fit into the report.` : "The download has them all."}`])] : []),
  ]
}

/** @param {Report} report @param {boolean} isStopped @returns {string[]} */
export function listUnknowns(report, isStopped) {
  const { undecided, unanswered, foreign, zoneless, cut } = report
  return [
    isStopped ? "The text was too long. Reading stopped before its end." : "",
    undecided ? `${plural(undecided, "error")}: the log does not say whether a write or a read failed. Writes among them may be in doubt.` : "",
    unanswered ? `${plural(unanswered, "write")} without an answer in this log.` : "",
    foreign ? `${plural(foreign, "error")} of other services, not counted.` : "",
    zoneless ? `${plural(zoneless, "line")} without a time zone, read as UTC.` : "",
    cut.lines ? `${plural(cut.lines, "line")} too long to read to the end.` : "",
    cut.unlisted ? `${plural(cut.unlisted, "error")} with unlisted codes, not shown.` : "",
  ].filter(Boolean)
}

/** @param {Result} result */
function makeNumbers({ report, files, isStopped }) {
  const pairs = [["Bytes", report.bytes.toLocaleString("en")], ["Lines", report.lines.toLocaleString("en")], ["Lines with unreadable characters", report.unreadable.toLocaleString("en")], ["First time", showTime(report.first)], ["Last time", showTime(report.last)], ["Writes settled by a later line", report.settled.toLocaleString("en")]]
  if (files.length > 1) pairs.push(...files.map(({ name, line }) => [`Starts at line ${line}`, name]))
  const unknowns = listUnknowns(report, isStopped)
  return [
    make("h3", {}, ["What the log does not say"]),
    unknowns.length ? make("ul", {}, unknowns.map((text) => make("li", {}, [text]))) : make("p", {}, ["Nothing that was noticed."]),
    make("h3", {}, ["The log in numbers"]),
    make("dl", { class: "triage-numbers" }, pairs.flatMap(([name, value]) => [make("dt", {}, [name]), make("dd", {}, [value])])),
  ]
}

/** @param {string} name @param {Blob} content */
function download(name, content) {
  const link = make("a", { href: URL.createObjectURL(content), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/** @param {Result} result */
const summarise = ({ report, doubts }) =>
  `${plural(report.errors, "error")} in ${plural(report.lines, "line")}. ${doubts ? `${plural(doubts + report.cut.writes, "write")} in doubt. Look them up. No program sends them again.` : "No write in doubt was found."}`

class TriageView {
  /** @param {HTMLElement} place @param {string} root @param {() => Promise<import("./triage.js").Catalogue>} loadCatalogue */
  constructor(place, root, loadCatalogue) {
    this.place = place
    this.root = root
    this.loadCatalogue = loadCatalogue
    /** @type {Worker|null} */
    this.worker = null
    this.input = /** @type {HTMLInputElement} */ (this.find("input[type=file]"))
    this.progress = /** @type {HTMLProgressElement} */ (this.find("progress"))
    this.cancel = /** @type {HTMLButtonElement} */ (this.find("[data-cancel]"))
    this.status = this.find("[role=status]")
    this.report = this.find("[data-report]")
  }

  /** @param {string} selector @returns {HTMLElement} */
  find(selector) {
    const found = this.place.querySelector(selector)
    if (!(found instanceof HTMLElement)) throw new Error(`The markup of the log reader lacks ${selector}.`)
    return found
  }

  listen() {
    this.input.addEventListener("change", () => this.read([...(this.input.files ?? [])]))
    this.cancel.addEventListener("click", () => this.stop("Cancelled. Nothing was kept."))
    this.listenForDrops()
  }

  /** A file may land anywhere on the page: outside of a place for it, the browser would leave the page and open it. */
  listenForDrops() {
    const controller = new AbortController()
    const { signal } = controller
    /** @param {DragEvent} event @param {boolean} isOver */
    const mark = (event, isOver) => {
      if (!this.place.isConnected) return controller.abort()
      if (!event.dataTransfer?.types.includes("Files")) return
      event.preventDefault()
      this.place.toggleAttribute("data-over", isOver)
    }
    document.addEventListener("dragover", (event) => mark(event, true), { signal })
    document.addEventListener("dragleave", () => this.place.removeAttribute("data-over"), { signal })
    document.addEventListener("drop", (event) => {
      mark(event, false)
      if (event.defaultPrevented) this.read([...(event.dataTransfer?.files ?? [])])
    }, { signal })
  }

  /** Reads files or texts; a reading that still runs ends. @param {Blob[]} blobs */
  async read(blobs) {
    if (!blobs.length) return
    this.stop("Reading…")
    this.report.hidden = true
    this.report.replaceChildren()
    this.progress.value = 0
    this.progress.hidden = this.cancel.hidden = false
    try {
      const worker = new Worker(new URL("triage-worker.js", import.meta.url), { type: "module" })
      this.worker = worker
      const catalogue = await this.loadCatalogue()
      if (this.worker !== worker) return
      worker.addEventListener("message", ({ data }) => this.hear(data, catalogue))
      worker.addEventListener("error", () => this.stop("The log could not be read: the reader did not start."))
      worker.postMessage({ blobs, catalogue })
    } catch {
      this.stop("The log could not be read: this browser, or a page opened from disk, cannot run the reader.")
    }
  }

  /** @param {import("./triage-worker.js").Answer} answer @param {import("./triage.js").Catalogue} catalogue */
  hear(answer, catalogue) {
    if (!this.worker) return
    if (answer.type === "progress") this.progress.value = answer.total ? answer.done / answer.total : 0
    else if (answer.type === "failure") this.stop(`The log could not be read: ${answer.reason}`)
    else this.show(answer, catalogue)
  }

  /** Ends a reading. @param {string} said */
  stop(said) {
    this.worker?.terminate()
    this.worker = null
    this.progress.hidden = this.cancel.hidden = true
    this.status.textContent = said
    this.input.value = ""
  }

  /** Builds the report part by part, so that the page goes on answering. @param {Result} result @param {import("./triage.js").Catalogue} catalogue */
  async show(result, catalogue) {
    const { report } = result
    const { worker } = this
    const labels = new Map(catalogue.errors.map(({ code, outcome }) => [String(code), String(Array.isArray(outcome) ? outcome[1] : outcome)]))
    const parts = [
      () => [this.makeActions(result)],
      () => makeWrites(result, this.root),
      () => [make("h3", {}, ["Errors by risk"]), report.errors ? makeTable(report, this.root, labels) : make("p", {}, ["No error of this API was found."])],
      () => (report.minutes.length ? [makeChart(report.minutes)] : []),
      () => makeNumbers(result),
    ]
    for (const part of parts) {
      this.report.append(...part())
      await new Promise((resolve) => setTimeout(resolve))
      if (this.worker !== worker) return
    }
    this.stop(summarise(result))
    this.report.hidden = false
  }

  /** @param {Result} result */
  makeActions({ note, json }) {
    const copy = make("button", { type: "button", class: "md-button", "data-copy": "" }, ["Copy as incident note"])
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(note)
      this.status.textContent = "Incident note copied. It holds no key, signature or secret."
    })
    const saveNote = make("button", { type: "button", class: "md-button", "data-save": "md" }, ["Download note"])
    saveNote.addEventListener("click", () => download("incident-note.md", new Blob([note], { type: "text/markdown" })))
    const saveJson = make("button", { type: "button", class: "md-button", "data-save": "json" }, ["Download JSON"])
    saveJson.addEventListener("click", () => download("incident-report.json", json))
    return make("p", { class: "triage-actions" }, [copy, " ", saveNote, " ", saveJson])
  }
}

/** The styles of the report come with its script. @param {string} root */
function addStyles(root) {
  const href = `${root}assets/stylesheets/triage.css`
  if (!document.querySelector("link[href$='triage.css']")) document.head.append(make("link", { rel: "stylesheet", href }))
}

/** @type {WeakMap<Element, TriageView>} */
const mounted = new WeakMap()

/**
 * Mounts the log reader on the page's place for it.
 * @param {Document | HTMLElement} scope @param {string} root address of the site's root
 * @param {() => Promise<import("./triage.js").Catalogue>} loadCatalogue
 * @returns {TriageView|null} `read(blobs)` reads files or a pasted text
 */
export function mountTriage(scope, root, loadCatalogue) {
  const place = scope.querySelector("[data-triage]")
  if (!(place instanceof HTMLElement)) return null
  const known = mounted.get(place)
  if (known) return known
  const view = new TriageView(place, root, loadCatalogue)
  mounted.set(place, view)
  place.dataset.mounted = "true"
  addStyles(root)
  view.listen()
  return view
}
