/**
 * What this tab keeps of a lookup, so that Back brings it back: the text with its secrets masked, and the scroll.
 * Session storage ends with the tab.
 *
 * @typedef {{text: string, scroll: number, isHandedOver: boolean}} Kept
 */
/** A longer text is not kept. */
const MOST_KEPT = 20_000

const key = () => `lookup:${location.pathname}`

/**
 * @param {string} text
 * @param {(text: string) => string} redact
 */
export function keepText(text, redact) {
  if (text.trim() && text.length <= MOST_KEPT) write(key(), { text: redact(text), scroll: 0, isHandedOver: false })
  else forgetText()
}

export function forgetText() {
  try {
    sessionStorage.removeItem(key())
  } catch {
    // Where nothing may be kept, nothing is.
  }
}

export function keepScroll() {
  const kept = readKept()
  if (kept) write(key(), { ...kept, scroll: Math.round(window.scrollY) })
}

/**
 * @param {string} text
 * @param {string} path of the page whose box is to find it
 * @param {(text: string) => string} redact
 */
export function handOver(text, path, redact) {
  write(`lookup:${path}`, { text: redact(text.slice(0, MOST_KEPT)), scroll: 0, isHandedOver: true })
}

/**
 * @param {string} name
 * @param {Kept} kept
 */
function write(name, kept) {
  try {
    sessionStorage.setItem(name, JSON.stringify(kept))
  } catch {
    // A browser may refuse storage; then nothing is kept.
  }
}

/** @returns {Kept | undefined} */
export function readKept() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key()) ?? "null")
    if (typeof kept?.text !== "string") return undefined
    return { text: kept.text, scroll: Number(kept.scroll) || 0, isHandedOver: kept.isHandedOver === true }
  } catch {
    return undefined
  }
}
