/**
 * Which part of a signature is wrong: signs the request as documented, then with every known mistake and every pair
 * of them, until one gives exactly the signature that was sent. The mistakes are rows of a published JSON file.
 *
 * @typedef {{timestamp: string, memo?: string, body?: string | null, secret: string, key?: string, method?: string, path?: string, sent: string}} Fields
 * @typedef {{id: string, part: string, op: string, args?: any, text: string, fix: string}} Mistake
 * @typedef {{recipe: string, parts: string[], mistakes: Mistake[]}} Table
 * @typedef {{id: string, text: string, fix: string}} Named
 * @typedef {Named & {parts: Named[]}} Found
 * @typedef {{expected: string, text: string, match: boolean, mistake: Found | null, tried: number, complete: boolean}} Explanation
 * @typedef {{time: string, memo: string, body: string, content: string, key: string, secret: string | Uint8Array, method: string, path: string, query: string, target: string, bodyHash: string, template: string, text: string | Uint8Array | null, algorithm: string, hashKey: string, hashData: string, encode: string, keys: Map<any, any>}} State
 * @typedef {[Mistake, string][]} Names
 * @typedef {{state: State, names: Names}} Candidate
 * @typedef {string | Uint8Array | null} Value
 * @typedef {[Value, string][]} Variants
 * @typedef {{tokens: string[], roles: string[], tree: Tree}} Json
 * @typedef {{raw: string} | {open: "[", items: Tree[]} | {open: "{", items: [string, Tree][]}} Tree
 */

const TABLE = new URL("../../samples/signature_mistakes.json", import.meta.url)
const HOST = "https://cloud-api.wooxpro.com"
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
// Of one of these a program uses one; of the others it may hold two.
const EXCLUSIVE = new Set(["join", "hash", "encode"])
const PAIR_VARIANTS = 8
// Bytes of work that one search may do, a second's worth; changing a text costs more than signing it.
const BUDGET = 60_000_000
const CHANGE_COST = 8
const MAX_CHANGED = 65_536
const MAX_DEPTH = 64
// Calls of WebCrypto that wait for each other.
const BATCH = 100
// Above this WebCrypto is faster than the functions below, which spare its cost of each call.
const SHORT = 4096
const encoder = new TextEncoder()

/** @returns {Promise<Table>} the published table; the host serves it beside the offline program */
export async function loadMistakes() {
  return (await import(TABLE.href, { with: { type: "json" } })).default
}

/**
 * Names the mistake, or the pair of mistakes, that gives the signature sent.
 *
 * @param {Fields} fields @param {Table} [table] @returns {Promise<Explanation>}
 */
export async function explain(fields, table) {
  const [found] = await explainAll(fields, [fields.sent ?? ""], table)
  return found
}

/**
 * Explains several signatures of the same request in one search.
 *
 * @param {Omit<Fields, "sent">} fields @param {string[]} sents @param {Table} [table] @returns {Promise<Explanation[]>}
 */
export async function explainAll(fields, sents, table) {
  table ??= await loadMistakes()
  const base = await makeState(fields, table)
  const text = String(render(base))
  const expected = toHex(await digest(base, text))
  const wanted = new Map(sents.filter((sent) => sent && sent !== expected).map((sent) => [sent, /** @type {Names | null} */ (null)]))
  const search = new Search(base, table, wanted)
  if (wanted.size) await search.run()
  return sents.map((sent) => ({
    expected, text, match: sent === expected, mistake: describe(wanted.get(sent)), tried: search.tried, complete: search.complete,
  }))
}

/**
 * The same without a secret: names the mistake that makes the documented text the text that was signed.
 *
 * @param {Omit<Fields, "secret" | "sent"> & {signed: string}} fields @param {Table} [table]
 */
export async function explainText(fields, table) {
  table ??= await loadMistakes()
  const base = await makeState({ ...fields, secret: "" }, table)
  const text = String(render(base))
  const { signed } = fields
  const at = findDifference(text, signed)
  const narrowed = { ...table, mistakes: table.mistakes.filter(({ part, op }) => !["secret", "hash", "encode"].includes(part) && op !== "swap") }
  const search = new Search(base, narrowed, new Map([[signed, null]]))
  if (at !== null) await search.run(true)
  return { text, match: at === null, at, mistake: describe(search.wanted.get(signed)), tried: search.tried, complete: search.complete }
}

/**
 * Signs a request with mistakes of the table, to show them.
 *
 * @param {Omit<Fields, "sent">} fields @param {string[]} ids @param {Table} [table] @returns {Promise<string | null>} null where a mistake does not apply
 */
export async function signWrongly(fields, ids, table) {
  table ??= await loadMistakes()
  const search = new Search(await makeState(fields, table), table, new Map())
  let state = search.base
  let encode = ""
  for (const id of ids) {
    if (search.encoders.has(id)) encode = id
    else {
      const [first] = search.mistakes.filter((row) => row.id === id).flatMap((row) => search.apply(row, state))
      if (!first) return null
      state = first[0]
    }
  }
  const bytes = await digest(state, render(state))
  const writing = encode || state.encode
  return writing ? encodeDigest(bytes, search.encoders.get(writing)?.args) : toHex(bytes)
}

