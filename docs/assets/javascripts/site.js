/**
 * The page wiring that every page has: loads a feature only where the page has its element, and makes a pasted
 * error in the header search become its code.
 */
const here = new URL(".", import.meta.url)
/** So much of a paste is read for codes, and so much stays in the search. */
const MOST_PASTED = 20_000
const MOST_QUERY = 2000
const load = (/** @type {string} */ name) => import(new URL(name, here).href)

/** @returns {string} the site's root, with a final slash */
function locateRoot() {
  return new URL("../../", here).href
}

/**
 * @param {string} path below the site's root
 * @returns {Promise<any>}
 */
function readJson(path) {
  return fetch(`${locateRoot()}${path}`).then((answer) => answer.json())
}

const readRows = () => readJson("lookup.json")

/** @type {Promise<import("./lookup.js").Loaded> | undefined} */
let loaded

/** @returns {Promise<import("./lookup.js").Loaded>} */
async function startEngine() {
  const parts = ["answer.js", "cards.js", "rank.js", "redact.js"].map((name) => load(name))
  const [catalogue, ...modules] = await Promise.all([readJson("lookup.json"), ...parts])
  return { engine: Object.assign({}, ...modules), catalogue }
}

/** Loads the engine and its rows once; a failed load is tried again next time. */
function loadEngine() {
  loaded ??= startEngine()
  loaded.catch(() => (loaded = undefined))
  return loaded
}

/** @type {import("./lookup.js").Sources} */
const sources = {
  load: loadEngine,
  readPages: () => readJson("search/pages.json"),
  startWorker: () => new Worker(new URL("answer-worker.js", here), { type: "module" }),
  readLog: (text) => mountReader().then((reader) => reader?.read([new Blob([text])])).catch(() => {}),
}

/** @returns {Promise<{read: (blobs: Blob[]) => void} | null>} the reader of whole logs, if the page has a place for it */
async function mountReader() {
  return document.querySelector("[data-triage]") ? (await load("triage-view.js")).mountTriage(document, locateRoot(), readRows) : null
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
  if (document.querySelector("[data-lookup]")) (await load("lookup.js")).mountLookup(document, locateRoot(), sources)
  await mountReader()
  if (document.querySelector("[data-actions]")) (await load("page.js")).mountPage(document)
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

/**
 * @param {EventTarget | null} target
 * @returns {target is HTMLInputElement}
 */
function isSearchInput(target) {
  return target instanceof HTMLInputElement && target.dataset.mdComponent === "search-query"
}

/**
 * @param {HTMLInputElement} input
 * @param {string} value
 */
function search(input, value) {
  input.value = value
  // The theme searches on key up only; a mouse or a long press pastes without one.
  input.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }))
}

/**
 * @param {string} text
 * @returns {Promise<string[]>} the codes that a text certainly holds
 */
async function listCodes(text) {
  const { engine, catalogue } = await loadEngine()
  const { items } = engine.answerText(text.slice(0, MOST_PASTED), catalogue)
  return items.filter((item) => item.kind === "code" && item.basis === "sure" && item.count > 0).map((item) => item.key)
}

/** @param {ClipboardEvent} event */
async function readPaste(event) {
  const input = event.target
  if (!isSearchInput(input)) return
  const text = event.clipboardData?.getData("text") ?? ""
  setTimeout(() => search(input, input.value))
  const pasted = new Promise((resolve) => setTimeout(() => resolve(input.value), 1))
  try {
    const codes = await listCodes(text)
    const before = await pasted
    // Whoever has typed on in the meantime keeps what they typed.
    if (!codes[0] || input.value !== before) return
    if (codes.length > 1) await openBox(text, input)
    else search(input, codes[0])
  } catch (error) {
    console.warn("The lookup could not be loaded; the search goes on with the pasted text.", error)
  }
}

/**
 * Hands a text with several codes to the box, on this page or on the home page.
 * @param {string} text
 * @param {HTMLInputElement} input
 */
async function openBox(text, input) {
  search(input, "")
  const box = findBox()
  if (box) {
    closeSearch(input)
    box.value = text
    box.dispatchEvent(new InputEvent("input", { bubbles: true }))
    box.focus()
    return
  }
  const home = new URL(here.protocol === "file:" ? "index.html" : "", locateRoot())
  const [{ handOver }, { redact }] = await Promise.all([load("store.js"), load("redact.js")])
  handOver(text, home.pathname, redact)
  location.assign(home)
}

/** @returns {HTMLTextAreaElement | null} */
function findBox() {
  return document.querySelector("[data-lookup] textarea")
}

/** @param {HTMLInputElement} input */
function closeSearch(input) {
  const toggle = document.querySelector("#__search")
  input.blur()
  if (toggle instanceof HTMLInputElement && toggle.checked) toggle.click()
}

document.addEventListener("paste", readPaste)
document.addEventListener(
  "input",
  (event) => {
    const input = event.target
    if (!isSearchInput(input)) return
    if (input.value.length > MOST_QUERY) input.value = input.value.slice(0, MOST_QUERY)
    search(input, input.value)
  },
  { capture: true },
)

document.addEventListener("keydown", (event) => {
  const input = event.target
  if (event.key === "Escape" && isSearchInput(input) && input.value) search(input, "")
})

/**
 * `/` and Ctrl-K or Cmd-K go to the box where there is one, else to the search.
 * @param {KeyboardEvent} event
 */
function focusByKey(event) {
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k"
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping()
  const target = isCommand || isSlash ? (findBox() ?? document.querySelector(".md-search__input")) : null
  if (!(target instanceof HTMLElement)) return
  event.preventDefault()
  // The theme would open its own search.
  event.stopImmediatePropagation()
  target.focus()
}

/** @returns {boolean} */
function isTyping() {
  const active = document.activeElement
  return active instanceof HTMLElement && (active.isContentEditable || active.matches("input, textarea, select"))
}

window.addEventListener("keydown", focusByKey, { capture: true })

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
