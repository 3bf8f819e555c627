/**
 * Masks what nobody else may read in a text: keys, signatures, secrets, memos, cookies, and addresses of people,
 * machines and wallets. Pure, and linear in the length of the text.
 *
 * @typedef {{end: number, quote: string, kind: "sure"|"loose", isList: boolean, isEncoded: boolean}} Gap
 */

const MASK = "***"
const LOOK = 300
const BASES =
  "signatures?|sign|sig|secrets?|passphrase|password|passwd|passcode|pass|pwd|memo|tokens?|keys?|cookies?|authorization|auth|credentials?|session[-_ ]?id|session|sessid|clearance|sid|uid|jwt|hmac|mnemonic|seed|otp|address(?:es)?|addr|wallet"
const NAME = new RegExp(
  `(?:${BASES})(?:[-_]?\\d{1,2}(?!\\d)|[-_](?:v\\d|id|hash|value|hex|b64|base64|string|header)|(?:V\\d|Id|Hash|Value|Hex|String|Header))?(?![A-Za-z0-9_-])|密钥|密鑰|私钥|签名|簽名|备注|密码|口令|令牌|-----BEGIN [A-Z0-9 ]{0,40}-----`,
  "gi",
)
const OWNER =
  /(?:api|bm|access|secret|private|auth|authorization|client|refresh|app|consumer|signing|bot|session|csrf|xsrf|woo(?:x|x?[-_]?pro)?|bitmart|exchange|trading|telegram|user|master|encryption|webhook|id|hmac|public|broker|license|php|j|cf)(?:[-_. ]|%2d)?$/i
