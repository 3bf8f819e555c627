/**
 * The header search: the answers of the box first, then all pages by their words. Pure.
 *
 * @typedef {import("./answer.js").Catalogue} Catalogue
 * @typedef {import("./answer.js").Item} Item
 * @typedef {{location: string, title: string, text: string, score: number}} Hit
 * @typedef {Hit & {terms: {}}} Result
 */
import { STARTS, answerText } from "./answer.js"
import { buildEntries, rank } from "./rank.js"

const MOST_RESULTS = 30
/** A query of more words is a pasted text. */
const MOST_WORDS = 8

/** Beside these words a number of four digits is a code, beside others an amount. */
const NAMES = new Set(["woo", "woox", "x", "pro", "wooxpro", "bitmart", "code", "error"])

/**
 * @param {string} query
 * @param {Set<string>} codes
 * @returns {string[]} the codes that a few words name; in a pasted text only the decoder knows which number is one
 */
function listNamed(query, codes) {
  const words = query.slice(0, 400).trim().split(/\s+/)
  if (words.length > MOST_WORDS) return []
  const areNames = words.every((word) => codes.has(word) || NAMES.has(word.toLowerCase()))
  return words.filter((word) => codes.has(word) && (word.length > 4 || areNames))
}

/**
 * @param {string} text
 * @returns {string}
 */
function escapeHtml(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;")
}

/**
 * @param {string} location
 * @returns {string} the name of the group in the list of results
 */
function nameGroup(location) {
  if (/^codes\/\d/.test(location)) return "Codes"
  return /^http\/\d/.test(location) ? "HTTP statuses" : "Guides and lists"
}

/**
 * @template {{location: string}} T
 * @param {T[]} hits
 * @returns {Map<string, T[]>} name of a group → its hits; the group of the best one comes first
 */
function groupHits(hits) {
  /** @type {Map<string, T[]>} */
  const groups = new Map()
  for (const hit of hits) {
    const name = nameGroup(hit.location)
    groups.set(name, [...(groups.get(name) ?? []), hit])
  }
  return groups
}

/**
 * @param {Hit} hit
 * @param {string} heading of the group, above its first result
 * @param {import("./answer.js").Row | undefined} row of the code whose page this is
 * @returns {Result} in the theme's form: HTML, all text escaped; a code leads with its outcome
 */
function makeResult({ location, title, text, score }, heading, row) {
  const group = heading ? `<small>${heading}</small> ` : ""
  // A write in doubt is looked up, whatever a read may do.
  const limit = row && /unknown|duplicate/.test(row.outcome[0]) ? (row.retry[0] === "backoff" ? "Reads only: " : "Look it up, then: ") : ""
  const verdict = row ? `<b class="risk-${row.outcome[0]}">${escapeHtml(row.outcome[1])}</b> · ${limit}${escapeHtml(row.retry[1])}<br>` : ""
  return { location, title: group + escapeHtml(title), text: verdict + escapeHtml(text), score, terms: {} }
}

/**
 * @param {Item[]} items
 * @returns {Hit[]} what has no page of its own
 */
function listOthers(items) {
  const unlisted = items.filter((item) => item.kind === "unlisted")
  return unlisted.slice(0, 1).map((item) => ({
    location: "codes/",
    title: `${item.key} is not in the vendor's page`,
    text: "Treat the outcome of a write as unknown. Look it up. No program sends it again.",
    score: 1,
  }))
}

/**
 * Makes the function that the header search calls.
 *
 * @param {Catalogue} catalogue
 * @param {import("./rank.js").Page[]} pages
 * @returns {(query: string) => Result[][]} query → groups of results in the theme's form, all text escaped
 */
export function createSearch(catalogue, pages) {
  const entries = buildEntries(catalogue.errors, pages)
  const rows = new Map(catalogue.errors.map((row) => [`codes/${row.code}/`, row]))
  const codes = new Set(catalogue.errors.map((row) => row.code))
  return (query) => {
    if (!query.trim()) return []
    const { items } = answerText(query, catalogue)
    const isBare = !/\p{L}/u.test(query)
    // Beside other words a bare number is one word of the query.
    const certain = items.filter((item) => item.basis !== "wording" && (isBare || !item.isLoose))
    const pinned = [...certain.map((item) => item.path), ...listNamed(query, codes).map((code) => `codes/${code}/`)]
    const hits = [...listOthers(certain), ...rank(query, entries, pinned)].slice(0, MOST_RESULTS)
    const starts = STARTS.map(([location, title, text]) => ({ location, title, text, score: 1 }))
    const groups = groupHits(hits.length ? hits : starts)
    return [...groups].flatMap(([name, group]) =>
      group.map((hit, at) => [makeResult(hit, at ? "" : name, rows.get(hit.location))]),
    )
  }
}
