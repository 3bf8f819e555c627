/**
 * What this tab keeps of a lookup, so that Back brings it back: the text with its secrets masked, and the scroll.
 * Session storage ends with the tab.
 *
 * @typedef {{text: string, scroll: number}} Kept
 */
import { redact } from "./redact.js"

/** A longer text is not kept. */
const MOST_KEPT = 20_000

const key = () => `lookup:${location.pathname}`

/**
 * @param {string} text
 */
export function keepText(text) {
  try {
    if (!text.trim() || text.length > MOST_KEPT) return sessionStorage.removeItem(key())
    sessionStorage.setItem(key(), JSON.stringify({ text: redact(text), scroll: 0 }))
  } catch {
    // A browser may refuse storage; then nothing is kept.
  }
}

export function keepScroll() {
  const kept = readKept()
  if (kept) sessionStorage.setItem(key(), JSON.stringify({ ...kept, scroll: Math.round(window.scrollY) }))
}

/**
 * @param {string} text
 * @param {string} path of the page whose box is to find it
 */
export function handOver(text, path) {
  sessionStorage.setItem(`lookup:${path}`, JSON.stringify({ text: redact(text.slice(0, MOST_KEPT)), scroll: 0 }))
}

/**
 * @returns {Kept | undefined}
 */
export function readKept() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key()) ?? "null")
    return kept && typeof kept.text === "string" ? { text: kept.text, scroll: Number(kept.scroll) || 0 } : undefined
  } catch {
    return undefined
  }
}
