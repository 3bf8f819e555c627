/**
 * The attempts of one paste. A refusal says nothing about an earlier attempt that got another answer, or none. Pure.
 *
 * @typedef {import("./statuses.js").Replies} Replies
 * @typedef {{text: string, time: string, replies: Replies, code: string | undefined}} Piece
 */
import { findStatuses, readReplies } from "./statuses.js"

/** A text with more pieces is a log, which has a reader of its own. */
const MOST_PIECES = 300
const SENDS = /\b(?:POST|PUT|DELETE)\b/
const TELLS_WRITE = /\b(?:POST|PUT|DELETE)\b|submit|cancel/i
/** A frame of a stack names functions, and no answer. */
export const FRAME = /^\s+at\s.*$/gm

/** Behind these words the next attempt is told. */
const NEXT =
  /(?<![\w.])(?:re-?send(?:ing)?|resent|re-?submit(?:ted|ting)?|retry(?:ing)?|retried|sen[dt] (?:it )?again|tr(?:y|ied) again|(?:second|2nd|next) (?:try|attempt)|then)\b(?!["']?\s?=|["']\s?:)/gi
/** The time in front of a line, behind the name of a container or a level. */
const TIME =
  /^(?:[\w.-]{1,40}\s{1,4}\|\s|\{"(?:time|ts|timestamp|@timestamp)":\s?"|\[?[A-Z]{4,8}\]?:?\s{1,3}\[?)?[^\p{L}\p{N}]{0,9}((?:\d{1,4}[-/:.]\d|\w{3} \d)[\dT:/., -]{0,20})/u
const CLOCK = /(\d{1,2}):(\d\d):(\d\d(?:[.,]\d{1,3})?)/
/** A line that begins an attempt without a time: `attempt 2: …`, `HTTP/1.1 503 …`, `POST /contract/…`. */
const START = /^(?:\[?[A-Z]{4,8}\]?:?\s)?\W{0,9}(?:(?:GET|POST|PUT|DELETE)\s|(?:attempt|retry|try|run|request|order|call) ?(?:no\.? ?)?#?\d{1,4}\b|HTTP(?:\/[\d.]{1,4})? [1-5]\d\d\b)/i

/**
 * Parts the attempts that a code answered from those that nothing but a status or a timeout ended.
 * @param {string} body
 * @param {Map<string, number>} codes the codes in the text, each with its own HTTP status
 * @returns {{own: string, alone: Replies[], odd: Map<string, number>}} the text that belongs to the codes, what ended
 *   each other attempt, and the codes that came under a gateway's status
 */
export function partAttempts(body, codes) {
  const texts = codes.size ? cutText(body) : []
  if (texts.length < 2 || texts.length > MOST_PIECES) return { own: body, alone: [], odd: new Map() }
  const pieces = texts.map((text) => readPiece(text, codes)).filter((piece) => !isHarmless(piece))
  const isAlone = pieces.map((piece, at) => isUnanswered(piece) && ![pieces[at - 1], pieces[at + 1]].some((other) => other && belongs(piece, other, codes)))
  return {
    own: pieces.filter((_, at) => !isAlone[at]).map(({ text }) => text).join("\n"),
    alone: pieces.filter((_, at) => isAlone[at]).map(({ replies }) => replies),
    odd: new Map(pieces.flatMap((piece) => listOdd(piece, codes))),
  }
}

/**
 * @param {Piece} piece
 * @param {Map<string, number>} codes
 * @returns {[string, number][]} its code, if it came under a status above 499 that is another code's or nobody's
 */
function listOdd({ text, code }, codes) {
  const odd = code === undefined ? undefined : findStatuses(text).find((status) => status > 499 && status !== codes.get(code))
  return code !== undefined && odd ? [[code, odd]] : []
}

/** @param {Piece} piece @returns {boolean} whether it tells of a read or of another link, which leave no write in doubt */
function isHarmless({ text, code }) {
  return !code && (isOtherLink(text) || (/\bGET\s+["']?(?:https?:|\/)/.test(text) && !TELLS_WRITE.test(text)))
}

/** @param {string} text @returns {boolean} whether it tells of a websocket or a store, and of no write */
export function isOtherLink(text) {
  return /\b(?:wss?|web-?sockets?|redis)\b/i.test(text) && !TELLS_WRITE.test(text)
}

/** @param {string} text @param {string} code @returns {boolean} whether a code stands in a text, and not as a price */
export function hasCode(text, code) {
  return text.includes(code) && new RegExp(`(?<![\\d.]|[@$] ?)${code}(?!\\w|\\.\\d)`).test(text)
}

/**
 * @param {string} body
 * @returns {string[]} its pieces; a line that begins no attempt goes on with the one before
 */
function cutText(body) {
  const pieces = /** @type {string[]} */ ([])
  for (const line of body.split("\n")) {
    const cuts = [...line.matchAll(NEXT)].map(({ index }) => index)
    const parts = [0, ...cuts].map((start, at) => line.slice(start, cuts[at]))
    if (pieces.length && !TIME.test(line) && !START.test(line)) pieces.push(`${pieces.pop()}\n${parts.shift()}`)
    pieces.push(...parts)
  }
  return pieces
}

/**
 * @param {string} text
 * @param {Map<string, number>} codes
 * @returns {Piece}
 */
function readPiece(text, codes) {
  const code = [...codes.keys()].find((one) => hasCode(text, one))
  return { text, code, time: TIME.exec(text)?.[1] ?? "", replies: readReplies(text.replace(FRAME, "")) }
}

/** @param {Piece} piece @returns {boolean} whether an attempt ended without a code */
function isUnanswered({ code, replies }) {
  return !code && (replies.lost > 0 || replies.statuses.some(({ status }) => status > 399))
}

/**
 * @param {Piece} piece without a code
 * @param {Piece} other beside it
 * @param {Map<string, number>} codes
 * @returns {boolean} whether both tell of one attempt: the status in one line, the code in the next
 */
function belongs({ text, time, replies }, other, codes) {
  if (!other.code || replies.lost) return false
  const isOwn = replies.statuses.some(({ status }) => status === codes.get(other.code ?? ""))
  // A library and the program behind it log one answer at nearly the same time.
  const isNear = Math.abs(readClock(time) - readClock(other.time)) < 1 && !(SENDS.test(text) && SENDS.test(other.text))
  return isNamed(other) ? isOwn && isNear : isOwn || isNear
}

/** @param {Piece} piece with a code @returns {boolean} whether it names a failed status, its message aside */
function isNamed({ text, replies }) {
  return findStatuses(text).some((status) => status > 399) || replies.statuses.some(({ status, isLoose }) => isLoose && status > 399)
}

/** @param {string} time @returns {number} seconds of the day; no number without a time */
function readClock(time) {
  const [, hours, minutes, seconds = ""] = CLOCK.exec(time) ?? []
  return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds.replace(",", "."))
}
