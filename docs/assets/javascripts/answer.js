/**
 * The one engine of the box and of the header search: a text becomes a list of pages, the most certain first.
 * Pure: no page, no network, no storage; texts of a paste are in none of its results.
 *
 * @typedef {import("./wordings.js").Row & {retry: [string, string], outcome: [string, string], actor: string, summary: string,
 *   first?: string, steps?: string[], keywords: string[], observed: {wording: string}[]}} Row
 * @typedef {{status: number, reason: string, summary: string, first: string}} StatusRow
 * @typedef {{errors: Row[], statuses?: StatusRow[]}} Catalogue
 * @typedef {import("./rank.js").Entry} Entry
 * @typedef {"code" | "status" | "lost" | "unlisted" | "page"} Kind
 * @typedef {{kind: Kind, key: string, path: string, count: number, basis: "sure" | "probable" | "wording",
 *   inDoubt: boolean, isLoose?: boolean, isWording?: boolean, remarks: string[], warnings: string[], title?: string, text?: string}} Item
 * @typedef {{heading: "found" | "probable" | "closest" | "none", items: Item[], more: number, errors: number,
 *   inDoubt: number, sensitive: boolean, isCut: boolean}} Answer
 */
import { FRAME, hasCode, isOtherLink, partAttempts } from "./attempts.js"
import { decode } from "./decode.js"
import { rank } from "./rank.js"
import { LOST, LOST_IN_SHORT, isCloudflare, readReplies } from "./statuses.js"
import { LIMIT, prepare } from "./text.js"

export const LOOK_UP = "guides/retries/#look-up"
const SHORT = 300
/** So much of a line is read for what else it tells than its code. */
const MOST_OF_LINE = 2000
/** Why a websocket was closed. */
const CLOSED = /^10(?:0[1-9]|1[0-5])$/
const CLAUSE_END =
  /[;|\t\u3001\u3002]|,(?!\d)|\.(?=\s)|\s[&+/]\s|\s[-\u2013]+\s|[-=]>|\u2192|(?<!\w)\d\)|\b(?:and|but|then|after|while|before|because|since|as|when|whereas)\b/
/** What a gateway answers, too. */
const PASSING = new Set([404, 408, 425, 429])
const MOST_UNLISTED = 20
const MOST_GUESSES = 6
const MOST_CLOSEST = 5
const MOST_SHARED = 1500

const VIA = { code: "Recognised by its code.", message: "Recognised by its wording.", both: "Recognised by code and wording." }
const DOUBTFUL = new Set(["unknown", "duplicate"])
/** Where no word of a text stands on any page. */
export const STARTS = /** @type {[string, string, string][]} */ ([
  ["guides/envelope/", "The response envelope", "Where the code stands in a response, and what to do if there is none."],
  ["codes/", "All codes", "Every error code of the API in one table."],
  ["http/", "HTTP statuses", "What a status without a code means."],
  [LOOK_UP, "Look an order up", "How to find out whether an order went through."],
])

/** A number that counts, names or locates something. */
const AMOUNT_BEFORE =
  /(?:port|price|at|for|@|rows?|records?|candles?|pages?|chapter|resistance|support at|target|budget|capital|height|between|size|qty|quantity|amount|lines?|leverage|limit|\bids?|_id|orderid|order|orders|trace|timeout|after|volume|balance|equity|pnl|margin|buy|sell|bought|sold|hit|nonce|timestamp|zip|seq|block|pid|uid|user|account|ticket|issue|pr|version|v|to|from|and|above|below|around|near|over|under|is|was|reached|touched|broke|worth|cost|long|short|entry|entered|exit|stop|tp|sl|liq|mark|index|close|open|opened|closed|filled|fill|took|\b(?:btc|eth|sol|xrp|bnb|doge|ltc|ada|[a-z]{2,6}[-/_]?usd[tc]?))\W{0,3}$/i
const AMOUNT_AFTER =
  /^\s?(?:%|usd|btc|eth|sol|eur|ms\b|s\b|sec|x\b|k\b|contracts?|orders?|requests?|times|lines?|bytes?|kb|mb|px|points?|coins?|lots?|trades?|days?|hours?|dollars?|bucks|units?|shares?|each|candles?|klines?|bars?|ticks?|records?|rows?|items?|results?|entries|messages?|events?|updates?|files?|symbols?|positions?|fills?|users?|levels?|of\b|filled|long\b|short\b|(?:is|was) (?:the |my |a |an |our )?(?:price|order|id|port|size|amount|limit|entry|nonce|pid))/i
