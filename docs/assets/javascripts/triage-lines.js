/**
 * Cuts a streamed log into lines and lines into records: what one log call, one response or one traceback wrote. Pure.
 *
 * @typedef {"request"|"response"|"log"|"single"|"curl"|"plain"} Kind
 * @typedef {{kind: Kind, first: number, at: number, lines: string[], size: number, isOpen: boolean, isTrace: boolean}} LogRecord
 * @typedef {{text: string, isCut: boolean}} Line
 */

/** Longer lines are cut here; the report counts them. */
export const LINE_LIMIT = 262144
const RECORD_LINES = 400
const RECORD_SIZE = 524288

/** Counts the bytes of a text in UTF-8, also where a chunk ends inside a surrogate pair. */
export class ByteCounter {
  bytes = 0
  #isHigh = false

  /** @param {string} chunk */
  add(chunk) {
    this.bytes += chunk.length
    if (!this.#isHigh && !/[^\x00-\x7f]/.test(chunk)) return
    for (let i = 0; i < chunk.length; i++) {
      const unit = chunk.charCodeAt(i)
      const isLow = unit > 0xdbff && unit < 0xe000
      // A pair takes four bytes. Each half alone takes three, as the replacement character does.
      if (unit > 0x7ff) this.bytes += isLow && this.#isHigh ? 0 : 2
      else if (unit > 0x7f) this.bytes += 1
      this.#isHigh = unit > 0xd7ff && unit < 0xdc00
    }
  }
}

/** Gives whole lines from chunks with borders anywhere; holds at most one line of the limited length. */
export class LineSplitter {
  #rest = ""
  #isCut = false
  #isEmpty = true

  /** @param {string} chunk @returns {Line[]} */
  split(chunk) {
    const lines = []
    let from = 0
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
      this.#keep(chunk, from, end)
      lines.push(this.#take())
      from = end + 1
    }
    if (from < chunk.length) this.#keep(chunk, from, chunk.length)
    this.#isEmpty = !this.#rest
    return lines
  }

  /** @param {string} chunk @param {number} from @param {number} end */
  #keep(chunk, from, end) {
    const room = LINE_LIMIT - this.#rest.length
    this.#rest += chunk.slice(from, Math.min(end, from + room))
    if (end - from > room) this.#isCut = true
  }

  /** @returns {Line} */
  #take() {
    const line = { text: this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest, isCut: this.#isCut }
    this.#rest = ""
    this.#isCut = false
    return line
  }

