/**
 * A paste into the header search: an error becomes its code, and a text with several codes goes to the box.
 *
 * @typedef {{text: string, input: HTMLInputElement, pasted: Promise<string>, home: URL,
 *   search: (input: HTMLInputElement, value: string) => void, findBox: () => HTMLTextAreaElement | null,
 *   load: (name: string) => Promise<any>, loadEngine: () => Promise<import("./lookup.js").Loaded>}} Paste
 */

/** So much of a paste is read for codes. */
const MOST_PASTED = 20_000

/** @param {Paste} paste `pasted` is what the search holds once the browser has put the text there */
export async function takePaste(paste) {
  const { input, pasted, search } = paste
  const codes = await listCodes(paste)
  const before = await pasted
  // Whoever has typed on in the meantime keeps what they typed.
  if (!codes[0] || input.value !== before) return
  if (codes.length > 1) await openBox(paste)
  else search(input, codes[0])
}

/** @param {Paste} paste @returns {Promise<string[]>} the codes that a text certainly holds */
async function listCodes({ text, loadEngine }) {
  const { engine, catalogue } = await loadEngine()
  const { items } = engine.answerText(text.slice(0, MOST_PASTED), catalogue)
  return items.filter((item) => item.kind === "code" && item.basis === "sure" && item.count > 0).map((item) => item.key)
}

/** Hands a text with several codes to the box, on this page or on the home page. @param {Paste} paste */
async function openBox({ text, input, home, search, findBox, load }) {
  search(input, "")
  const box = findBox()
  if (box) {
    closeSearch(input)
    box.value = text
    box.dispatchEvent(new InputEvent("input", { bubbles: true }))
    box.focus()
    return
  }
  const [{ handOver }, { redact }] = await Promise.all([load("store.js"), load("redact.js")])
  handOver(text, home.pathname, redact)
  location.assign(home)
}

/** @param {HTMLInputElement} input */
function closeSearch(input) {
  const toggle = document.querySelector("#__search")
  input.blur()
  if (toggle instanceof HTMLInputElement && toggle.checked) toggle.click()
}