// Words for code, error, message and response, as languages near and far write them.
const REPORTED_BEFORE =
  /(?:fail\w*|err\w*|cancel\w*|reject\w*|got|api|exchange|order|bot|code|kodu?|codigo|código|codice|msg|message|resp|response|result|reason|fehler|fel|fout|błąd|hata|ошибка|код|lỗi|mã|コード|エラー|코드|오류|报错|错误|返回|代码):\s{0,3}["']?$/iu
const COMPLAINT_BEFORE = /(?:insufficient|not enough|no|low|invalid|wrong|bad|unknown|duplicate|expired) \w{1,12}\W{0,3}$/i
const OTHER_CODE = /(?:exit|zip|post(?:al)?|area|country|promo|product|qr|sms) code\W{0,3}$/i
const CODE_VERBS = /(?:\b(?:(?:do|retry|retries|order|next|happen\w*|send|resend|again) after|difference between|cancel\w*|fail\w*|err\w*|got|gets?|getting|code|reject\w*|returns?|returned|receives?|received|with|why|what(?:'s| is)?|fix|help|see|seeing|throws?|exchange|api|order|submit|response|says|about|mean\w*)|报错|错误|返回)\W{0,3}$/i

/** Whoever asks this must look the write up; a refusal that only resembles the words would be the wrong comfort. */
const ASKS_OUTCOME = new RegExp(
  [
    "\\b(?:did|do|does|has|have|is|was|were|are|if|whether|know|sure|check)\\b.{0,40}\\b(?:order|trade|cancel\\w*|transfer|stop|stop.?loss|tp|sl|it|request|write)\\b.{0,30}\\b(?:go(?:ne|es)? (?:through|thru)|went (?:through|thru)|executed?|execution|placed?|fill(?:ed)?|sent|succeed\\w*|success\\w*|happen(?:ed)?|accepted|live|done|work(?:ed)?)\\b",
    "\\b(?:safe|can|may|should|ok|okay|could|shall|must|when|how)\\b.{0,30}\\b(?:re-?send|retry|re-?submit|re-?try|(?:send|place|try|submit|post)\\b.{0,20}\\b(?:again|twice|same|second time))\\b",
    "\\b(?:order|position|trade|fill|buy|sell|transfer)\\w*\\b.{0,40}\\b(?:twice|two times|2 times|2x|doubled)\\b|\\b(?:double|two|2) (?:orders?|positions?|fills?|trades?|executions?) (?:for|from|after|instead|opened|placed|executed)\\b",
    "\\b(?:order|trade|cancel|transfer|it)\\b.{0,20}\\b(?:executed|filled|placed|went through|happened)\\b.{0,15}\\b(?:but|although|anyway)\\b",
    "(?:orden|operación).{0,30}(?:se ejecut|se envi|ejecutad|pas[oó])|se (?:ejecutó|envió) (?:mi|la) orden|ordem.{0,20}(?:executad|foi envi)|ordre.{0,20}(?:exécuté|passé)|(?:order|auftrag).{0,30}(?:ausgeführt|durchgegangen|durch\\b)",
    "(?:исполн|прош[её]л|выставл).{0,20}(?:ордер|заявк)|(?:ордер|заявк).{0,20}(?:исполн|прош[её]?л|выставл)|注文.{0,12}(?:通|約定|成立|された|入っ)|주문.{0,12}(?:체결|들어갔|성공|실행|됐)",
    "(?:订单|下单|委托|单子).{0,12}(?:成功了?[吗没]|成交了?[吗没]|有没有|是否)|(?:能|可以|要不要|是否)(?:.{0,6})(?:重试|重发|再发|重新下单|重新提交)",
  ].join("|"),
  "i",
)

/** Whoever asks why has the refusal before them. */
const KNOWS_OUTCOME = /\bwhy\b|\bnot (?:accepted|placed|executed|filled|sent)\b|\brejec|\brefus|\binvalid|\bwrong|\bminimum|\bmaximum|\btoo (?:small|large|big|many|long|low|high)\b/i

/**
 * Answers any text that is not blank with at least one page.
 * @param {string} text
 * @param {Catalogue} catalogue
 * @param {Entry[]} [entries] pages for the search by words; without them it searches nothing
 * @returns {Answer}
 */
export function answerText(text, catalogue, entries = []) {
  const body = prepare(text).trim()
  let replies = readReplies(body)
  const rows = new Map(catalogue.errors.map((row) => [row.code, row]))
  const found = decode(text, catalogue)
  // A gateway's own answer; the API's 30000 has a code.
  if (replies.isRouteLost) found.matches = found.matches.filter((match) => match.via !== "message")
  const isOneDoubt = replies.lost > 0 || replies.statuses.some(({ status }) => status > 499 || status === 404)
  const { own, alone, odd } = partAttempts(body, listNumbers(found, rows))
  if (own !== body) replies = readReplies(own)
  const strange = new Set(odd.values())
  const codes = listMatches(found, replies, rows, odd)
  if (codes.length) replies.lost = countLost(own, codes, rows)
  const items = [...codes, ...listUnlisted(found.unlisted, replies, codes.length > 0 && body.split("\n").some(isOtherLink))]
  replies.statuses = replies.statuses.filter(({ status }) => !strange.has(status))
  items.push(...listReplies(replies, codes, rows, catalogue.statuses ?? []))
  for (const other of alone) addReplies(items, listReplies(other, [], rows, catalogue.statuses ?? []))
  // Of several errors those come first that leave a write in doubt.
  if (codes.length) items.sort((a, b) => rankItem(a, rows) - rankItem(b, rows))
  if (!codes.length) items.push(...listProbable(body, rows, isOneDoubt))
  if (!codes.length && items.length) {
    const named = replies.statuses.filter((seen) => seen.isLoose)
    const maybe = [...found.maybe, ...listNamed(body, named, rows, entries)]
    items.push(...listGuesses(maybe, rows, isOneDoubt, items))
  }
  const heading = nameHeading(items)
  const isFound = heading !== "none"
  const all = isFound ? items : listClosest(body, found.maybe, catalogue, entries)
  return summarise(all, isFound ? heading : "closest", found.sensitive, Math.max(0, found.unlisted.length - MOST_UNLISTED), text)
}

/**
 * @param {Item[]} items
 * @param {Answer["heading"]} heading
 * @param {boolean} sensitive
 * @param {number} more
 * @param {string} text
 * @returns {Answer}
 */
function summarise(items, heading, sensitive, more, text) {
  const errors = items.filter((item) => item.basis === "sure" && !isSecondReading(item))
  const count = (/** @type {Item[]} */ list) => list.reduce((sum, item) => sum + item.count, 0)
  return {
    heading,
    items,
    more,
    errors: count(errors) + more,
    inDoubt: count(errors.filter((item) => item.inDoubt)) + more,
    sensitive,
    isCut: text.length > LIMIT,
  }
}

/**
 * @param {Item} item
 * @returns {boolean} whether the item only explains another: a row whose wording came with another code
 */
function isSecondReading(item) {
  return item.kind === "code" && item.count === 0
}

/**
 * @param {Item[]} items
 * @returns {Answer["heading"]}
 */
function nameHeading(items) {
  if (items.some((item) => item.basis === "sure")) return "found"
  return items.length ? "probable" : "none"
}

/**
 * @param {Kind} kind
 * @param {string} key
 * @param {string} path
 * @param {Partial<Item>} [more]
 * @returns {Item}
 */
function makeItem(kind, key, path, more = {}) {
  return { kind, key, path, count: 1, basis: "sure", inDoubt: false, remarks: [], warnings: [], ...more }
}

/**
 * @param {import("./decode.js").Decoded} found
 * @param {Map<string, Row>} rows
 * @returns {Map<string, number>} the codes whose numbers stand in the text, each with its status; none if a wording stands alone
 */
function listNumbers({ matches, unlisted }, rows) {
  const isNamed = matches.length > 0 && matches.every((match) => match.via !== "message" || match.reason)
  if (!isNamed) return new Map()
  return new Map([...unlisted.map((number) => /** @type {[string, number]} */ ([number, 0])), ...matches.map(({ code }) => /** @type {[string, number]} */ ([code, rows.get(code)?.http_status ?? 0]))])
}

/**
 * @param {Item[]} items
 * @param {Item[]} others what ended another attempt; a status that is among the items counts there
 */
function addReplies(items, others) {
  for (const other of others.filter((one) => one.kind !== "code")) {
    const same = items.find((item) => item.kind === other.kind && item.key === other.key)
    if (same) same.count += other.count
    else items.push(other)
  }
}

/**
 * @param {import("./decode.js").Decoded} found
 * @param {import("./statuses.js").Replies} replies
 * @param {Map<string, Row>} rows
 * @param {Map<string, number>} odd the codes of an attempt that came under another status
 * @returns {Item[]} the certain codes
 */
function listMatches(found, replies, rows, odd) {
  const main = found.matches.filter((match) => !match.reason)
  const other = isExplained(found.matches, replies, rows) || main.length > 1 ? undefined : replies.statuses.find(({ status }) => status !== rows.get(main[0]?.code ?? "")?.http_status)
  const isDoubt = main.some(({ code }) => DOUBTFUL.has(rows.get(code)?.outcome[0] ?? ""))
  return found.matches.map((match) => {
    const status = odd.get(match.code) ?? other?.status
    return makeCodeItem(match, /** @type {Row} */ (rows.get(match.code)), status, isDoubt && Boolean(match.reason))
  })
}

/**
 * @param {{code?: string, key?: string}[]} codes
 * @param {import("./statuses.js").Replies} replies
 * @param {Map<string, Row>} rows
 * @returns {boolean} whether one of the statuses is that of a code
 */
function isExplained(codes, replies, rows) {
  return codes.some(({ code, key }) => replies.statuses.some(({ status }) => rows.get(code ?? key ?? "")?.http_status === status))
}

/**
 * @param {Item} item
 * @param {Map<string, Row>} rows
 * @returns {number} small where money may hang on it; wordings without a code and numbers without a row come last
 */
function rankItem(item, rows) {
  if (item.kind === "unlisted") return 20
  return rateRisk(item, rows) + (item.isWording ? 10 : 0)
}

/**
 * @param {Item} item
 * @param {Map<string, Row>} rows
 * @returns {number}
 */
function rateRisk(item, rows) {
  if (item.inDoubt) return 0
  const row = rows.get(item.key)
  if (row?.outcome[0] === "accepted") return 3
  return row?.retry[0] === "stop" ? 1 : 2
}

/**
 * @param {import("./decode.js").Match} match
 * @param {Row} row
 * @param {number | undefined} odd a status that is not the one of the row
 * @param {boolean} isDoubtful whether the row only explains a code that leaves a write in doubt
 * @returns {Item}
 */
function makeCodeItem(match, row, odd, isDoubtful) {
  const remarks = [VIA[match.via]]
  if (match.count > 1) remarks.push(`Found ${match.count} times.`)
  if (match.reason) remarks.push(match.reason)
  const warnings = []
  const isFalseSuccess = match.isFalseSuccess === true
  if (isFalseSuccess) warnings.push("The code says success and the message does not. Treat the outcome of a write as unknown.")
  else if (match.wording === "unfamiliar") warnings.push("This catalogue does not know the wording for this code. Is this response from WOO X Pro?")
  if (odd && !match.reason) warnings.push(`The paste says HTTP ${odd}; the vendor's table says ${row.http_status}.`)
  const inDoubt = isDoubtful || DOUBTFUL.has(row.outcome[0]) || isFalseSuccess || (odd !== undefined && odd > 499 && !match.reason)
  return makeItem("code", row.code, `codes/${row.code}/`, { count: match.reason ? 0 : match.count, inDoubt, isWording: match.via === "message", remarks, warnings })
}

/**
 * @param {string[]} numbers
 * @param {import("./statuses.js").Replies} replies
 * @param {boolean} isLinked whether the text also tells of a websocket, whose numbers say why it was closed
 * @returns {Item[]}
 */
function listUnlisted(numbers, replies, isLinked) {
  const isBlocked = replies.statuses.some(({ status }) => status === 403 || status === 429)
  const others = numbers.filter((number) => !(isBlocked && isCloudflare(number)) && !(isLinked && CLOSED.test(number)))
  return others.slice(0, MOST_UNLISTED).map((number) => makeItem("unlisted", number, "codes/", { inDoubt: true }))
}

/**
 * @param {string} body
 * @param {Item[]} codes
 * @param {Map<string, Row>} rows
 * @returns {number} the lost answers beside the codes; a code's own message may speak of a timeout too
 */
function countLost(body, codes, rows) {
  const [own, others] = /** @type {[string[], string[]]} */ ([[], []])
  for (const line of body.replace(FRAME, "").split("\n")) {
    if (codes.some((item) => hasCode(line, item.key))) own.push(line)
    else if (!isOtherLink(line)) others.push(line)
  }
  const isShort = body.length <= SHORT
  const lost = new RegExp(isShort ? `${LOST.source}|${LOST_IN_SHORT.source}` : LOST.source, "i")
  const explained = new Set(codes.map(({ key }) => rows.get(key)?.http_status ?? 0))
  return readReplies(others.join("\n"), explained, isShort).lost + own.filter((line) => lost.test(cutOwn(line.slice(0, MOST_OF_LINE), codes))).length
}

/**
 * @param {string} line
 * @param {Item[]} codes
 * @returns {string} the line without what tells of its codes: the object that holds one, and the clause around it
 */
function cutOwn(line, codes) {
  // An object, and those in it, but no list of objects: each of them may tell of another request.
  const bare = line.replace(/\{(?:[^{}[]|\[(?!\s*\{))*(?:\{[^{}]*\}(?:[^{}[]|\[(?!\s*\{))*)*\}/g, (part) => ` ${codes.find((item) => part.includes(item.key))?.key ?? part}`)
  const clauses = bare.split(CLAUSE_END)
  return clauses.filter((clause) => !codes.some((item) => hasCode(clause, item.key))).join("\n")
}

/**
 * @param {import("./statuses.js").Replies} replies
 * @param {Item[]} codes
 * @param {Map<string, Row>} rows
 * @param {StatusRow[]} statuses
 * @returns {Item[]} statuses and lost answers that no code explains
 */
function listReplies(replies, codes, rows, statuses) {
  const explained = new Set(codes.map((item) => rows.get(item.key)?.http_status))
  // A single code may come under a status that is not its own; beside its own, another status ended another attempt.
  const isOdd = codes.filter((item) => item.count).length === 1 && !isExplained(codes, replies, rows)
  const items = []
  for (const seen of replies.statuses) {
    if (codes.length && (explained.has(seen.status) || isOdd || seen.isLoose || !(seen.status > 499 || PASSING.has(seen.status)))) continue
    items.push(...makeStatusItems(seen, rows, statuses, replies.isRouteLost))
  }
  if (isOdd && replies.isRouteLost) items.push(...makeStatusItems({ status: 404, count: 1, isLoose: false }, rows, statuses, true))
  if (replies.lost) items.push(makeItem("lost", "lost", LOOK_UP, { count: replies.lost, inDoubt: true }))
  return items
}

/**
 * @param {import("./statuses.js").Seen} seen
 * @param {Map<string, Row>} rows
 * @param {StatusRow[]} statuses
 * @param {boolean} isRouteLost
 * @returns {Item[]} the status; with it the code, where only one code comes with this status
 */
function makeStatusItems({ status, count, isLoose }, rows, statuses, isRouteLost) {
  const own = [...rows.values()].filter((row) => row.http_status === status)
  const isListed = statuses.some((row) => row.status === status)
  // Without a code the answer may come from a gateway, whatever its status: a write may have been executed.
  const inDoubt = status > 399 || status === 200
  const item = makeItem("status", String(status), isListed ? `http/${status}/` : status > 499 || status === 408 ? LOOK_UP : "http/", { count, inDoubt, isLoose })
  const only = own.length === 1 && !isRouteLost && isRefusal(status, own) ? own[0] : undefined
  if (!only) return [item]
  const remarks = [`The only code that comes with HTTP ${status}.`]
  const code = makeItem("code", only.code, `codes/${only.code}/`, { basis: "probable", count: 0, inDoubt, remarks })
  // Whoever types a bare status looks for the error, whoever pastes a response has it before them.
  return isLoose ? [code, item] : [item, code]
}

/**
 * @param {number} status
 * @param {Row[]} own the codes that come with it
 * @returns {boolean} whether every code of the status says that the request was refused
 */
function isRefusal(status, own) {
  return status > 400 && status < 500 && status !== 404 && own.length > 0 && own.every((row) => row.outcome[0] === "rejected")
}

/**
 * @param {string} body
 * @param {Map<string, Row>} rows
 * @param {boolean} isOneDoubt
 * @returns {Item[]} listed codes that stand in a short text as numbers of their own
 */
function listProbable(body, rows, isOneDoubt) {
  if (body.length > SHORT) return []
  const codes = new Set()
  let end = -1
  for (const { 0: code, index } of body.matchAll(/(?<![\w.,$\u20ac\xa3:/@#+-]|\d\s)\d{5}(?![\w%]|[.,:/-]\d|\s\d)/g)) {
    const before = body.slice(Math.max(0, index - 30), index)
    const after = body.slice(index + code.length, index + code.length + 20)
    const isNext = end >= 0 && /^\s?(?:,|and|or|vs\.?|with|from|und|y|et|和|与)\s$/i.test(body.slice(end, index))
    if (!rows.has(code) || (!isNext && isAmount(before, after)) || AMOUNT_AFTER.test(after)) continue
    codes.add(code)
    end = index + code.length
  }
  return [...codes].slice(0, MOST_GUESSES).map((code) => {
    const inDoubt = isOneDoubt || DOUBTFUL.has(rows.get(code)?.outcome[0] ?? "")
    const remarks = ["Probably this code: the number stands by itself, without a word for code."]
    return makeItem("code", code, `codes/${code}/`, { basis: "probable", inDoubt, remarks })
  })
}

/**
 * @param {string} before
 * @param {string} after
 * @returns {boolean} whether a number counts, names or locates something
 */
function isAmount(before, after) {
  if (AMOUNT_AFTER.test(after) || OTHER_CODE.test(before)) return true
  if (/[=:]\s{0,3}["']?$/.test(before)) return !REPORTED_BEFORE.test(before)
  return AMOUNT_BEFORE.test(before) && !CODE_VERBS.test(before) && !COMPLAINT_BEFORE.test(before)
}

/**
 * @param {string} body
 * @param {import("./statuses.js").Seen[]} statuses
 * @param {Map<string, Row>} rows
 * @param {Entry[]} entries
 * @returns {string[]} the codes of a status that the words beside it describe
 */
function listNamed(body, statuses, rows, entries) {
  if (!statuses.length) return []
  const hits = rank(cleanQuery(body.replace(/\d+/g, " ")), entries).slice(0, MOST_CLOSEST)
  const codes = hits.map((hit) => /^codes\/(\d+)\//.exec(hit.location)?.[1] ?? "")
  return codes.filter((code) => statuses.some(({ status }) => rows.get(code)?.http_status === status)).slice(0, 3)
}

/**
 * @param {string[]} maybe
 * @param {Map<string, Row>} rows
 * @param {boolean} isOneDoubt
 * @param {Item[]} items
 * @returns {Item[]} rows whose wording resembles the text; beside a lost answer none that calls the write refused
 */
function listGuesses(maybe, rows, isOneDoubt, items) {
  const shown = new Set(items.map((item) => item.key))
  const fitting = maybe.filter((code) => !shown.has(code) && (!isOneDoubt || DOUBTFUL.has(rows.get(code)?.outcome[0] ?? "")))
  return [...new Set(fitting)].slice(0, MOST_GUESSES).map((code) => makeGuess(code, rows))
}

/**
 * @param {string} code
 * @param {Map<string, Row>} rows
 * @returns {Item}
 */
function makeGuess(code, rows) {
  const inDoubt = DOUBTFUL.has(rows.get(code)?.outcome[0] ?? "")
  return makeItem("code", code, `codes/${code}/`, { basis: "wording", inDoubt, remarks: ["A guess from the wording alone."] })
}

/**
 * @param {string} body
 * @param {string[]} maybe
 * @param {Catalogue} catalogue
 * @param {Entry[]} entries
 * @returns {Item[]} the pages that are closest by their words
 */
function listClosest(body, maybe, catalogue, entries) {
  const rows = new Map(catalogue.errors.map((row) => [row.code, row]))
  const isAccepted = (/** @type {{location: string}} */ hit) => rows.get(hit.location.slice(6, -1))?.outcome[0] === "accepted"
  // Words alone never say first that an order was taken.
  const asks = body.length <= SHORT && ASKS_OUTCOME.test(body) && !KNOWS_OUTCOME.test(body)
  const hits = rank(cleanQuery(body), entries).slice(0, MOST_CLOSEST).sort((a, b) => Number(isAccepted(a)) - Number(isAccepted(b)))
  const items = hits.map((hit) => {
    const code = /^codes\/(\d+)\//.exec(hit.location)?.[1]
    if (code && rows.has(code)) return makeGuess(code, rows)
    return makeItem("page", hit.location, hit.location, { basis: "wording", title: hit.title, text: hit.text })
  })
  const shown = new Set(items.map((item) => item.key))
  items.splice(1, 0, ...maybe.filter((code) => !shown.has(code)).map((code) => makeGuess(code, rows)))
  const starts = STARTS.map(([path, title, text]) => makeItem("page", path, path, { basis: "wording", title, text }))
  const others = items.filter((item) => item.inDoubt || item.path.startsWith("guides/"))
  const fitting = asks ? [...starts.slice(-1), ...others.filter(({ path }) => path !== LOOK_UP)] : items
  return (fitting.length ? fitting : starts).slice(0, MOST_CLOSEST)
}

/**
 * @param {string} body
 * @returns {string} without numbers, which are prices and ids here, where words stand beside them
 */
function cleanQuery(body) {
  const words = body.replace(/(?<!\w)[\d.,:]{4,}(?!\w)/g, " ")
  return /\p{L}/u.test(words) ? words : body
}

/**
 * @param {Answer} answer
 * @returns {string} what a shared link holds: codes and counts, never text
 */
export function encodeItems({ items }) {
  const letters = { code: "", unlisted: "u", status: "h", lost: "l", page: "" }
  const parts = items
    .filter((item) => item.basis === "sure" && item.kind !== "page")
    .map((item) => `${letters[item.kind]}${item.kind === "lost" ? "" : item.key}${item.count > 1 ? `.${item.count}` : ""}`)
  let link = ""
  for (const part of parts) if (link.length + part.length < MOST_SHARED) link += `${link && ","}${part}`
  return link
}

/**
 * @param {string} link
 * @param {Catalogue} catalogue
 * @returns {Answer}
 */
export function decodeItems(link, catalogue) {
  const rows = new Map(catalogue.errors.map((row) => [row.code, row]))
  const parts = link.slice(0, MOST_SHARED).matchAll(/(?:^|,)([uhl]?)(\d{0,6})(?:\.(\d{1,7}))?(?=,|$)/g)
  const items = [...parts].flatMap(([, kind = "", number = "", count = "1"]) =>
    readShared(kind, number, Math.max(1, Number(count)), rows, catalogue.statuses ?? []),
  )
  return summarise(items, items.length ? "found" : "none", false, 0, "")
}

/**
 * @param {string} kind
 * @param {string} number
 * @param {number} count
 * @param {Map<string, Row>} rows
 * @param {StatusRow[]} statuses
 * @returns {Item[]}
 */
function readShared(kind, number, count, rows, statuses) {
  const remarks = count > 1 ? [`Found ${count} times.`] : []
  if (kind === "l") return [makeItem("lost", "lost", LOOK_UP, { count, inDoubt: true })]
  if (kind === "h" && /^[1-5]\d\d$/.test(number)) {
    return makeStatusItems({ status: Number(number), count, isLoose: false }, rows, statuses, false).slice(0, 1)
  }
  if (kind === "u" && number.length > 3) return [makeItem("unlisted", number, "codes/", { count, inDoubt: true })]
  const row = kind ? undefined : rows.get(number)
  if (!row) return []
  return [makeItem("code", number, `codes/${number}/`, { count, inDoubt: DOUBTFUL.has(row.outcome[0]), remarks })]
}
