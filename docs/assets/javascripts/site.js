/**
 * The page wiring that every page has: loads a feature only where the page has its element, and makes a pasted
 * error in the header search become its code.
 */
const here = new URL(".", import.meta.url)
const load = (/** @type {string} */ name) => import(new URL(name, here).href)

/** @returns {string} the site's root, with a final slash */
function locateRoot() {
  return new URL("../../", here).href
}

/** @type {Promise<[typeof import("./decode.js"), object]> | undefined} */
let decoder

/** Loads the decoder and its rows once; a failed load is tried again next time. */
export function loadDecoder() {
  decoder ??= Promise.all([load("decode.js"), fetch(`${locateRoot()}lookup.json`).then((answer) => answer.json())])
  decoder.catch(() => (decoder = undefined))
  return decoder
}

/** Lets the keyboard reach what is wider than its place. */
function markScrollable() {
  for (const block of document.querySelectorAll("pre > code")) {
    if (block instanceof HTMLElement && block.scrollWidth > block.clientWidth) block.tabIndex = 0
  }
}

window.addEventListener("resize", markScrollable)

/** Mounts what the page holds. Runs after every navigation, instant ones included. */
async function mountPage() {
  if (document.querySelector("[data-lookup]")) (await load("lookup.js")).mountLookup(document, locateRoot(), loadDecoder)
  if (document.querySelector("[data-filter]")) (await load("filter.js")).mountFilter(document)
  await mountForms()
  markScrollable()
}

/** Mounts the forms that can be seen; one in a closed section waits until it is opened. */
async function mountForms() {
  const isOpen = (/** @type {string} */ form) => [...document.querySelectorAll(form)].some((found) => !found.closest("details:not([open])"))
  if (isOpen("[data-signature]")) (await load("signature-view.js")).mountSignature(document, () => load("signature.js"))
  if (isOpen("[data-clock]")) (await load("clock.js")).mountClock(document)
}

// A toggle does not bubble.
document.addEventListener("toggle", mountForms, true)

/** @param {HTMLInputElement} input @param {string} value */
function search(input, value) {
  input.value = value
  // The theme searches on key up only; a mouse or a long press pastes without one.
  input.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }))
}

/** @param {ClipboardEvent} event */
async function readPaste(event) {
  const input = event.target
  if (!(input instanceof HTMLInputElement) || input.dataset.mdComponent !== "search-query") return
  const text = event.clipboardData?.getData("text") ?? ""
  setTimeout(() => search(input, input.value))
  const pasted = new Promise((resolve) => setTimeout(() => resolve(input.value), 1))
  try {
    const [{ decode }, catalogue] = await loadDecoder()
    const [best] = decode(text, catalogue).matches
    const before = await pasted
    // Whoever has typed on in the meantime keeps what they typed.
    if (best && input.value === before) search(input, best.code)
  } catch (error) {
    console.warn("The lookup could not be loaded; the search goes on with the pasted text.", error)
  }
}

document.addEventListener("paste", readPaste)
document.addEventListener("input", (event) => {
  const input = event.target
  if (input instanceof HTMLInputElement && input.dataset.mdComponent === "search-query") search(input, input.value)
})

document.addEventListener("keydown", (event) => {
  const input = event.target
  if (event.key !== "Escape" || !(input instanceof HTMLInputElement) || input.dataset.mdComponent !== "search-query") return
  if (input.value) search(input, "")
})

/** Starts the theme's own script, then follows its navigation. */
function startTheme() {
  const late = document.querySelector("script[data-late]")
  // Another theme has started by itself.
  if (!(late instanceof HTMLScriptElement)) return /** @type {any} */ (window).document$?.subscribe(mountPage)
  // The theme would ask GitHub for the repository's stars; no page asks another host for anything.
  for (const link of document.querySelectorAll("[data-md-component=source]")) link.removeAttribute("data-md-component")
  document.querySelector(".md-search-result__meta")?.setAttribute("role", "status")
  const script = document.createElement("script")
  script.src = late.dataset.late ?? ""
  script.addEventListener("load", () => /** @type {any} */ (window).document$.subscribe(mountPage))
  late.replaceWith(script)
}

/**
 * Waits until the first text is drawn, which the theme's script would delay; half a second where nothing is drawn, as
 * in a tab behind.
 *
 * @param {() => void} start
 */
function afterPaint(start) {
  const observer = new PerformanceObserver(go)
  const timer = setTimeout(go, 500)
  function go() {
    observer.disconnect()
    clearTimeout(timer)
    start()
  }
  observer.observe({ type: "paint", buffered: true })
}

mountPage()
if (document.readyState === "complete") afterPaint(startTheme)
else window.addEventListener("load", () => afterPaint(startTheme))
