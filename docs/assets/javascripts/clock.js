/**
 * The clock form: the time of the server out of a pasted response, and how far a local clock was off. A trace holds a
 * time by inference only; a Date header has whole seconds.
 *
 * @typedef {{ms: number, from: "date" | "trace", precision: number, cached: boolean}} ServerTime
 */

const WINDOW = 60_000
const GOOD = 2000
const HOUR = 3_600_000
const TRACE = /(?<![\da-f])[\da-f]{32}\.\d+\.(\d{17})(?!\d)/i
const DATE = /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT/

/** @param {string} text @returns {ServerTime | null} the server's time; a trace is finer than a Date header */
export function readServerTime(text) {
  const trace = TRACE.exec(text)
  if (trace) return { ms: Math.floor(Number(trace[1].slice(0, 13)) + Number(trace[1].slice(13)) / 10_000), from: "trace", precision: 1, cached: false }
  const date = DATE.exec(text)
  if (!date) return null
  // The header drops the fraction: on average the server's clock stood half a second later.
  return { ms: Date.parse(date[0]) + 500, from: "date", precision: 1000, cached: /^\s*age:\s*[1-9]/im.test(text) }
}

/** @param {string} text milliseconds, seconds, or a date in UTC @returns {number | null} milliseconds */
export function readLocalTime(text) {
  const trimmed = text.trim()
  if (/^\d{13}$/.test(trimmed)) return Number(trimmed)
  if (/^\d{10}(?:\.\d+)?$/.test(trimmed)) return Math.round(1000 * Number(trimmed))
  const parts = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i.exec(trimmed)
  if (!parts) {
    const date = DATE.exec(trimmed)
    return date ? Date.parse(date[0]) : null
  }
  const [, day, time, fraction = "0", zone = "Z"] = parts
  const shift = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : "Z"
  const ms = Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${shift}`)
  return Number.isNaN(ms) ? null : ms
}

/** @param {ServerTime} server @param {number} local @returns {string[]} sentences */
export function describeDrift(server, local) {
  const drift = local - server.ms
  const size = Math.abs(drift)
  const seconds = (size / 1000).toFixed(server.from === "date" ? 0 : 1)
  const direction = drift < 0 ? "behind" : "ahead of"
  const said = size < Math.max(GOOD, server.precision)
    ? [`Your clock agrees with the server's to ${server.from === "date" ? "about a second" : `${size} ms`}.`]
    : [`Your clock is ${seconds} seconds ${direction} the server's.`]
  if (size > WINDOW) said.push("That is outside the window of 60 seconds. A signed request gives 30007.")
  else if (size >= GOOD) said.push("That is inside the window of 60 seconds. Correct the clock before the drift grows.")
  const hours = Math.round(drift / (HOUR / 2)) / 2
  if (size > HOUR / 4 && Math.abs(drift - hours * HOUR) < WINDOW) said.push(`The difference is close to ${Math.abs(hours)} hours. Look for a time zone.`)
  if (server.from === "trace") said.push("That a trace holds the time is our inference.")
  if (server.cached) said.push("The response has an Age header. It comes from a cache, so its date is old.")
  return said
}

/** @param {Document | HTMLElement} scope */
export function mountClock(scope) {
  for (const form of scope.querySelectorAll("form[data-clock]")) {
    if (form instanceof HTMLFormElement && !form.dataset.mounted) listen(form)
  }
}

/** @param {HTMLFormElement} form */
function listen(form) {
  form.dataset.mounted = "true"
  const [paste, local, result] = ["[data-field=paste]", "[data-field=local]", "[data-result]"].map((name) => form.querySelector(name))
  if (!(paste instanceof HTMLTextAreaElement) || !(local instanceof HTMLInputElement) || !result) return
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    result.replaceChildren(...answer(paste.value, local.value).map(makeParagraph))
  })
  form.querySelector("[data-now]")?.addEventListener("click", () => {
    local.value = new Date().toISOString()
  })
  form.querySelector("[data-clear]")?.addEventListener("click", () => {
    for (const field of [paste, local]) field.value = ""
    result.replaceChildren("Cleared.")
    paste.focus()
  })
}

/** @param {string} paste @param {string} local @returns {string[]} */
function answer(paste, local) {
  const server = readServerTime(paste)
  if (!server) return ["No Date header and no trace with 17 digits found. A UUID holds no time."]
  const moment = readLocalTime(local)
  const iso = new Date(server.ms).toISOString()
  if (moment === null) return [`The server's clock showed ${iso}.`, "Fill in your clock at that moment, in milliseconds or as a date in UTC."]
  return [...describeDrift(server, moment), `The server's clock showed ${iso}.`]
}

/** @param {string} text */
function makeParagraph(text) {
  const paragraph = document.createElement("p")
  paragraph.textContent = text
  return paragraph
}
