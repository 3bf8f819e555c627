/**
 * Numbers in a text that are error codes by what stands around them. Pure.
 *
 * @typedef {{code: string, at: number, end: number, isCut?: boolean, isKey?: boolean}} Mention
 */

/** So many numbers are read; a log with more goes through the log reader. */
export const MOST_MENTIONS = 5000

// A word for "error code", what may stand between, a number that is no price, time or version.
const LABEL =
  /(?<![a-z\d_?&-])(?:x-)?((?:(?:err(?:or)?|ret(?:urn)?|res(?:ult|p|ponse)?|api|biz|status|fail|server|exchange|sub|last|msg|http)[_ -]?){0,2}(?:codes?|errno|errors?|err)|(?!key|index|win|os|assert)[a-z.]{0,30}(?:error|exception)|rc|bitmart|woox?(?: ?pro)?|g[eo]t(?:s|ting)?|returns|returned|what (?:is|does)|错误代?码|ошибк[аи])(["'`*\])]{0,3}[\s_]{0,8}(?:(?:(?:is|was|of|no\.?|number|code)\b|[=-]>|[:=#([|,/]|-(?!\d)|<\/?\w{1,9}>|>)\s{0,30}){0,4}(?:\w{1,8}\()?["'`([*#]{0,3}\s?)(-?\d{1,10})(?!\w|\.(?!0+(?!\d))\d|[:-]\d)/gi
const CODE_LABEL = /code|errno|码/i
const ERROR_LABEL = /^x|e(?:rror|rr|xception)$|ошибк/i
const OTHER_CODE = /(?:exit(?:ed with)?|zip|postal|area|country|currency|promo|source|product|sms|qr|expected|lines of) $/i
const UNIT =
  /^\s?(?:%|,\d{3}(?!\d)|(?:usd[tc]?|btc|eth|m?s|(?:second|byte|contract|order|item|row|line|time|trade|request|error|candle|kline|bar|tick|record|result|message|event|update|fill|file|symbol|position|level|point|user)s|ok|---)\b(?!["'=:]))/i
const FREE_NUMBER = /(?<![\w.$\u20ac\xa3:=-])\d{5}(?![\w%]|[.:-]\d)/g

/**
 * Finds the numbers that are codes: behind a label, vouched for by what stands around them, or alone in the text.
 * @param {string} text prepared
 * @param {Map<string, {http_status: number}>} rows
 * @returns {Mention[]} in the order of the text
 */
export function readMentions(text, rows) {
  const found = readLabelled(text, rows)
  found.push(...readFree(text, rows, found))
  if (!found.length) found.push(...readAlone(text))
  if (!found.length && text.length < 600) found.push(...readList(text, rows))
  return found.sort((a, b) => a.at - b.at).slice(0, MOST_MENTIONS)
}

/**
 * @param {string} text
 * @param {Map<string, unknown>} rows
 * @returns {Mention[]} numbers behind a word for "error code"
 */
function readLabelled(text, rows) {
  const found = []
  for (const { 0: all, 1: label = "", 2: gap = "", 3: number = "", index } of text.matchAll(LABEL)) {
    const end = index + all.length
    const after = text.slice(end, end + 100)
    const before = text.slice(Math.max(0, index - 20), index)
    if (!isErrorLabel(label, gap, before, after)) continue
    const code = /[:=("'[]\s?$/.test(gap) ? number : number.replace("-", "")
    const isKnown = rows.has(code)
    const isWeak = !CODE_LABEL.test(label + gap) && !ERROR_LABEL.test(label)
    if (isWeak && (code.length !== 5 || !isKnown || /[=:]/.test(gap))) continue
    const isCut = !isKnown && code.length < 5 && /^\s*(?:\.\.|\u2026|$)/.test(after)
    if (!isKnown && !isCut && !/^-?\d{4,6}$/.test(code)) continue
    found.push({ code, at: index, end, isCut, isKey: /^["']/.test(gap) })
    if (found.length === MOST_MENTIONS) break
  }
  return found
}

/**
 * @param {string} label
 * @param {string} gap between label and number
 * @param {string} before
 * @param {string} after
 * @returns {boolean} whether the label speaks of an error of the API, not of an exit code or an amount
 */
function isErrorLabel(label, gap, before, after) {
  if (OTHER_CODE.test(before)) return false
  if (label === "Errno" && before.endsWith("[")) return false
  return CODE_LABEL.test(label + gap) || !UNIT.test(after)
}

/**
 * @param {string} text
 * @param {Map<string, {http_status: number}>} rows
 * @param {Mention[]} taken
 * @returns {Mention[]} listed codes without a label, where what stands around them vouches for them
 */
function readFree(text, rows, taken) {
  const found = []
  const ends = new Set(taken.map((one) => one.end))
  for (const { 0: code, index } of text.matchAll(FREE_NUMBER)) {
    const end = index + code.length
    const row = rows.get(code)
    if (!row || ends.has(end)) continue
    const before = text.slice(Math.max(0, index - 40), index)
    const after = text.slice(end, end + 40)
    const isLead = leadsMessage(before, after)
    if (!isLead && /\w["']?\s{0,30}[:=]\s{0,30}["']?$/.test(before)) continue
    const join = /(\d\s?(?:[,/|&]|and|or)\s?)$/.exec(before)?.[1]
    const isListed = join !== undefined && ends.has(index - join.length + 1)
    if (!isLead && !isListed && !isVouched(before, after, row.http_status)) continue
    found.push({ code, at: index, end })
    ends.add(end)
    if (found.length === MOST_MENTIONS) break
  }
  return found
}

/**
 * @param {string} before
 * @param {string} after
 * @returns {boolean} whether a number at the start of a line has a message behind it
 */
function leadsMessage(before, after) {
  return (
    /(?:^|\n|\]\s|["'])\s{0,4}["'([#]?$/.test(before) && /^["')\]]?(?::|\s[-\u2013|]|\])\s+["']?\p{L}/u.test(after)
  )
}

/**
 * @param {string} before
 * @param {string} after
 * @param {number} status the HTTP status that comes with the code
 * @returns {boolean} whether the number stands in a bracket, before "error", or beside its own status
 */
function isVouched(before, after, status) {
  if (/[([]$/.test(before) && /^(?:[)\]]|,\s?["'])/.test(after)) return true
  if (/^\serr/i.test(after)) return true
  const beside =
    /(?:^|[\s,;|"'])(\d{3})["']?[\s,;|]{1,3}["']?$/.exec(before) ?? /^["']?[\s,;|]{1,3}["']?(\d{3})(?![\w.])/.exec(after)
  return Number(beside?.[1]) === status
}

/**
 * @param {string} text
 * @returns {Mention[]} the number that is the whole text
 */
function readAlone(text) {
  const code = /^[\s"'`([{#<*]*(\d{4,6})[\s"'`)\]}>*.,;:!?]*$/.exec(text.slice(0, 200))?.[1]
  return code && text.length < 200 ? [{ code, at: 0, end: text.length }] : []
}

/**
 * @param {string} text
 * @param {Map<string, unknown>} rows
 * @returns {Mention[]} codes and nothing else, and names as errors.py gives them: `30005, 30007`, `ErrorCode.E40050`
 */
function readList(text, rows) {
  const isList = /^[\s"'`([{#*]*\d{4,6}(?:[\s"'`#*.,;|&]+\d{4,6})+[\s"'`)\]}*.,;|&!?]*$/.test(text)
  const pattern = isList ? /\d{4,6}/g : /(?<=(?<!\w)E)\d{4,5}(?!\w)/g
  const found = [...text.matchAll(pattern)].map(({ 0: code, index }) => ({ code, at: index, end: index + code.length }))
  return found.filter(({ code }) => rows.has(code))
}
