/**
 * The page wiring that every page has: loads a feature only where the page has its element, and makes a pasted
 * error in the header search become its code.
 */
const here = new URL(".", import.meta.url)
/** So much of a paste stays in the search. */
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

/** @type {import("./box.js").SiteSources} */
const sources = {
  load: loadEngine,
  readPages: () => readJson("search/pages.json"),
  startWorker: () => new Worker(new URL("answer-worker.js", here), { type: "module" }),
}

/** Lets the keyboard reach what is wider than its place. */
function markScrollable() {
  for (const block of document.querySelectorAll("pre > code, .diagram, .md-typeset__scrollwrap, .md-sidebar__scrollwrap")) {
    const isCut = block.scrollWidth > block.clientWidth || block.scrollHeight > block.clientHeight
    if (block instanceof HTMLElement && isCut) block.tabIndex = 0
  }
}

window.addEventListener("resize", markScrollable)

/** The theme puts the button of each block of code into a landmark without a name, once a reader comes to the block. */
function hideLandmarks() {
  for (const nav of document.querySelectorAll(".md-code__nav:not([role])")) nav.setAttribute("role", "none")
}

new MutationObserver(hideLandmarks).observe(document.body, { childList: true, subtree: true })

/**
 * Loads a module and mounts it, where the page holds what it is for.
 *
 * @param {string} selector
 * @param {string} name of the module
 * @param {(module: any) => void} mount
 */
async function use(selector, name, mount) {
  if (document.querySelector(selector)) mount(await load(name))
}

/** Mounts what the page holds. Runs after every navigation, instant ones included. */
async function mountPage() {
  await Promise.all([
    use("[data-lookup]", "box.js", (box) => box.startBox({ load, root: locateRoot(), sources, readRows })),
    use("[data-actions]", "page.js", (page) => page.mountPage(document)),
    use("[data-filter]", "filter.js", (filter) => filter.mountFilter(document)),
    use(".workbench, [data-form]", "forms.js", (forms) => forms.startForms(load)),
  ])
  // Asked for its sizes at once, the browser would lay the page out twice.
  requestAnimationFrame(() => setTimeout(markScrollable))
}

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

/** @param {ClipboardEvent} event */
async function readPaste(event) {
  const input = event.target
  if (!isSearchInput(input)) return
  const text = event.clipboardData?.getData("text") ?? ""
  setTimeout(() => search(input, input.value))
  const pasted = new Promise((resolve) => setTimeout(() => resolve(input.value), 1))
  try {
    const { takePaste } = await load("paste.js")
    await takePaste({ text, input, pasted, search, findBox, load, loadEngine, home: locateHome() })
  } catch (error) {
    console.warn("The lookup could not be loaded; the search goes on with the pasted text.", error)
  }
}

function locateHome() {
  return new URL(here.protocol === "file:" ? "index.html" : "", locateRoot())
}

/** @returns {HTMLTextAreaElement | null} */
function findBox() {
  return document.querySelector("[data-lookup] textarea")
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

/**
 * Lets the theme mount what the first page holds, then follows its navigation. The theme waits for the event
 * DOMContentLoaded, which has passed when its script comes late.
 */
function mountTheme() {
  const documents = /** @type {any} */ (window).document$
  documents.next(document)
  documents.subscribe(mountPage)
}

/** Starts the theme's own script, in a task of its own. */
function startTheme() {
  const late = document.querySelector("script[data-late]")
  // Another theme has started by itself.
  if (!(late instanceof HTMLScriptElement)) return /** @type {any} */ (window).document$?.subscribe(mountPage)
  // The theme would ask GitHub for the repository's stars; no page asks another host for anything.
  for (const link of document.querySelectorAll("[data-md-component=source]")) link.removeAttribute("data-md-component")
  document.querySelector(".md-search-result__meta")?.setAttribute("role", "status")
  const script = document.createElement("script")
  script.src = late.dataset.late ?? ""
  script.addEventListener("load", () => setTimeout(mountTheme))
  // Another last element of the body would make the browser style the whole page anew.
  late.removeAttribute("data-late")
  document.head.append(script)
}

/**
 * Waits until text of the article is drawn, which the theme's script would delay: the browser may draw the header
 * before it. Waits half a second where nothing is drawn, as in a tab behind, or where the browser does not tell.
 *
 * @param {() => void} start
 */
function afterPaint(start) {
  const observer = new PerformanceObserver((list) => {
    const drawn = /** @type {LargestContentfulPaint[]} */ (list.getEntries())
    if (drawn.some((entry) => entry.element?.closest("main"))) go()
  })
  const timer = setTimeout(go, 500)
  function go() {
    observer.disconnect()
    clearTimeout(timer)
    start()
  }
  observer.observe({ type: "largest-contentful-paint", buffered: true })
}

function startRest() {
  use("[data-palette]", "palette.js", (palette) => palette.mountPalette(document.querySelector("[data-palette]")))
  mountPage()
  startTheme()
}

// A reader types into a box, a filter or a form at once. What waits for a click comes once the page is drawn.
if (document.querySelector("[data-lookup], [data-filter], .workbench")) mountPage()
if (document.readyState === "complete") afterPaint(startRest)
else window.addEventListener("load", () => afterPaint(startRest))