/** @param {string} one @param {string} other @returns {number | null} where two texts part, null where they are equal */
export function findDifference(one, other) {
  if (one === other) return null
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  // A character outside the basic plane is two units: both belong to the difference.
  return at > 0 && /[\ud800-\udbff]/.test(one[at - 1]) ? at - 1 : at
}

/** @param {Names | null | undefined} names @returns {Found | null} */
function describe(names) {
  if (!names) return null
  const parts = names.map(([{ id, text, fix }, detail]) => ({ id, text: text.replace("{detail}", detail), fix }))
  const join = (/** @type {"text" | "fix"} */ name) => [...new Set(parts.map((part) => part[name]))].join(" ")
  return { id: parts.map((part) => part.id).join("+"), text: join("text"), fix: join("fix"), parts }
}

/** @param {Omit<Fields, "sent">} fields @param {Table} table @returns {Promise<State>} */
async function makeState(fields, table) {
  const clean = (/** @type {unknown} */ value) => String(value ?? "").replace(LONE, "\ufffd")
  const method = (clean(fields.method) || "POST").toUpperCase()
  const target = clean(fields.path).replace(/^https?:\/\/[^/?#]*/, "").replace(/#.*$/s, "")
  const cut = target.indexOf("?")
  const content = clean(fields.body)
  const body = method === "GET" ? "" : content
  return {
    time: clean(fields.timestamp), memo: clean(fields.memo), body, content, key: clean(fields.key), secret: clean(fields.secret), method, target,
    path: cut < 0 ? target : target.slice(0, cut), query: cut < 0 ? "" : target.slice(cut + 1),
    bodyHash: crypto.subtle ? toHex(await callDigest("SHA-512", encoder.encode(body))) : "",
    template: table.recipe, text: null, algorithm: "SHA-256", hashKey: "{secret}", hashData: "{text}", encode: "", keys: new Map(),
  }
}

class Search {
  /** @param {State} base @param {Table} table @param {Map<string, Names | null>} wanted */
  constructor(base, table, wanted) {
    const order = (/** @type {Mistake} */ row) => table.parts.indexOf(row.part)
    const rows = [...table.mistakes].sort((one, other) => order(one) - order(other))
    this.mistakes = rows.filter((row) => row.part !== "encode")
    this.wanted = wanted
    this.missing = wanted.size
    const sents = [...wanted.keys()]
    this.plain = sents.every((sent) => /^[\da-f]{64}$/.test(sent))
    this.starts = new Set(sents.map((sent) => parseInt(sent.slice(0, 2), 16)))
    this.base = base
    const encoders = rows.filter((row) => row.part === "encode")
    /** @type {Map<string, Mistake>} */
    this.encoders = new Map(encoders.map((row) => [row.id, row]))
    this.extras = encoders.filter(({ args }) => {
      const sizes = [20, 32, 48, 64].map((size) => encodeDigest(new Uint8Array(size), args).length)
      return sents.some((sent) => (args.varies ? new RegExp(args.varies).test(sent) : sizes.includes(sent.length)))
    })
    this.seen = new Set([this.identify(base, render(base))])
    this.changed = new Map()
    this.tried = 0
    this.spent = 0
    this.complete = true
  }

  /** @param {boolean} [textual] compares texts, not signatures */
  async run(textual = false) {
    /** @type {Candidate[]} */
    const singles = []
    /** @type {[Candidate, Uint8Array][]} */
    const signed = textual ? [] : [[{ state: this.base, names: [] }, await digest(this.base, render(this.base))]]
    this.noteExtras(signed)
    for (const candidate of this.listSingles()) {
      singles.push(candidate)
      const bytes = await this.test(candidate, textual)
      if (bytes) signed.push([candidate, bytes])
      if (!this.missing) return
    }
    this.noteExtras(signed.slice(1))
    /** @type {Promise<unknown>[]} */
    const pending = []
    for (const candidate of this.listPairs(singles)) {
      if (!this.missing) break
      const bytes = this.test(candidate, textual)
      if (bytes instanceof Promise) pending.push(bytes)
      if (pending.length >= BATCH) await Promise.all(pending.splice(0))
    }
    await Promise.all(pending)
  }

  /** @param {Candidate} candidate @param {boolean} textual */
  test(candidate, textual) {
    const text = render(candidate.state)
    if (!this.admit(candidate.state, text)) return undefined
    this.tried += 1
    if (textual) return this.note(text, candidate.names)
    // Nothing but SHA-256 in hexadecimal looks like it.
    if (this.plain && (candidate.state.encode || candidate.state.algorithm !== "SHA-256")) return undefined
    const bytes = digest(candidate.state, text)
    return bytes instanceof Promise ? bytes.then((found) => this.compare(candidate, found)) : this.compare(candidate, bytes)
  }

  /** @param {Candidate} candidate @param {Uint8Array} bytes */
  compare({ state, names }, bytes) {
    if (state.encode || this.starts.has(bytes[0])) this.note(state.encode ? encodeDigest(bytes, this.encoders.get(state.encode)?.args) : toHex(bytes), names)
    return bytes
  }

  *listSingles() {
    /** @type {Candidate[]} */
    const late = []
    for (const mistake of this.mistakes) {
      const found = this.apply(mistake, this.base).map(([state, detail]) => ({ state, names: /** @type {Names} */ ([[mistake, detail]]) }))
      yield* found.slice(0, PAIR_VARIANTS)
      late.push(...found.slice(PAIR_VARIANTS))
    }
    yield* late
  }

  /** @param {Candidate[]} singles */
  *listPairs(singles) {
    const ranks = new Map(this.mistakes.map((mistake, rank) => [mistake, rank]))
    const isEarly = countVariants()
    for (const { state, names } of singles) {
      const [first] = names[0]
      if (!isEarly(first)) continue
      for (let rank = (ranks.get(first) ?? 0) + 1; rank < this.mistakes.length; rank += 1) {
        const second = this.mistakes[rank]
        if (second.part === first.part && EXCLUSIVE.has(first.part)) continue
        for (const [next, detail] of this.apply(second, state).slice(0, PAIR_VARIANTS)) {
          yield { state: next, names: /** @type {Names} */ ([...names, [second, detail]]) }
        }
        if (!this.complete) return
      }
    }
  }

  /** @param {State} state @param {Value} text @returns {boolean} whether it is a new text, key or hash, within the budget */
  admit(state, text) {
    if (this.spent > BUDGET) this.complete = false
    if (!this.complete || text === null) return false
    const identity = this.identify(state, text)
    if (this.seen.has(identity)) return false
    this.seen.add(identity)
    this.spent += text.length + state.secret.length
    return true
  }

  /** @param {State} state @param {Value} text @returns {string} all that the signature depends on */
  identify({ secret, algorithm, hashKey, hashData, encode }, text) {
    const show = (/** @type {Value} */ value) => (typeof value === "string" ? value : `\u0001${value}`)
    return `${show(text)}\u0000${show(secret)}\u0000${algorithm} ${hashKey} ${hashData} ${encode}`
  }

  /** @param {Mistake} mistake @param {State} state @returns {[State, string][]} */
  apply(mistake, state) {
    const { part, op, args } = mistake
    if (part === "join") return fill(args.text ?? args, state) === null ? [] : [[join(state, args), ""]]
    if (part === "hash") return [[{ ...state, ...args }, ""]]
    if (op === "swap") return [[{ ...state, memo: String(state.secret), secret: state.memo }, ""]]
    const field = /** @type {"time" | "memo" | "body" | "text" | "secret"} */ (part)
    const value = field === "text" ? render(state) : state[field]
    if (typeof value !== "string") return []
    return this.change(mistake, value, state).map(([next, detail]) => [{ ...state, [field]: next }, detail])
  }

  /** @param {Mistake} mistake @param {string} value @param {State} state @returns {Variants} */
  change(mistake, value, state) {
    const { op, args } = mistake
    if (op === "put") return one(fill(args, { ...state, text: mistake.part === "text" ? value : state.text }))
    if (op === "query") return state.query ? one(writeQuery(state.query, args)) : []
    if (value.length > MAX_CHANGED) return []
    const name = `${mistake.id}\u0000${value}`
    let found = this.changed.get(name)
    if (!found) {
      this.spent += CHANGE_COST * value.length
      found = OPERATIONS[op](value, args)
      this.changed.set(name, found)
    }
    return found
  }

  /** @param {[Candidate, Uint8Array][]} signed whose digests are compared in every other writing */
  noteExtras(signed) {
    const isEarly = countVariants()
    for (const [{ state, names }, bytes] of signed) {
      if (state.encode || (names[0] && !isEarly(names[0][0]))) continue
      for (const extra of this.extras) {
        this.tried += 1
        this.note(encodeDigest(bytes, extra.args), [...names, [extra, ""]])
      }
    }
  }

  /** @param {unknown} value @param {Names} names */
  note(value, names) {
    if (typeof value !== "string" || this.wanted.get(value) !== null) return undefined
    this.wanted.set(value, names)
    this.missing -= 1
    return undefined
  }
}

/** Returns whether a mistake comes with one of its first ways, which alone are paired with others. */
function countVariants() {
  const counts = new Map()
  return (/** @type {Mistake} */ mistake) => {
    counts.set(mistake, (counts.get(mistake) ?? 0) + 1)
    return counts.get(mistake) <= PAIR_VARIANTS
  }
}

/** @param {State} state @param {any} args @returns {State} */
function join(state, args) {
  if (typeof args === "string") return { ...state, template: args }
  const secret = args.secret === "base64" ? readBytes(String(state.secret), "base64") : state.secret
  return { ...state, template: args.text, encode: args.encode ?? "", algorithm: args.algorithm ?? state.algorithm, secret: secret ?? state.secret }
}

/** @param {State} state */
function render(state) {
  return state.text ?? fill(state.template, state)
}

/** @type {Map<string, string[]>} */
const templates = new Map()

/**
 * Fills a template such as "{time}#{memo}"; null where a part was not given or cannot be made.
 *
 * @param {string} template @param {State} state @returns {string | null}
 */
function fill(template, state) {
  let pieces = templates.get(template)
  if (!pieces) templates.set(template, (pieces = template.split(/\{(\w+)\}/)))
  let text = pieces[0]
  for (let at = 1; at < pieces.length; at += 2) {
    const value = readField(pieces[at], state)
    if (value === null) return null
    text += value + pieces[at + 1]
  }
  return text
}

/** @param {string} name @param {State} state @returns {string | null} */
function readField(name, state) {
  switch (name) {
    case "time": case "memo": case "body": case "method": case "content": return state[name]
    case "secret": case "text": return typeof state[name] === "string" ? state[name] : null
    case "key": case "path": case "query": case "target": case "bodyHash": return state[name] || null
    case "url": return state.target ? HOST + state.target : null
    case "payload": return state.method === "GET" ? state.query : state.body
    case "params": return state.query || writeFlat(state.body, FORM)
    case "sorted": return state.query ? writeQuery(state.query, { sort: true }) : writeFlat(state.body, { ...FORM, sort: true })
    default: return formatTime(name, state.time)
  }
}

const FORM = { pair: "=", join: "&" }

/** @param {string} name @param {string} time milliseconds @returns {string | null} */
function formatTime(name, time) {
  if (!/^\d{11,14}$/.test(time)) return null
  const ms = Number(time)
  const iso = new Date(ms).toISOString()
  switch (name) {
    case "seconds": return String(Math.floor(ms / 1000))
    case "rounded": return String(Math.floor((ms + 500) / 1000))
    case "fraction": return String(ms % 1000).padStart(3, "0")
    case "minutes": return String(Math.floor(ms / 60_000))
    case "iso": return iso
    case "date": return iso.slice(0, 10)
    case "clock": return iso.slice(11, 19)
    case "http": return new Date(ms).toUTCString()
    case "grouped": return time.replace(/\B(?=(\d{3})+$)/g, ",")
    case "digits": return `${time[0]}.${time.slice(1)}`
    case "power": return String(time.length - 1)
    case "int32": return String(ms % 4294967296 | 0)
    default: throw new Error(`The template names the unknown part ${name}.`)
  }
}

/** @param {Value} value @returns {Variants} */
const one = (value) => (value === null ? [] : [[value, ""]])

/** @param {string} query @param {{sort?: boolean, decode?: boolean, json?: boolean}} how @returns {string | null} */
function writeQuery(query, { sort, decode, json }) {
  const pairs = query.split("&").map((pair) => [pair.split("=", 1)[0], pair.slice(pair.split("=", 1)[0].length + 1)])
  if (sort) pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const plain = pairs.map(([name, value]) => [readPercent(name), readPercent(value)])
  if (json) {
    if (plain.flat().includes(null)) return null
    return `{${plain.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`
  }
  const text = (decode ? plain : pairs).map(([name, value]) => `${name}=${value}`).join("&")
  return decode && plain.flat().includes(null) ? null : text
}

/** @param {string} text @returns {string | null} */
function readPercent(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

// JSON: the tokens as written, so that a change keeps everything else.

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]|[ \t\r\n]+/gs
const NUMERIC = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** @type {[string, Json | null][]} */
let parsed = []

/** @param {string} text @returns {Json | null} null for what is no JSON, or nested too deeply */
function readJson(text) {
  const known = parsed.find(([source]) => source === text)
  if (known) return known[1]
  const found = parseJson(text)
  parsed = [[text, found], ...parsed.slice(0, 3)]
  return found
}

/** @param {string} text @returns {Json | null} */
function parseJson(text) {
  const tokens = text.match(TOKEN) ?? []
  let depth = 0
  if (tokens.some((token) => (depth += Number(/^[{[]/.test(token)) - Number(/^[}\]]/.test(token))) > MAX_DEPTH)) return null
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  // Half a character, which JSON may hold as an escape, has no bytes.
  if (/\\ud/i.test(text) && tokens.some((token) => token[0] === '"' && JSON.parse(token).search(LONE) >= 0)) return null
  const roles = tokens.map(findRole)
  tokens.forEach((token, at) => {
    const before = roles[at - 1] === "blank" ? at - 2 : at - 1
    if (token === ":") roles[before] = "key"
  })
  return { tokens, roles, tree: makeTree(tokens.filter((_, at) => roles[at] !== "blank"), { at: 0 }) }
}

/** @param {string} token @returns {string} */
function findRole(token) {
  if (token[0] === '"') return "text"
  if (/^[-\d]/.test(token)) return "number"
  if (/^[a-z]/.test(token)) return "word"
  return /^\s/.test(token) ? "blank" : "mark"
}

/** @param {string[]} tokens without blanks @param {{at: number}} place @returns {Tree} */
function makeTree(tokens, place) {
  const open = tokens[place.at]
  place.at += 1
  if (open !== "{" && open !== "[") return { raw: open }
  /** @type {any[]} */
  const items = []
  while (tokens[place.at] !== "}" && tokens[place.at] !== "]") {
    if (tokens[place.at] === ",") place.at += 1
    const name = tokens[place.at]
    if (open === "{") place.at += 2
    const value = makeTree(tokens, place)
    items.push(open === "{" ? [name, value] : value)
  }
  place.at += 1
  return /** @type {Tree} */ ({ open, items })
}

/** @typedef {{item?: string, pair?: string, indent?: string, line?: string, inner?: string, empty?: string}} Layout */

/** @type {Layout[]} */
const LAYOUTS = [
  {}, { item: ", ", pair: ": " }, { pair: ": " }, { item: ", " }, { pair: ": ", indent: "  ", line: "\n" }, { pair: ": ", indent: "    ", line: "\n" },
  { pair: ": ", indent: "\t", line: "\n" }, { pair: ": ", indent: "  ", line: "\r\n" }, { pair: ": ", indent: "    ", line: "\r\n" }, { item: ", ", pair: ": ", inner: " " },
]

/** @param {Tree} tree @param {Layout} layout @param {string} [margin] @returns {string} */
function write(tree, layout, margin = "") {
  if ("raw" in tree) return tree.raw
  const close = tree.open === "{" ? "}" : "]"
  if (!tree.items.length) return tree.open + close
  const { item = ",", pair = ":", indent = "", line = "", inner = "" } = layout
  const deeper = margin + indent
  const items = tree.open === "{"
    ? tree.items.map(([name, value]) => name + pair + write(value, layout, deeper))
    : tree.items.map((value) => write(value, layout, deeper))
  return tree.open + inner + line + deeper + items.join(item + line + deeper) + inner + line + margin + close
}

/** @param {string} text @returns {string[]} the blanks before it, the text, the blanks behind it */
const cutBlanks = (text) => (/^([ \t\r\n]*)(.*?)([ \t\r\n]*)$/s.exec(text) ?? []).slice(1)

/** @param {string} text in one of the layouts above @param {(tree: Tree) => [Tree, string][]} reorder @returns {Variants} */
function changeTree(text, reorder) {
  const json = readJson(text)
  if (!json || "raw" in json.tree) return []
  const [before, core, after] = cutBlanks(text)
  const layout = LAYOUTS.find((known) => write(json.tree, known) === core)
  return layout ? reorder(json.tree).map(([tree, detail]) => [before + write(tree, layout) + after, detail]) : []
}

/**
 * Changes values as written: all together, or with `each` one at a time.
 *
 * @param {string} text @param {string[]} wanted roles @param {(token: string, role: string) => string} change @param {boolean} [each] @param {string} [only] name of the field
 * @returns {Variants}
 */
function changeTokens(text, wanted, change, each = false, only = "") {
  const json = readJson(text)
  if (!json) return []
  const next = [...json.tokens]
  /** @type {[number, string][]} */
  const found = []
  let name = ""
  json.tokens.forEach((token, at) => {
    if (json.roles[at] === "key") name = JSON.parse(token)
    if (!wanted.includes(json.roles[at]) || (only && only !== name)) return
    next[at] = change(token, json.roles[at])
    if (next[at] !== token) found.push([at, name])
  })
  if (!found.length) return []
  if (!each) return [[next.join(""), ""]]
  return found.map(([at, field]) => [[...json.tokens.slice(0, at), next[at], ...json.tokens.slice(at + 1)].join(""), field])
}

/** @param {string} token @param {string} on "number", "text" or "both" @param {(digits: string) => string} change */
function changeNumber(token, on, change) {
  if (token[0] !== '"') return on === "text" || !NUMERIC.test(token) ? token : change(token)
  const inner = token.slice(1, -1)
  return on !== "number" && NUMERIC.test(inner) ? `"${change(inner)}"` : token
}

/** @param {string} number @returns {{sign: string, digits: string, power: number}} digits with a point after the first, times ten to the power */
function splitNumber(number) {
  const [, sign, whole, fraction = "", power = "0"] = /** @type {string[]} */ (/^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number))
  const all = whole + fraction
  const digits = all.replace(/^0+/, "").replace(/0+$/, "")
  return { sign, digits, power: Number(power) + whole.length - 1 - (all.length - all.replace(/^0+/, "").length) }
}

/** @param {string} number @returns {string} without an exponent and without needless zeros */
function expandNumber(number) {
  const { sign, digits, power } = splitNumber(number)
  if (!digits) return "0"
  if (Math.abs(power) > 40) return number
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0")
  const fraction = digits.slice(power + 1)
  return sign + whole + (fraction && `.${fraction}`)
}

/** @param {string} number @param {{small: number, large: number, mark: string, point?: boolean, plus?: boolean, width?: number}} how */
function writeExponent(number, { small, large, mark, point = false, plus = false, width = 1 }) {
  const { sign, digits, power } = splitNumber(number)
  if (!digits || (power > small && power < large)) return number
  const fraction = digits.slice(1) || (point ? "0" : "")
  const shown = (power < 0 ? "-" : plus ? "+" : "") + String(Math.abs(power)).padStart(width, "0")
  return sign + digits[0] + (fraction && `.${fraction}`) + mark + shown
}

/** @param {string} number @param {number} places */
function padDecimals(number, places) {
  const [whole, fraction = ""] = expandNumber(number).split(".")
  return fraction.length >= places ? number : `${whole}.${fraction.padEnd(places, "0")}`
}

/** @param {string} number as a double holds it: about 16 digits */
const roundNumber = (number) => (/^-?\d{16,20}$/.test(number) ? expandNumber(String(Number(number))) : number)

/** @type {{[action: string]: (token: string, role: string, how: any) => string}} */
const VALUES = {
  quote: (token, role) => (role === "number" ? `"${token}"` : token),
  unquote: (token, role) => (role === "text" && NUMERIC.test(token.slice(1, -1)) ? token.slice(1, -1) : token),
  trim: (token, _, { on }) => changeNumber(token, on, (number) => (number.includes("e") || number.includes("E") ? number : expandNumber(number))),
  pad: (token, _, { on, places }) => changeNumber(token, on, (number) => padDecimals(number, places)),
  exponent: (token, _, how) => changeNumber(token, how.on, (number) => writeExponent(number, how)),
  expand: (token, _, { on }) => changeNumber(token, on, expandNumber),
  round: (token, _, { on }) => changeNumber(token, on, roundNumber),
  raw: (token, _, { pairs }) => pairs.find((/** @type {string[]} */ [from]) => from === token)?.[1] ?? token,
  replace: (token, role, { from, to }) => (role === "text" ? token.replaceAll(from, to) : token),
  lower: (token, role) => (role === "text" ? JSON.stringify(JSON.parse(token).toLowerCase()) : token),
}

/** @param {string} name @returns {string[]} the words of a_name or aName */
const splitName = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").split(/[_-]/).map((word) => word.toLowerCase())
const capital = (/** @type {string} */ word) => word.slice(0, 1).toUpperCase() + word.slice(1)

/** @type {{[style: string]: (name: string) => string}} */
const NAMES = {
  lower: (name) => name.toLowerCase(),
  upper: (name) => name.toUpperCase(),
  camel: (name) => splitName(name).map((word, at) => (at ? capital(word) : word)).join(""),
  pascal: (name) => splitName(name).map(capital).join(""),
  snake: (name) => splitName(name).join("_"),
  kebab: (name) => splitName(name).join("-"),
}

/** @param {string} one @param {string} other */
const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0)

