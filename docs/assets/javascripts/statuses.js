/**
 * HTTP statuses and lost answers in a text: as a server, a gateway, a client library or a person writes them. Pure.
 *
 * @typedef {{status: number, count: number, isLoose: boolean}} Seen
 * @typedef {{statuses: Seen[], lost: number, isRouteLost: boolean}} Replies
 */

import { indexLines } from "./lines.js"

/** In a longer text a number or a word without a label may mean anything. */
const SHORT = 300
const MOST_FOUND = 5000

/** The reason phrases of the statuses that people meet, gateways' own included. */
export const REASONS = new Map([
  [200, "OK"],
  [201, "Created"],
  [204, "No Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [304, "Not Modified"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [411, "Length Required"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [415, "Unsupported Media Type"],
  [418, "I'm a teapot"],
  [421, "Misdirected Request"],
  [422, "Unprocessable Content"],
  [425, "Too Early"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [460, "Client closed the connection to the load balancer"],
  [499, "Client Closed Request"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
  [520, "Web server returned an unknown error"],
  [521, "Web server is down"],
  [522, "Connection timed out"],
  [523, "Origin is unreachable"],
  [524, "A timeout occurred"],
  [525, "SSL handshake failed"],
  [526, "Invalid SSL certificate"],
  [530, "Origin DNS error"],
])

/** What a proxy writes when the client did not wait for the answer. */
const GIVEN_UP = new Set([460, 499])

/** What Cloudflare's own error numbers come with. */
const CLOUDFLARE = new Map([
  ["1006", 403],
  ["1007", 403],
  ["1008", 403],
  ["1009", 403],
  ["1010", 403],
  ["1012", 403],
  ["1015", 429],
  ["1020", 403],
])

const LABELLED = [
  /\bHTTP\/[\d.]{1,4}"?\s{1,9}([1-5]\d\d)\b/gi,
  /(?:status|http)(?:[_ -]?(?:code|status))?["']?(?:\s{0,9}[:=(>]{1,3}|\s(?:is|was|of))?\s{0,3}["']?([1-5]\d\d)(?!\w|\.\d|-\d)/gi,
  /https?:\/\/\S{1,300}\s{1,3}["']?([1-5]\d\d)(?!\w|\.\d|-\d)/gi,
  /\b([45]\d\d):?\s{1,3}(?:forbid|unauth|bad |not f|not acc|not impl|too m|serv|client (?:e|c)|internal|gateway|request t|method|conflict|payload|content|unproc|i.?m a tea|temporarily|web server|origin|proxy|<!doctype|<html|route)/gi,
  /(?:error|exception|failure)s?["']?[:=(]\s{0,3}["'(]?([45]\d\d)(?=["')]?,?\s{0,3}(?:message=|<|$|\n|[:,(-]?\s{0,3}["']?[a-z]))/gi,
  /(?:Client|Server) error '([45]\d\d)\b/g,
  /too many ([45]\d\d) error responses/gi,
  /\bResponse\{[^}]{0,80}?code=([1-5]\d\d)\b/g,
  /(?:returned|requested url returned|server returned|unexpected|received|got)(?: (?:an?|the|http|error|status|response|code))*:?\s{1,3}([45]\d\d)(?!\w|\.\d|-\d)/gi,
  /["']?\b(?:code|errno|error_code|errorcode)["']?\s{0,3}[:=]\s{0,3}["']?([45]\d\d)(?!\w|\.\d|-\d)/gi,
  /<(?:title|h1|h2|center|span|strong|b)[^>]{0,100}>\s{0,20}(?:error\s{0,3}|http\s{0,3})?([45]\d\d)\b/gi,
  /\berror(?: code)?:?\s{1,3}(5[23]\d)\b/gi,
]

/** A number in few words is a status, unless it counts something. */
const LOOSE = /(?<![\w.,$\u20ac\xa3#/@-])([1-5]\d\d)(?:s|'s)?(?![\w%]|[.,:/-]\d)/g
const COUNTED_BEFORE =
  /(?:port|price|at|for|size|qty|quantity|amount|lines?|leverage|limit|id|(?<![-_/])orders?|timeout|every|within|last|top|level|bid|ask|volume|balance|pnl|margin|page|step|buy|sell|bought|sold|hit|wait(?:ed)?|than|up to|over|under|about|around|number|no|row|item|section|chapter|close|closed|open|opened|long|short|entry|stop|tp|sl|took|reduce|add|error in|\b(?:btc|eth|sol|xrp|bnb|doge|ltc|ada|[a-z]{2,6}[-/_]?usd[tc]?))\W{0,3}$/i
const COUNTED_AFTER =
  /^\s?(?:usd|btc|eth|ms\b|s\b|sec|min(?:ute)?s?\b|x\b|k\b|contracts?|orders?|requests?|times|lines?|bytes?|kb|mb|px|points?|days?|hours?|coins?|lots?|trades?|positions?|symbols?|files?|rows?|people|users?|filled|shares?|dollars?|sats?|units?|long\b|short\b)/i
const REPORTED_BEFORE = /(?:error|errors|fail|failed|failure|got|status|response|answer|answers|returned|returns|code|http|exception|错误|报错|返回)["']?\s{0,3}[:=]\s{0,3}["']?$/i

const PHRASES = /** @type {[RegExp, number][]} */ ([
  [/\broute not found\b|\bno route matched\b/i, 404],
  [/\bbad gateway\b|invalid response was received from the upstream/i, 502],
  [/\bgateway time-?\s?out\b|\bendpoint request timed out\b/i, 504],
  [/\binternal server error\b/i, 500],
  [/\bservice (?:temporarily )?unavailable\b|\bno healthy upstream\b/i, 503],
  [/\btoo many requests\b/i, 429],
  [/\bi['\u2019]?m a teapot\b/i, 418],
  [/\bunauthorized\b|\bunauthorised\b/i, 401],
  [/\b403 forbidden\b|^\W{0,9}forbidden\W{0,9}$|access denied \| /i, 403],
])

/** Whole pages of a gateway, which name no status. */
const CHALLENGES = /** @type {[RegExp, number][]} */ ([
  [/<title>\s{0,9}just a moment|\benable javascript and cookies to continue|\bsorry, you have been blocked|\battention required! \| cloudflare/i, 403],
  [/\bchecking your browser before accessing/i, 503],
])

/** How clients, gateways and people say that no answer came. */
export const LOST = new RegExp(
  [
    "\\w{0,40}time_?d?_?out_?(?:error|exception)\\b(?!\\W{1,3}(?:true|false)\\b)",
    "\\b(?:read|connect|connection|write|pool|request|socket|headers|body|server|network|i/o|tls handshake|handshake|upstream request|upstream|idle|client\\.)[ _]?time-?out\\b(?!['\"]?\\s?(?:set\\b|(?:=|:|is)\\s?\\d))",
    "\\btimed[ _-]?out\\b",
    "\\btimeout (?:of(?! [\\d.]+ ?\\w{1,7} (?:set|in)\\b)|after|exceeded|awaiting|while|waiting|was reached)\\b",
    "\\bdeadline[ _]?exceeded\\b",
    "\\binterruptedioexception\\b",
    "\\b(?:etimedout|esockettimedout|econnaborted|econnreset|econnrefused|epipe|enotfound|eai_again|ehostunreach|enetunreach|und_err_\\w{1,30}|err_network|err_timed_out|err_internet_disconnected|err_connection_\\w{1,20}|err_http2_\\w{1,30}|err_socket_\\w{1,20}|err_empty_response)\\b",
    "\\b(?:connection|socket|stream|session)\\b[^\\n.]{0,30}\\b(?:reset|aborted|closed|lost|dropped|terminated|refused|broken|interrupted|not closed cleanly)\\b(?! (?:by (?:us|user|the user|client|me)|normally|gracefully)\\b)",
    "\\breset by peer\\b",
    "\\b(?:hang|hung|hangs|hanging)[- ]?up\\b",
    "\\bother side closed\\b|\\bremote end closed\\b|\\bremote ?disconnected\\b|\\bpeer closed\\b",
    "\\bserver ?disconnected(?:error)?\\b|\\bremoteprotocolerror\\b|\\bclient(?:oserror|payloaderror|connectorerror|connectionerror)\\b",
    "\\bincompleteread\\b|\\bchunkedencodingerror\\b|\\bprotocolerror\\b|\\bresponse payload is not completed\\b",
    "\\bhttpx\\.(?:readerror|writeerror|connecterror|closeerror|networkerror)\\b",
    "\\bunexpected (?:eof|end of (?:stream|file|input|data))|(?:^|[:\\s(.])eof(?:error|exception)?(?=\\W|$)",
    "\\bnohttpresponse|\\bfailed to respond\\b|\\bstatus(?: code)?[:=]? ?0(?![\\w.])|\\bempty reply\\b|\\bempty (?:response|body)\\b|[\"'](?:error|err|reason|exception|result)[\"']\\s?:\\s?[\"']time-?out\\b|\\btransfer closed with\\b|\\bpremature(?:ly)? (?:close|closed|end)\\b",
    "\\bstream was reset\\b|\\bstream error\\b|\\bgoaway\\b|\\bbroken pipe\\b|\\brecv failure\\b|\\bsend failure\\b",
    "\\bfetch failed\\b|\\bfailed to fetch\\b|\\bnetwork error\\b|\\bnetworkerror\\b|\\boperation was aborted\\b|\\baborterror\\b|\\brequest aborted\\b",
    "\\ball connection attempts failed\\b|\\bcannot connect to host\\b|\\bfailed to (?:connect|establish)\\b|\\bcould ?n[o']t connect\\b|\\bconnection (?:error|failed|failure)\\b",
    "\\bno such host\\b|\\bname resolution\\b|\\bname or service not known\\b|\\bgetaddrinfo\\b|\\bno route to host\\b|\\bnetwork is unreachable\\b|\\bmax retries exceeded\\b",
    "\\breceived no (?:bytes|data)\\b|\\bended prematurely\\b|\\bserver misbehaving\\b|\\bdial (?:tcp|udp)\\b",
    // A page where an envelope was due: the answer itself is lost.
    "\\bunexpected (?:token|character)\\W{0,4}<|\\binvalid character '<'|'<' is an invalid start of a value|\\bunexpected mimetype\\b",
    // An empty body, or half of one.
    "\\bunexpected end of json input\\b|\\bexpecting value: line 1 column 1\\b|\\bexpected value(?: at|,) line:? 1,? column:? [01]\\b|\\bno content to map\\b|\\beof while parsing\\b|\\bunterminated string\\b|\\bunexpected end-of-input\\b|\\bdoes not contain any json tokens\\b",
    "\\bupstream connect error\\b|\\breset before headers\\b|\\bno live upstreams\\b|\\bupstream server is timing out\\b",
    "\\bincompletemessage\\b|\\b(?:ssl|tls) handshake (?:failed|failure|error)\\b|\\bssl_error_syscall\\b|\\buse of closed network connection\\b|\\bserver closed\\b|\\bcurl: \\((?:5|6|7|16|18|28|35|52|55|56|92)\\)",
    // A class of CCXT's, the method and the address, and nothing behind them.
    "\\b(?:exchangenotavailable|exchangeerror|networkerror|operationfailed)\\W{1,4}(?:\\w{2,20} )?(?:get|post|put|delete) https?:\\/\\/[^\\s'\")]{1,300}['\")]{0,3}[ \\t]{0,9}(?=\\n|$)",
    "\\bcontext cancel{1,2}ed\\b|\\ban error occurred while sending the request\\b|\\berrno (?:32|104|110|111)\\b|\\bwinerror 100(?:53|54|60|61)\\b",
    "tiempo de espera|sin respuesta|conexi[oó]n (?:se )?(?:ha sido )?(?:perdi|cerrad|cort|rechazad|restablecid|interrumpid)|tempo (?:\\w{1,9} )?(?:de espera|esgotado|excedido)|sem resposta|conexão (?:foi )?(?:perdid|encerrad|recusad|interrompid)",
    "zeit.{1,2}berschreitung|keine antwort|verbindung (?:wurde )?[^\\n.]{0,30}(?:getrennt|unterbrochen|verloren|abgebrochen|zurückgesetzt|geschlossen)|d[ée]lai (?:d.attente )?(?:dépassé|expiré)|pas de réponse|conne\\w{1,2}ion (?:a été )?(?:perdue|fermée|refusée|réinitialisée|interrompue)",
    "тайм-?аут|время ожидания|нет ответа|ответа нет|соединение (?:было )?(?:разорв|потерян|сброшен|закрыт|прерван)|zaman aşımı|yanıt yok|cevap yok|bağlantı (?:koptu|kesildi|reddedildi|kapandı)",
    "タイムアウト|応答(?:が|は)?(?:ない|なし|ありません|なかった)|接続(?:が|は)?(?:切|リセット|失|拒否)|타임아웃|시간 ?초과|응답(?:이|은)? ?(?:없|안)|연결(?:이|은)? ?(?:끊|재설정|거부|종료)|강제로 끊",
    "强迫关闭|强制关闭|超时|连接[^\\n]{0,8}(?:重置|断开|中断|关闭|拒绝|失败)|无响应|没有(?:响应|回应|返回|收到)|未收到(?:响应|回应|回复)|网络(?:错误|异常)",
  ].join("|"),
  "gi",
)

/** In few words this is enough. */
export const LOST_IN_SHORT =
  /\btime-?\s?outs?\b(?!["']?\s?(?:set(?:ting)?s?\b|not reached|is\s?\d|(?:of )?\d+\s?m?s\b|[=:]\s?["'(]?(?:\d|none|null|self\b|aiohttp|timeout)))|\b(?:bot|process|program|script|app|container|pod|laptop|pc)\b.{0,20}\b(?:crash\w*|died|was killed|got killed|restarted|rebooted)\b.{0,30}\b(?:send\w*|submit\w*|plac\w*|order|cancel\w*|middle)\b|\bno (?:answer|response|reply|ack|confirmation)\b|\bnot responding\b|\bunresponsive\b|\bnothing (?:came|comes) back\b|:\d{2,5}\W{1,3}refused\b|\bnever (?:answered|responded|replied|came|got)\b|\bno (?:come|came|get|got|have|receive) (?:back )?(?:an? |any )?(?:answer|response|reply)\b|\b(?:internet|network|wi-?fi|vpn|power|uplink)\b.{0,20}\b(?:down|dropped|drops|died|lost|cut|offline|gone|failed|out)\b|n['o]t (?:get an? )?(?:answer|respond|reply|response|come back)\b|\bwithout (?:an? )?(?:answer|response|reply)\b|\bhangs?\b|\bhung\b|\bdisconnect(?:s|ed)?\b|\blost (?:the )?(?:answer|connection|response)\b|\b(?:answer|response|connection|reply) (?:was |got |is )?(?:lost|missing|dropped|gone)\b|\bconnection (?:problem|issue|reset)|无应答|断线|断开/i

/**
 * @param {string} text prepared
 * @returns {number[]} the statuses with a label, in the order of the text
 */
export function findStatuses(text) {
  return listLabelled(text).map(({ status }) => status)
}

/** A line of a log starts with a time, a date or an address. */
const LOG_LINE = /^[^\p{L}\p{N}]{0,9}(?:\d{1,4}[-/:.]\d|\w{3} \d)/u

/**
 * One event writes several lines: only lines of a log are counted one by one.
 * @param {string} text
 * @param {number[]} places
 * @returns {number} how often something happened, at least once
 */
function countEvents(text, places) {
  const lines = indexLines(text)
  const starts = new Set(places.map((at) => lines.starts[lines.find(at)] ?? 0))
  return Math.max(1, [...starts].filter((start) => LOG_LINE.test(text.slice(start, start + 40))).length)
}

/**
 * @param {string} text
 * @returns {{at: number, status: number}[]}
 */
function listLabelled(text) {
  /** @type {Map<number, number>} */
  const found = new Map()
  for (const pattern of LABELLED) {
    for (const hit of text.matchAll(pattern)) {
      const end = hit.index + hit[0].length
      // Two patterns may see one number: it counts once, by where it stands.
      const at = hit.index + hit[0].lastIndexOf(hit[1] ?? "")
      if (at < end && !found.has(at)) found.set(at, Number(hit[1]))
      if (found.size === MOST_FOUND) break
    }
  }
  return [...found].map(([at, status]) => ({ at, status })).sort((a, b) => a.at - b.at)
}

/**
 * Finds what came instead of an envelope.
 * @param {string} text prepared
 * @param {Set<number>} [own] statuses that belong to a code, and so answer nothing else
 * @param {boolean} [isShort] whether a few words may be enough
 * @returns {Replies}
 */
export function readReplies(text, own = new Set(), isShort = text.trim().length <= SHORT) {
  const isRouteLost = /\broute not found\b|\bno route matched\b/i.test(text)
  let statuses = countStatuses(text, listLabelled(text), false)
  if (!statuses.length && isShort) statuses = countStatuses(text, findLoose(text), true)
  const givenUp = statuses.filter(({ status }) => GIVEN_UP.has(status)).reduce((sum, { count }) => sum + count, 0)
  statuses = statuses.filter(({ status }) => !GIVEN_UP.has(status))
  const lost = givenUp || countLost(text) || Number(isShort && LOST_IN_SHORT.test(text))
  if (!statuses.length) statuses = countStatuses(text, text.length > 2 * SHORT ? findNamed(text, CHALLENGES) : findPhrases(text), false)
  return { statuses, lost: isAnswered(statuses.filter(({ status }) => !own.has(status))) ? 0 : lost, isRouteLost }
}

/**
 * A gateway that says 504 or 522 did answer; it names the timeout as its reason.
 * @param {Seen[]} statuses
 * @returns {boolean}
 */
function isAnswered(statuses) {
  return statuses.some(({ status }) => status > 399)
}

/**
 * @param {string} text
 * @returns {number}
 */
function countLost(text) {
  const places = []
  for (const { index } of text.matchAll(LOST)) {
    places.push(index)
    if (places.length === MOST_FOUND) break
  }
  return places.length && countEvents(text, places)
}

/**
 * @param {string} text
 * @param {{at: number, status: number}[]} found
 * @param {boolean} isLoose
 * @returns {Seen[]} each status once with its count; successes only where nothing failed
 */
function countStatuses(text, found, isLoose) {
  const failed = found.filter(({ status }) => status > 399)
  const shown = failed.length ? failed : found
  return [...new Set(shown.map(({ status }) => status))].map((status) => {
    const places = shown.filter((one) => one.status === status).map(({ at }) => at)
    return { status, count: countEvents(text, places), isLoose }
  })
}

/**
 * @param {string} text short
 * @returns {{at: number, status: number}[]} numbers that are statuses by themselves
 */
function findLoose(text) {
  const bare = Number(/^\W*(?:https?\W*)?(\d{3})\W*$/i.exec(text)?.[1])
  if (bare) return REASONS.has(bare) ? [{ at: 0, status: bare }] : []
  const found = []
  for (const { 0: all, 1: number = "", index } of text.matchAll(LOOSE)) {
    const before = text.slice(Math.max(0, index - 30), index)
    const after = text.slice(index + all.length, index + all.length + 20)
    const isAssigned = /[:=]\s{0,3}["']?$/.test(before) && !REPORTED_BEFORE.test(before)
    if (isAssigned || Number(number) < 400 || !REASONS.has(Number(number))) continue
    if (COUNTED_BEFORE.test(before) || COUNTED_AFTER.test(after)) continue
    found.push({ at: index, status: Number(number) })
  }
  return found
}

/**
 * @param {string} text
 * @returns {{at: number, status: number}[]} the status whose reason phrase stands without its number
 */
function findPhrases(text) {
  const cloudflare = /^[^\p{L}\p{N}\n]*error(?: code)?:?\s{0,3}(10\d\d)\b/imu.exec(text)?.[1] ?? /cloudflare[^]{0,300}?\b(10\d\d)\b/i.exec(text)?.[1]
  const own = cloudflare && CLOUDFLARE.get(cloudflare)
  return own ? [{ at: 0, status: own }] : findNamed(text, [...CHALLENGES, ...PHRASES])
}

/**
 * @param {string} text
 * @param {[RegExp, number][]} names
 * @returns {{at: number, status: number}[]} the status of the first name that stands in the text
 */
function findNamed(text, names) {
  const status = names.find(([pattern]) => pattern.test(text))?.[1]
  return status ? [{ at: 0, status }] : []
}

/**
 * @param {string} number
 * @returns {boolean} whether it is one of Cloudflare's own errors
 */
export function isCloudflare(number) {
  return CLOUDFLARE.has(number)
}
