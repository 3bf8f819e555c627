/**
 * Reads whole logs: counts the errors of the API and lists the writes of which nobody knows what became. Pure.
 *
 * @typedef {{code: string, http_status: number, message: string, outcome: string|string[]}} Row
 * @typedef {{errors: Row[]}} Catalogue
 * @typedef {{count: number, first: string|null, last: string|null, lines: number[]}} Tally
 * @typedef {{line: number, at: string|null, code: string|null, outcome: string, method: string|null, path: string|null,
 *   symbol: string|null, client_order_id: string|null, order_id: string|null}} Write
 * @typedef {{bytes: number, lines: number, first: string|null, last: string|null,
 *   codes: (Tally & {code: string})[], unlisted: (Tally & {code: string})[], http: (Tally & {status: number})[],
 *   minutes: [string, number][], writes: Write[], undecided: number, errors: number, lost: Tally, unsent: Tally,
 *   settled: number, unanswered: number, foreign: number, zoneless: number, unreadable: number,
 *   cut: {lines: number, writes: number, unlisted: number}}} Report
 * @typedef {{code: string|null, status: number|null, isLost: boolean, isUnsent: boolean, trace: string|null, isListed: boolean,
 *   line: number, at: number, method: string|null, path: string|null, isWrite: boolean|null, action: import("./triage-facts.js").Action|null, side: string|null, clientId: string|null,
 *   orderId: string|null, symbol: string|null, requestId: string|null, isWire: boolean, isReported: boolean, isTraced: boolean, isLibrary: boolean, shape: string,
 *   record: number, entry: Write|null, isUndecided: boolean, isTimed: boolean, hasStatus: boolean}} Failure
 * @typedef {{count: number, first: number, last: number, lines: number[]}} Sum
 * @typedef {import("./triage-facts.js").Facts} Facts
 * @typedef {import("./triage-facts.js").Rows} Rows
 * @typedef {import("./triage-lines.js").LogRecord} LogRecord
 */

import { cleanLine, isLost, readFacts, squeeze, UNREADABLE, UNSENT } from "./triage-facts.js"
import { ByteCounter, LineSplitter, readStart, RecordBuilder } from "./triage-lines.js"
import { listNews } from "./triage-settle.js"

const SAMPLES = 5
const MOST_WRITES = 10000
const MOST_NOTED = 500
const MOST_UNLISTED = 1000
const MOST_TRACES = 5000
const RECENT = 12
const PATIENCE = 120000
const PENDING = 200
const DOUBT = new Set(["unknown", "duplicate"])
const INTEREST =
  /\d{5}|[45]\d\d\b|code|errno|status|error|exception|fail|time[-_]?d?[ _]?out|reset|hang up|hung|disconnect|EOF|refused|reply|curl|fetch R|--> |HTTP|(?:POST|GET|PUT|DELETE) |order|warn|trace|abort|goaway|connection|socket|broken|premature|unexpected|empty|deadline|gateway|unavailable|EPIPE|ECONN|ERR_|no (?:answer|response)|[^\x00-\x7f]/i
const PROGRESS = 262144

/** @param {Catalogue} catalogue @returns {Rows} */
function toRows(catalogue) {
  const rows = new Map()
  for (const { code, http_status, message, outcome } of catalogue?.errors ?? []) {
    const token = Array.isArray(outcome) ? outcome[0] : outcome
    rows.set(String(code), { code: String(code), status: Number(http_status), outcome: String(token), key: squeeze(String(message ?? "")), message: String(message ?? "") })
  }
  return rows
}

/** @param {number} at */
const toIso = (at) => (Number.isNaN(at) ? null : new Date(at).toISOString())

/** @returns {Sum} */
const makeTally = () => ({ count: 0, first: NaN, last: NaN, lines: [] })

/** @param {Sum} tally @param {number} line @param {number} at */
function addTo(tally, line, at) {
  tally.count++
  if (tally.lines.length < SAMPLES) tally.lines.push(line)
  widen(tally, at)
}

/** @param {{first: number, last: number}} span @param {number} at */
function widen(span, at) {
  if (Number.isNaN(at)) return
  if (!(span.first <= at)) span.first = at
  if (!(span.last >= at)) span.last = at
}