/** @type {{[how: string]: (items: any[]) => any[]}} */
const ORDERS = {
  sort: (items) => [...items].sort(([a], [b]) => compare(JSON.parse(a), JSON.parse(b))),
  fold: (items) => [...items].sort(([a], [b]) => compare(JSON.parse(a).toLowerCase(), JSON.parse(b).toLowerCase())),
  fall: (items) => [...items].sort(([a], [b]) => compare(JSON.parse(b), JSON.parse(a))),
  reverse: (items) => [...items].reverse(),
}

/** @param {Tree} tree @param {(items: any[]) => any[]} change @param {boolean} [deep] @returns {Tree} */
function mapObjects(tree, change, deep = true) {
  if ("raw" in tree) return tree
  if (tree.open === "[") return { open: "[", items: tree.items.map((value) => mapObjects(value, change)) }
  const items = deep ? tree.items.map(([name, value]) => [name, mapObjects(value, change)]) : tree.items
  return { open: "{", items: change(items) }
}

/** @param {Tree} tree @param {(items: any[], at: number) => any[]} move @returns {[Tree, string][]} one tree per field of the outer object */
function moveEach(tree, move) {
  if ("raw" in tree || tree.open !== "{") return []
  return tree.items.map(([name], at) => [{ open: "{", items: move(tree.items, at) }, JSON.parse(name)])
}

