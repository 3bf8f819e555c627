/**
 * The catalogue's wordings, in the forms in which messages are compared with them. Pure.
 *
 * @typedef {{code: string, http_status: number, message: string, section: string, outcome: string | [string, string],
 *   observed?: {wording: string, foreign?: boolean}[]}} Row
 * @typedef {{errors: Row[]}} Catalogue
 * @typedef {{code: string, kind: "spec" | "observed", key: string, words: string[], tokens: string[], fit: number,
 *   squeezed: string, start: string}} Wording
 * @typedef {{rows: Map<string, Row>, exact: Map<string, Wording[]>, known: Wording[], vocabulary: string[]}} Index
 * @typedef {{isLoose: boolean, hits: Wording[], near: string[], key: string, scores: Map<Wording, number>}} Recall
 */
import { FAR, distance, isAlike, normalise, toKey, toTokens } from "./text.js"

/** From this share of common words on, two wordings resemble each other. */
const RESEMBLANCE = 0.7
const MOST_TOKENS = 40
const MOST_NEAR = 6

/** @type {WeakMap<Catalogue, Index>} */
const indexes = new WeakMap()

/**
 * @param {Catalogue} catalogue
 * @returns {Index} made once for a catalogue
 */
export function getIndex(catalogue) {
  let index = indexes.get(catalogue)
  if (!index) {
    index = buildIndex(catalogue)
    indexes.set(catalogue, index)
  }
  return index
}

/**
 * @param {Catalogue} catalogue
 * @returns {Index}
 */
function buildIndex(catalogue) {
  const rows = new Map(catalogue.errors.map((row) => [String(row.code), row]))
  const known = catalogue.errors.flatMap(listWordings)
  /** @type {Map<string, Wording[]>} */
  const exact = new Map()
  for (const wording of known) {
    const others = exact.get(wording.squeezed) ?? []
    // A wording seen under several codes belongs to the row whose own message it resembles most.
    exact.set(wording.squeezed, [...others, wording].sort((a, b) => b.fit - a.fit))
  }
  return { rows, exact, known, vocabulary: [...new Set(known.flatMap((wording) => wording.tokens))] }
}

/**
 * @param {Row} row
 * @returns {Wording[]} the vendor's message and what was observed, each form once
 */
function listWordings(row) {
  const home = toTokens(normalise(row.message))
  /** @type {Map<string, Wording>} */
  const wordings = new Map()
  for (const { wording, foreign } of [{ wording: row.message, foreign: false }, ...(row.observed ?? [])]) {
    const key = normalise(wording)
    if (!key || foreign || wordings.has(key)) continue
    const isSpec = wording === row.message
    const words = key.split(" ")
    const tokens = toTokens(key)
    wordings.set(key, {
      code: String(row.code),
      kind: isSpec ? "spec" : "observed",
      key,
      words,
      tokens,
      fit: isSpec ? FAR : tokens.filter((word) => home.includes(word)).length,
      squeezed: words.join(""),
      start: words.slice(0, 4).join(" "),
    })
  }
  return [...wordings.values()]
}

/**
 * @param {{code: string}[]} list
 * @returns {string[]} the codes, each once
 */
export function listCodes(list) {
  return [...new Set(list.map((item) => item.code))]
}

/**
 * Compares a message with all wordings.
 * @param {Index} index
 * @param {string} text
 * @param {boolean} isCut whether the message may go on
 * @returns {Recall} `hits` are sure, the row it belongs to first; `isLoose` tells that they share their words only
 */
export function recall(index, text, isCut) {
  const key = toKey(text)
  const squeezed = key.replaceAll(" ", "")
  const tokens = toTokens(key).slice(0, MOST_TOKENS)
  const scores = scoreWordings(index, tokens)
  const close = [...scores.keys()].sort((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0))
  let isLoose = false
  let found = index.exact.get(squeezed) ?? []
  if (!found.length) found = findMistyped(index.known, key, squeezed)
  if (!found.length && isCut && squeezed.length > 5) found = index.known.filter((one) => one.squeezed.startsWith(squeezed))
  if (!found.length) {
    isLoose = true
    if (tokens.length > 1) found = close.filter((one) => scores.get(one) === 1)
  }
  const near = listCodes([...found, ...close]).slice(0, MOST_NEAR)
  return { isLoose, hits: chooseHome(index, found), near, key, scores }
}

/**
 * Compares a message with the exact wordings only, which takes no time.
 * @param {Index} index
 * @param {string} text
 * @returns {Recall}
 */
export function recallExact(index, text) {
  const key = toKey(text)
  const found = index.exact.get(key.replaceAll(" ", "")) ?? []
  return { isLoose: !found.length, hits: found, near: listCodes(found), key, scores: new Map() }
}

/**
 * @param {Index} index
 * @param {string[]} tokens
 * @returns {Map<Wording, number>} the share of common words, for the wordings that resemble the message
 */
function scoreWordings({ known, vocabulary }, tokens) {
  const kin = new Set(vocabulary.filter((word) => tokens.some((token) => isAlike(token, word))))
  const scores = new Map()
  for (const one of known) {
    const common = one.tokens.filter((word) => kin.has(word)).length
    const score = (2 * common) / (one.tokens.length + tokens.length)
    if (score >= RESEMBLANCE) scores.set(one, score)
  }
  return scores
}

/**
 * @param {Wording[]} known
 * @param {string} key
 * @param {string} squeezed
 * @returns {Wording[]} the wordings nearest to a message with typing errors
 */
function findMistyped(known, key, squeezed) {
  if (squeezed.length < 5) return findNearest(known, key, squeezed, 0)
  const most = Math.min(3, Math.max(1, Math.floor(squeezed.length / 14)))
  return findNearest(known, key, squeezed, most)
}

/**
 * @param {Wording[]} known
 * @param {string} key
 * @param {string} squeezed
 * @param {number} most
 * @returns {Wording[]}
 */
function findNearest(known, key, squeezed, most) {
  /** @type {{far: number, one: Wording}[]} */
  const some = []
  for (const one of known) {
    const far = distance(squeezed, one.squeezed, most)
    // Of two as near, the one whose blanks fit too.
    if (far <= most) some.push({ far: far + distance(key, one.key, 4) / 1000, one })
  }
  const least = Math.min(...some.map(({ far }) => far))
  return some.filter(({ far }) => far === least).map(({ one }) => one)
}

/**
 * @param {Index} index
 * @param {Wording[]} found
 * @returns {Wording[]} all wordings of the one form that was found; none where rows compete
 */
function chooseHome(index, found) {
  const families = found.map((one) => index.exact.get(one.squeezed) ?? [])
  const homes = new Set(families.map(([home]) => home?.code))
  return homes.size === 1 ? (families[0] ?? []) : []
}
