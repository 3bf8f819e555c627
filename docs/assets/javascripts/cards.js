/**
 * The results of the lookup as elements. Text of a paste is never among them.
 *
 * @typedef {import("./answer.js").Answer} Answer
 * @typedef {import("./answer.js").Catalogue} Catalogue
 * @typedef {import("./answer.js").Item} Item
 * @typedef {import("./answer.js").Row} Row
 * @typedef {{root: string, catalogue: Catalogue, rows: Map<string, Row>}} Site
 */
import { LOOK_UP } from "./answer.js"
import { describeUnlisted } from "./decode.js"
import { locatePage, make } from "./elements.js"
import { REASONS } from "./statuses.js"

const UNKNOWN = "Outcome unknown. The write may have executed. Look it up. No program sends it again."
const DUPLICATE = "Outcome duplicate. An earlier write with this id may have executed. Look it up. No program sends it again."
const LOOK_FIRST = "Look for the write under open orders, plan orders, history, trades and position. If you do not find it, a person decides."
const READS_ONLY = "Repeat reads only"
/** With this status the exchange blocks the client: nothing more may be sent, look-ups included. */
const BLOCK = 418
const BLOCKED = "Stop every process, reads included. A person looks for the last write on the website."
const SECTIONS = new Map([
  ["authentication", "authentication"],
  ["contract", "contract"],
])

/**
 * @param {Item} item
 * @param {Site} site
 * @returns {HTMLElement}
 */
export function makeCard(item, site) {
  const row = site.rows.get(item.key)
  if (item.kind === "code" && row) return makeCodeCard(item, row, site)
  if (item.kind === "status") return makeStatusCard(item, site)
  if (item.kind === "lost") return makeLostCard(item, site)
  if (item.kind === "unlisted") return makeUnlistedCard(item, site)
  return makePageCard(item, site)
}

/**
 * @param {Site} site
 * @param {string} path
 * @param {(Node | string)[]} children
 * @returns {HTMLAnchorElement}
 */
function makeTitle(site, path, children) {
  return make("a", { href: locatePage(site.root, path), class: "card-title" }, children)
}

/**
 * @param {string} retry
 * @param {string} label
 * @param {string[]} facts
 * @param {string} [before] what comes before sending again
 * @returns {HTMLElement}
 */