const NO_OWNER = /(?:cache|primary|foreign|sort|partition|idempotency|row|hot|dict|config|lock|group|routing|map|state)[-_. ]?$/i
const ESCAPED = /(?:%[\da-f]{2}|\\[nrt]|\\u00[\da-f]{2}|\x1b\[[\d;]{0,8}m)$/i
const ALWAYS = /^(?:signature|sign(?![a-z])|secret|passphrase|password|passwd|passcode|pwd|memo|cookie|authorization|credential|uid|jwt|hmac|mnemonic|[^a-z])/i

const QUOTES = String.raw`\\{0,16}["'${"`"}]|\\{1,16}(?:u002[27]|x2[27])|&(?:quot|apos|#0?3[49]|#x2[27]);|%(?:25){0,3}2[27]`
const QUOTE = new RegExp(QUOTES, "iy")
const SEPARATOR = /=>|->|:=|>>,\s{0,4}<<|[=:：＝]|%(?:25){0,3}3[ad]|\\{1,16}(?:u003|x3)[ad]|&#(?:61|58);|&#x3[ad];/iy
const VALUE_WORD = new RegExp(String.raw`[\s,;]{0,40}(?:${QUOTES})?(?:value|val)(?:${QUOTES})?\s{0,9}(?:=>|[:=])`, "iy")
const WRAPPER =
  /string\(\d{1,6}\)\s?|(?:some|string|str|bytes?|secret\w{0,8}|headervalue|optional|just|ok|text|new string|istr)[([]|\((?:string|len=\d{1,6}|bytes)\)\s?|!!str\s|(?:[burf]{1,2}|@|\$)(?=["'])|<<(?=")|<!\[cdata\[|\x1b\[[\d;]{0,20}m|[&*](?=["'[(])/iy
const SPACE = /[ \t\u3000]{1,200}/y
const FOLD = /[|>]?[-+]?\r?\n[ \t]{1,40}/y
const WORDS = /\s(?:is|was|were|equals|header|value|used|sent|set to|number|string|param|field)(?=\s|:)/iy
const LOOSE = /\||\s?[-\u2013\u2014](?=\s)/y

const BARE = /[^\s"'`,;&<>{}()[\]\\|\x1b\u3001\u3002\uff0c\uff1b]+/y
const ENCODED = /(?:%(?!(?:25){0,3}(?:2[267c]|7d|0[ad]|20|3b))|[^%\s"'`,;&<>{}()[\]\\])+/iy
const SCHEME = /(?:bearer|basic|token|apikey|negotiate|ntlm|jwt)\s{1,4}(?:[^\s"'`,;&<>{}()[\]\\]+)|(?:digest|oauth|hawk|signature|aws4-hmac-sha256|hmac\w{0,12})\s[^\r\n]+/iy
const COOKIE = /[^\r\n"'`\]}<\\]+/y
const LINE = /[^\r\n"'`<{}[\]\\,;&|]+/y
const NO_SECRET =
  /^(?:[*x.\u2022\u2026_-]*|null|none|nil|undefined|true|false|empty|missing|wrong|invalid|required|expired|forbidden|redacted|hidden|masked|not|is|was|not found|\$.*|your[-_ ].*)$/i

/** @param {RegExp} pattern a sticky one @param {string} text @param {number} at */
function readAt(pattern, text, at) {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ""
}

/** Says whether a value looks as if a machine had made it. @param {string} value @param {number} least */
function isRandom(value, least) {
  if (/^[-+]?[\d.,:/TZ-]+$/.test(value) || value.length < least) return false
  return (/\d/.test(value) && /[a-z]/i.test(value)) || (value.length > 19 && !/[\s_]/.test(value))
}

/**
 * Reads what stands between a name and its value.
 * @param {string} text @param {number} from @param {string} before the character before the whole name
 * @returns {Gap|null}
 */
function readGap(text, from, before) {
  /** @type {Gap} */
  const gap = { end: from, quote: "", kind: "loose", isList: false, isEncoded: false }
  let isSeparated = false
  let isClosed = false
  for (let steps = 0; steps < 24; steps++) {
    const at = gap.end
    const word = readAt(VALUE_WORD, text, at)
    const separator = word || readAt(SEPARATOR, text, at) || (at === from || isClosed ? readAt(/\/?>(?!=)/y, text, at) : "")
    const quote = separator ? "" : readAt(QUOTE, text, at)
    if (quote) {
      gap.end += quote.length
      gap.isEncoded ||= quote[0] === "%"
      if (isSeparated || (steps && !isClosed && /\s$/.test(text.slice(from, at)))) return { ...gap, quote }
      isClosed = true
    } else if (separator) {
      if (isSeparated && separator === ">") return gap
      gap.end += separator.length
      gap.isEncoded ||= separator[0] === "%"
      gap.kind = "sure"
      isSeparated = true
    } else {
      const more = readFiller(text, at, { from, isSeparated, isClosed, before })
      if (!more) break
      gap.end += more.length
      if (/[[(]$/.test(more)) gap.isList = true
      if (/^(?:,|%|\($)/.test(more)) {
        isSeparated = true
        gap.kind = /["'`]/.test(before) || /2[27]$/.test(before) ? "sure" : "loose"
      }
    }
  }
  return gap.end > from ? gap : null
}

/**
 * Reads one piece that may stand beside a separator.
 * @param {string} text @param {number} at
 * @param {{from: number, isSeparated: boolean, isClosed: boolean, before: string}} state
 */
function readFiller(text, at, { from, isSeparated, isClosed, before }) {
  const wrapper = readAt(WRAPPER, text, at)
  if (wrapper) return wrapper
  if (!isSeparated) {
    const comma = isClosed || /[[(]/.test(before) ? readAt(/,|%(?:25){0,3}2c/iy, text, at) : ""
    const call = at === from ? readAt(/\((?=["'])/y, text, at) : ""
    const closing = comma || call || readAt(/[\])]|>>/y, text, at) || readAt(WORDS, text, at) || readAt(LOOSE, text, at)
    if (closing) return closing
  }
  return readAt(FOLD, text, at) || readAt(SPACE, text, at) || (isSeparated ? readAt(/[[(]|%(?:25){0,3}5b/iy, text, at) : "")
}

/** Finds the end of a quoted value: the same mark, escaped as deep or less deep. @param {string} text @param {number} from @param {string} quote */
function findQuoteEnd(text, from, quote) {
  const mark = /^\\*(["'`])$/.exec(quote)?.[1]
  if (!mark) {
    const end = text.slice(from, from + 4000).toLowerCase().indexOf(quote.toLowerCase())
    return end < 0 ? from + readAt(/[^\s"'<>]*/y, text, from).length : from + end
  }
  const depth = quote.length - 1
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === "\n") return at
    if (char !== mark) continue
    let slashes = 0
    while (slashes < 64 && text[at - 1 - slashes] === "\\" && at - 1 - slashes >= from) slashes++
    if (slashes <= depth) return at - slashes
  }
  return text.length
}

/**
 * Finds the end of a value.
 * @param {string} text @param {Gap} gap @param {string} name @param {boolean} isLineStart
 */
function findEnd(text, gap, name, isLineStart) {
  const from = gap.end
  if (gap.quote) return findQuoteEnd(text, from, gap.quote)
  if (gap.isEncoded) return from + readAt(ENCODED, text, from).length
  if (/cookie/i.test(name)) return from + readAt(COOKIE, text, from).length
  const scheme = readAt(SCHEME, text, from)
  if (scheme && /auth|token|credential|header|key/i.test(name)) return from + scheme.length
  if (isLineStart && gap.kind === "sure" && /memo|pass|mnemonic|seed/i.test(name)) return from + readAt(LINE, text, from).trimEnd().length
  return from + readAt(BARE, text, from).length
}

/** Judges a name by itself and by what stands before it. @param {string} name @param {string} before */
function weighName(name, before) {
  const last = before.at(-1) ?? ""
  const isJoined = /[a-z]/i.test(last) && /^[a-z]/i.test(name) && !ESCAPED.test(before)
  const isHump = /[A-Z]/.test(name[0]) && /[a-z]/.test(last)
  const isOwned = OWNER.test(before)
  if (isJoined && !isHump && !isOwned) return "none"
  if (ALWAYS.test(name)) return "strong"
  if (NO_OWNER.test(before)) return "none"
  if (isOwned || /clearance/i.test(name)) return "strong"
  if (/^keys?/i.test(name) && /(?:[?&]|%3f|%26|u0026|&amp;)$/i.test(before)) return "strong"
  if (/^tokens?/i.test(name)) return "token"
  return /[_-]$/.test(before) || isHump ? "middle" : "weak"
}

/** @param {string} weight @param {string} kind @param {string} value */
function isSecretValue(weight, kind, value) {
  if (!value || NO_SECRET.test(value)) return false
  if (kind === "loose") return isRandom(value, weight === "strong" ? 6 : 10)
  if (weight === "strong") return true
  if (weight === "token") return !/^(?:[A-Z]{2,10}|\d{1,5})$/.test(value)
  if (weight === "middle") return isRandom(value, 4) || /[a-z][A-Z]/.test(value) || /^\d{6,}$/.test(value)
  return isRandom(value, 6)
}

const NEAR = /[^A-Za-z0-9]*(?:(?:array|string|str|type|xsi|list|is|for|phrase|id|key|bytes|ref|static|const|char|text|header|data|len|mut|std)[^A-Za-z0-9]+){0,4}/iy
const RANDOM = /[A-Za-z0-9+/=_-]{12,}/y
const IS_NAME = new RegExp(`^[\\w.-]{0,30}(?:${BASES})$`, "i")

/**
 * Finds the value of one name.
 * @param {string} text @param {string} name @param {number} at
 * @returns {{from: number, end: number, isList: boolean}|null}
 */
function findValue(text, name, at) {
  if (!/[^\w]/.test(text[at + name.length] ?? "")) return null
  const before = text.slice(Math.max(0, at - 40), at)
  const weight = weighName(name, before)
  if (weight === "none") return null
  return findStated(text, name, at, before, weight) ?? (weight === "strong" ? findNear(text, at + name.length) : null)
}

/** Finds a value that looks made by a machine close behind a name. @param {string} text @param {number} at */
function findNear(text, at) {
  const look = text.slice(at, at + LOOK)
  const glue = readAt(NEAR, look, 0)
  const value = readAt(RANDOM, look, glue.length)
  if (glue.length > 48 || !isRandom(value, 12) || !/\d/.test(value) || IS_NAME.test(value)) return null
  const from = at + glue.length
  const isKey = /^["']?\s{0,4}[:=]/.test(text.slice(from + value.length, from + value.length + 8))
  return isKey ? null : { from, end: from + readAt(RANDOM, text, from).length, isList: false }
}

/**
 * Finds a value behind a separator.
 * @param {string} text @param {string} name @param {number} at @param {string} before @param {string} weight
 */
function findStated(text, name, at, before, weight) {
  const lead = /[\w.%-]*$/.exec(before)?.[0] ?? ""
  const opener = before.slice(0, before.length - lead.length).slice(-1) || (/%(?:25)*2[27]/.exec(lead)?.[0] ?? "")
  const gap = readGap(text, at + name.length, opener)
  if (!gap) return null
  if (weight === "strong" && /(?:^|\s)--?[\w-]{0,30}$/.test(before)) gap.kind = "sure"
  const isLineStart = /(?:^|\n)[\s><*#-]{0,6}[\w-]*$/.test(before)
  // A look at the start decides: were every value read to its end, a repeat would cost the square of its length.
  const look = text.slice(gap.end, gap.end + LOOK)
  const size = findEnd(look, { ...gap, end: 0 }, name, isLineStart)
  const value = look.slice(0, size)
  if (!isSecretValue(weight, gap.kind, value.trim()) || IS_NAME.test(value)) return null
  if (/^[^\x00-\x7f]/.test(name) && !/^[\x21-\x7e]/.test(value)) return null
  const end = size < LOOK ? gap.end + size : findEnd(text, gap, name, isLineStart)
  const isKey = /^(?:\\{0,16}["'`]|&quot;|%22)?\s{0,4}(?:=>|[:=])/.test(text.slice(end, end + 24))
  const isNext = /[,\n]/.test(text.slice(at + name.length, gap.end))
  return isKey && isNext ? null : { from: gap.end, end, isList: gap.isList }
}

/** Finds the end of a PEM block. @param {string} text @param {number} from @param {{last: number}} seen */
function findBlockEnd(text, from, seen) {
  const close = from > seen.last ? -1 : text.indexOf("-----END", from)
  if (close < 0) seen.last = -1
  if (close < 0 || close - from > 20000) return from + readAt(/(?:[\w+/=\s:,-]|\\[nr])*/y, text, from).length
  return close + readAt(/-----END[A-Z0-9 ]{0,40}-{0,5}/y, text, close).length
}

/** Masks the values that have a name. @param {string} text */
function maskNamed(text) {
  const seen = { last: text.lastIndexOf("-----END") }
  let out = ""
  let done = 0
  NAME.lastIndex = 0
  for (let hit = NAME.exec(text); hit; hit = NAME.exec(text)) {
    const name = hit[0]
    if (name.startsWith("-")) {
      const end = findBlockEnd(text, hit.index + name.length, seen)
      out += text.slice(done, hit.index) + MASK
      done = NAME.lastIndex = end
      continue
    }
    const found = findValue(text, name, hit.index)
    if (!found) continue
    out += text.slice(done, found.from) + MASK
    done = found.end
    const more = found.isList ? readAt(/["']?(?:\s{0,4},\s{0,4}(?:b|u)?["']?[^\s"',;:\]=]+["']?(?!\s{0,3}[:=]))+/y, text, done) : ""
    if (more) {
      out += more.replace(/[^\s"',]{2,}/g, MASK)
      done += more.length
    }
    NAME.lastIndex = done
  }
  return out + text.slice(done)
}

const SHAPES = [
  // user and password in an address, in curl's -u, and behind the name of a scheme
  /(?<=:\/\/)[^\s/@"'<>?#]{1,200}(?=@)/g,
  /(?<=(?:^|\s)(?:-u|--user|--proxy-user)[ =]["']?)[^\s"':]{1,100}:[^\s"']{1,200}/g,
  /(?<=\b(?:[Bb]earer|[Bb]asic|BEARER|BASIC)\s{1,4})(?=[\w.~+/=-]{0,199}[\dA-Z=])[\w.~+/=-]{8,}/g,
  // the text that is signed: timestamp#memo#body
  /(?<=(?<!\d)\d{10,13}#)[^#\s"']{1,200}(?=#)/g,
  /(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g,
  /(?<![\d])\d{8,10}:[\w-]{35}(?![\w-])/g,
  /(?<=hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\/)[\w/-]+/gi,
  /(?<![A-Za-z0-9])(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|(?<![A-Za-z0-9])gh[a-z]_[A-Za-z0-9]{20,}|(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])/g,
]
const RUN = /(?<![A-Za-z0-9])[A-Za-z0-9]{40,}={0,2}|(?<![\w+/])[\w+/]{43}=(?![\w=])/g

/** @param {string} text */
function maskShapes(text) {
  const named = SHAPES.reduce((all, shape) => all.replace(shape, MASK), text)
  return named.replace(RUN, (run) => (/\d/.test(run) && /[a-z]/i.test(run) ? MASK : run))
}

const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}(?:@|%40)(?:[a-z\d-]{1,63}\.){1,5}[a-z]{2,24}/gi
const IPV4 = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\d)|\bip(?:-\d{1,3}){4}\b/g
const IPV6 = /(?<![\w:.])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])/gi
const WALLET = /(?<![A-Za-z0-9])(?:(?:bc|tb|ltc|cosmos|addr|terra|osmo)1[02-9ac-hj-np-z]{25,}|[T13][1-9A-HJ-NP-Za-km-z]{32,33}(?![A-Za-z0-9]))/g

/** @param {string} text */
const isHost = (text) => (text.includes("::") && /[\da-f]/i.test(text)) || /^(?:[\da-f]{1,4}:){7}[\da-f]{1,4}$/i.test(text) || /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(text)

/** Masks addresses of people, machines and wallets. @param {string} text */
function maskAddresses(text) {
  return text
    .replace(EMAIL, MASK)
    .replace(IPV4, MASK)
    .replace(IPV6, (all) => (isHost(all) ? MASK : all))
    .replace(WALLET, (all) => (/\d/.test(all) && /[a-z]/.test(all) ? MASK : all))
}

/** Masks until nothing is left: a mask may bare what stood beside it. @param {string} text @param {(text: string) => string} mask */
function repeatMask(text, mask) {
  let masked = text
  for (let turns = 0; turns < 5; turns++) {
    const next = mask(masked)
    if (next === masked) break
    masked = next
  }
  return masked
}

/** @param {string} text */
const maskSecrets = (text) => maskShapes(maskNamed(text))

/**
 * Masks keys, signatures, secrets, memos, cookies, and addresses of people, machines and wallets.
 * @param {string} text
 * @returns {string}
 */
export function redact(text) {
  return repeatMask(String(text ?? ""), (whole) => maskAddresses(maskSecrets(whole)))
}

/**
 * Says whether a text holds a key, a signature, a secret or a memo; an address alone is none.
 * @param {string} text
 * @returns {boolean}
 */
export function hasSecret(text) {
  const whole = String(text ?? "")
  return maskSecrets(whole) !== whole
}