const without = (/** @type {any[]} */ items, /** @type {number} */ at) => items.filter((_, place) => place !== at)

/** @param {string} token @param {{pairs?: string[][], ascii?: boolean, upper?: boolean}} how */
function escapeText(token, { pairs = [], ascii = false, upper = false }) {
  let text = JSON.stringify(JSON.parse(token)).slice(1, -1)
  for (const [from, to] of pairs) text = text.replaceAll(from, to)
  if (!ascii) return `"${text}"`
  return `"${text.replace(/[\u0080-\uffff]/g, (unit) => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, "0")
    return `\\u${upper ? digits.toUpperCase() : digits}`
  })}"`
}

/** @param {string} text @param {any} how @returns {string | null} the fields of an object as name=value */
function writeFlat(text, { pair, join: separator, open = "", close = "", sort = false, percent = false }) {
  const tree = readJson(text)?.tree
  if (!tree || "raw" in tree || tree.open !== "{") return null
  const items = sort ? ORDERS.sort(tree.items) : tree.items
  const fields = items.map(([name, value]) => {
    const written = "raw" in value && value.raw[0] === '"' ? JSON.parse(value.raw) : write(value, {})
    return JSON.parse(name) + pair + (percent ? encodeText(written, "percent") : written)
  })
  return open + fields.join(separator) + close
}

