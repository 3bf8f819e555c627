/**
 * The filter over the table of all codes: built from the table itself, kept in the address.
 */
const FACETS = /** @type {[string, string, number][]} */ ([
  ["http", "HTTP status", 2],
  ["retry", "Retry", 3],
  ["outcome", "Write", 4],
  ["actor", "Who acts", 5],
  ["category", "Category", 6],
])
/** Choices that stand for several values: name in the address, words, values. */
const GROUPS = /** @type {{[facet: string]: [string, string, string[]]}} */ ({
  retry: ["later", "May pass later (pause or wait)", ["backoff", "wait"]],
  outcome: ["in-doubt", "May be live (any in doubt)", ["unknown", "duplicate"]],
})
/** A longer text fits no row and no address. */
const MOST_TEXT = 200

/** @param {Document | HTMLElement} scope */
export function mountFilter(scope) {
  const place = scope.querySelector("[data-filter]")
  const table = scope.querySelector("table.codes")
  if (!(place instanceof HTMLElement) || !(table instanceof HTMLTableElement) || place.childElementCount) return
  const rows = [...table.tBodies[0].rows]
  const form = document.createElement("form")
  form.className = "filter"
  form.method = "dialog"
  form.setAttribute("role", "search")
  form.setAttribute("aria-label", "Filter the codes")
  const input = document.createElement("input")
  Object.assign(input, { type: "search", name: "text", autocomplete: "off", spellcheck: false, maxLength: MOST_TEXT })
  form.append(label("Text", input))
  for (const [name, title, cell] of FACETS) form.append(label(title, makeSelect(rows, name, cell)))
  const status = document.createElement("output")
  const clear = document.createElement("button")
  Object.assign(clear, { type: "reset", className: "md-button", textContent: "Show all" })
  form.append(clear, status)
  place.append(form)
  readAddress(form)
  const apply = () => applyFilter(form, rows, status)
  const update = () => {
    apply()
    writeAddress(form)
  }
  form.addEventListener("input", update)
  form.addEventListener("reset", () => setTimeout(update))
  form.addEventListener("submit", (event) => event.preventDefault())
  apply()
}

/** @param {string} title @param {HTMLElement} control @returns {HTMLLabelElement} */
function label(title, control) {
  const element = document.createElement("label")
  element.append(title, control)
  return element
}

/** @param {HTMLTableRowElement[]} rows @param {string} name @param {number} cell @returns {HTMLSelectElement} */
function makeSelect(rows, name, cell) {
  const select = document.createElement("select")
  select.name = name
  select.append(new Option("any", ""))
  const group = GROUPS[name]
  if (group) select.append(new Option(group[1], group[0]))
  const options = new Map(rows.map((row) => [row.dataset[name] ?? "", row.cells[cell].textContent ?? ""]))
  for (const [value, text] of [...options].sort(([a], [b]) => a.localeCompare(b))) select.append(new Option(text, value))
  return select
}

/** @param {HTMLTableRowElement} row @param {string} name @param {string} choice @returns {boolean} */
function hasValue(row, name, choice) {
  const value = row.dataset[name] ?? ""
  const group = GROUPS[name]
  return !choice || value === choice || (group?.[0] === choice && group[2].includes(value))
}

/** @param {FormData} data @returns {string} */
function readText(data) {
  return String(data.get("text") ?? "").slice(0, MOST_TEXT)
}

/** @param {HTMLFormElement} form @param {HTMLTableRowElement[]} rows @param {HTMLOutputElement} status */
function applyFilter(form, rows, status) {
  const data = new FormData(form)
  const words = readText(data).toLowerCase().split(/\s+/).filter(Boolean)
  let shown = 0
  for (const row of rows) {
    const text = (row.textContent ?? "").toLowerCase()
    const hasWords = words.every((word) => text.includes(word))
    const fits = hasWords && FACETS.every(([name]) => hasValue(row, name, String(data.get(name) ?? "")))
    row.hidden = !fits
    shown += Number(fits)
  }
  status.textContent = `${shown} of ${rows.length} codes`
}

/** @param {HTMLFormElement} form */
function readAddress(form) {
  for (const [name, value] of new URLSearchParams(location.search)) {
    const control = form.elements.namedItem(name)
    if (control instanceof HTMLInputElement) control.value = value
    if (control instanceof HTMLSelectElement && [...control.options].some((option) => option.value === value)) control.value = value
  }
}

/** @param {HTMLFormElement} form */
function writeAddress(form) {
  const search = new URLSearchParams()
  const data = new FormData(form)
  data.set("text", readText(data))
  for (const [name, value] of data) if (value) search.set(name, String(value))
  const query = search.size ? `?${search}` : ""
  history.replaceState(history.state, "", `${location.pathname}${query}${location.hash}`)
}