function makeFacts(retry, label, facts, before = "") {
  const mark = make("span", { class: `mark mark-${retry}` }, [label])
  const first = before ? [make("span", {}, [before])] : []
  return make("p", { class: "card-facts" }, [...first, mark, ...facts.map((fact) => make("span", {}, [fact]))])
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
function makeFirst(text) {
  return make("p", { class: "card-first" }, [make("b", {}, ["Do first: "]), text])
}

/**
 * @param {string} text
 * @returns {HTMLElement} the line that leads a card where the write is in doubt
 */
function makeDoubt(text) {
  return make("p", { class: "card-doubt" }, [make("strong", {}, [text])])
}

/**
 * @param {string[]} remarks
 * @returns {HTMLElement[]}
 */
function makeRemarks(remarks) {
  return remarks.length ? [make("p", { class: "card-remark" }, [remarks.join(" ")])] : []
}

/**
 * @param {Item} item
 * @param {Row} row
 * @param {Site} site
 * @returns {HTMLElement}
 */
function makeCodeCard(item, row, site) {
  const [outcome, said] = row.outcome
  const isUnsure = item.inDoubt && outcome !== "unknown" && outcome !== "duplicate"
  const doubt = item.inDoubt ? [makeDoubt(outcome === "duplicate" ? DUPLICATE : UNKNOWN)] : []
  const facts = [`Outcome: ${item.inDoubt && outcome !== "duplicate" ? "Unknown" : said}`, `Acts: ${row.actor}`, `HTTP ${row.http_status}`]
  const isBlock = row.http_status === BLOCK
  const retry = isUnsure && !isBlock ? ["backoff", READS_ONLY] : row.retry
  // A write in doubt is never sent again by itself.
  const isLimited = item.inDoubt && !isUnsure
  const label = isLimited && retry[0] === "backoff" ? `Reads only: ${retry[1]}` : retry[1]
  return make("article", { class: `card card-${retry[0]}${item.inDoubt ? " card-in-doubt" : ""}` }, [
    ...doubt,
    makeTitle(site, item.path, [make("b", {}, [row.code]), ` ${row.message}`]),
    ...item.warnings.map((text) => make("p", { class: "card-warning" }, [text])),
    // What is only likely says so before it says anything else.
    ...(item.basis === "sure" ? [] : makeRemarks(item.remarks)),
    makeFacts(retry[0] ?? "", label ?? "", facts, isLimited && retry[0] !== "backoff" ? "Look it up, then:" : ""),
    makeFirst(isUnsure ? (isBlock ? BLOCKED : LOOK_FIRST) : (row.first ?? row.steps?.[0] ?? "")),
    // What a row says of itself is not true of a case in doubt.
    ...(isUnsure ? [] : [make("p", { class: "card-summary" }, [row.summary])]),
    ...(item.basis === "sure" ? makeRemarks(item.remarks) : []),
  ])
}

/**
 * @param {Item} item
 * @param {Site} site
 * @returns {HTMLElement}
 */
function makeStatusCard(item, site) {
  const status = Number(item.key)
  const row = site.catalogue.statuses?.find((one) => one.status === status)
  const own = site.catalogue.errors.filter((error) => error.http_status === status)
  const labels = new Set(own.map((error) => error.retry[1]))
  const isBlock = status === BLOCK
  const retry = isBlock ? "Stop" : item.inDoubt ? READS_ONLY : labels.size === 1 ? ([...labels][0] ?? "") : "The code decides"
  const outcome = item.inDoubt ? "Unknown" : (own[0]?.outcome[1] ?? "Unknown")
  const codes = own.length ? `With it come ${own.map((error) => error.code).slice(0, 6).join(", ")}${own.length > 6 ? " and more" : ""}.` : "No code of this API comes with it."
  return make("article", { class: `card card-${item.inDoubt ? "backoff card-in-doubt" : (own[0]?.retry[0] ?? "none")}` }, [
    ...(item.inDoubt ? [makeDoubt(UNKNOWN)] : []),
    makeTitle(site, item.path, [make("b", {}, [`HTTP ${status}`]), ` ${row?.reason ?? REASONS.get(status) ?? ""}`]),
    makeFacts(isBlock ? "stop" : item.inDoubt ? "backoff" : (own[0]?.retry[0] ?? "none"), retry, [`Outcome: ${outcome}`]),
    makeFirst(isBlock ? BLOCKED : item.inDoubt ? LOOK_FIRST : (row?.first ?? "Read the body for a code.")),
    make("p", { class: "card-summary" }, [`${row?.summary ?? "A gateway or another server answered, not the API."} ${codes}`]),
    ...makeRemarks(["Recognised by its HTTP status.", ...(item.count > 1 ? [`Found ${item.count} times.`] : [])]),
  ])
}

/**
 * @param {Item} item
 * @param {Site} site
 * @returns {HTMLElement}
 */
function makeLostCard(item, site) {
  return make("article", { class: "card card-backoff card-in-doubt" }, [
    makeDoubt(UNKNOWN),
    makeTitle(site, item.path, [make("b", {}, ["No answer"]), " The request was sent and no answer came back"]),
    makeFacts("backoff", READS_ONLY, ["Outcome: Unknown"]),
    makeFirst(LOOK_FIRST),
    make("p", { class: "card-summary" }, ["The exchange may have taken the order although your client saw a timeout or a closed connection."]),
    ...makeRemarks(["Recognised by its wording.", ...(item.count > 1 ? [`Found ${item.count} times.`] : [])]),
  ])
}

/**
 * @param {Item} item
 * @param {Site} site
 * @returns {HTMLElement}
 */
function makeUnlistedCard(item, site) {
  const { section, before, after } = describeUnlisted(item.key, site.catalogue)
  const name = SECTIONS.get(section ?? "")
  const range = name
    ? `By its range it would belong to the ${name} codes. `
    : "Its range is not one of this API: it may come from another product or exchange. "
  const near = [before, after].filter((code) => code !== null)
  const links = near.flatMap((code, at) => [at ? " and " : "", make("a", { href: locatePage(site.root, `codes/${code}/`) }, [code])])
  const advice = make("a", { href: locatePage(site.root, LOOK_UP) }, ["look it up"])
  return make("article", { class: "card card-unlisted card-in-doubt" }, [
    makeDoubt(UNKNOWN),
    make("p", { class: "card-title" }, [make("b", {}, [item.key]), " is not in the vendor's page"]),
    makeFacts("backoff", READS_ONLY, ["Outcome: Unknown"]),
    make("p", {}, [
      range,
      ...(near.length ? ["Its neighbours: ", ...links, ". "] : []),
      "Treat the outcome of a write as unknown: ",
      advice,
      ". No program sends it again.",
    ]),
  ])
}

/**
 * @param {Item} item
 * @param {Site} site
 * @returns {HTMLElement}
 */
function makePageCard(item, site) {
  return make("article", { class: "card card-page" }, [
    makeTitle(site, item.path, [make("b", {}, [item.title ?? item.path])]),
    make("p", { class: "card-summary" }, [item.text ?? ""]),
  ])
}