/** @param {string} text @param {string} kind @returns {string | null} */
function encodeText(text, kind) {
  const bytes = () => encoder.encode(text)
  switch (kind) {
    case "percent": return encodeURIComponent(text)
    case "form": return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${toHex(encoder.encode(mark)).toUpperCase()}`).replaceAll("%20", "+")
    case "base64": return toBase64(bytes())
    case "hex": return toHex(bytes())
    case "sha256": return toHex(hash(bytes()))
    case "json": return JSON.stringify(text)
    case "nfc": return text.normalize("NFC")
    case "nfd": return text.normalize("NFD")
    case "ascii": return text.replace(/[^\u0000-\u007f]/gu, "?")
    default: throw new Error(`The table names the unknown encoding ${kind}.`)
  }
}

/** @param {string} text @param {string} kind @returns {Value} */
function readBytes(text, kind) {
  if (kind === "percent") return readPercent(text)
  if (kind === "hex") return /^(?:[\da-f]{2})+$/i.test(text) ? Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)) : null
  // Decoders differ in what they forgive; this takes the letters of the alphabet in groups of four.
  if (!/^(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?$/.test(text) || !text) return null
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0))
}

/** @param {string} text @param {string} kind @returns {Uint8Array | null} */
function writeCharset(text, kind) {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
  if (kind === "utf-16le") return Uint8Array.from(units.flatMap((unit) => [unit & 255, unit >> 8]))
  if (kind === "utf-16be") return Uint8Array.from(units.flatMap((unit) => [unit >> 8, unit & 255]))
  return units.every((unit) => unit < 256) ? Uint8Array.from(units) : null
}

/** @type {{[op: string]: (value: string, args: any) => Variants}} */
const OPERATIONS = {
  case: (value, how) => one(how === "upper" ? value.toUpperCase() : how === "lower" ? value.toLowerCase() : value.toLowerCase().replace(/(?<![\p{L}\p{N}])\p{L}/gu, (letter) => letter.toUpperCase())),
  strip: (value) => one(value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "")),
  slice: (value, [from, to]) => one([...value].slice(from, to ?? undefined).join("")),
  replace: (value, pairs) => one(pairs.reduce((/** @type {string} */ text, /** @type {string[]} */ [from, to]) => text.replaceAll(from, to), value)),
  encode: (value, kind) => one(encodeText(value, kind)),
  decode: (value, kind) => one(readBytes(value, kind)),
  digest: (value) => one(hash(encoder.encode(value))),
  charset: (value, kind) => one(writeCharset(value, kind)),
  shift: (value, { step, count, unit, per }) => {
    if (!/^\d{11,14}$/.test(value)) return []
    return Array.from({ length: 2 * count }, (_, at) => {
      const steps = (1 + (at >> 1)) * (at % 2 ? 1 : -1)
      const amount = Math.abs(steps) * per
      return [String(Number(value) + steps * step), `${amount} ${unit}${amount === 1 ? "" : "s"} ${steps < 0 ? "earlier" : "later"}`]
    })
  },
  values: (value, how) => changeTokens(value, ["number", "text", "word"], (token, role) => VALUES[how.action](token, role, how), how.each, how.field),
  names: (value, style) => changeTokens(value, ["key"], (token) => JSON.stringify(NAMES[style](JSON.parse(token)))),
  order: (value, { how, deep }) => changeTree(value, (tree) => [[mapObjects(tree, ORDERS[how], deep), ""]]),
  last: (value) => changeTree(value, (tree) => moveEach(tree, (items, at) => [...without(items, at), items[at]])),
  first: (value) => changeTree(value, (tree) => moveEach(tree, (items, at) => [items[at], ...without(items, at)])),
  drop: (value, raws) => changeTree(value, (tree) => (raws
    ? [[mapObjects(tree, (items) => items.filter(([, item]) => !raws.includes(item.raw))), ""]]
    : moveEach(tree, without))),
  escape: (value, how) => changeTokens(value, ["key", "text"], (token) => escapeText(token, how)),
  layout: (value, layout) => {
    const json = readJson(value)
    if (!json || "raw" in json.tree) return []
    const [before, , after] = cutBlanks(value)
    return one(before + write(json.tree, layout) + after)
  },
  flat: (value, how) => one(writeFlat(value, how)),
}

// Digests.

/** @param {Uint8Array} bytes */
const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/** @param {Uint8Array} bytes */
function toHex(bytes) {
  let text = ""
  for (const byte of bytes) text += HEX[byte]
  return text
}

/** @param {Uint8Array} bytes @param {any} how @returns {string} */
function encodeDigest(bytes, how) {
  const list = [...(how.reverse ? [...bytes].reverse() : bytes)]
  let text = ""
  if (how.base === "hex") text = list.map((byte) => HEX[byte]).join(how.separator ?? "")
  else if (how.base === "loose") text = list.map((byte) => byte.toString(16)).join("")
  else if (how.base === "list") text = list.map((byte) => (how.signed && byte > 127 ? byte - 256 : byte)).join(how.separator)
  else text = toBase64(Uint8Array.from(list))
  if (how.upper) text = text.toUpperCase()
  if (how.url) text = text.replaceAll("+", "-").replaceAll("/", "_")
  if (how.trim) text = how.trim === "=" ? text.replace(/=+$/, "") : text.replace(/^0+/, "")
  if (how.then) text = String(encodeText(text, how.then))
  return (how.before ?? "") + text.slice(0, how.length) + (how.after ?? "")
}

/** @param {string} template @param {State} state @param {Value} text @returns {Uint8Array} what is hashed, or its key */
function makeBytes(template, state, text) {
  const value = template === "{secret}" ? state.secret : template === "{text}" ? text : fill(template, { ...state, text })
  return value instanceof Uint8Array ? value : encoder.encode(value ?? "")
}

/** @param {State} state @param {Value} text @returns {Uint8Array | Promise<Uint8Array>} */
function digest(state, text) {
  const { algorithm, hashKey, keys } = state
  const data = makeBytes(state.hashData, state, text)
  const simple = algorithm === "SHA-256" && data.length <= SHORT
  // Pages without https have no WebCrypto: then only SHA-256 is tried.
  const own = simple || !crypto.subtle
  if (own && algorithm !== "SHA-256") return new Uint8Array()
  if (!hashKey) return own ? hash(data) : callDigest(algorithm, data)
  const name = hashKey === "{secret}" ? state.secret : `\u0001${text}`
  const key = () => makeBytes(hashKey, state, text)
  if (!own) return callSign(remember(keys, `${algorithm} ${name}`, () => importKey(algorithm, key())), data)
  return signBytes(hashKey === "{secret}" ? remember(keys, name, () => startKey(key())) : startKey(key()), data)
}

/**
 * @template Kept
 * @param {Map<any, any>} known @param {unknown} name @param {() => Kept} make @returns {Kept}
 */
function remember(known, name, make) {
  let kept = known.get(name)
  if (kept === undefined) known.set(name, (kept = make()))
  return kept
}

/** @param {string} algorithm @param {Uint8Array} data */
async function callDigest(algorithm, data) {
  return new Uint8Array(await crypto.subtle.digest(algorithm, /** @type {Uint8Array<ArrayBuffer>} */ (data)))
}

/** @param {string} algorithm @param {Uint8Array} key @returns {Promise<CryptoKey>} */
function importKey(algorithm, key) {
  // WebCrypto takes no empty key; HMAC fills keys up with zeros, so that one zero is the same.
  const raw = /** @type {Uint8Array<ArrayBuffer>} */ (key.length ? key : new Uint8Array(1))
  return crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: algorithm }, false, ["sign"])
}

/** @param {Promise<CryptoKey>} key @param {Uint8Array} data */
async function callSign(key, data) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", await key, /** @type {Uint8Array<ArrayBuffer>} */ (data)))
}

const isPrime = (/** @type {number} */ n) => !Array.from({ length: n }, (_, at) => at).some((at) => at > 1 && n % at === 0)
const PRIMES = Array.from({ length: 310 }, (_, at) => at + 2).filter(isPrime)
const readFraction = (/** @type {number} */ root) => ((root % 1) * 4294967296) | 0
// The fractions of the roots of the first primes, as FIPS 180-4 defines the constants of SHA-256.
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => readFraction(Math.sqrt(prime)))
const ROUND = Int32Array.from(PRIMES.slice(0, 64), (prime) => readFraction(Math.cbrt(prime)))
const words = new Int32Array(64)

/** @param {Int32Array} state changed in place @param {Uint8Array} bytes @param {number} from */
function compress(state, bytes, from) {
  const w = words
  for (let at = 0; at < 16; at += 1, from += 4) w[at] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3]
  for (let at = 16; at < 64; at += 1) {
    const x = w[at - 15]
    const y = w[at - 2]
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[at] = (w[at - 16] + low + w[at - 7] + high) | 0
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7]
  for (let at = 0; at < 64; at += 1) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const one = (h + high + ((e & f) ^ (~e & g)) + ROUND[at] + w[at]) | 0
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h
}

/** @param {Uint8Array} data @param {Int32Array} [start] state after `done` bytes @param {number} [done] @returns {Uint8Array} SHA-256 */
function hash(data, start = START, done = 0) {
  const state = Int32Array.from(start)
  const whole = data.length - (data.length % 64)
  for (let at = 0; at < whole; at += 64) compress(state, data, at)
  const rest = data.length - whole
  const tail = new Uint8Array(rest < 56 ? 64 : 128)
  tail.set(data.subarray(whole))
  tail[rest] = 128
  const bits = 8 * (done + data.length)
  for (let at = 1; at <= 6; at += 1) tail[tail.length - at] = Math.floor(bits / 2 ** (8 * at - 8))
  for (let at = 0; at < tail.length; at += 64) compress(state, tail, at)
  const result = new Uint8Array(32)
  for (let at = 0; at < 32; at += 1) result[at] = state[at >> 2] >> (24 - 8 * (at & 3))
  return result
}

/** @param {Uint8Array} key @returns {Int32Array[]} both states of HMAC-SHA256 with this key */
function startKey(key) {
  const block = new Uint8Array(64)
  block.set(key.length > 64 ? hash(key) : key)
  return [0x36, 0x5c].map((mask) => {
    const state = Int32Array.from(START)
    compress(state, block.map((byte) => byte ^ mask), 0)
    return state
  })
}

/** @param {Int32Array[]} states of the key @param {Uint8Array} data @returns {Uint8Array} HMAC-SHA256 */
function signBytes([inner, outer], data) {
  return hash(hash(data, inner, 64), outer, 64)
}
