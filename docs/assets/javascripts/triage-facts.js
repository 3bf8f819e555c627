/**
 * Reads what one record of a log says about a request or its answer. Pure; every pattern is bounded.
 *
 * @typedef {{code: string, at: number, isListed: boolean, trace: string|null}} Mention
 * @typedef {{method: string|null, path: string|null, isForeign: boolean, mentions: Mention[],
 *   isDone: boolean, status: number|null, lost: boolean, unsent: boolean, isWrite: boolean|null, action: Action|null, side: string|null,
 *   clientId: string|null, orderId: string|null, symbol: string|null, requestId: string|null, isRequest: boolean,
 *   isWire: boolean, isEcho: boolean, isBare: boolean, isLibrary: boolean, isException: boolean, isUnreadable: boolean, isError: boolean, body: string}} Facts
 * @typedef {"submit"|"cancel"|"modify"|"setting"|"transfer"} Action
 * @typedef {Map<string, {code: string, status: number, outcome: string, key: string, message: string}>} Rows
 */

import { LOST as SITE_LOST } from "./statuses.js"
import { dropWorkers } from "./text.js"

const Q = String.raw`["'\x60]?`
const GAP = String.raw`["'\x60*)\]]{0,3}\s{0,8}(?:=>|[:=#(|>,\uff1a]|is\b|was\b|<\/?\w{1,9}>)?\s{0,8}(?:\w{1,8}\()?["'\x60([*#]{0,3}\s?`
const CODE = new RegExp(
  String.raw`(?<![\w-])((?:(?:err(?:or)?|ret(?:urn)?|res(?:ult|p|ponse)?|api|biz|status|server|exchange|bitmart|woox?|sub|s)[_ -]?){0,3}(?:code|errno)|errno|错误代?码|錯誤碼)(${GAP})(\d{4,6})(?![\w]|\.\d|[:/-]\d)`,
  "gi",
)
const NO_CODE = /(?:\b(?:exit(?:ed with)?|zip|postal|area|country|currency|promo|source|product|qr|close|closed with|lines of)|websocket|\bws)[ _]?$/i
const SAID = /(?:(?<!key|index|os|assertion)(?:error|exception)|\berr|\bbitmart|\bwoox?(?: ?pro)?|failed with|\breturned|\bgot|\brc)["'\]]{0,2}[\s:=#([,-]{1,4}(\d{5})(?![\w%]|[.:,/-]\d)/gi
const UNIT = /^\s?(?:usd[tc]?|btc|eth|m?s|(?:second|byte|contract|order|item|row|line|time|trade|request|error)s)\b/i
const FREE = /(?<![\w.$:=/#-])\d{5}(?![\w%]|[.:-]\d)/g
const FOREIGN_BODY = /\b(?:binance\w*|bitget|mexc|okx|bybit|kucoin\w*|gate(?:io)?|htx|huobi|bingx|phemex|coinbase\w*|kraken\w*|woofipro|hyperliquid|deribit)\b["':]{0,2}[^{}\n]{0,60}\{[^{}]*$/i

const TRACE = new RegExp(String.raw`(?<![\w-])trace${Q}\s{0,3}[:=]\s{0,3}${Q}([\w.-]{8,80})`, "gi")
const STATUS = [
  /\bHTTP\/[\d.]+"?\s+([1-5]\d\d)\b/i,
  /\bHTTP[ :]{1,2}([1-5]\d\d)\b/i,
  /\bhttp[_ -]?(?:status|code|response)[\w ]{0,8}["']?\s{0,3}(?:is|=|:|=>)?\s{0,3}["']?([1-5]\d\d)(?!\w|\.\d)/i,
  /(?<!by[_ ])status(?:[_ -]?code)?["']?\s{0,3}(?:is|=|:|=>|\()?\s{0,3}["']?([1-5]\d\d)(?!\w|\.\d)/i,
  /\bstatusCode["']?\s{0,3}[:=]\s{0,3}([1-5]\d\d)(?!\w|\.\d)/,
  /\b(?:bitmart|woox?(?:pro)?)\s(?:GET|POST|PUT|DELETE)\s\S{1,400}\s([1-5]\d\d)\b/,
  /\b(?:GET|POST|PUT|DELETE)\s(?:https?:\/\/[\w.:-]{1,100})?\/(?:contract|account)\/\S{1,400}\s([1-5]\d\d)(?![\w.,:%-])/,
  /\b(?:GET|POST|PUT|DELETE)\s\/(?:contract|account)\/\S{1,400}(?:\s[\w.]{1,40}=[^\s=]{1,80}){1,8}\s(20\d|[45]\d\d)(?![\w.,:%-]|\s?(?:[mu]?s|bytes)\b)/,
  /(?:^|\s)<-{0,2} ([1-5]\d\d)\b/,
  /\b(?:GET|POST|PUT|DELETE)\s\S[^\n]{0,300}?\s[-=]> ([1-5]\d\d)(?![\w.,:%])/,
  /(?<![\w-])(?:submit|cancel|modify)-[a-z][\w-]{0,30}\s[^\n]{0,300}?\s[-=]> ([1-5]\d\d)(?![\w.,:%])/,
  /\bResponse\{[^{}]{0,40}\bcode=([1-5]\d\d)\b/,
  /\b([45]\d\d) (?:Client Error|Server Error|Bad Request|Unauthorized|Forbidden|Not Found|Request Timeout|Too Many Requests|Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out|Route Not Found)/i,
  /\bClientResponseError: ([45]\d\d)\b/,
  // A failure and a bare number that is no amount: "failed: 504", "got 502 from", "HTTPError(500)".
  /\b(?:failed(?: with)?|got|response(?: code)?|answered|returned|(?:HTTP)?Error)(?: an?)?[\s:=([]{1,3}(40\d|41[0-8]|42\d|50\d|52\d)(?=[)\]]|[^\S\n]{0,9}(?:\n|$)|[;,] [a-z]| from\b| <)/i,
  // HAProxy writes the status before the request.
  /\s([1-5]\d\d) \d{1,12} \S{1,80} \S{1,80} [\w-]{4} \d{1,9}\/[^"\n]{0,200}"(?:GET|POST|PUT|DELETE) /,
  /<(?:title|h1)>\s{0,9}([45]\d\d)\b/i,
]
/** What logs say beside the list of the site: levels, stacks and proxies that people do not paste. */
const LOST_IN_LOGS = new RegExp(
  [
    String.raw`read ?time(?:d ?)?out|timed ?out|\btime-?out(?:error|exception)?\b(?!["']?\s?[=:])|(?:Timeout|Disconnected)(?:Error|Exception)|EPIPE|ECONNABORTED`,
    String.raw`connection (?:was )?(?:reset|aborted|closed|broken|lost)|Connection(?:Reset|Aborted)(?:Error)?|BrokenPipe|unexpected EOF|: EOF\b|\bEOF occurred|deadline has elapsed`,
    String.raw`NoHttpResponse|without sending (?:complete|a) response|prematurely closed|connection dropped|write ?time-?out|\bReadError\b|no (?:answer|response|reply) (?:from|was|came|received|in\b|within)|\berror sending request for url|\{:error, :closed\}`,
    // CCXT names the class, the method and the address of a lost answer, and nothing behind them.
    String.raw`(?:NetworkError|ExchangeNotAvailable|RequestTimeout): \w{2,20} (?:GET|POST|PUT|DELETE) \S{1,300}(?:\s*$|\n)`,
    String.raw`\b(?:bitmart|woo)\w{0,12} (?:GET|POST|PUT|DELETE) https?:\/\/[^\s"'\x60()]{1,300}["'\x60)\].,]{0,5}[^\S\n]{0,9}(?:$|\n)`,
    // A gateway's phrase without its status.
    String.raw`\bbad gateway\b|\bservice (?:temporarily )?unavailable\b|\bgateway time-?out\b|\binternal server error\b`,
  ].join("|"),
  "i",
)
const LOST_ON_SITE = new RegExp(SITE_LOST.source, "i")
/** Says whether a text tells of an answer that did not come. @param {string} text */
export const isLost = (text) => LOST_IN_LOGS.test(text) || LOST_ON_SITE.test(text)
/** The request had gone out before the connection broke, whatever a later try met. */
const SENT_AND_LOST = /read ?time(?:d ?)?out|ECONNRESET|reset by peer|socket hang ?up|RemoteDisconnected|connection aborted|broken ?pipe|EPIPE/i
/** The answer began with a good status and did not come whole. */
const BODY_LOST =
  /\b(?:empty|no) (?:response )?body\b|\bbody["']?\s?(?:is|was|=|:)\s?["']?(?:empty|missing)\b|\bempty (?:response|reply|answer)\b|IncompleteRead|ChunkedEncodingError|ClientPayloadError|payload is not completed|transfer closed|ended prematurely|premature(?:ly)? (?:close|end)|unexpected (?:EOF|end of)|RemoteProtocolError/i
export const UNSENT =
  /ECONNREFUSED|connection refused|ConnectionRefused|ENOTFOUND|EAI_AGAIN|getaddrinfo|name or service not known|name resolution|resolve host|no such host|failed to establish a new connection|NewConnectionError|ConnectTimeout|PoolTimeout|connect ETIMEDOUT|\bconnect timed? ?out|curl: \(28\) Connection timed|while connecting to upstream|UND_ERR_CONNECT|failed to connect|couldn't connect|cannot connect to host|ClientConnectorError|CERTIFICATE_VERIFY|x509:|certificate (?:verify|has expired)|tcp connect error|\bdns error|network is unreachable|no route to host/i
/** An answer that came and could not be read tells no more than one that did not come. */
export const UNREADABLE = /JSONDecodeError|Expecting value: line 1|Unexpected (?:token|end of) .{0,20}JSON|is not valid JSON|invalid character .{0,20}looking for beginning|unexpected end of JSON|\bjson decode error|\binvalid json in (?:the )?(?:response|answer|body)|JsonParseException|ContentTypeError/i
const NO_REST = /\bwebsockets?\b|wss:\/\/|\bws\b|\bping\b|\bpong\b|heartbeat|\breason: cancel{1,2}ed due to timeout\b|\bkeep-?alive\b.{0,20}timeout|setting timeout|\btimed out unfilled\b|\bnot filled (?:with)?in\b|\bGTD timeout\b|(?<!(?:submit|plac|creat|send|cancel|modif)\w{0,4}[ _-])\border (?:fill )?timeout reached/i
const TROUBLE =
  /error|not ?available|unavailable|dropped|remote end|exception|fail|warn|critical|fatal|lost|timed[ _]?out|time-?out|reset|hang ?up|hung ?up|refused|"level":\s?(?:40|50|60)\b|curl: \(|ETIMEDOUT|EPIPE|ECONN|ERR_|disconnect|EOF|premature|empty (?:reply|response|answer|body)|no (?:answer|response|body)|abort|goaway|deadline|gateway|connection|socket|peer|broken|unexpected end/i

const OURS = /(?:^|[\s"'`=([,:]|https?:\/\/[\w.:-]{1,100})(\/(?:contract|account|spot|system)\/[a-z][\w/-]{1,120})/i
const ANY_URL = /https?:\/\/([\w.-]{1,120})|"(?:GET|POST|PUT|DELETE|PATCH|HEAD) (\/\S{0,400}) HTTP\/|\b(?:GET|POST|PUT|DELETE|PATCH) (\/[\w./-]{1,200})/
const HOST = /woo|bitmart|localhost|^[\d.]+$/i
const METHOD = /(?<![\w-])(GET|POST|PUT|DELETE|PATCH)(?![\w-])|\bmethod["']?\s{0,3}[:=]\s{0,3}["']?(get|post|put|delete|patch)\b|\b(Get|Post|Put|Delete|Patch) "https?:/g
const READ_PATH = /(?:-list|\/get-[\w-]+|\/(?:order|order-history|trades|position[\w-]*|current-plan-order|assets-detail|transaction-history|trade-fee-rate|details|depth|kline|markprice-kline|market-trade|open-interest|funding-rate[\w-]*|leverage-bracket|wallet|balance)|\/public\/[\w-]+|\/system\/[\w-]+)$/i
const WRITE_WORDS =
  /\b(?:creat|plac|submit|send|cancel|modify|modif|amend|edit|close?)(?:t?e|t?ing|l?ing|l?ed|ed|l?ation|)?[\s_-](?:[\w/:-]{1,20}[\s_-]){0,3}?(?:orders?|positions?|trade)\b|\b(?:create|place|submit|send|cancel|modify|amend|edit|close)[A-Z]?\w{0,24}(?:Order|Position)s?\b|\bset[_ ]?(?:leverage|position|margin)|\bsubmit[-_](?:order|leverage|plan|tp|trail)|\bNew_?Order(?:Single)?\b|\bcancel[-_ ]all\b(?!\w)|\b(?:market|limit)[-_](?:buy|sell)\b|\.(?:buy|sell)\(|\b(?:buy|sell) [A-Z0-9]{2,12}[-_/]?USD[TC]?(?::USD[TC])? failed\b|\b(?:stop[-_ ]?loss|take[-_ ]?profit) placement\b|\bplac(?:e|ing) (?:an? |the )?(?:stop[-_ ]?loss|take[-_ ]?profit)\b|\border (?:[\w/:-]{3,20} )?[\w:=/.-]{0,40}\d[\w:=/.-]{0,40} (?:failed|rejected|refused)\b|\border (?:submission|placement|cancel{1,2}ation|failed|rejected|refused|was (?:refused|rejected))|\bOrder(?:Rejected|Denied|CancelRejected|ModifyRejected)\b|\b(?:transfer|withdraw)\b|下单|撤单|改单|平仓|开仓|划转|转账|(?:提交|取消|撤销|修改)(?:订单|委托)/i
const READ_WORDS =
  /\blook(?:ing|ed)?[\s_-]?ups?\b|\b(?:fetch|get|load|query|quer|poll|read|list|look)(?:e?d|ing|y|ying)?[\s_-](?:up[\s_-])?(?:[\w/:-]{1,20}[\s_-]){0,3}?(?:balances?|positions?|orders?|trades?|markets?|ticker|klines?|ohlcv|candles?|depth|book|funding|history|account|status|details|fees?|time)\b|\b(?:fetch|get|load)(?:Balance|Position|Order|OpenOrder|MyTrade|Trade|Market|Ticker|OHLCV|Funding|Status|Time)\w{0,12}\b|查询|获取|拉取/i
const ECHO = /\bretry(?:ing)?\b|\bretries\b|backing off|back-off|giving up|gave up|sleeping|\balert(?:ed)?\b|notif|\bsummary\b|will try again/i

const CLIENT_ID = new RegExp(String.raw`(?<![a-z])(?:orig)?(?:client[_-]?o(?:rder)?[_-]?id|clOrdId|cloid|client_?oid)${Q}\s{0,3}(?:=>|[:=])\s{0,3}(?:\w{1,20}\()?${Q}([A-Za-z0-9][\w.:-]{0,63})`, "gi")
const ORDER_ID = new RegExp(String.raw`(?<![a-z_-]|client)(?:(?:exchange_?|venue_?)?order[_-]?id${Q}\s{0,3}(?:=>|[:=])\s{0,3}(?:\w{1,20}\()?${Q}|order\s(?=\d{10}))([A-Za-z0-9][\w-]{3,39})`, "gi")
const SYMBOL = new RegExp(String.raw`(?<![a-z])(?:symbol|pair|instrument(?:_?id)?|market|trading_?pair)${Q}\s{0,3}(?:=>|[:=])\s{0,3}(?:\w{1,20}\()?${Q}([A-Z0-9]{2,20}(?:[_/-][A-Z0-9]{2,10})?(?::[A-Z]{3,5})?)(?![\w])`)
const BARE_SYMBOL = /(?<![\w/-])([A-Z0-9]{2,12}[_/-]?USD[TC])(?![\w])/
const REQUEST_ID = new RegExp(String.raw`(?:(?<![a-z])(?:request|req|correlation|corr)[_-]?id${Q}|(?<=["'])req["']|(?<![\w.-])req(?==))\s{0,3}[:=]\s{0,3}${Q}([\w-]{2,64})`, "i")
const NO_ID = /^(?:none|null|undefined|nil|true|false|nan)$/i

/** Undoes colours, escapes and entities, one line at a time. @param {string} line */
export function cleanLine(line) {
  let out = dropWorkers(line)
  if (out.includes("\x1b")) out = out.replace(/\x1b\[[\d;]{0,20}[a-z]/gi, "")
  if (out.includes("&")) out = out.replace(/&quot;|&#34;/g, '"').replace(/&#0?39;|&apos;/g, "'").replace(/&amp;/g, "&")
  if (!out.includes("\\")) return out
  return out.replace(/\\{1,16}u002[27]/gi, '"').replace(/\\{1,16}u003e/gi, ">").replace(/\\{1,16}[rnt]/g, " ").replace(/\\{1,16}(?=["'/\\])/g, "")
}

/** Lower-case letters and digits of a message, the form in which two are compared. @param {string} text */
export const squeeze = (text) => text.toLowerCase().replace(/[^a-z0-9\u00c0-\uffff]+/g, "")

/** A bare word behind a quoted name or a spaced sign is a line of source code, as tracebacks show it. @param {string} all @param {string} id */
const isVariable = (all, id) => {
  const lead = all.slice(0, all.length - id.length)
  return (/["'`]\s{0,3}(?:=>|[:=])\s{0,3}$/.test(lead) && !/^\d/.test(id)) || (/\s=\s$/.test(lead) && !/\d/.test(id))
}

/** @param {RegExp} pattern with the flag g @param {string} text @returns {string|null} the first id that is one, or null where two differ */
function readId(pattern, text) {
  pattern.lastIndex = 0
  for (let tries = 0; tries < 20; tries++) {
    const hit = pattern.exec(text)
    const id = hit?.[1]
    if (!hit || id === undefined) return null
    if (!NO_ID.test(id) && !isVariable(hit[0], id)) return id.replace(/[.:-]+$/, "")
  }
  return null
}

/** Says whether a number is followed or preceded by the message of its own row. @param {string} text @param {number} at @param {number} end @param {string} key */
function hasOwnMessage(text, at, end, key) {
  const lead = /^["'\])>:,;|.\s\u2013\u2014-]{0,8}/.exec(text.slice(end, end + 8))?.[0] ?? ""
  if (key && text[end + lead.length]?.toLowerCase() === key[0]) return squeeze(text.slice(end, end + 60)).startsWith(key.slice(0, 10))
  return /[([]\s?$/.test(text.slice(at - 2, at)) && squeeze(text.slice(Math.max(0, at - 120), at)).endsWith(key.slice(-10))
}

/** Finds the braces around a place, within reach. @param {string} text @param {number} at */
export function findObject(text, at) {
  let from = at
  let depth = 0
  for (; from > Math.max(0, at - 2000); from--) {
    if (text[from] === "}") depth++
    else if (text[from] === "{" && depth-- === 0) break
  }
  let end = at
  depth = 0
  for (; end < Math.min(text.length, at + 2000); end++) {
    if (text[end] === "{") depth++
    else if (text[end] === "}" && depth-- === 0) break
  }
  return text.slice(Math.max(from, 0), end + 1)
}

const LOGGER_KEY = /["'](?:level|levelname|severity|logger|event|hostname|pid|time|ts|timestamp|lvl)["']\s{0,3}:/
const MESSAGE = /(?<![\w-])(?:message|msg)["']?\s{0,3}(?:=>|[:=])\s{0,3}(?:"([^"]{0,300})|'([^']{0,300})|([^\s,}"']{1,80}))/i
const SUCCESS = /^\W*(?:ok|success\w*|succeed\w*|succ|成功)?\W*$/i

/** Says whether 1000 came with a message that is no success. @param {string} text @param {number} at */
function isFalseSuccess(text, at) {
  const own = findObject(text, at)
  const isWhole = own[0] !== "{"
  const top = isWhole ? "" : own.slice(1, -1).replace(/\{[^{}]*\}/g, "").replace(/\{[^{}]*\}/g, "")
  if (isWhole ? /(?<![\w])msg=/.test(own) : LOGGER_KEY.test(top)) return false
  const tail = /\berror|\bfail/i.test(own) ? /^["')\]]{0,2}\s{0,3}[:-]\s{0,3}(\p{L}[^"\n]{2,80})/u.exec(text.slice(at + 4, at + 100))?.[1] : undefined
  if (isWhole && tail) return !SUCCESS.test(tail)
  const said = MESSAGE.exec(isWhole ? text.slice(at, at + 300) : own)
  return Boolean(said) && !SUCCESS.test(said?.[1] ?? said?.[2] ?? said?.[3] ?? "")
}

/** @param {string} text @param {number} at @param {string} code @param {string} label @param {string} gap */
function isUnlistedCode(text, at, code, label, gap) {
  if (/^0+$/.test(code) || /\s/.test(label.trim()) && code.length < 5) return false
  if (code.length > 4) return /[:=("'#>\s]/.test(gap)
  return code[0] !== "1" && /["']/.test(gap) && MESSAGE.test(findObject(text, at)) && !/^1/.test(code)
}

/**
 * Finds the numbers of a record that are error codes; `isDone` tells a success.
 * @param {string} text @param {Rows} rows
 * @returns {{mentions: Mention[], isDone: boolean, isForeign: boolean}}
 */
function readCodes(text, rows) {
  /** @type {Mention[]} */
  const mentions = []
  let [isDone, isForeign] = [false, false]
  for (const { 0: all, 1: label, 2: gap, 3: code, index } of text.matchAll(CODE)) {
    const at = index + all.length - code.length
    const isListed = rows.has(code)
    if (NO_CODE.test(text.slice(Math.max(0, index - 24), index)) || (!isListed && !isUnlistedCode(text, at, code, label, gap))) continue
    if (FOREIGN_BODY.test(text.slice(Math.max(0, at - 400), at))) isForeign = true
    else if (code === "1000" && !isFalseSuccess(text, at)) isDone = true
    else mentions.push({ code, at, isListed, trace: null })
  }
  if (!mentions.length && !isForeign) readSaid(text, rows, mentions)
  const traces = mentions.length ? [...new Set([...text.matchAll(TRACE)].map((hit) => hit[1]).filter((one) => !/^\.+$/.test(one)))] : []
  return { mentions: pickDistinct(text, mentions, traces), isDone, isForeign }
}

/** Finds codes that no word for "code" introduces. @param {string} text @param {Rows} rows @param {Mention[]} mentions */
function readSaid(text, rows, mentions) {
  const known = [...text.matchAll(FREE)].filter((hit) => rows.has(hit[0]))
  if (!known.length) return
  const taken = new Set()
  for (const { 0: all, 1: code, index } of text.matchAll(SAID)) {
    const end = index + all.length
    if (!rows.has(code) || UNIT.test(text.slice(end, end + 12))) continue
    taken.add(end - code.length)
    mentions.push({ code, at: end - code.length, isListed: true, trace: null })
  }
  for (const { 0: code, index } of known) {
    const key = rows.get(code)?.key ?? ""
    if (!taken.has(index) && hasOwnMessage(text, index, index + 5, key)) mentions.push({ code, at: index, isListed: true, trace: null })
  }
}

/** One record is one response: a code counts once, or once for each trace. @param {string} text @param {Mention[]} mentions @param {string[]} traces */
function pickDistinct(text, mentions, traces) {
  /** @type {Map<string, Mention>} */
  const distinct = new Map()
  for (const one of mentions.slice(0, 2000)) {
    const own = traces.length > 1 ? (/(?<![\w-])trace["']?\s{0,3}[:=]\s{0,3}["']?([\w.-]{8,80})/i.exec(findObject(text, one.at))?.[1] ?? null) : (traces[0] ?? null)
    const key = `${one.code} ${own ?? ""}`
    if (!distinct.has(key)) distinct.set(key, { ...one, trace: own })
  }
  return [...distinct.values()]
}

/** @param {string} text @returns {number|null} */
function readStatus(text) {
  for (const pattern of STATUS) {
    const hit = pattern.exec(text)
    if (hit) return Number(hit[1])
  }
  return null
}

/** A library's own getresponse or getaddrinfo runs below writes too. */
const READ_FRAME = /^(?:fetch|get|load|query|list)_?(?:my|open|closed|all|order)?_?(?:balance|position|order|trade|market|ticker|kline|ohlcv|candle|depth|book|funding|history|account|asset|status|detail|fee|time|leverage)/i

/** Says by the deepest frame of a traceback, else by the words, whether a call wrote. @param {string} text @returns {boolean|null} */
function readIntent(text) {
  const frames = [...text.matchAll(/, in (\w{3,60})/g)].map((hit) => hit[1])
  for (const name of [...frames.reverse(), ...[...text.matchAll(/\bat (?:async )?[\w.]{0,60}?\.?(\w{3,60}) \(/g)].map((hit) => hit[1])]) {
    if (/^(?:create|place|submit|cancel|modify|edit|amend|close)_?\w*(?:order|position)|^set_?(?:leverage|position|margin)|^transfer/i.test(name)) return true
    if (READ_FRAME.test(name)) return false
  }
  const isRead = READ_WORDS.test(text)
  const isWrite = WRITE_WORDS.test(text.replace(/\border[ _-]?(?:book|history|id)\b/gi, " "))
  return isRead === isWrite ? null : isWrite
}

/** @param {string} text */
function readTarget(text) {
  const hit = OURS.exec(text)
  const path = hit?.[1].replace(/\/+$/, "") ?? null
  const from = hit ? hit.index : 0
  const methods = [...text.slice(0, from + 4000).matchAll(METHOD)]
  const before = methods.filter((one) => one.index <= from + 2).at(-1) ?? methods[0]
  const other = path ? null : ANY_URL.exec(text)
  const isForeign = Boolean(other && !HOST.test(other[1] ?? "x"))
  const method = before?.[1] ?? before?.[2] ?? before?.[3] ?? null
  return { method: method?.toUpperCase() ?? null, path, isForeign }
}

/** @param {string|null} method @param {string|null} path @param {string} text @returns {boolean|null} */
function judgeWrite(method, path, text) {
  if (path && READ_PATH.test(path)) return false
  if (method && path) return method !== "GET"
  if (path) return /\/(?:submit|cancel|modify|set|transfer|sub-to|main-to|withdraw)[\w-]*/.test(path) ? true : null
  return readIntent(text)
}

const ACTIONS = /** @type {[Action, RegExp][]} */ ([
  ["submit", /(?<![a-z])(?:submit|create|creating|place|placing)[-_ ]?(?:[\w-]{1,20}[-_ ])?(?:orders?|trade)\b|下单|提交订单/i],
  ["cancel", /(?<![a-z])cancel(?:l?ing)?[-_ ]?(?:[\w-]{1,20}[-_ ])?orders?\b|撤单|(?:取消|撤销)订单/i],
  ["setting", /(?<![a-z])(?:set|setting|submit|submitting|change|changing)[-_ ]?(?:leverage|position|margin)/i],
  ["transfer", /(?<![a-z])transfer|划转|转账/i],
  ["modify", /(?<![a-z])(?:modify|modifying|edit|editing|amend|amending)[-_ ]?(?:[\w-]{1,20}[-_ ])?orders?\b|改单|修改订单/i],
])

/** Says what a call does to an order, if the text names one thing. @param {string} text @returns {Action|null} */
function readAction(text) {
  const named = ACTIONS.filter(([, pattern]) => pattern.test(text))
  return named.length === 1 && named[0] ? named[0][0] : null
}

/** @param {string} text @returns {string|null} buy or sell, if the text names one of them */
function readSide(text) {
  const isBuy = /\bbuy\b/i.test(text)
  return isBuy === /\bsell\b/i.test(text) ? null : isBuy ? "buy" : "sell"
}

/** Finds the HTTP status and whether an answer was lost. @param {string} text @param {string} kind @param {{mentions: Mention[], isDone: boolean}} codes */
function readAnswer(text, kind, { mentions, isDone }) {
  const isRequestKind = kind === "request" || /\bfetch Request:/.test(text)
  const status = isRequestKind ? null : readStatus(text)
  const isLonely = !mentions.length && !isDone && (status === null || status < 400)
  const isTold = !isRequestKind || CURL_FAILED.test(text)
  const isTrouble = isLonely && isTold && MAY_BE_LOST.some((pattern) => pattern.test(text)) && (!NO_REST.test(text) || OURS.test(text))
  const unsent = isTrouble && UNSENT.test(text) && !/while (?:reading|sending)/.test(text) && !SENT_AND_LOST.test(text)
  const isGood = status !== null && status < 300
  const lost = isTrouble && !unsent && (UNREADABLE.test(text) || (isGood ? BODY_LOST.test(text) : isLost(text)))
  return { isRequestKind, status, isLonely, unsent, lost }
}

/** @type {Facts} what a record without an answer or a request says */
const NOTHING = {
  method: null, path: null, isForeign: false, mentions: [], isDone: false, status: null, lost: false, unsent: false, isWrite: null, action: null, side: null, clientId: null,
  orderId: null, symbol: null, requestId: null, isRequest: false, isWire: false, isEcho: false, isBare: false, isLibrary: false, isException: false, isUnreadable: false, isError: false, body: "",
}

/**
 * Reads one record.
 * @param {string} text cleaned lines, joined by line ends @param {Rows} rows @param {string} kind
 * @returns {Facts}
 */
export function readFacts(text, rows, kind) {
  const codes = readCodes(text, rows)
  const { mentions, isDone } = codes
  const { isRequestKind, status, isLonely, unsent, lost } = readAnswer(text, kind, codes)
  const query = text.slice(0, 20000)
  const body = text.replace(/\?(?=[\w.[\]-]{1,60}=)[^\s"']{0,2000}/g, "")
  if (isLonely && status === null && !isRequestKind && !lost && !unsent && !MAY_SEND.test(query)) {
    return { ...NOTHING, body, isForeign: codes.isForeign, isError: codes.isForeign }
  }
  const { method, path, isForeign } = readTarget(text)
  const words = mentions.reduce((rest, { code }) => rest.replaceAll(rows.get(code)?.message || "\0", " "), query)
  const isRequest = isRequestKind || (isLonely && !lost && !unsent && status === null && isSending(text, method, path))
  return {
    ...readNames(text, query), method, path, mentions, isDone, status, lost, unsent, isRequest, body,
    isForeign: codes.isForeign || (isForeign && !/x-(?:bm|api)-|bitmart|woo ?x/i.test(text)),
    isWrite: judgeWrite(method, path, words),
    action: readAction(path ?? words),
    side: readSide(query),
    isWire: kind === "response" || status !== null || path !== null,
    isEcho: ECHO.test(query) && !/[{}]|exception|failed/i.test(query),
    isBare: /^\s*(?:Traceback|[\w.]{1,80}(?:Error|Exception)\b|During)/.test(text),
    isLibrary: LIBRARY.test(query),
    isException: EXCEPTION.test(query),
    isUnreadable: UNREADABLE.test(query),
    isError: codes.isForeign || lost || unsent || (status ?? 0) > 399,
  }
}

/** Finds the names by which a request can be found again. @param {string} text @param {string} query its start */
function readNames(text, query) {
  return {
    clientId: readId(CLIENT_ID, text),
    orderId: readId(ORDER_ID, text),
    symbol: toContract(SYMBOL.exec(query)?.[1] ?? BARE_SYMBOL.exec(query)?.[1]),
    requestId: REQUEST_ID.exec(query)?.[1] ?? null,
  }
}

/** The contract's name at the exchange: BTCUSDT, however a client writes it. @param {string|undefined} symbol */
const toContract = (symbol) => symbol?.replace(/:[A-Z]+$|[-_](?:PERP|SWAP)$/, "").replace(/[/_-]/g, "") ?? null

const LIBRARY = /\burllib3|connectionpool|\bhttpx\b.{0,20}HTTP Request:|\bHTTP Request: /
const EXCEPTION = /\bfor url\b|HTTPStatusError|\bHTTPError\b|ClientResponseError|AxiosError|Request failed with status/
const MAY_SEND = /(?:plac|submitt|send|creat|cancel+|close?|post)ing|request|\bsent\b|-->|\/(?:contract|account)\/|\b(?:POST|GET)\b|(?:submit|create|place|cancel|modify|edit|amend)[-_ ]?(?:[a-z-]{0,20}|limit |market )order|\border (?:was )?(?:placed|accepted|created|acknowledged|submitted)\b/i
/** The name of a write with the names of its order is a call, as programs note it before they send, or when it failed. */
const CALL = /(?<![\w/-])(?:(?:submit|cancel|modify)-(?:[a-z]+-){0,3}orders?|(?:create|place|submit|cancel|modify|edit|amend)(?:_?(?:limit_|market_)?orders?| (?:limit |market )?order))(?![\w-])/i
const CURL_FAILED = /(?:^|\n)(?:curl: \(\d|\* .{0,40}(?:timed out|reset|refused|reply|resolve|failed|closed))/i
const SENDING = /\b(?:plac|submitt|send|creat|cancel+|close?|post)ing\b|\brequest\b|\bsent\b|-->/i

/** Cheap signs that a record may tell of a lost answer, in any language. */
const MAY_BE_LOST = [TROUBLE, OURS, CALL, /[^\x00-\x7f]/]
const RETURNED = /\bok\b|success|\bdone\b|returned|answered|finished|\btook\b/i

/** @param {string} text @param {string|null} method @param {string|null} path */
function isSending(text, method, path) {
  if (path) return method !== null || SENDING.test(text)
  const isCall = CALL.test(text) && (/fail|error/i.test(text) || (readId(CLIENT_ID, text) ?? readId(ORDER_ID, text) ?? BARE_SYMBOL.exec(text)) !== null)
  if (isCall && RETURNED.test(text)) return false
  return (isCall || SENDING.test(text)) && WRITE_WORDS.test(text) && !/\b(?:filled|accepted|rejected|cancel{1,2}ed|created|placed)\b/i.test(text.replace(/\breason:.*/, ""))
}
