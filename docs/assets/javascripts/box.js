/**
 * The box and the reader of whole logs, before anybody uses them: their modules come with the first use.
 *
 * @typedef {{load: (name: string) => Promise<any>, root: string, sources: import("./lookup.js").Sources, readRows: () => Promise<any>}} Site
 */

/** @type {Site} */
let site

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

async function startLookup() {
  const { mountLookup } = await site.load("lookup.js")
  mountLookup(document, site.root, site.sources)
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

function listen() {
  const start = (/** @type {Event} */ { target }) => {
    if (target instanceof Element && target.closest("[data-lookup]")) startLookup()
  }
  for (const name of ["focusin", "input", "pointerdown"]) document.addEventListener(name, start)
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