/** @param {Sum} tally @returns {Tally} */
const showTally = ({ count, first, last, lines }) => ({ count, first: toIso(first), last: toIso(last), lines })

/** Says that two values are both given and differ. @param {unknown} a @param {unknown} b */
const differ = (a, b) => a !== null && b !== null && a !== b

/**
 * What became of the write that a failure answered.
 * @param {Failure} failure @param {Rows} rows
 */
function judgeOutcome({ code, status, isLost, isUnsent, isListed }, rows) {
  if (isLost) return "unknown"
  const row = code !== null && isListed && code !== "1000" ? rows.get(code) : undefined
  if (!row) return isUnsent ? "rejected" : "unknown"
  // With a server's error that is not its own, a code proves no refusal.
  const isForeign = status !== null && status > 499 && status !== row.status
  return isForeign && row.outcome !== "duplicate" ? "unknown" : row.outcome
}

/** Finds and keeps the requests that still wait for their answer. */
class Pending {
  /** @type {(Facts & {line: number, at: number, record: number})[]} */
  list = []
  unanswered = 0

  /** @param {Facts} facts @param {number} line @param {number} at @param {number} record */
  add(facts, line, at, record) {
    const twin = this.list.at(-1)
    if (twin && record - twin.record < 3 && twin.method === facts.method && twin.path === facts.path && facts.path && !differ(twin.clientId, facts.clientId) && (!twin.clientId || !facts.clientId)) {
      twin.clientId ??= facts.clientId
      twin.orderId ??= facts.orderId
      twin.symbol ??= facts.symbol
      twin.record = record
      return
    }
    this.list.push({ ...facts, body: "", line, at, record })
    if (this.list.length > PENDING) this.drop(0)
  }

  /** @param {number} index */
  drop(index) {
    const [gone] = this.list.splice(index, 1)
    if (gone?.isWrite) this.unanswered++
  }

  /** Forgets what nobody will answer any more. @param {number} at @param {number} record */
  expire(at, record) {
    while (this.list.length && (at - this.list[0].at > PATIENCE || record - this.list[0].record > 2000)) this.drop(0)
  }

  /** Forgets the order that got an id of the exchange: it is answered. @param {Facts} facts */
  answer({ clientId, orderId }) {
    if (clientId && orderId && clientId !== orderId) this.list = this.list.filter((one) => one.clientId !== clientId || one.action !== "submit")
  }

  /**
   * Takes out the request that an answer belongs to, if the log says which. If only writes wait, it answered one of them.
   * @param {Facts} answer @param {number} record @param {boolean} isFailure
   * @returns {{request: Facts|null, isWrite: boolean|null}}
   */
  take(answer, record, isFailure) {
    // No write is answered with a list.
    const isList = !isFailure && LIST.test(answer.body)
    const fits = this.list.filter((one) => isOwnAnswer(one, answer) && !(isList && one.action === "submit"))
    const sure = fits.find((one) => isSameId(one, answer)) ?? fits.find((one) => isNamedIn(one, answer.body))
    const last = fits.at(-1)
    const isNext = last && record - last.record === 1 && this.list.at(-1) === last
    // A write that went out right before a read may have got this failure.
    const isEither = isFailure && last?.isWrite === false && fits.some((one) => one.isWrite && record - one.record < 4)
    const found = sure ?? (fits.length === 1 || (isNext && !isEither) ? last : undefined)
    if (!found) return { request: null, isWrite: fits.length > 0 && fits.every((one) => one.isWrite) ? true : null }
    // A request of the same kind that was sent before this one is answered too, or its answer was not logged.
    this.list = this.list.filter((one) => one !== found)
    return { request: found, isWrite: found.isWrite }
  }
}

/** @param {Facts} a @param {Facts} b */
const isSameId = (a, b) =>
  Boolean((a.requestId && a.requestId === b.requestId) || (a.clientId && a.clientId === b.clientId) || (a.orderId && a.orderId === b.orderId))

