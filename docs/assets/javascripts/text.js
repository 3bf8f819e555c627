/**
 * The forms in which pasted texts and known wordings are compared. Pure: no page, no network, no storage.
 */

/** What stands behind so many characters is not read. */
export const LIMIT = 400_000

/** A wording is never longer. */
const WORDING_LIMIT = 2000

/** Distances above what is allowed. */
export const FAR = 99

const TERMINAL_COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]{0,20}[a-z]`, "gi")
const LONG_MARKS = /(\p{M}{4})\p{M}+/gu
const INVISIBLE = /\u00ad|\u200b|\u200c|\u200d|\u2060|\ufeff|<!\[CDATA\[|\]\]>/g
const ESCAPED = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,5}));|\\{1,16}u([\da-f]{4})/gi
const NAMED = new Map([
  ["quot", '"'],
  ["apos", "'"],
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["nbsp", " "],
  ["lsquo", "'"],
  ["rsquo", "'"],
])

/**
 * @param {string} all
 * @param {string | undefined} decimal
 * @param {string | undefined} hex
 * @param {string | undefined} name
 * @param {string | undefined} unit
 * @returns {string} the character that an escape stands for
 */
function readEscape(all, decimal, hex, name, unit) {
  if (name) return NAMED.get(name) ?? all
  const point = decimal ? Number(decimal) : parseInt(hex ?? unit ?? "", 16)
  return String.fromCodePoint(Math.min(point, 0x10ffff))
}

const WORKERS = /(?<=\[(?:alert|crit|debug|emerg|error|info|notice|warn)\] )\d{1,9}#\d{1,9}: (?:\*\d{1,12} )?/g

/**
 * @param {string} text
 * @returns {string} without the process, thread and connection that nginx writes before a message: they look like codes
 */
export function dropWorkers(text) {
  return text.replace(WORKERS, "")
}

/**
 * Undoes what terminals, HTML and string escapes did to a text.
 * @param {string} text
 * @returns {string}
 */
export function prepare(text) {
  return (
    dropWorkers(text.slice(0, LIMIT))
      .replace(TERMINAL_COLOUR, "")
      // Twice: a log may hold JSON in JSON, or HTML in JSON.
      .replace(ESCAPED, readEscape)
      .replace(ESCAPED, readEscape)
      // Long runs of marks make normalising slow.
      .replace(LONG_MARKS, "$1")
      .normalize("NFKC")
      .slice(0, LIMIT)
      .replace(INVISIBLE, "")
      .replace(/[\u2018\u2019\u201b\u2032\xb4]/g, "'")
      .replace(/[\u201c-\u201f\xab\xbb\u2033]/g, '"')
      .replace(/\\{1,16}[rnt]|\r/g, "\n")
      .replace(/\\+/g, "")
  )
}

/**
 * @param {string} text prepared
 * @returns {string} its words in lower case, one blank between two; X-BM-* is X-API-*
 */
export function listWords(text) {
  return text
    .toLowerCase()
    .replace(/(?<![a-z\d])x[-_ ]?bm[-_ ]/g, "x api ")
    .replace(/'/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
}

/**
 * @param {string} text prepared
 * @returns {string} the words of a message, without the sign of its sender in front and a bracket behind
 */
export function toKey(text) {
  const bare = text.slice(0, WORDING_LIMIT).trim().replace(/^\(\p{L}\)/u, "")
  const short = bare.replace(/(?:\[[^[\]]{0,200}\]|\([^()]{0,200}\))[\s.]{0,9}$/, "")
  return listWords(short) || listWords(bare)
}

/**
 * The form in which two wordings are compared.
 * @param {string} text
 * @returns {string}
 */
export function normalise(text) {
  return toKey(prepare(String(text ?? "").slice(0, WORDING_LIMIT)))
}

const FILL_WORDS = new Set("the a an is are was be been has have do does did to of in it its this that your you we x api please".split(" "))
const SAME_WORDS = new Map([
  ["doesnt", "not"],
  ["isnt", "not"],
  ["signature", "sign"],
  ["exists", "exist"],
  ["found", "exist"],
])

/**
 * @param {string} key
 * @returns {string[]} the words that carry its meaning, each once
 */
export function toTokens(key) {
  const words = key.split(" ").map((word) => SAME_WORDS.get(word) ?? word)
  return [...new Set(words.filter((word) => !FILL_WORDS.has(word)))]
}

/**
 * The edit distance of two texts. A swap, a letter too many and a letter too few cost 1.
 * @param {string} a
 * @param {string} b
 * @param {number} most the greatest distance that matters
 * @param {number} [other] the cost of a wrong letter
 * @returns {number} FAR or more when above `most`
 */
export function distance(a, b, most, other = 2) {
  if (Math.abs(a.length - b.length) > most) return FAR
  let same = 0
  while (same < a.length && a[same] === b[same]) same += 1
  if (same === a.length || same === b.length) return a.length + b.length - 2 * same
  const isSwap = a[same] === b[same + 1] && a[same + 1] === b[same]
  return Math.min(
    skip(a, b, same + 1, same, 1),
    skip(a, b, same, same + 1, 1),
    skip(a, b, same + 1, same + 1, other),
    isSwap ? skip(a, b, same + 2, same + 2, 1) : FAR,
  )

  /**
   * @param {string} left
   * @param {string} right
   * @param {number} fromLeft
   * @param {number} fromRight
   * @param {number} cost
   */
  function skip(left, right, fromLeft, fromRight, cost) {
    if (cost > most) return FAR
    return cost + distance(left.slice(fromLeft), right.slice(fromRight), most - cost, other)
  }
}

/**
 * @param {string} word
 * @param {string} known
 * @returns {boolean} whether the word is the known one, give or take a typing error
 */
export function isAlike(word, known) {
  if (word === known) return true
  if (known.length < 5 || (word[0] !== known[0] && word.at(-1) !== known.at(-1))) return false
  return distance(word, known, 1, 1) < 2
}
