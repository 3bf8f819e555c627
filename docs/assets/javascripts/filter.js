/**
 * The filter and the order of the table of all codes; both are kept in the address.
 */

/** A longer text fits no row and no address. */
const MOST_TEXT = 200

/** @param {Document | HTMLElement} scope */
export function mountFilter(scope) {
  const form = scope.querySelector("[data-filter]")
  const table = scope.querySelector("table.codes")
  if (!(form instanceof HTMLFormElement) || !(table instanceof HTMLTableElement) || form.dataset.mounted) return
  form.dataset.mounted = "true"
  readAddress(form)
  const readOrder = mountOrder(table, form, () => writeAddress(form, readOrder()))
  const apply = () => {
    applyFilter(form, [...table.tBodies[0].rows])
    markChips(form)
  }
  const update = () => {
    apply()
    writeAddress(form, readOrder())
  }
  form.addEventListener("input", update)
  form.addEventListener("reset", () => setTimeout(update))
  form.addEventListener("submit", (event) => event.preventDefault())
  form.addEventListener("click", (event) => {
    const chip = event.target instanceof Element ? event.target.closest("[data-facet]") : null
    if (!(chip instanceof HTMLElement)) return
    pressChip(form, chip)
    update()
  })
  apply()
}

/** @param {HTMLFormElement} form @returns {HTMLSelectElement[]} */
function listFacets(form) {
  return [...form.querySelectorAll("select")]
}

/**
 * Takes a choice of a list, or gives it back when its chip is pressed again.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement} chip
 */
function pressChip(form, chip) {
  const select = form.elements.namedItem(chip.dataset.facet ?? "")
  if (!(select instanceof HTMLSelectElement)) return
  const choice = chip.dataset.choice ?? ""
  select.value = select.value === choice ? "" : choice
}

/**
 * Shows which chips are pressed, and opens the lists where one of them has a choice without a chip.
 *
 * @param {HTMLFormElement} form
 */
function markChips(form) {
  const chips = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-facet]"))
  const pressed = new Set()
  for (const chip of chips) {
    const select = form.elements.namedItem(chip.dataset.facet ?? "")
    const isPressed = select instanceof HTMLSelectElement && select.value === chip.dataset.choice
    chip.setAttribute("aria-pressed", String(isPressed))
    if (isPressed) pressed.add(chip.dataset.facet)
  }
  const details = form.querySelector("details")
  if (details && listFacets(form).some((select) => select.value && !pressed.has(select.name))) details.open = true
}

/**
 * @param {HTMLTableRowElement} row
 * @param {HTMLSelectElement} select
 * @returns {string} the choice whose words stand in the row's cell; what has no column stands at the row itself
 */
function readChoice(row, select) {
  const head = row.closest("table")?.querySelector(`th[data-column="${select.name}"]`)
  if (!(head instanceof HTMLTableCellElement)) return row.dataset[select.name] ?? ""
  const words = row.cells[head.cellIndex].textContent
  return [...select.options].find((option) => option.text === words)?.value ?? ""
}

/** @param {HTMLTableRowElement} row @param {HTMLSelectElement} select @returns {boolean} */
function fits(row, select) {
  if (!select.value) return true
  const choice = readChoice(row, select)
  return select.value === choice || Boolean(select.selectedOptions[0]?.dataset.values?.split(" ").includes(choice))
}

/** @param {HTMLFormElement} form @returns {string} */
function readText(form) {
  return String(new FormData(form).get("text") ?? "").slice(0, MOST_TEXT)
}

/** @param {HTMLFormElement} form @param {HTMLTableRowElement[]} rows */
function applyFilter(form, rows) {
  const words = readText(form).toLowerCase().split(/\s+/).filter(Boolean)
  const selects = listFacets(form)
  let shown = 0
  for (const row of rows) {
    const text = (row.textContent ?? "").toLowerCase()
    row.hidden = !words.every((word) => text.includes(word)) || !selects.every((select) => fits(row, select))
    shown += Number(!row.hidden)
  }
  const status = form.querySelector("output")
  if (status) status.textContent = `${shown} of ${rows.length} codes`
}

/**
 * Makes each heading of a column a button that sorts the rows by it, and the other way when pressed again.
 *
 * @param {HTMLTableElement} table
 * @param {HTMLFormElement} form holds the lists, in whose order tokens are sorted
 * @param {() => void} onChange called after a reader has changed the order
 * @returns {() => string} the order now: the name of a column, with a minus for the other way
 */
function mountOrder(table, form, onChange) {
  const heads = /** @type {HTMLTableCellElement[]} */ ([...table.querySelectorAll("th[data-column]")])
  const body = table.tBodies[0]
  let now = "code"
  /** @param {string} next */
  function sortRows(next) {
    const name = next.replace(/^-/, "")
    const at = heads.findIndex((head) => head.dataset.column === name)
    if (at < 0) return
    now = next
    const select = form.elements.namedItem(name)
    const options = select instanceof HTMLSelectElement ? [...select.options].map((option) => option.value) : []
    /** @param {HTMLTableRowElement} row */
    const readKey = (row) =>
      select instanceof HTMLSelectElement ? options.indexOf(readChoice(row, select)) : (row.cells[at].firstChild?.textContent ?? "").trim().toLowerCase()
    /** @param {HTMLTableRowElement} a @param {HTMLTableRowElement} b */
    const compareCodes = (a, b) => Number(a.cells[0].textContent) - Number(b.cells[0].textContent)
    const keyed = [...body.rows].sort(compareCodes).map((row) => /** @type {const} */ ([name === "code" ? 0 : readKey(row), row]))
    const rows = keyed.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, row]) => row)
    const isReversed = next.startsWith("-")
    if (isReversed) rows.reverse()
    body.append(...rows)
    markOrder(at, isReversed)
  }
  /** @param {number} at @param {boolean} isReversed */
  function markOrder(at, isReversed) {
    for (const head of heads) head.removeAttribute("aria-sort")
    heads[at].setAttribute("aria-sort", isReversed ? "descending" : "ascending")
  }
  for (const head of heads) {
    const button = document.createElement("button")
    button.type = "button"
    button.append(...head.childNodes)
    button.addEventListener("click", () => {
      sortRows(now === head.dataset.column ? `-${now}` : (head.dataset.column ?? ""))
      onChange()
    })
    head.append(button)
  }
  // The rows come in the order of their codes.
  markOrder(0, false)
  sortRows(new URLSearchParams(location.search).get("sort") ?? "")
  return () => now
}

/** @param {HTMLFormElement} form */
function readAddress(form) {
  for (const [name, value] of new URLSearchParams(location.search)) {
    const control = form.elements.namedItem(name)
    if (control instanceof HTMLInputElement) control.value = value
    if (control instanceof HTMLSelectElement && [...control.options].some((option) => option.value === value)) control.value = value
  }
}

/** @param {HTMLFormElement} form @param {string} order */
function writeAddress(form, order) {
  const search = new URLSearchParams()
  const data = new FormData(form)
  data.set("text", readText(form))
  for (const [name, value] of data) if (value) search.set(name, String(value))
  if (order !== "code") search.set("sort", order)
  const query = search.size ? `?${search}` : ""
  history.replaceState(history.state, "", `${location.pathname}${query}${location.hash}`)
}
