/**
 * Finds API errors in pasted text. Pure: no page, no network, no storage.
 *
 * @typedef {import("./wordings.js").Catalogue} Catalogue
 * @typedef {import("./wordings.js").Index} Index
 * @typedef {import("./wordings.js").Recall} Recall
 * @typedef {import("./wordings.js").Wording} Wording
 * @typedef {import("./mentions.js").Mention} Mention
 * @typedef {import("./messages.js").Message} Message
 * @typedef {{code: string, via: "code"|"message"|"both", wording: "spec"|"observed"|"unfamiliar"|"none",
 *   count: number, reason?: string, isFalseSuccess?: boolean}} Match
 * @typedef {{matches: Match[], unlisted: string[], http: number|null, maybe: string[], sensitive: boolean}} Decoded
 * @typedef {Match & {rank: number}} Offer
 */
import { findStatuses } from "./statuses.js"
import { indexLines } from "./lines.js"
import { readMentions } from "./mentions.js"
import { REACH, pairMessages, readMessages, readProse, stripPaste } from "./messages.js"
import { hasSecret } from "./redact.js"
import { prepare } from "./text.js"
import { getIndex, listCodes, recall, recallExact } from "./wordings.js"

export { redact, hasSecret } from "./redact.js"
export { normalise } from "./text.js"

/** How a find was made: the number itself, beside a failed number a success, a wording. */
const RANK = { code: 0, success: 1, message: 2 }
const MOST_GUESSES = 12
/** So many different messages are compared with every wording, the others with the exact ones only. */
const MOST_COMPARED = 60
const MOST_UNLISTED = 1000

/** What is found in one text. */
class Findings {
  constructor() {
    /** @type {Map<string, Offer>} */
    this.offers = new Map()
    /** @type {Set<string>} */
    this.unlisted = new Set()
    /** @type {Set<string>} */
    this.maybe = new Set()
  }

  /** @param {Iterable<string>} codes */
  guess(codes) {
    for (const code of codes) this.maybe.add(code)
  }

  /** @param {Omit<Offer, "count">} offer */
  add(offer) {
    const old = this.offers.get(offer.code)
    const isCounted = offer.rank < RANK.message
    if (!old || (isCounted && old.rank === RANK.message)) this.offers.set(offer.code, { ...offer, count: 1 })
    else if (isCounted) old.count += 1
    if (offer.isFalseSuccess && old) old.isFalseSuccess = true
    if (old?.wording === "none" && offer.wording !== "none") {
      old.via = offer.via === "code" ? old.via : "both"
      old.wording = offer.wording
    }
  }
}

/**
 * @param {Index} index
 * @returns {(text: string, isCut: boolean) => Recall} compares each message once
 */
function makeRecall(index) {
  /** @type {Map<string, Recall>} */
  const known = new Map()
  return (text, isCut) => {
    const key = `${isCut}${text}`
    const before = known.get(key)
    if (before) return before
    const found = known.size < MOST_COMPARED ? recall(index, text, isCut) : recallExact(index, text)
    known.set(key, found)
    return found
  }
}

/**
 * Finds the catalogue's errors in a pasted text, best match first.
 * @param {string} text
 * @param {Catalogue} catalogue
 * @returns {Decoded}
 */
export function decode(text, catalogue) {
  const raw = String(text ?? "")
  const body = prepare(raw).trim()
  const index = getIndex(catalogue)
  const remember = makeRecall(index)
  const findings = new Findings()
  const mentions = readMentions(body, index.rows)
  const messages = readMessages(body)
  const paired = pairMessages(body, mentions, messages)
  readNumbers(findings, index, body, mentions, paired, remember)
  const numbers = new Set(body.match(/(?<![\w.])\d{4,5}(?!\w)/g))
  /** @type {(found: Recall, isBare: boolean) => void} */
  const place = (found, isBare) => placeWording(findings, numbers, found, isBare)
  const used = new Set(paired.values())
  for (const message of messages) if (!used.has(message)) place(remember(message.text, message.isCut), false)
  if (!mentions.length && isBareMessage(body)) place(remember(stripPaste(body), false), true)
  for (const one of readProse(cutMessages(body, used), index.known)) {
    const hits = index.exact.get(one.squeezed) ?? []
    place({ isLoose: false, hits, near: [], key: one.key, scores: new Map() }, false)
  }
  return summarise(findings, body, raw)
}

/**
 * @param {string} body
 * @returns {boolean} whether the text may be a message and nothing else
 */
