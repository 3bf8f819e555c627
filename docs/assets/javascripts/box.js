/**
 * The box and the reader of whole logs, before anybody uses them: their modules come with the first use.
 *
 * @typedef {import("./lookup.js").Sources} Sources
 * @typedef {Pick<Sources, "load" | "readPages" | "startWorker">} SiteSources
 * @typedef {{load: (name: string) => Promise<any>, root: string, sources: SiteSources, readRows: () => Promise<any>}} Site
 */

/** Laying out a longer text would block the page. */
const MOST_WHOLE = 20_000
/** So much of a longer text stays in the box. */
const MOST_SHOWN = 2000

/** @type {Site} */
let site
/** A long text that came before the module that reads it. */
let held = ""

/** Starts what is wanted already. Runs after every navigation. @param {Site} given */
export function startBox(given) {
  const isFirst = !site
  site = given
  if (isFirst) listen()
  if (isBoxWanted()) startLookup()
}

/** A text may stand in the box already, in the address, or in what this tab keeps. */
function isBoxWanted() {
  const form = document.querySelector("[data-lookup]")
  if (!(form instanceof HTMLFormElement)) return false
  return form.dataset.lookup === "path" || isNamed() || Boolean(form.querySelector("textarea")?.value) || isKept()
}

const isNamed = () => /^#[cq]=/.test(location.hash)

function isKept() {
  try {
    return sessionStorage.getItem(`lookup:${location.pathname}`) !== null
  } catch {
    return false
  }
}

/**
 * @param {HTMLTextAreaElement} box
 * @returns {string} what stands in the box; of a long text only the beginning goes on standing there
 */
function takeText(box) {
  const text = box.value
  if (text.length > MOST_WHOLE) box.value = text.slice(0, MOST_SHOWN)
  return text
}

async function startLookup() {
  const box = document.querySelector("[data-lookup]:not([data-mounted]) textarea")
  if (!(box instanceof HTMLTextAreaElement)) return
  if (box.value.length > MOST_WHOLE) held = takeText(box)
  const { mountLookup } = await site.load("lookup.js")
  mountLookup(document, site.root, { ...site.sources, readLog, takeText }, held)
  held = ""
}

/** Keeps an Enter for the box that has yet to come. @param {KeyboardEvent} event */
function holdEnter(event) {
  const form = event.target instanceof HTMLTextAreaElement ? event.target.form : null
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || form?.dataset.lookup === undefined || form.dataset.mounted) return
  event.preventDefault()
  form.dataset.entered = "true"
}

/** @returns {HTMLElement | null} the place for logs, unless its reader is there already */
function findPlace() {
  const place = document.querySelector("[data-triage]")
  return place instanceof HTMLElement && !place.dataset.mounted ? place : null
}

/** @param {Blob[]} [blobs] */
async function startTriage(blobs = []) {
  const { mountTriage } = await site.load("triage-view.js")
  mountTriage(document, site.root, site.readRows)?.read(blobs)
}

/** Gives a text to the reader of whole logs, if the page has a place for it. @param {string} text */
function readLog(text) {
  if (document.querySelector("[data-triage]")) startTriage([new Blob([text])]).catch(() => {})
}

/** Puts an example into the box, as if it were typed there. @param {Event} event */
function takeExample({ target }) {
  if (!(target instanceof HTMLButtonElement) || target.dataset.example === undefined) return
  const box = target.form?.querySelector("textarea")
  if (!box) return
  box.value = target.dataset.example
  box.dispatchEvent(new Event("input", { bubbles: true }))
}

function listen() {
  const start = (/** @type {Event} */ { target, type }) => {
    if (!(target instanceof Element && target.closest("[data-lookup]"))) return
    // A later text takes the place of a long one.
    if (type === "input") held = ""
    startLookup()
  }
  for (const name of ["focusin", "input", "pointerdown"]) document.addEventListener(name, start)
  document.addEventListener("click", takeExample)
  document.addEventListener("keydown", holdEnter)
  window.addEventListener("hashchange", () => isNamed() && isBoxWanted() && startLookup())
  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.files && findPlace()?.contains(target)) startTriage([...target.files])
  })
  document.addEventListener("dragover", (event) => {
    if (takeFiles(event)) startTriage()
  })
  document.addEventListener("drop", (event) => {
    const files = takeFiles(event)
    if (files) startTriage(files)
  })
}

/**
 * Keeps the browser from leaving the page for a dropped file.
 * @param {DragEvent} event @returns {File[] | null} the files, if the reader has yet to come
 */
function takeFiles(event) {
  if (!findPlace() || !event.dataTransfer?.types.includes("Files")) return null
  event.preventDefault()
  return [...event.dataTransfer.files]
}
