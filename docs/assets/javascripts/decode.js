/**
 * Finds API errors in pasted text. Pure: no page, no network, no storage.
 *
 * @typedef {{errors: {code: string, http_status: number, message: string, section: string,
 *   observed?: {wording: string, foreign?: boolean}[]}[]}} Catalogue
 * @typedef {{code: string, via: "code"|"message"|"both", wording: "spec"|"observed"|"unfamiliar"|"none",
 *   count: number, reason?: string}} Match
 * @typedef {{matches: Match[], unlisted: string[], http: number|null, maybe: string[], sensitive: boolean}} Decoded
 */

const LIMIT = 400000
const REACH = 600
const NAMED = new Map(Object.entries({ quot: '"', apos: "'", amp: "&", lt: "<", gt: ">", nbsp: " ", lsquo: "'", rsquo: "'" }))
const CHAR = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,5}));|\\{1,16}u([\da-f]{4})/gi
const readChar = (all, dec, hex, name, unit) =>
  name ? (NAMED.get(name) ?? all) : String.fromCodePoint(Math.min(dec ? Number(dec) : parseInt(hex ?? unit, 16), 0x10ffff))

/** Undoes what terminals, HTML and string escapes did to a text. */
function prepare(text) {
  return text
    .replace(/\x1b\[[\d;]{0,20}[a-z]/gi, "")
    .replace(CHAR, readChar)
    .replace(CHAR, readChar)
    .normalize("NFKC")
    .replace(/[\u200b-\u200d\u2060\ufeff\xad]|<!\[CDATA\[|\]\]>/g, "")
    .replace(/[\u2018\u2019\u201b\u2032\xb4]/g, "'")
    .replace(/[\u201c-\u201f\xab\xbb\u2033]/g, '"')
    .replace(/\\{1,16}[rnt]|\r/g, "\n")
    .replace(/\\+/g, "")
}

/** Words of a prepared text: X-BM-* as X-API-*, all but letters and digits as blanks. */
const listWords = (text) =>
  text.toLowerCase().replace(/(?<![a-z\d])x[-_ ]?bm[-_ ]/g, "x api ").replace(/'/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim()

function toKey(text) {
  const bare = text.trim().replace(/^\(\p{L}\)/u, "")
  return listWords(bare.replace(/\s*(?:\[[^[\]]{0,200}\]|\([^()]{0,200}\))[\s.]*$/, "")) || listWords(bare)
}

/**
 * The form in which two wordings are compared.
 * @param {string} text
 * @returns {string}
 */
export function normalise(text) {
  return toKey(prepare(String(text ?? "").slice(0, LIMIT)))
}

const STOP = new Set("the a an is are was be been has have do does did to of in it its this that your you we x api please".split(" "))
const SAME = new Map([["doesnt", "not"], ["isnt", "not"], ["signature", "sign"], ["exists", "exist"], ["found", "exist"]])
const toTokens = (key) => [...new Set(key.split(" ").map((word) => SAME.get(word) ?? word).filter((word) => !STOP.has(word)))]

/** Edit distance: swap, drop, add cost 1, another letter `other`; 99 and more when above `most`. */
function distance(a, b, most, other = 2) {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  if (Math.abs(a.length - b.length) > most) return 99
  if (i === a.length || i === b.length) return a.length + b.length - 2 * i
  const rest = (x, y, cost) => (cost > most ? 99 : cost + distance(a.slice(i + x), b.slice(i + y), most - cost, other))
  const swap = a[i] === b[i + 1] && a[i + 1] === b[i] ? rest(2, 2, 1) : 99
  return Math.min(rest(1, 0, 1), rest(0, 1, 1), rest(1, 1, other), swap)
}

const alike = (a, b) => a === b || (b.length > 4 && (a[0] === b[0] || a.at(-1) === b.at(-1)) && distance(a, b, 1, 1) < 2)

const codesOf = (list) => [...new Set(list.map((one) => one.code))]
const indexes = new WeakMap()

/** Rows by code, and all wordings in the forms in which they are compared. */
function toIndex(catalogue) {
  if (indexes.has(catalogue)) return indexes.get(catalogue)
  const [rows, exact, known] = [new Map(), new Map(), []]
  for (const row of catalogue?.errors ?? []) {
    const [code, home] = [String(row.code), toTokens(normalise(row.message))]
    rows.set(code, row)
    for (const { wording, foreign } of [{ wording: row.message }, ...(row.observed ?? [])]) {
      const key = normalise(wording)
      if (!key || foreign || known.some((one) => one.code === code && one.key === key)) continue
      const [kind, words, tokens] = [wording === row.message ? "spec" : "observed", key.split(" "), toTokens(key)]
      const fit = kind === "spec" ? 99 : tokens.filter((word) => home.includes(word)).length
      const one = { code, kind, key, words, tokens, fit, squeezed: words.join(""), start: words.slice(0, 4).join(" ") }
      known.push(one)
      // A wording seen under several codes belongs to the row whose own message it resembles most.
      exact.set(one.squeezed, [...(exact.get(one.squeezed) ?? []), one].sort((a, b) => b.fit - a.fit))
    }
  }
  const index = { rows, exact, known, vocabulary: [...new Set(known.flatMap((one) => one.tokens))] }
  if (catalogue) indexes.set(catalogue, index)
  return index
}

/** Compares a message with all wordings: `hits` are sure (home row first), `near` and `scores` tell resemblance. */
function recall({ exact, known, vocabulary }, text, isCut) {
  const key = toKey(text)
  const [squeezed, tokens, scores] = [key.replaceAll(" ", ""), toTokens(key).slice(0, 40), new Map()]
  const kin = new Set(vocabulary.filter((word) => tokens.some((token) => alike(token, word))))
  for (const one of known) {
    const score = (2 * one.tokens.filter((word) => kin.has(word)).length) / (one.tokens.length + tokens.length)
    if (score >= 0.7) scores.set(one, score)
  }
  const close = [...scores.keys()].sort((a, b) => scores.get(b) - scores.get(a))
  const most = squeezed.length < 5 ? 0 : Math.min(3, Math.max(1, Math.floor(squeezed.length / 14)))
  let [level, hits] = [1, exact.get(squeezed) ?? []]
  if (!hits.length && ++level) {
    const some = known.map((one) => [distance(squeezed, one.squeezed, most), one]).filter(([far]) => far <= most)
    for (const one of some) one[0] += distance(key, one[1].key, 4) / 1000
    const least = Math.min(...some.map(([far]) => far))
    hits = some.filter(([far]) => far === least).map(([, one]) => one)
  }
  if (!hits.length && isCut && squeezed.length > 5) hits = known.filter((one) => one.squeezed.startsWith(squeezed))
  if (!hits.length && ++level && tokens.length > 1) hits = close.filter((one) => scores.get(one) === 1)
  const homes = hits.map((one) => exact.get(one.squeezed))
  const near = codesOf([...hits, ...close]).slice(0, 6)
  hits = new Set(homes.map(([home]) => home.code)).size === 1 ? homes[0] : []
  return { level, hits, near, key, scores }
}

const LABEL =
  /(?<![a-z\d_-])(?:x-)?((?:(?:err(?:or)?|ret(?:urn)?|res(?:ult|p|ponse)?|api|biz|status|fail|server|exchange|sub|last|msg|http)[_ -]?){0,2}(?:codes?|errno|errors?|err)|(?!key|index|win|os|assert)[a-z.]{0,30}(?:error|exception)|rc|bitmart|woox?(?: ?pro)?|g[eo]t(?:s|ting)?|returns|returned|what (?:is|does)|错误代?码|ошибк[аи])(["'`*\])]{0,3}[\s_]{0,8}(?:(?:(?:is|was|of|no\.?|number|code)\b|[=-]>|[:=#([|,/]|-(?!\d)|<\/?\w{1,9}>|>)\s{0,30}){0,4}(?:\w{1,8}\()?["'`([*#]{0,3}\s?)(-?\d{1,10})(?!\w|\.(?!0+(?!\d))\d|[:-]\d)/gi
const NO_CODE = /(?:exit(?:ed with)?|zip|postal|area|country|currency|promo|source|product|sms|qr|expected|lines of) $/i
const UNIT = /^\s?(?:%|,\d{3}(?!\d)|(?:usd[tc]?|btc|eth|m?s|(?:second|byte|contract|order|item|row|line|time|trade|request|error)s|---)\b(?!["'=:]))/i

/** Numbers behind a word for "error code". */
function readLabelled(text, rows) {
  const found = []
  for (const { 0: all, 1: label, 2: gap, 3: number, index: at } of text.matchAll(LABEL)) {
    const end = at + all.length
    const after = text.slice(end, end + 100)
    const before = text.slice(Math.max(0, at - 20), at)
    const isCode = /code|errno|码/i.test(label + gap)
    if (NO_CODE.test(before) || (!isCode && UNIT.test(after)) || (label === "Errno" && before.endsWith("["))) continue
    const code = /[:=("'[]\s?$/.test(gap) ? number : number.replace("-", "")
    const isKnown = rows.has(code)
    if (!isCode && !/^x|e(?:rror|rr|xception)$|ошибк/i.test(label) && (code.length !== 5 || !isKnown || /[=:]/.test(gap))) continue
    const isCut = !isKnown && code.length < 5 && /^\s*(?:\.\.|\u2026|$)/.test(after)
    if (isKnown || isCut || /^-?\d{4,6}$/.test(code)) found.push({ code, at, end, isCut, isKey: /^["']/.test(gap) })
  }
  return found
}

/** Codes of the catalogue without a label, where what stands around them vouches for them. */
function readFree(text, rows, taken) {
  const [found, ends] = [[], new Set(taken.map((one) => one.end))]
  for (const { 0: code, index: at } of text.matchAll(/(?<![\w.$\u20ac\xa3:=-])\d{5}(?![\w%]|[.:-]\d)/g)) {
    const [end, row] = [at + code.length, rows.get(code)]
    const [before, after] = [text.slice(Math.max(0, at - 40), at), text.slice(end, end + 40)]
    const isLead = /(?:^|\n|\]\s|["'])\s{0,4}["'([#]?$/.test(before) && /^["')\]]?(?::|\s[-\u2013|]|\])\s+["']?\p{L}/u.test(after)
    if (!row || ends.has(end) || (!isLead && /\w["']?\s*[:=]\s*["']?$/.test(before))) continue
    const status = /(?:^|[\s,;|"'])(\d{3})["']?[\s,;|]{1,3}["']?$/.exec(before) ?? /^["']?[\s,;|]{1,3}["']?(\d{3})(?![\w.])/.exec(after)
    const list = /(\d\s?(?:[,/|&]|and|or)\s?)$/.exec(before)?.[1].length
    const isBoxed = /[([]$/.test(before) && /^(?:[)\]]|,\s?["'])/.test(after)
    if (isLead || isBoxed || ends.has(at - list + 1) || /^\serr/i.test(after) || Number(status?.[1]) === row.http_status) {
      found.push({ code, at, end })
      ends.add(end)
    }
  }
  return found
}

/** Codes and nothing else, and the names that errors.py gives them: `30005, 30007` and `ErrorCode.E40050`. @param {string} text @param {Map<string, unknown>} rows */
function readList(text, rows) {
  const pattern = /^[\s"'`([{#*]*\d{4,6}(?:[\s"'`#*.,;|&]+\d{4,6})+[\s"'`)\]}*.,;|&!?]*$/.test(text) ? /\d{4,6}/g : /(?<=(?<!\w)E)\d{4,5}(?!\w)/g
  const found = [...text.matchAll(pattern)].map(({ 0: code, index: at }) => ({ code, at, end: at + code.length }))
  return found.filter(({ code }) => rows.has(code))
}

const SAID =
  /(?:^|[^a-z\d])((?:err(?:or)?|ret(?:urn)?|res(?:ult|p|ponse)?|api|fail)?[_ -]?(?:msg|message|description)|error|err|reason|details?)(\s{0,2}["'`\]]{0,3}\s{0,8}(?:=>|[:=>])\s{0,40}(?:string\(\d{1,4}\)\s?|\w{1,6}\(|\[)?)(["'`]?)/gi
const STOPS = /\n|\t|\s\|\s|[{}<]|;\s|\s\w+=|\s\w+:(?=[^\s/])|,\s*["']?\w+["']?\s*[:=]|"\s*[,}]/
const DOTS = /(?:\.\.|\u2026)$/
const trimQuotes = (text) => text.trim().replace(/^["'`]|["'`]$/g, "")

/** Texts behind a word for "message"; a quotation mark ends one only where something like a delimiter follows. */
function readMessages(text) {
  const found = []
  for (const { 0: all, 1: name, 2: gap, 3: quote, index: at } of text.matchAll(SAID)) {
    const from = at + all.length
    const rest = text.slice(from, from + REACH)
    let stop = -1
    for (let tries = 0; quote && tries < 20; tries++) {
      stop = rest.indexOf(quote, stop + 1)
      if (stop < 0 || /^\s*(?:[,}\])<|;>.\u2026/]|\n|$|\w+=)/.test(rest.slice(stop + 1, stop + 30))) break
    }
    const isOpen = quote && stop < 0
    if (stop < 0) stop = rest.search(quote ? /[{}<]/ : STOPS)
    const said = rest.slice(0, stop < 0 ? REACH : stop).trim()
    const strong = /msg|mess|desc/i.test(name) ? 2 : quote && /^\s*["'`]|=/.test(gap) ? 1 : 0
    if (!/\p{L}{2}/u.test(said) || /^(?:null|none|nil|undefined|true|false|n\/a)\b/i.test(said)) continue
    found.push({ text: trimQuotes(said), at, end: from + said.length, strong, isCut: isOpen || DOTS.test(said) })
    if (found.length > 1999) break
  }
  return found
}

/** The text behind a number, where it reads like a message. */
function readTail(text, { end }) {
  const rest = text.slice(end, end + REACH)
  const lead = /^["'`\])>*]{0,4}(?:\s*[:|=]|\s+[-\u2013\u2014]|\s*>|\]|,|\s)\s*(?=["'([]?\p{L})/u.exec(rest)?.[0]
  const tail = rest.slice(lead?.length)
  const said = trimQuotes(tail.split(STOPS, 1)[0])
  if (!lead || !said || /[?:=]$/.test(said) || /^["']?\w+["']?\s*[:=]/.test(tail)) return undefined
  const strong = lead.trim() && lead[0] !== "," ? 2 : 0
  return { text: said, at: end, end: end + lead.length + said.length, strong, isCut: DOTS.test(said) }
}

/** Gives each number the message sent with it: best in the same braces, on the same line, behind it. */
function pair(text, mentions, messages) {
  const all = [...mentions, ...messages].sort((a, b) => a.at - b.at)
  const pairs = []
  for (const [i, one] of all.entries()) {
    // A text that holds a number is no message of its own.
    if (!one.code && all[i + 1]?.code && all[i + 1].at < one.end) one.strong = 0
  }
  for (const [i, one] of all.entries()) {
    if (!one.code) continue
    const tail = readTail(text, one)
    if (tail) pairs.push({ one, said: tail, cost: tail.strong ? 8 : 15 })
    for (let j = Math.max(0, i - 3); j < i + 4; j++) {
      const said = all[j]
      if (!said?.strong || Math.abs(said.at - one.at) > 3000) continue
      const between = j > i ? text.slice(one.end, said.at + 1) : text.slice(said.end, one.at)
      const isApart = /[{}]/.test(between.replace(/\{[^{}]*\}/g, "").replace(/\{[^{}]*\}/g, ""))
      const cost = Math.min(6, 2 * (between.split("\n").length - 1)) + (j > i ? 0 : 1) + 3 * (2 - said.strong)
      pairs.push({ one, said, cost: cost + (isApart ? 9 : 0) + Math.abs(i - j) / 10 })
    }
  }
  for (const { one, said } of pairs.sort((a, b) => a.cost - b.cost)) {
    if (one.said || said.used) continue
    one.said = said
    said.used = true
  }
}

/** Wordings of four words and more in running text; one word may be mistyped. */
function readProse(text, known) {
  const key = ` ${listWords(text)} `
  const words = key.trim().split(" ")
  return known.filter((one) => {
    const size = one.words.length
    if (size < (one.kind === "spec" ? 4 : 5)) return false
    if (words.length > 400 || key.includes(` ${one.key} `)) return key.includes(` ${one.key} `)
    return words.some((word, i) => {
      const isNear = word === one.words[0] || words[i + size - 1] === one.words[size - 1]
      return isNear && distance(words.slice(i, i + size).join(" "), one.key, 1) < 2
    })
  })
}

const HTTP =
  /\bHTTP\/[\d.]+"?\s+([1-5]\d\d)\b|(?:(?:status|http)(?:[_ -]?(?:code|status))?["']?(?:\s*[:=(>]+|\s(?:is|was))?|https?:\/\/\S{1,300})\s{0,3}["']?([1-5]\d\d)(?!\w|\.\d)|\b([45]\d\d) (?:forbid|unauth|bad |not f|too m|serv|client e|server e)/gi

const LEAD = /^(?:["'`*>#\s-]+|[\w.]*(?:error|exception|failure|msg|message|reason)\s*[:=]+|(?:bitmart|woox?(?: ?pro)?|ccxt)\b\s*[:>-]?|\[[^\]]{0,40}\]|\d{4,6}[\s,:-]+|\d{4}-\d\d-\d\d[T ][\d:.,]+Z?)\s*/i

/** A whole paste without quotation marks, class names and dates around it. */
function strip(text) {
  let out = text.replace(/["'`*\s]+$/, "")
  for (let i = 0; i < 6; i++) out = out.replace(LEAD, "")
  return out
}

/**
 * Finds the catalogue's errors in a pasted text, best match first.
 * @param {string} text
 * @param {Catalogue} catalogue
 * @returns {Decoded}
 */
export function decode(text, catalogue) {
  const raw = String(text ?? "").slice(0, LIMIT)
  const body = prepare(raw).trim()
  const index = toIndex(catalogue)
  const { rows, known } = index
  const [found, memo, unlisted, maybe] = [new Map(), new Map(), new Set(), new Set()]
  const guess = (codes) => codes.forEach((code) => maybe.add(code))
  const weigh = (said, isCut) => {
    const key = `${isCut}${said}`
    if (!memo.has(key)) memo.set(key, recall(memo.size < 60 ? index : { ...index, known: [], vocabulary: [] }, said, isCut))
    return memo.get(key)
  }
  const offer = (code, via, wording, rank, reason) => {
    const old = found.get(code)
    if (!old || (rank < 2 && old.rank > 1)) found.set(code, { code, via, wording, count: 1, ...(reason && { reason }), rank })
    else if (rank < 2) old.count++
    if (old?.wording === "none" && wording !== "none") Object.assign(old, { via: via === "code" ? via : "both", wording })
  }

  const mentions = readLabelled(body, rows)
  mentions.push(...readFree(body, rows, mentions))
  const alone = /^[\s"'`([{#<*]*(\d{4,6})[\s"'`)\]}>*.,;:!?]*$/.exec(body)?.[1]
  if (alone && !mentions.length) mentions.push({ code: alone, at: 0, end: body.length })
  if (!mentions.length && body.length < REACH) mentions.push(...readList(body, rows))
  mentions.sort((a, b) => a.at - b.at)
  const messages = readMessages(body)
  pair(body, mentions, messages)
  const lineOf = (one) => `${one.code}@${body.lastIndexOf("\n", one.at)}`
  const keyed = new Set(mentions.filter((one) => one.isKey).map(lineOf))

  for (const one of mentions) {
    const { code, said, isKey } = one
    const { level, hits, near, key, scores } = said ? weigh(said.text, said.isCut) : { hits: [], near: [] }
    if (one.isCut && (isKey || said || /^\s*[.\u2026]/.test(body.slice(one.end)))) {
      const start = hits.find((hit) => hit.code.startsWith(code))
      if (start) offer(start.code, "message", start.kind, 1, `The code is cut off after ${code}; the wording is that of ${start.code}.`)
      else if (code.length > 1) guess([...rows.keys()].filter((row) => row.startsWith(code)))
    } else if (!rows.has(code)) {
      if (code.length > 3) unlisted.add(code)
      guess([...codesOf(hits), ...near])
    } else if (isKey || !keyed.has(lineOf(one))) {
      const home = level < 3 && hits[0]
      const isOwn = (row) =>
        row.code === code &&
        ((said.isCut && row.key.startsWith(key)) || (row.words.length > 1 && key.startsWith(row.start)) || scores.get(row) >= 0.75)
      const own = hits.find((hit) => hit.code === code) ?? (said && !home ? known.find(isOwn) : undefined)
      const kind = (own || home)?.kind ?? (said?.strong ? "unfamiliar" : "none")
      const isDone = /^accepted/.test(rows.get(code).outcome) && (own ? own.words.length < 2 : kind === "none")
      offer(code, own ? "both" : "code", kind, isDone ? 1 : 0)
      if (home && home.code !== code && own?.kind !== "spec") {
        offer(home.code, "message", home.kind, 2, `The wording sent with ${code} is that of ${home.code}.`)
      }
    }
  }

  const numbers = new Set(body.match(/(?<![\w.])\d{4,5}(?!\w)/g))
  // Without a code, a short wording may be anybody's.
  const place = ({ level, hits, near }, isBare) => {
    const [home] = hits
    const isSure = home && (isBare || (level < 3 && home.words.length > 3))
    if (isSure) offer(home.code, numbers.has(home.code) ? "both" : "message", home.kind, 2)
    guess([...codesOf(hits), ...near])
  }
  for (const said of messages) if (!said.used) place(weigh(said.text, said.isCut), false)
  if (!mentions.length && body.length < REACH && !/^\W*[{<]|["']\s*:/.test(body)) place(weigh(strip(body), false), true)
  let [rest, from] = ["", 0]
  for (const { at, end } of mentions.flatMap((one) => one.said ?? []).sort((a, b) => a.at - b.at)) {
    rest += `${body.slice(from, at)} | `
    from = Math.max(from, end)
  }
  for (const one of readProse(rest + body.slice(from), known)) place({ level: 1, hits: index.exact.get(one.squeezed), near: [] }, false)

  const statuses = [...body.matchAll(HTTP)].map((hit) => Number(hit[1] ?? hit[2] ?? hit[3]))
  const matches = [...found.values()].sort((a, b) => a.rank - b.rank).map(({ rank, ...match }) => match)
  for (const { code } of matches) maybe.delete(code)
  return { matches, unlisted: [...unlisted], http: statuses.find((status) => status > 399) ?? statuses[0] ?? null, maybe: [...maybe].slice(0, 12), sensitive: hasSecret(raw) }
}

const SECRET =
  /((?:\bx[-_](?:api|bm)[-_](?:key|sign|memo|passphrase)|(?:api|access|secret)[-_ ]?(?:key|secret|token)|secret|signature|\bsign|memo|pass(?:phrase|word)|authorization)(?:\\*["'`\]]|&quot;|&#39;){0,2}\s{0,5}(?:=>|[:=])\s{0,5}(?:\\*["'`]|&quot;|&#39;){0,2})((?<=["'`])[^"'`\n\\&]{1,999}|(?:bearer |basic |token )?[^\s"'`,;&\\<>{}()[\]]{2,999})/gi
const NO_SECRET = /^(?:[*x.\u2026]*|null|none|undefined)$/i

/**
 * Masks the values of keys, signatures, secrets and memos.
 * @param {string} text
 * @returns {string}
 */
export function redact(text) {
  return String(text ?? "").replace(SECRET, (all, lead, value) => (NO_SECRET.test(value) ? all : `${lead}***`))
}

/** @param {string} text */
export const hasSecret = (text) => redact(text) !== String(text ?? "")

/**
 * Places a number that the catalogue lacks.
 * @param {string|number} number
 * @param {Catalogue} catalogue
 */
export function describeUnlisted(number, catalogue) {
  const code = String(number).trim()
  const { rows } = toIndex(catalogue)
  const codes = [...rows.keys()].sort((a, b) => Number(a) - Number(b))
  const kin = codes.filter((one) => one.length === code.length && one[0] === code[0]).map((one) => rows.get(one).section)
  return {
    known: rows.has(code),
    section: new Set(kin).size === 1 ? kin[0] : null,
    before: codes.filter((one) => Number(one) < Number(code)).at(-1) ?? null,
    after: codes.find((one) => Number(one) > Number(code)) ?? null,
  }
}
