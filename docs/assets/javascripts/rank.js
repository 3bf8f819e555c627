/**
 * Ranks the pages of the site for a search query: pure, no DOM, no network.
 *
 * @typedef {{code: string, http_status: number, message: string, summary: string, first?: string, keywords: string[],
 *   observed: {wording: string}[]}} Row
 * @typedef {{location: string, title: string, text: string}} Page
 * @typedef {{weight: number, words: string[], phrase: string}} Field
 * @typedef {{location: string, title: string, text: string, fields: Field[]}} Entry
 * @typedef {{location: string, title: string, text: string, score: number}} Hit
 */

/** How much a match of each kind counts, from the word itself to a word with a typing error. */
const QUALITY = { exact: 1, prefix: 0.8, stem: 0.7, infix: 0.5, typo: 0.55 }
const WEIGHT = { title: 6, keyword: 5, wording: 4, status: 4, summary: 2.5, text: 1 }

/** Words that carry little: they count a fifth, so that they decide only between equals. */
const SMALL = new Set(
  "a an and are at be by can do error for from has have i in is it me my of on or so that the this to was when with you your".split(" "),
)

/** @param {string} text @returns {string[]} lower-case words; ThisName is two words, doesn't is not, X-BM- is X-API- */
export function splitWords(text) {
  const plain = text
    .normalize("NFKC")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .replace(/[’‘`]/g, "'")
    .replace(/\b(?:(?:does|do|is|are|was|can|could|should|has|have)n'?t|cannot|can't|no)\b/g, "not")
    .replace(/\bx[-_]bm[-_]/g, "x-api-")
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).flatMap(splitScripts)
}

/** Chinese and Japanese have no blanks between words: there every two letters count as one. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu

/** @param {string} word @returns {string[]} */
function splitScripts(word) {
  if (!/[\u3040-\u9fff]/.test(word)) return [word]
  const runs = word.match(UNSPACED) ?? []
  return [...word.split(UNSPACED).filter(Boolean), ...runs.flatMap(listPairs)]
}

/** @param {string} run @returns {string[]} */
function listPairs(run) {
  const letters = [...run]
  return letters.length < 2 ? letters : letters.slice(1).map((letter, at) => `${letters[at]}${letter}`)
}

/** @param {string} html @returns {string} */
function stripTags(html) {
  return html.replace(/<[^>]*>/g, " ").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&amp;/g, "&")
}

/** @param {string} text @param {number} weight @returns {Field} */
function makeField(text, weight) {
  const words = splitWords(text)
  return { weight, words, phrase: words.join(" ") }
}

/**
 * Builds the entries once: one for each code, one for every section of the other pages.
 *
 * @param {Row[]} rows @param {Page[]} pages @returns {Entry[]}
 */
export function buildEntries(rows, pages) {
  /** @type {Map<string, string>} */
  const texts = new Map()
  const others = []
  for (const page of pages) {
    const code = /^codes\/(\d+)\//.exec(page.location)?.[1]
    if (code) texts.set(code, `${texts.get(code) ?? ""} ${stripTags(page.text)}`)
    else others.push(page)
  }
  const codes = rows.map((row) => ({
    location: `codes/${row.code}/`,
    title: `${row.code} · ${row.message}`,
    text: row.summary,
    fields: [
      makeField(`${row.code} ${row.message}`, WEIGHT.title),
      ...row.keywords.map((keyword) => makeField(keyword, WEIGHT.keyword)),
      ...row.observed.map((seen) => makeField(seen.wording, WEIGHT.wording)),
      makeField(`http ${row.http_status}`, WEIGHT.status),
      makeField(row.summary, WEIGHT.summary),
      makeField(texts.get(row.code) ?? row.first ?? "", WEIGHT.text),
    ],
  }))
  return [...codes, ...others.map(buildPage)]
}

/** @param {Page} page @returns {Entry} */
function buildPage(page) {
  const text = stripTags(page.text).replace(/\s+/g, " ").trim()
  const title = stripTags(page.title)
  return {
    location: page.location,
    title,
    text: text.length > 200 ? `${text.slice(0, 200)}…` : text,
    fields: [makeField(title, WEIGHT.title * 0.7), makeField(text, WEIGHT.text)],
  }
}

/** @param {string} word @param {string} term @returns {number} how well a word of a page answers a word of the query, 0 to 1 */
export function matchWord(word, term) {
  if (word === term) return QUALITY.exact
  const short = Math.min(word.length, term.length)
  if (/^\d+$/.test(term)) return term.length > 2 && word.startsWith(term) ? QUALITY.prefix : 0
  if (term.length > 2 && word.startsWith(term)) return QUALITY.prefix
  if (short > 3 && sharePrefix(word, term) >= Math.max(4, Math.max(word.length, term.length) * 0.65)) return QUALITY.stem
  if (term.length > 3 && word.includes(term)) return QUALITY.infix
  return short > 3 && isTypo(word, term) ? QUALITY.typo : 0
}

/** @param {string} a @param {string} b @returns {number} */
function sharePrefix(a, b) {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return at
}

/** @param {string} a @param {string} b @returns {boolean} whether one edit (two in long words) turns a into b; a swap is one edit */
export function isTypo(a, b) {
  const short = Math.min(a.length, b.length)
  const limit = short > 7 ? 2 : 1
  if (short < 6 && a[0] !== b[0]) return false
  if (Math.abs(a.length - b.length) > limit) return false
  let before = /** @type {number[]} */ ([])
  let above = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    before = above
    above = row
  }
  return above[b.length] <= limit
}

/** @param {Entry} entry @param {string} term @param {Map<string, number>} known words compared before @returns {number} the best weighted match of a term in any field */
function scoreTerm(entry, term, known) {
  let best = 0
  for (const field of entry.fields) {
    if (field.weight <= best) continue
    for (const word of field.words) {
      const quality = known.get(word) ?? matchWord(word, term)
      known.set(word, quality)
      best = Math.max(best, field.weight * quality)
    }
  }
  return best
}

/** @param {Entry} entry @param {string} phrase @returns {number} a bonus where the whole query stands in one field, greatest where it is the field */
function scorePhrase(entry, phrase) {
  let best = 0
  for (const field of entry.fields) {
    if (!field.phrase.includes(phrase)) continue
    const share = phrase.length / field.phrase.length
    best = Math.max(best, field.weight * (0.3 + share))
  }
  return best
}

/**
 * Ranks all entries for a query, best first. Pages whose locations are `pinned` come before all others, in their order.
 *
 * @param {string} query @param {Entry[]} entries @param {string[]} [pinned] @returns {Hit[]}
 */
export function rank(query, entries, pinned = []) {
  const terms = [...new Set(splitWords(query))].slice(0, 24)
  const phrase = splitWords(query).join(" ")
  const scores = terms.map((term) => {
    const known = new Map()
    return entries.map((entry) => scoreTerm(entry, term, known))
  })
  const rarity = scores.map((column, t) => {
    const known = column.filter((score) => score > 2).length
    return Math.log(1 + entries.length / (1 + known)) * (SMALL.has(terms[t]) ? 0.2 : 1)
  })
  const total = rarity.reduce((sum, value) => sum + value, 0) || 1
  const hits = entries.map((entry, at) => {
    let sum = 0
    let covered = 0
    terms.forEach((_, t) => {
      sum += scores[t][at] * rarity[t]
      if (scores[t][at] > 0) covered += rarity[t]
    })
    const place = pinned.indexOf(entry.location)
    const bonus = terms.length ? scorePhrase(entry, phrase) * total : 0
    // Of two equals the code is what people look for, not the guide or the status.
    const share = entry.fields.length > 2 ? 1 : 0.75
    const score = place >= 0 ? 1e6 - place : share * (sum + bonus) * (covered / total) ** 2
    return { location: entry.location, title: entry.title, text: entry.text, score }
  })
  return hits.filter((hit) => hit.score > 0).sort((a, b) => b.score - a.score)
}
