/**
 * Reads in a record what the exchange says of an order: a row of it, or a sentence that names it and its end. Pure.
 * What only a program believes, and the answer to another write, tell nothing.
 *
 * @typedef {"end"|"state"|null} News what is known of an order: it is over, or it stands
 */

import { findObject } from "./triage-facts.js"

/** One record is searched for so many ids at most; what is left out stays in doubt. */
const MOST_LOOKS = 1000
/** How far around an id its sentence reaches. */
const REACH = 300

/** Nothing without one of these tells what became of an order. */
const MAY_TELL = /filled|cancel{1,2}ed|executed|closed|stat(?:e|us)|deal_/i
/** The exchange numbers its states 1, 2 and 4; other fields count in numbers of their own. */
const STATE =
  /(?<![a-z])(?:order[_.]?)?(?:(?:status|state|outcome|result|event)["']?\s{0,3}(?:=>|[:=])\s{0,3}["']?(?:order[_.])?(filled|fulfilled|partially[_ ]filled|cancel{1,2}ed|closed|executed|open|live|active)|state["']?\s{0,3}(?:=>|[:=])\s{0,3}["']?([124]))(?![\w.-])/i
const DEALT = /(?<![a-z])(?:deal_(?:size|vol)|filled_?(?:qty|size|quantity|amount))["']?\s{0,3}(?:=>|[:=])\s{0,3}["']?[0.]{0,20}[1-9]/i
const END = /^(?:filled|fulfilled|cancel{1,2}ed|closed|executed|4)$/i
const SIGN = String.raw`id["']?\s{0,3}(?:=>|[:=])\s{0,3}`
const EXCHANGE_ID = String.raw`(?<![a-z_])(?:exchange_?|venue_?)?(?:order_?)?${SIGN}`
/** A short number that is only called "id" counts the rows of a program's own table. */
const HAS_EXCHANGE_ID = new RegExp(String.raw`(?<![a-z_])(?:(?:exchange_?|venue_?|order_?){1,2}${SIGN}|${SIGN}(?=["']?[\w-]{6}))(?:\w{1,20}\()?["']?[\w-]{0,40}\d`, "i")
const LACKS_EXCHANGE_ID = new RegExp(String.raw`${EXCHANGE_ID}(?:["']?(?:null|none|nil|undefined|0(?!\w))|""|''|[,}]|$)`, "i")

const WORD = /(?<![a-z])(?:partially[_ ])?(?:filled|fulfilled|executed|cancel{1,2}ed)(?![a-z])/gi
const EVENT = /Order(PartiallyFilled|Filled|Cancel{1,2}ed)\([^()\n]{0,400}$/
const NEGATED = /\b(?:not|never|no|to be|being|be|should|may|might|could|would|will|nothing|none|without)\b|n't/i
const WHETHER = /\b(?:if|until|till|whether|when|unless|once|maybe|possibly|a?wait\w*|expect\w*|before)\b|\?/i
const ANOTHER = /\b(?:while|whereas|but|and|although|though|than|or|previous|prior|last|next|other|another|earlier|old|older|all|rest)\b/i
/** A request or a task can be cancelled too, and an order of which nothing has filled is none that has. */
const NO_ORDER = /\b(?:requests?|tasks?|futures?|coroutines?|context|calls?|timers?|subscriptions?)\b/i
const ZERO_BEFORE = /(?<![\d.])0(?:\.0{0,9})?(?:\s?%)?\s$/
const ZERO_AFTER = /^["']?\s?[:=]?\s?(?:0(?:\.0{0,9})?(?![\d.])|\?)/
/** What a program only supposes, or has written down for itself. */
const BELIEVED =
  /\b(?:local(?:ly)?|giv(?:e|es|ing) up|gave up|assume\w*|assuming|presum\w*|suppos\w*|treat\w*|mark(?:s|ed|ing)|consider\w*|simulat\w*|dry[- ]?run|paper|in memory|probabl[ey]|likely|pending)\b/i
const NOTHING = /(?:filled|executed|cancel{1,2}ed)["']?\s{0,3}[:=]\s{0,3}["']?(?:false|0\b|no\b|null|none|unknown)|\?\s*$/i
const NAMED_ID = /(?<![a-z])(\w{0,20}id)["']?\s?(?:=>|[:=])\s?(?:\w{1,20}\()?["']?[\w.:-]{1,80}/gi
const OTHER_ID = /(?<![\w.:/-])(?:(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[a-z])[\w-]{6,}|\d{8,})(?![\w:])/i
const BEFORE_ID = /^["':=(\s]{0,4}(?:(?:the|buy|sell|limit|market|orders?|for|of|with|\w{0,20}id)["':=(\s]{1,4}){0,5}$/i
const OWN_NAME = /(?<![a-z])(\w{0,20}id)["'\x60]?\s{0,3}(?:=>|[:=])\s{0,3}(?:\w{1,20}\()?["'\x60]?$/i
const ID_NAME = /id["'\x60]?\s{0,3}(?:=>|[:=])\s{0,3}(?:\w{1,20}\()?["'\x60]?$/i

/**
 * Says whether a text between an id and a word belongs to this order alone: an order has one id of each name.
 * @param {string} before @param {string} between
 */
function isOfOneOrder(before, between) {
  const name = OWN_NAME.exec(before)?.[1]
  const names = [...between.matchAll(NAMED_ID)].map((hit) => hit[1])
  if (names.length > 1 || (name && names.includes(name)) || /[{}()[\]|;]/.test(between)) return false
  const rest = between.replace(NAMED_ID, " ")
  return !OTHER_ID.test(rest) && ![ANOTHER, NEGATED, WHETHER].some((pattern) => pattern.test(rest))
}

/** @param {string} row what one order's fields say @returns {News} */
function readRow(row) {
  if (LACKS_EXCHANGE_ID.test(row) || BELIEVED.test(row)) return null
  const hit = STATE.exec(row)
  const state = hit?.[1] ?? hit?.[2]
  if (state && END.test(state)) return "end"
  if (DEALT.test(row)) return "state"
  return state && HAS_EXCHANGE_ID.test(row) ? "state" : null
}

/** Finds the fields of the object that has the id as a field of its own. @param {string} text @param {number} at @param {string} id */
function findOwnFields(text, at, id) {
  const object = findObject(text, at)
  if (object[0] !== "{" || object.at(-1) !== "}" || !ID_NAME.test(text.slice(Math.max(0, at - 60), at))) return null
  let own = object.slice(1, -1)
  for (let depth = 0; depth < 5 && own.includes("{"); depth++) own = own.replace(/\{[^{}]*\}/g, "")
  return own.includes(id) ? own : null
}

/** The sentence that leads to an id. @param {string} before */
const findLead = (before) => before.split(/[.;{}"]/).at(-1) ?? ""

/** Reads fields behind an id on a line, as key=value. @param {string} before @param {string} after @returns {News} */
function readFields(before, after) {
  const field = STATE.exec(after) ?? DEALT.exec(after)
  const between = after.slice(0, field?.index)
  if (!field || /"[,:]/.test(between) || !isOfOneOrder(before, between)) return null
  return WHETHER.test(findLead(before)) ? null : readRow(before + after)
}

/** Reads a sentence that names the order and its end. @param {string} before @param {string} id @param {string} after @returns {News} */
function readSentence(before, id, after) {
  const event = EVENT.exec(before)
  if (event) return event[1] === "PartiallyFilled" ? "state" : "end"
  const lead = findLead(before)
  if (NOTHING.test(before + id + after) || WHETHER.test(lead)) return null
  const [word] = after.matchAll(WORD)
  if (word && isSaidOf(before, lead, after.slice(0, word.index), after.slice(word.index + word[0].length))) return nameNews(word[0])
  const last = [...lead.matchAll(WORD)].at(-1)
  // "Cancelled order 7" is what programs write when the exchange has taken a cancel.
  if (!last || /^cancel/i.test(last[0]) || !BEFORE_ID.test(lead.slice(last.index + last[0].length))) return null
  const subject = lead.slice(0, last.index)
  return NEGATED.test(subject) || OTHER_ID.test(subject) || ZERO_BEFORE.test(subject) ? null : nameNews(last[0])
}

/**
 * Says whether a word behind an id is said of this order.
 * @param {string} before @param {string} lead the sentence before the id @param {string} between @param {string} rest behind the word
 */
function isSaidOf(before, lead, between, rest) {
  if (/[,?]|\. /.test(between) || !isOfOneOrder(before, between)) return false
  if (NEGATED.test(lead.split(/[:,]/).at(-1) ?? "") || NO_ORDER.test(lead) || NO_ORDER.test(between)) return false
  return !ZERO_BEFORE.test(between) && !ZERO_AFTER.test(rest)
}

/** @param {string|undefined} word @returns {News} */
const nameNews = (word) => (word?.toLowerCase().startsWith("partially") ? "state" : "end")

/**
 * Reads what a record says of the order with an id that stands at a place.
 * @param {string} text @param {string} id @param {number} at
 * @returns {News}
 */
function readNews(text, id, at) {
  const end = at + id.length
  const before = text.slice(Math.max(0, at - REACH), at).split("\n").at(-1) ?? ""
  const after = text.slice(end, end + REACH).split("\n")[0] ?? ""
  if (BELIEVED.test(before) || BELIEVED.test(after)) return null
  const own = findOwnFields(text, at, id)
  return (own === null ? readFields(before, after) : readRow(own)) ?? readSentence(before, id, after)
}

/**
 * Lists what a record says of orders that are known by an id.
 * @param {string} text @param {{has: (id: string) => boolean}} known
 * @returns {[id: string, news: News][]}
 */
export function listNews(text, known) {
  if (!MAY_TELL.test(text)) return []
  /** @type {[string, News][]} */
  const news = []
  let looks = 0
  // A short id might be any number: it counts only behind its name.
  for (const pattern of [/[A-Za-z0-9][\w-]{3,63}/g, /(?<=id["']?\s{0,3}[:=]\s{0,3}["']?)[\w-]{1,3}(?![\w-])/gi]) {
    for (const { 0: id, index } of text.matchAll(pattern)) {
      if (!known.has(id)) continue
      if (++looks > MOST_LOOKS) return news
      news.push([id, readNews(text, id, index)])
    }
  }
  return news
}