function isBareMessage(body) {
  return body.length < REACH && !/^\W*[{<]|["']\s*:/.test(body)
}

/**
 * @param {string} body
 * @param {Set<Message>} used
 * @returns {string} the text without the messages that belong to a number
 */
function cutMessages(body, used) {
  let rest = ""
  let from = 0
  for (const { at, end } of [...used].sort((a, b) => a.at - b.at)) {
    rest += `${body.slice(from, at)} | `
    from = Math.max(from, end)
  }
  return rest + body.slice(from)
}

/**
 * @param {Findings} findings
 * @param {string} body
 * @param {string} raw
 * @returns {Decoded}
 */
function summarise({ offers, unlisted, maybe }, body, raw) {
  const matches = [...offers.values()].sort((a, b) => a.rank - b.rank).map(({ rank: _, ...match }) => match)
  for (const { code } of matches) maybe.delete(code)
  const statuses = findStatuses(body)
  return {
    matches,
    unlisted: [...unlisted],
    http: statuses.find((status) => status > 399) ?? statuses[0] ?? null,
    maybe: [...maybe].slice(0, MOST_GUESSES),
    sensitive: hasSecret(raw),
  }
}

/**
 * Notes the codes of the numbers, each with what the message sent with it says.
 * @param {Findings} findings
 * @param {Index} index
 * @param {string} body
 * @param {Mention[]} mentions
 * @param {Map<Mention, Message>} paired
 * @param {(text: string, isCut: boolean) => Recall} remember
 */
function readNumbers(findings, index, body, mentions, paired, remember) {
  const lines = indexLines(body)
  /** @type {(mention: Mention) => string} */
  const nameLine = (mention) => `${mention.code}@${lines.find(mention.at)}`
  const keyed = new Set(mentions.filter((mention) => mention.isKey).map(nameLine))
  for (const mention of mentions) {
    const message = paired.get(mention)
    const found = message && remember(message.text, message.isCut)
    const isOpen = mention.isKey || message !== undefined || /^\s*[.\u2026]/.test(body.slice(mention.end, mention.end + 50))
    if (mention.isCut && isOpen) noteCut(findings, index, mention, found)
    else if (!index.rows.has(mention.code)) noteUnlisted(findings, mention, found)
    // Of `"code": 30005` and `code 30005` in one line the first is the answer, the second its report.
    else if (mention.isKey || !keyed.has(nameLine(mention))) noteCode(findings, index, mention, message, found)
  }
}

/**
 * @param {Findings} findings
 * @param {Index} index
 * @param {Mention} mention
 * @param {Recall | undefined} found
 */
function noteCut(findings, index, { code }, found) {
  const start = found?.hits.find((hit) => hit.code.startsWith(code))
  if (start) {
    const reason = `The code is cut off after ${code}; the wording is that of ${start.code}.`
    findings.add({ code: start.code, via: "message", wording: start.kind, rank: RANK.success, reason })
  } else if (code.length > 1) {
    findings.guess([...index.rows.keys()].filter((row) => row.startsWith(code)))
  }
}

/**
 * @param {Findings} findings
 * @param {Mention} mention
 * @param {Recall | undefined} found
 */
function noteUnlisted(findings, { code }, found) {
  if (code.length > 3 && findings.unlisted.size < MOST_UNLISTED) findings.unlisted.add(code)
  if (found) findings.guess([...listCodes(found.hits), ...found.near])
}

/**
 * @param {Findings} findings
 * @param {Index} index
 * @param {Mention} mention
 * @param {Message | undefined} message
 * @param {Recall | undefined} found
 */
function noteCode(findings, index, { code }, message, found) {
  const isSuccess = readOutcome(index, code) === "accepted"
  const home = found && !found.isLoose ? found.hits[0] : undefined
  const own = found?.hits.find((hit) => hit.code === code) ?? (home || isSuccess ? undefined : findOwn(index, code, message, found))
  const kind = (own ?? home)?.kind ?? (message?.strong ? "unfamiliar" : "none")
  const isDone = isSuccess && (own ? own.words.length < 2 : kind === "none")
  findings.add({
    code,
    via: own ? "both" : "code",
    wording: kind,
    rank: isDone ? RANK.success : RANK.code,
    ...(isSuccess && !isDone && { isFalseSuccess: true }),
  })
  if (home && home.code !== code && own?.kind !== "spec") {
    const reason = `The wording sent with ${code} is that of ${home.code}.`
    findings.add({ code: home.code, via: "message", wording: home.kind, rank: RANK.message, reason })
  }
}

/**
 * @param {Index} index
 * @param {string} code
 * @returns {string}
 */
function readOutcome(index, code) {
  const outcome = index.rows.get(code)?.outcome ?? ""
  return typeof outcome === "string" ? outcome : outcome[0]
}

/**
 * @param {Index} index
 * @param {string} code
 * @param {Message | undefined} message
 * @param {Recall | undefined} found
 * @returns {Wording | undefined} the wording of the code's own row that the message resembles or begins with
 */
function findOwn(index, code, message, found) {
  if (!message || !found) return undefined
  return index.known.find(
    (row) =>
      row.code === code &&
      ((message.isCut && row.key.startsWith(found.key)) ||
        (row.words.length > 1 && found.key.startsWith(row.start)) ||
        (found.scores.get(row) ?? 0) >= 0.75),
  )
}

/**
 * Notes a wording that stands without a number.
 * @param {Findings} findings
 * @param {Set<string>} numbers all numbers of the text
 * @param {Recall} found
 * @param {boolean} isBare whether the wording is the whole text; else a short one may be anybody's
 */
function placeWording(findings, numbers, { isLoose, hits, near }, isBare) {
  const [home] = hits
  if (home && (isBare || (!isLoose && home.words.length > 3))) {
    const via = numbers.has(home.code) ? "both" : "message"
    findings.add({ code: home.code, via, wording: home.kind, rank: RANK.message })
  }
  findings.guess([...listCodes(hits), ...near])
}

/**
 * Places a number that the catalogue lacks.
 * @param {string|number} number
 * @param {Catalogue} catalogue
 * @returns {{known: boolean, section: string | null, before: string | null, after: string | null}}
 */
export function describeUnlisted(number, catalogue) {
  const code = String(number).trim()
  const { rows } = getIndex(catalogue)
  const codes = [...rows.keys()].sort((a, b) => Number(a) - Number(b))
  const kin = codes.filter((one) => one.length === code.length && one[0] === code[0])
  const sections = new Set(kin.map((one) => rows.get(one)?.section))
  return {
    known: rows.has(code),
    section: sections.size === 1 ? ([...sections][0] ?? null) : null,
    before: codes.filter((one) => Number(one) < Number(code)).at(-1) ?? null,
    after: codes.find((one) => Number(one) > Number(code)) ?? null,
  }
}