/** Says whether a text holds an id of a request, long enough to be no chance. @param {Facts} request @param {string} text */
const isNamedIn = ({ clientId, orderId }, text) =>
  [clientId, orderId].some((id) => id && id.length > 3 && text.split(/[^\w.:-]+/).includes(id))

/** @param {Facts} request @param {Facts} answer */
function isOwnAnswer(request, answer) {
  if (differ(request.path, answer.path) || (answer.path && differ(request.method, answer.method))) return false
  if (differ(request.requestId, answer.requestId) && !isSameId(request, answer)) return false
  if (differ(request.clientId, answer.clientId) || differ(request.symbol, answer.symbol)) return false
  return !differ(request.isWrite, answer.isWrite)
}

const EMPTY = /"data"\s{0,3}:\s{0,3}(?:\[\s*\]|null|\{\s*\})|\brows["']?\s{0,3}[:=]\s{0,3}0\b|\bcount["']?\s{0,3}[:=]\s{0,3}0\b|'data'\s{0,3}:\s{0,3}(?:\[\s*\]|None)/

const ACCEPTED = /\border (?:was )?(?:placed|accepted|created|acknowledged|submitted)\b/i
const LIST = /["']data["']\s{0,3}:\s{0,3}\[/

/** The writes in doubt, found again by their ids. */
class Ledger {
  /** @type {Map<string, Set<Write>>} */
  byId = new Map()
  /** @type {Set<Write>} */
  open = new Set()
  /** @type {WeakSet<Write>} orders, which a state of the order settles; anything else needs the order's end */
  submits = new WeakSet()
  /** @type {WeakSet<Write>} orders whose id was sent again and accepted: a row may be the second one's */
  repeated = new WeakSet()
  settled = 0
  cut = 0

  /** @param {Write} entry */
  add(entry) {
    if (this.open.size >= MOST_WRITES) {
      this.cut++
      return
    }
    this.open.add(entry)
    this.index(entry)
  }

  /** @param {Write} entry */
  index(entry) {
    for (const id of [entry.client_order_id, entry.order_id]) {
      if (id) this.byId.set(id, (this.byId.get(id) ?? new Set()).add(entry))
    }
  }

  /** @param {Write} entry */
  remove(entry) {
    this.open.delete(entry)
    for (const id of [entry.client_order_id, entry.order_id]) {
      const entries = id ? this.byId.get(id) : undefined
      entries?.delete(entry)
      if (id && entries?.size === 0) this.byId.delete(id)
    }
  }

  /** @param {string|null} id @param {number} line @returns {Write[]} the earlier doubts about an id */
  listEarlier(id, line) {
    return [...((id && this.byId.get(id)) || [])].filter((entry) => entry.line < line)
  }

  /** Notes that an id was sent again and accepted: now two orders may have it. @param {string|null} id @param {number} line */
  repeat(id, line) {
    for (const entry of this.listEarlier(id, line)) this.repeated.add(entry)
  }

  /** @param {string} text @param {number} line the line that settles; later doubts stay */
  settle(text, line) {
    for (const [id, news] of listNews(text, this.byId)) {
      for (const entry of news ? this.listEarlier(id, line) : []) {
        if (this.repeated.has(entry) || (news === "state" && !this.submits.has(entry))) continue
        this.remove(entry)
        this.settled++
      }
    }
  }
}

/** Everything that is known of a log so far. Its size does not depend on the length of the log. */
class Triage {
  /** @param {Catalogue} catalogue */
  constructor(catalogue) {
    this.rows = toRows(catalogue)
    this.counter = new ByteCounter()
    this.splitter = new LineSplitter()
    this.builder = new RecordBuilder()
    this.pending = new Pending()
    this.ledger = new Ledger()
    this.lines = 0
    this.records = 0
    this.asked = 0
    this.span = { first: NaN, last: NaN }
    /** @type {Map<string, Sum>} */
    this.codes = new Map()
    /** @type {Map<string, Sum>} */
    this.unlisted = new Map()
    /** @type {Map<number, Sum>} */
    this.http = new Map()
    /** @type {Map<number, number>} */
    this.minutes = new Map()
    this.lost = makeTally()
    this.unsent = makeTally()
    /** @type {Failure[]} */
    this.recent = []
    /** @type {Map<string, Failure>} */
    this.traces = new Map()
    this.sums = { errors: 0, undecided: 0, foreign: 0, zoneless: 0, unreadable: 0, cutLines: 0, cutUnlisted: 0 }
  }

  /** @param {string} chunk */
  push(chunk) {
    this.counter.add(chunk)
    for (const line of this.splitter.split(chunk)) this.readLine(line)
  }

  /** @param {import("./triage-lines.js").Line} line */
  readLine({ text, isCut }) {
    this.lines++
    const line = this.lines === 1 ? text.replace(/^\ufeff/, "") : text
    if (isCut) this.sums.cutLines++
    if (/[\ufffd\0]/.test(line)) this.sums.unreadable++
    const start = readStart(line)
    widen(this.span, start.at)
    if (start.isZoneless && !Number.isNaN(start.at)) this.sums.zoneless++
    const record = this.builder.add(line, this.lines, start)
    if (record) this.readRecord(record)
  }

  end() {
    for (const line of this.splitter.end()) this.readLine(line)
    const record = this.builder.end()
    if (record) this.readRecord(record)
  }

  /** @param {LogRecord} record */
  readRecord(record) {
    this.records++
    if (!record.lines.some((line) => INTEREST.test(line))) return
    const lines = record.lines.map(cleanLine)
    const text = lines.join("\n")
    const facts = readFacts(text, this.rows, record.kind)
    const at = Number.isNaN(record.at) ? readHeaderDate(text) : record.at
    widen(this.span, at)
    this.pending.expire(at, this.records)
    if (facts.isForeign) {
      if (facts.isError) this.sums.foreign++
      return
    }
    const failures = this.listFailures(facts, record, lines, at)
    if (failures.length) this.addFailures(failures, facts)
    else if (facts.isRequest) {
      this.pending.add(facts, record.first, at, this.records)
      this.asked = this.records
    }
    else this.readSuccess(facts, record.first)
  }

  /**
   * @param {Facts} facts @param {LogRecord} record @param {string[]} lines @param {number} at
   * @returns {Failure[]}
   */
  listFailures(facts, record, lines, at) {
    const { status, isDone, isWrite } = facts
    const isBad = status !== null && status > (isWrite ? 299 : 399) && (!isDone || status > 499)
    if (!facts.mentions.length && !isBad && !facts.lost && !facts.unsent) return []
    const base = this.makeFailure(facts, record, at)
    if (!facts.mentions.length) return [{ ...base, line: record.first + findTrouble(lines, facts) }]
    return facts.mentions.map(({ code, isListed, trace, at: offset }) => {
      return { ...base, code, isListed, trace, isLost: false, isUnsent: false, line: record.first + countBreaks(lines, offset) }
    })
  }

  /** @param {Facts} facts @param {LogRecord} record @param {number} at @returns {Failure} */
  makeFailure(facts, record, at) {
    const { method, path, isWrite, action, side, clientId, orderId, symbol, requestId, isWire } = facts
    const shape = `${record.kind} ${record.lines[0].slice(0, 400).replace(/[\da-f]{6,}|\d+/gi, "#").slice(0, 90)}`
    return {
      code: null, status: facts.status, isLost: facts.lost && (facts.status ?? 0) < 400, isUnsent: facts.unsent, trace: null, isListed: false,
      line: record.first, at, method, path, isWrite, action, side, clientId, orderId, symbol, requestId, isWire, isReported: facts.isBare || facts.isException, isTraced: facts.isBare, isLibrary: facts.isLibrary, shape,
      record: this.records, entry: null, isUndecided: false, isTimed: false, hasStatus: false,
    }
  }

  /** @param {Failure[]} failures @param {Facts} facts */
  addFailures(failures, facts) {
    let isLinked = false
    for (const failure of failures) {
      const twin = this.findTwin(failure, facts)
      if (twin) {
        this.merge(twin, failure)
        isLinked = true
        continue
      }
      this.sums.errors++
      if (!isLinked) this.link(failure, facts)
      this.count(failure)
      this.remember(failure)
      this.review(failure)
    }
  }

  /** Adds what the request of this answer said. @param {Failure} failure @param {Facts} facts */
  link(failure, facts) {
    const { request, isWrite } = this.pending.take(facts, this.records, true)
    failure.isWrite ??= isWrite
    if (!request) return
    failure.method ??= request.method
    failure.path ??= request.path
    failure.clientId ??= request.clientId
    failure.orderId ??= request.orderId
    failure.symbol ??= request.symbol
    failure.action ??= request.action
  }

  /** @param {Failure} failure */
  count(failure) {
    const { code, isListed, status, line, at } = failure
    if (code !== null) this.countCode(code, isListed, line, at)
    else if (failure.isLost) addTo(this.lost, line, at)
    else if (failure.isUnsent) addTo(this.unsent, line, at)
    this.countStatus(failure, status)
    this.countMinute(failure, at)
  }

  /** @param {string} code @param {boolean} isListed @param {number} line @param {number} at */
  countCode(code, isListed, line, at) {
    const map = isListed ? this.codes : this.unlisted
    const tally = map.get(code) ?? makeTally()
    if (!isListed && !map.has(code) && map.size >= MOST_UNLISTED) {
      this.sums.cutUnlisted++
      return
    }
    map.set(code, tally)
    addTo(tally, line, at)
  }

  /** @param {Failure} failure @param {number|null} status */
  countStatus(failure, status) {
    if (status === null || status < 400 || failure.hasStatus) return
    const tally = this.http.get(status) ?? makeTally()
    this.http.set(status, tally)
    addTo(tally, failure.line, failure.at)
    failure.hasStatus = true
  }

  /** @param {Failure} failure @param {number} at */
  countMinute(failure, at) {
    if (Number.isNaN(at) || failure.isTimed) return
    const minute = Math.floor(at / 60000)
    this.minutes.set(minute, (this.minutes.get(minute) ?? 0) + 1)
    failure.isTimed = true
  }

  /** @param {Failure} failure */
  remember(failure) {
    this.recent.push(failure)
    if (this.recent.length > RECENT) this.recent.shift()
    if (!failure.trace) return
    this.traces.set(failure.trace, failure)
    if (this.traces.size <= MOST_TRACES) return
    for (const trace of this.traces.keys()) {
      this.traces.delete(trace)
      break
    }
  }

  /** Finds the failure that this one reports again. @param {Failure} failure @param {Facts} facts */
  findTwin(failure, facts) {
    const known = failure.trace ? this.traces.get(failure.trace) : undefined
    // One logger does not report one answer twice: such traces are samples, not identities.
    const isAgain = known && known.shape === failure.shape && Math.abs(failure.at - known.at) > 1000
    if (known) return known.code === failure.code && !isAgain && !isApart(known, failure, facts) ? known : undefined
    const last = this.recent.at(-1)
    return this.recent.findLast((one) => one.record !== failure.record && isSameAnswer(one, failure, facts, one === last, this.rows, this.asked))
  }

  /** @param {Failure} old @param {Failure} more */
  merge(old, more) {
    if (old.code === null && more.code !== null) {
      old.code = more.code
      old.isListed = more.isListed
      old.trace = more.trace
      old.line = more.line
      this.countCode(more.code, more.isListed, more.line, Number.isNaN(old.at) ? more.at : old.at)
    } else if (Number.isNaN(old.at) && old.code !== null) {
      const tally = (old.isListed ? this.codes : this.unlisted).get(old.code)
      if (tally) widen(tally, more.at)
    }
    if (Number.isNaN(old.at)) old.at = more.at
    old.status ??= more.status
    for (const name of /** @type {const} */ (["method", "path", "clientId", "orderId", "symbol"])) old[name] ??= more[name]
    old.isWrite ??= more.isWrite
    old.action ??= more.action
    old.isReported = true
    old.isTraced ||= more.isTraced
    old.isWire ||= more.isWire
    old.record = more.record
    this.countStatus(old, old.status)
    this.countMinute(old, old.at)
    this.review(old)
  }

  /** Decides anew whether a failure leaves a write in doubt. @param {Failure} failure */
  review(failure) {
    const outcome = judgeOutcome(failure, this.rows)
    const isWrite = failure.isWrite ?? (outcome === "duplicate" ? true : null)
    if (failure.isUndecided !== (isWrite === null)) this.sums.undecided += isWrite === null ? 1 : -1
    failure.isUndecided = isWrite === null
    const { line, code, method, path, symbol, clientId, orderId } = failure
    const wanted = isWrite === true && DOUBT.has(outcome)
    const entry = { line, at: toIso(failure.at), code, outcome, method, path, symbol, client_order_id: clientId, order_id: orderId }
    if (failure.entry && (!this.ledger.open.has(failure.entry) || !wanted)) {
      if (!wanted) this.ledger.remove(failure.entry)
    } else if (failure.entry) {
      Object.assign(failure.entry, entry)
      this.ledger.index(failure.entry)
    } else if (wanted) {
      failure.entry = entry
      this.ledger.add(entry)
    }
    if (failure.entry && failure.action === "submit") this.ledger.submits.add(failure.entry)
  }

  /** Reads an answer or a line without trouble: it may settle a write. @param {Facts} facts @param {number} line */
  readSuccess(facts, line) {
    const isAnswer = facts.isDone || (facts.status !== null && facts.status < 300)
    const request = isAnswer ? this.pending.take(facts, this.records, false).request : null
    if (!isAnswer && ACCEPTED.test(facts.body)) this.pending.answer(facts)
    if (!this.ledger.open.size) return
    const action = facts.action ?? request?.action ?? null
    const isWrite = facts.isWrite ?? request?.isWrite ?? null
    // The answer to a write tells of this write alone.
    if (isWrite && isAnswer && action !== "cancel" && action !== "modify") {
      for (const id of new Set([facts.clientId, request?.clientId])) this.ledger.repeat(id ?? null, line)
    }
    if (!isWrite && !EMPTY.test(facts.body)) this.ledger.settle(facts.body, line)
  }
}

/** Reads the Date header of a response. @param {string} text */
function readHeaderDate(text) {
  const hit = /(?<![\w-])["']?date["']?\s{0,3}[:=]\s{0,3}["'[]{0,2}([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)/i.exec(text)
  return hit ? Date.parse(hit[1]) : NaN
}

/** @param {string[]} lines @param {number} offset in the lines joined by line ends */
function countBreaks(lines, offset) {
  let [at, index] = [0, 0]
  while (index < lines.length - 1 && at + lines[index].length < offset) at += lines[index++].length + 1
  return index
}

/** The line of a record that names the trouble. @param {string[]} lines @param {Facts} facts */
function findTrouble(lines, { lost, status }) {
  const isBad = status !== null && status > 299
  const number = new RegExp(`(?<![\\d.,])${status}(?!\\d)`)
  /** @param {string} line */
  const isNamed = (line) => (isBad ? number.test(line) : lost ? isLost(line) || UNREADABLE.test(line) : UNSENT.test(line))
  return Math.max(lines.findIndex(isNamed), 0)
}

/**
 * Says whether two reports, the second later in the log, are about one response.
 * @param {Failure} a @param {Failure} b @param {Facts} facts of the second @param {boolean} isNext @param {Rows} rows
 * @param {number} asked the record of the last request
 */
function isSameAnswer(a, b, facts, isNext, rows, asked) {
  if ((a.trace && b.trace) || isApart(a, b, facts) || a.shape === b.shape || b.record - a.record > 20) return false
  const isTimed = !Number.isNaN(a.at) && !Number.isNaN(b.at)
  const gap = isTimed ? Math.abs(b.at - a.at) : 0
  const isShared = [[a.requestId, b.requestId], [a.clientId, b.clientId], [a.orderId, b.orderId]].some(([x, y]) => x && x === y)
  if (gap > (isShared ? 2000 : 700) || (!isNext && !isShared)) return false
  // Without times, a status and the code behind it that fits it are one response: right behind it, or below its headers.
  const isWhole = a.code === null && b.status === null && isHalf(a, b, rows) && rows.has(b.code ?? "")
  const isBelow = isWhole && asked < a.record && a.shape.slice(0, 20) === b.shape.slice(0, 20)
  if (!isTimed && !isShared && !facts.isBare && !isBelow && ((a.code === null && !isWhole) || b.record - a.record > 1)) return false
  if (facts.isUnreadable && isNext && a.code === null && a.status !== null) return true
  if (isNext && a.isLibrary && !a.isReported && !b.isLibrary) return b.code !== null || facts.isException || b.status === a.status
  if (a.code !== b.code) return (a.code === null || facts.isException) && isHalf(a, b, rows)
  if (a.code === null && (a.isLost !== b.isLost || a.isUnsent !== b.isUnsent || a.isLost === (a.status !== null))) return false
  // One traceback may stand right behind the lines about a code.
  const isOwnTrace = !a.isReported || (!a.isTraced && a.code !== null && b.record - a.record === 1)
  if (facts.isEcho || isShared || (facts.isBare && !b.isWire && isOwnTrace)) return true
  if (facts.isException && a.isWire && !a.isReported) return true
  return (isNext && isTimed && gap <= 100 && !(a.isWire && b.isWire)) || (a.isWire && !b.isWire && !a.isReported)
}

/** Says whether two reports contradict each other. @param {Failure} a @param {Failure} b @param {Facts} facts of the second */
function isApart(a, b, facts) {
  for (const name of /** @type {const} */ (["clientId", "orderId", "path", "requestId", "symbol", "isWrite", "action", "side"])) if (differ(a[name], b[name])) return true
  // What a read's failure reports again is a read: a line that does not say so may be about a write.
  if (a.isWrite === false && b.isWrite === null && !facts.isBare && !facts.isException && !facts.isEcho) return true
  return Boolean(a.path && b.path && differ(a.method, b.method)) || (differ(a.status, b.status) && !facts.isBare)
}

/** Says whether one report has the status and the other the code of a single response. @param {Failure} a @param {Failure} b @param {Rows} rows */
function isHalf(a, b, rows) {
  if ((a.code === null) === (b.code === null) || a.isLost || b.isLost || a.isUnsent || b.isUnsent) return false
  const [bare, coded] = a.code === null ? [a, b] : [b, a]
  if (bare.status === null || coded.isReported) return false
  if (coded.status !== null) return coded.status === bare.status && coded.path === null
  const row = rows.get(coded.code ?? "")
  return !row || row.status === bare.status
}

/** @param {Triage} state @returns {Report} */
function toReport(state) {
  const { sums, ledger, span, rows } = state
  const writes = [...ledger.open].sort((a, b) => a.line - b.line)
  const doubts = new Set(writes.map((one) => one.code))
  const risk = (/** @type {string} */ code) => (doubts.has(code) ? 0 : DOUBT.has(rows.get(code)?.outcome ?? "unknown") ? 1 : 2)
  const order = (/** @type {{code: string, count: number}} */ a, /** @type {{code: string, count: number}} */ b) =>
    risk(a.code) - risk(b.code) || b.count - a.count || Number(a.code) - Number(b.code)
  const list = (/** @type {Map<string, Sum>} */ map) => [...map].map(([code, tally]) => ({ code, ...showTally(tally) })).sort(order)
  const minutes = [...state.minutes].sort((a, b) => a[0] - b[0])
  return {
    bytes: state.counter.bytes, lines: state.lines, first: toIso(span.first), last: toIso(span.last),
    codes: list(state.codes), unlisted: list(state.unlisted),
    http: [...state.http].map(([status, tally]) => ({ status, ...showTally(tally) })).sort((a, b) => b.status - a.status),
    minutes: minutes.map(([minute, count]) => [`${new Date(minute * 60000).toISOString().slice(0, 16)}Z`, count]),
    writes, undecided: sums.undecided,
    errors: sums.errors, lost: showTally(state.lost), unsent: showTally(state.unsent), settled: ledger.settled,
    unanswered: state.pending.unanswered + state.pending.list.filter((one) => one.isWrite).length,
    foreign: sums.foreign, zoneless: sums.zoneless, unreadable: sums.unreadable,
    cut: { lines: sums.cutLines, writes: ledger.cut, unlisted: sums.cutUnlisted },
  }
}

/**
 * Reads a log.
 * @param {Iterable<string> | AsyncIterable<string>} chunks
 * @param {Catalogue} catalogue lookup.json or errors.json
 * @param {(progress: {bytes: number, lines: number}) => void} [onProgress]
 * @returns {Promise<Report>}
 */
export async function triage(chunks, catalogue, onProgress) {
  const state = new Triage(catalogue)
  let told = 0
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += PROGRESS) {
      state.push(chunk.length > PROGRESS ? chunk.slice(from, from + PROGRESS) : chunk)
      if (state.counter.bytes - told < PROGRESS) continue
      told = state.counter.bytes
      onProgress?.({ bytes: told, lines: state.lines })
    }
  }
  state.end()
  onProgress?.({ bytes: state.counter.bytes, lines: state.lines })
  return toReport(state)
}

/** @param {string|null} text */
const known = (text) => text ?? "not in the log"

/** @param {Tally} tally */
const spanOf = ({ first, last }) => (first ? (first === last ? `at ${first}` : `from ${first} to ${last}`) : "time not in the log")

/** @param {Write} write */
function describeWrite(write) {
  const call = write.path ? `${write.method ?? "method not in the log"} ${write.path}` : "endpoint not in the log"
  const reason = write.code ? `code ${write.code}` : "no code"
  return `- Line ${write.line}, ${write.at ?? "time not in the log"}: ${call}, ${reason}, outcome ${write.outcome}. Symbol: ${known(write.symbol)}. client_order_id: ${known(write.client_order_id)}. order_id: ${known(write.order_id)}.`
}

/**
 * Writes an incident note in Markdown. The report holds no text of the log but symbols, ids and paths.
 * @param {Report} report
 * @returns {string}
 */
export function toMarkdown(report) {
  const { writes, codes, unlisted, http, lost, unsent } = report
  const rows = [
    ...codes.map((one) => `- ${one.code}: ${one.count}, ${spanOf(one)}`),
    ...unlisted.map((one) => `- ${one.code} (not in the vendor's list): ${one.count}, ${spanOf(one)}`),
    ...http.map((one) => `- HTTP ${one.status}: ${one.count}, ${spanOf(one)}`),
    ...(lost?.count ? [`- No answer: ${lost.count}, ${spanOf(lost)}`] : []),
    ...(unsent?.count ? [`- Not sent, no connection: ${unsent.count}, ${spanOf(unsent)}`] : []),
  ]
  const more = writes.length > MOST_NOTED ? [`- And ${writes.length - MOST_NOTED} more. The report as JSON has them.`] : []
  const doubts = writes.length ? [...writes.slice(0, MOST_NOTED).map(describeWrite), ...more] : ["None that this log shows."]
  return ["# Incident note: WOO X Pro API errors", "", `Log: ${report.bytes} bytes, ${report.lines} lines, from ${known(report.first)} to ${known(report.last)}. All times are UTC.`, "", "## Writes in doubt", "", ...doubts, "", "## Errors", "", ...(rows.length ? rows : ["None found."]), "", "## What the log does not say", "", ...listGaps(report), ""].join("\n")
}

/** @param {Report} report */
function listGaps({ undecided, unanswered, foreign, zoneless, unreadable, cut }) {
  const gaps = /** @type {[number|undefined, string][]} */ ([
    [undecided, "errors of which the log does not say whether they answered a write"],
    [unanswered, "writes without an answer in this log"],
    [zoneless, "lines with a time but no time zone, read as UTC"],
    [foreign, "errors of other services, left out"],
    [unreadable, "lines with unreadable characters"],
    [cut?.lines, "lines cut because of their length"],
    [cut?.writes, "writes in doubt left out because of their number"],
    [cut?.unlisted, "errors with unlisted codes left out because of their number"],
  ])
  const said = gaps.filter(([count]) => count).map(([count, words]) => `- ${count} ${words}.`)
  return said.length ? said : ["- Nothing that was noticed."]
}
