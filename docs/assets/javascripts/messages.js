/**
 * Messages in a text, and which number each was sent with. Pure.
 *
 * @typedef {import("./mentions.js").Mention} Mention
 * @typedef {{text: string, at: number, end: number, strong: number, isCut: boolean}} Message
 * @typedef {Mention | Message} Part
 * @typedef {{mention: Mention, message: Message, cost: number}} Pair
 */
import { distance, listWords } from "./text.js"

/** A message is looked for so many characters far. */
export const REACH = 600
const MOST_MESSAGES = 2000
const MOST_QUOTES = 20
/** A number and its message stand at most so far apart. */
const MOST_APART = 3000
/** In a text of more words than these, wordings are looked for without typing errors. */
const MOST_WORDS = 400

// A word for "message", what stands between, a quotation mark.
const LABEL =
  /(?:^|[^a-z\d])((?:err(?:or)?|ret(?:urn)?|res(?:ult|p|ponse)?|api|fail)?[_ -]?(?:msg|message|description)|error|err|reason|details?)(\s{0,2}["'`\]]{0,3}\s{0,8}(?:=>|[:=>])\s{0,40}(?:string\(\d{1,4}\)\s?|\w{1,6}\(|\[)?)(["'`]?)/gi
const STOPS =
  /\n|\t|\s\|\s|[{}<]|;\s|\s\w{1,40}=|\s\w{1,40}:(?=[^\s/])|,\s{0,9}["']?\w{1,40}["']?\s{0,9}[:=]|"\s{0,9}[,}]/
const DOTS = /(?:\.\.|\u2026)$/
const NOTHING = /^(?:null|none|nil|undefined|true|false|n\/a)\b/i

/**
 * @param {string} text
 * @returns {string}
 */
function trimQuotes(text) {
  return text.trim().replace(/^["'`]|["'`]$/g, "")
}

/**
 * @param {string} text prepared
 * @returns {Message[]} the texts behind a word for "message"
 */
export function readMessages(text) {
  const found = []
  for (const { 0: all, 1: name = "", 2: gap = "", 3: quote = "", index } of text.matchAll(LABEL)) {
    const from = index + all.length
    const rest = text.slice(from, from + REACH)
    const stop = quote ? findQuote(rest, quote) : -1
    const end = stop < 0 ? rest.search(quote ? /[{}<]/ : STOPS) : stop
    const said = rest.slice(0, end < 0 ? REACH : end).trim()
    if (!/\p{L}{2}/u.test(said) || NOTHING.test(said)) continue
    const isOpen = quote !== "" && stop < 0
    found.push({
      text: trimQuotes(said),
      at: index,
      end: from + said.length,
      strong: weighLabel(name, gap, quote),
      isCut: isOpen || DOTS.test(said),
    })
    if (found.length === MOST_MESSAGES) break
  }
  return found
}

/**
 * @param {string} name
 * @param {string} gap
 * @param {string} quote
 * @returns {number} how surely the label means the message of an error: 0 to 2
 */
function weighLabel(name, gap, quote) {
  if (/msg|mess|desc/i.test(name)) return 2
  return quote && /^\s*["'`]|=/.test(gap) ? 1 : 0
}

/**
 * @param {string} rest
 * @param {string} quote
 * @returns {number} where the quotation ends: at a mark with something like a delimiter behind it; else -1
 */
function findQuote(rest, quote) {
  let stop = -1
  for (let tries = 0; tries < MOST_QUOTES; tries += 1) {
    stop = rest.indexOf(quote, stop + 1)
    if (stop < 0 || /^\s*(?:[,}\])<|;>.\u2026/]|\n|$|\w+=)/.test(rest.slice(stop + 1, stop + 30))) return stop
  }
  return stop
}

/**
 * @param {string} text
 * @param {Mention} mention
 * @returns {Message | undefined} the text behind a number, where it reads like a message
 */
function readTail(text, { end }) {
  const rest = text.slice(end, end + REACH)
  const lead = /^["'`\])>*]{0,4}(?:\s*[:|=]|\s+[-\u2013\u2014]|\s*>|\]|,|\s)\s*(?=["'([]?\p{L})/u.exec(rest)?.[0]
  if (!lead) return undefined
  const tail = rest.slice(lead.length)
  const said = trimQuotes(tail.split(STOPS, 1)[0] ?? "")
  if (!said || /[?:=]$/.test(said) || /^["']?\w+["']?\s*[:=]/.test(tail)) return undefined
  const strong = lead.trim() && !lead.startsWith(",") ? 2 : 0
  return { text: said, at: end, end: end + lead.length + said.length, strong, isCut: DOTS.test(said) }
}

/**
 * @param {Part} part
 * @returns {part is Mention}
 */
function isMention(part) {
  return "code" in part
}

/**
 * Gives each number the message that was sent with it: best in the same braces, on the same line, behind it.
 * @param {string} text prepared
 * @param {Mention[]} mentions
 * @param {Message[]} messages
 * @returns {Map<Mention, Message>}
 */
export function pairMessages(text, mentions, messages) {
  const parts = [...mentions, ...messages].sort((a, b) => a.at - b.at)
  weakenHolders(parts)
  const pairs = parts.flatMap((part, at) => (isMention(part) ? listPairs(text, parts, part, at) : []))
  const paired = new Map()
  const used = new Set()
  for (const { mention, message } of pairs.sort((a, b) => a.cost - b.cost)) {
    if (paired.has(mention) || used.has(message)) continue
    paired.set(mention, message)
    used.add(message)
  }
  return paired
}

/**
 * A text that holds a number is no message of its own.
 * @param {Part[]} parts
 */
function weakenHolders(parts) {
  for (const [at, part] of parts.entries()) {
    const next = parts[at + 1]
    if (!isMention(part) && next && isMention(next) && next.at < part.end) part.strong = 0
  }
}

/**
 * @param {string} text
 * @param {Part[]} parts
 * @param {Mention} mention
 * @param {number} at
 * @returns {Pair[]} the messages near a number, with what speaks against them
 */
function listPairs(text, parts, mention, at) {
  const tail = readTail(text, mention)
  /** @type {Pair[]} */
  const pairs = tail ? [{ mention, message: tail, cost: tail.strong ? 8 : 15 }] : []
  for (let other = Math.max(0, at - 3); other < Math.min(parts.length, at + 4); other += 1) {
    const message = parts[other]
    if (!message || isMention(message) || !message.strong || Math.abs(message.at - mention.at) > MOST_APART) continue
    const isBehind = other > at
    const between = isBehind ? text.slice(mention.end, message.at + 1) : text.slice(message.end, mention.at)
    const cost = measureGap(between) + (isBehind ? 0 : 1) + 3 * (2 - message.strong) + Math.abs(at - other) / 10
    pairs.push({ mention, message, cost })
  }
  return pairs
}

/**
 * @param {string} between
 * @returns {number} how far apart two parts are: lines, and braces that do not close
 */
function measureGap(between) {
  const open = between.replace(/\{[^{}]*\}/g, "").replace(/\{[^{}]*\}/g, "")
  return Math.min(6, 2 * (between.split("\n").length - 1)) + (/[{}]/.test(open) ? 9 : 0)
}

/**
 * @param {string} text prepared
 * @param {import("./wordings.js").Wording[]} known
 * @returns {import("./wordings.js").Wording[]} wordings of four words and more in running text; one word may be mistyped
 */
export function readProse(text, known) {
  const key = ` ${listWords(text)} `
  const words = key.trim().split(" ")
  return known.filter((one) => {
    const size = one.words.length
    if (size < (one.kind === "spec" ? 4 : 5)) return false
    if (key.includes(` ${one.key} `)) return true
    return words.length <= MOST_WORDS && words.some((_, at) => isMistyped(words, at, one))
  })
}

/**
 * @param {string[]} words
 * @param {number} at
 * @param {import("./wordings.js").Wording} one
 * @returns {boolean} whether the words from here on are the wording, give or take a typing error
 */
function isMistyped(words, at, one) {
  const size = one.words.length
  const isNear = words[at] === one.words[0] || words[at + size - 1] === one.words[size - 1]
  return isNear && distance(words.slice(at, at + size).join(" "), one.key, 1) < 2
}

const LEAD =
  /^(?:["'`*>#\s-]+|[\w.]*(?:error|exception|failure|msg|message|reason)\s*[:=]+|(?:bitmart|woox?(?: ?pro)?|ccxt)\b\s*[:>-]?|\[[^\]]{0,40}\]|\d{4,6}[\s,:-]+|\d{4}-\d\d-\d\d[T ][\d:.,]+Z?)\s*/i

/**
 * @param {string} text a whole paste
 * @returns {string} without quotation marks, class names and dates around it
 */
export function stripPaste(text) {
  let out = text.replace(/["'`*\s]+$/, "")
  for (let times = 0; times < 6; times += 1) out = out.replace(LEAD, "")
  return out
}