  /** @returns {Line[]} the last line, where the log does not end with a line end */
  end() {
    return this.#isEmpty ? [] : [this.#take()]
  }
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
const ISO = /(\d{4})[-/](\d\d)[-/](\d\d)[T _](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?/
const NAMED = /(\d{1,2})[ /-](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ /-](\d{4})[ :](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?/i
const EPOCH = /^[\s["']{0,3}(\d{10}(?:\d{3}|\d{6}|\d{9})?)(\.\d{1,9})?(?![\w-])/
const FIELD_NAMES = ["time", "ts", "timestamp", "@timestamp", "asctime", "datetime", "date", "t", "@t", "time_iso8601", "time_local", "created_at"]
const LOGFMT = /(?:^|\s)(?:time|ts|timestamp|t)=(?:"([^"]{1,40})"|(\S{1,40}))/

/** @param {string|undefined} zone minutes to take away */
function readZone(zone) {
  const hit = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? "")
  return hit ? (hit[1] === "-" ? -1 : 1) * (Number(hit[2]) * 60 + Number(hit[3])) : 0
}

/** @param {(string|undefined)[]} parts year, month, day, hour, minute, second, fraction, zone */
function toTime([year, month, day, hour, minute, second, fraction, zone]) {
  const [m, d, h, min, s] = [month, day, hour, minute, second].map(Number)
  if (m < 1 || m > 12 || d < 1 || d > 31 || h > 23 || min > 59 || s > 60) return NaN
  const at = Date.UTC(Number(year), m - 1, d, h, min, s, Number((fraction ?? "0").padEnd(3, "0").slice(0, 3)))
  return at - readZone(zone) * 60000
}

/** Reads seconds, milli-, micro- or nanoseconds since 1970. @param {number} number */
function fromEpoch(number) {
  for (const unit of [1000, 1, 1e-3, 1e-6]) {
    const at = number * unit
    if (at > 946684800000 && at < 4102444800000) return Math.floor(at)
  }
  return NaN
}

/** Reads a date and time that stands in a short text. @param {string} text */
export function readDate(text) {
  const iso = ISO.exec(text)
  if (iso) return toTime(iso.slice(1))
  const named = NAMED.exec(text)
  if (!named) return NaN
  const [, day, name, year, ...rest] = named
  return toTime([year, String(MONTHS.indexOf(name.toLowerCase()) + 1), day, ...rest])
}

/** Says whether a time without a zone stands in a text. @param {string} text */
const isZoneless = (text) => {
  const hit = ISO.exec(text) ?? NAMED.exec(text)
  return Boolean(hit && !hit[8])
}

/** @param {unknown} value */
function readValue(value) {
  if (typeof value === "number") return fromEpoch(value)
  if (typeof value !== "string") return NaN
  return /^\d{10,19}(?:\.\d+)?$/.test(value) ? fromEpoch(Number(value)) : readDate(value)
}

/** @param {string} line @returns {{[name: string]: unknown}|null} */
function parseObject(line) {
  if (line[0] !== "{" || line.at(-1) !== "}") return null
  try {
    const value = JSON.parse(line)
    return value && typeof value === "object" ? value : null
  } catch {
    return null
  }
}

/**
 * Reads when a line was written: from its own fields if it is JSON or logfmt, else from its start.
 * @param {string} line
 * @returns {{at: number, isZoneless: boolean, isObject: boolean, isLogged: boolean}}
 */
export function readStart(line) {
  const body = line.trimStart().replace(/^[\w.-]{1,60}\s{1,6}\|\s(?=\{)/, "").trimEnd()
  const object = parseObject(body)
  if (object) {
    const name = FIELD_NAMES.find((one) => !Number.isNaN(readValue(object[one])))
    const at = name ? readValue(object[name]) : NaN
    const isLogged = "level" in object || "severity" in object || "levelname" in object || "event" in object
    return { at, isZoneless: isZoneless(String(name && object[name])), isObject: true, isLogged: isLogged || Boolean(name && !("code" in object && "trace" in object)) }
  }
  const field = LOGFMT.exec(line.slice(0, 400))
  const said = field?.[1] ?? field?.[2]
  if (said) {
    const at = readValue(said)
    if (!Number.isNaN(at)) return { at, isZoneless: isZoneless(said), isObject: false, isLogged: true }
  }
  const head = line.slice(0, 120)
  const epoch = EPOCH.exec(head)
  if (epoch) return { at: fromEpoch(Number(epoch[1] + (epoch[2] ?? ""))), isZoneless: false, isObject: false, isLogged: true }
  return { at: /^[\s<>*}]/.test(head) ? NaN : readHead(head), isZoneless: isZoneless(head), isObject: false, isLogged: false }
}

/** A time counts only where nothing but labels stands before it. @param {string} head */
function readHead(head) {
  const hit = ISO.exec(head) ?? NAMED.exec(head)
  if (!hit || hit.index > 80 || /[{}"'=?<>;]/.test(head.slice(0, hit.index).replace(/^[\w.-]+\s*\|/, ""))) return NaN
  return readDate(head)
}

const REQUEST = /^\s*(?:fetch Request:|--> (?:GET|POST|PUT|DELETE)|> (?:GET|POST|PUT|DELETE) \S+ HTTP\/|[$#>%]?\s{0,3}curl\s(?=.{0,400}(?:https?:|\/contract\/)))/
const RESPONSE = /^\s*(?:fetch Response:|handleRestResponse:|<-- |< HTTP\/|HTTP\/[\d.]+ \d{3}|curl: \(\d+\))/
const CURL = /^[<>*{}] |^[<>*]$/
const LOGGED = /^(?:(?:time|ts|level|lvl|t)=|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|CRITICAL|FATAL|TRACE)\b|[A-Z][a-z]{2}\s{1,2}\d{1,2} \d\d:\d\d:\d\d\b|\[?\d\d:\d\d:\d\d\b)/
const EXCEPTION = /^(?:Caused by|Uncaught|[A-Za-z_][\w.$]{0,120}(?:Error|Exception|Timeout|Denied|Request|Symbol|Order|NotFound|Funds|Exceeded|Available|Maintenance|Nonce|Suspended|Protection|Disconnected)\b:?)/
const TRACEBACK = /^(?:Traceback|During handling|The above exception|Caused by)/

/** Says that a line behind the frames of a traceback names its exception, however the class is called. @param {string} line @param {LogRecord} open */
const endsFrames = (line, open) => /^\s/.test(open.lines.at(-1) ?? "") && /^[A-Za-z_][\w.]{0,120}(?::|$)/.test(line)

/**
 * Says how a line begins, and whether it goes on with the record before it.
 * @param {string} line @param {ReturnType<typeof readStart>} start @param {LogRecord|null} open
 * @returns {Kind|"more"}
 */
function classify(line, start, open) {
  if (/^\s*$/.test(line) || (open && open.kind !== "log" && /^curl: \(\d+\)/.test(line))) return "more"
  const isAnswer = open?.kind === "response" || open?.kind === "request"
  if (isAnswer && /^[A-Za-z][\w-]{1,40}: /.test(line) && !LOGGED.test(line) && !EXCEPTION.test(line)) return "more"
  if (/\bfetch Request:/.test(line.slice(0, 300)) || (REQUEST.test(line) && Number.isNaN(start.at))) return "request"
  if (/\bfetch Response:/.test(line.slice(0, 300)) || (RESPONSE.test(line) && Number.isNaN(start.at))) return "response"
  if (start.isObject) {
    if (start.isLogged || !Number.isNaN(start.at)) return "single"
    return open?.isOpen ? "more" : "single"
  }
  if (!Number.isNaN(start.at)) return start.isLogged ? "single" : "log"
  if (CURL.test(line)) return open ? "more" : "curl"
  if (LOGGED.test(line)) return "log"
  if (!open || open.kind === "single") return "plain"
  if (open.kind === "request" && (TRACEBACK.test(line) || EXCEPTION.test(line))) return "plain"
  if (open.kind !== "plain" || /^\s/.test(line)) return line === "{" && !open.isOpen ? "plain" : "more"
  if (TRACEBACK.test(line)) return /^Traceback/.test(line) && !open.isTrace ? "plain" : "more"
  if (open.isTrace && (EXCEPTION.test(line) || endsFrames(line, open))) return "more"
  return /^[}\]<]/.test(line) && open.lines.length < RECORD_LINES ? "more" : "plain"
}

/** Says that only headers have come yet of a request or an answer: their closing brace ends nothing. @param {LogRecord} open */
const isHead = ({ kind, lines }) => (kind === "request" || kind === "response") && !lines.some((line) => /Body:/.test(line))

/** Builds records line by line. */
export class RecordBuilder {
  /** @type {LogRecord|null} */
  #open = null

  /**
   * @param {string} line @param {number} number @param {ReturnType<typeof readStart>} start
   * @returns {LogRecord|null} the record before, if this line begins another
   */
  add(line, number, start) {
    const kind = classify(line, start, this.#open)
    const open = this.#open
    if (kind === "more" && open && open.lines.length < RECORD_LINES && open.size < RECORD_SIZE) {
      this.#extend(open, line)
      return null
    }
    const begun = kind === "more" ? (open?.kind ?? "plain") : kind
    const at = kind === "more" ? (open?.at ?? NaN) : start.at
    this.#open = { kind: begun, first: number, at, lines: [], size: 0, isOpen: begun !== "single", isTrace: false }
    this.#extend(this.#open, line)
    return open
  }

  /** @param {LogRecord} open @param {string} line */
  #extend(open, line) {
    open.lines.push(line)
    open.size += line.length
    if (TRACEBACK.test(line)) open.isTrace = true
    // A body that has come, or a closing brace at the margin, ends what a bare object may still belong to.
    if ((/^\}/.test(line) && !isHead(open)) || /["']code\\*["']?\s*:\s*["']?\d{4}/.test(line)) open.isOpen = false
    if (open.kind === "plain" && open.lines.length === 1 && line !== "{") open.isOpen = false
  }

  /** @returns {LogRecord|null} */
  end() {
    const open = this.#open
    this.#open = null
    return open
  }
}
