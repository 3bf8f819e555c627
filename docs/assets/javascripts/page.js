/**
 * What a code's page does beside its text: copies its address, its Markdown or a note for support, and keeps the list of
 * sources closed until somebody asks for it.
 */

/** @type {{[kind: string]: (code: string) => string | Promise<string>}} */
const TEXTS = {
  link: () => location.origin + location.pathname,
  markdown: async () => {
    const answer = await fetch("index.md")
    if (!answer.ok) throw new Error(`index.md: HTTP ${answer.status}`)
    return answer.text()
  },
  note: (code) =>
    [
      `Error ${code} of the WOO X Pro REST API`,
      `Written at (UTC): ${new Date().toISOString()}`,
      `Explained at: ${location.origin}${location.pathname}`,
      "Time of the request (UTC): ",
      "Method and path: ",
      "HTTP status: ",
      "trace: ",
      "symbol and order id: ",
      "(Never send the API key, the secret, the memo or a signature.)",
      "",
    ].join("\n"),
}

/** @param {Document | HTMLElement} scope */
export function mountPage(scope) {
  for (const bar of scope.querySelectorAll("[data-actions]")) {
    if (bar instanceof HTMLElement && !bar.dataset.mounted) mountBar(bar)
  }
  for (const details of scope.querySelectorAll("details.provenance")) {
    if (details instanceof HTMLDetailsElement && !details.dataset.mounted) {
      details.dataset.mounted = "true"
      details.open = leadsInto(details)
    }
  }
}

/** @param {HTMLElement} bar */
function mountBar(bar) {
  bar.dataset.mounted = "true"
  const code = bar.dataset.actions ?? ""
  bar.addEventListener("click", async (event) => {
    const button = event.target instanceof HTMLElement ? event.target.closest("[data-copy]") : null
    if (!(button instanceof HTMLButtonElement)) return
    const label = button.textContent
    try {
      await navigator.clipboard.writeText(await TEXTS[button.dataset.copy ?? "link"](code))
      button.textContent = "Copied"
    } catch {
      button.textContent = "Not copied"
    }
    setTimeout(() => (button.textContent = label), 1500)
  })
}

/**
 * @param {HTMLDetailsElement} details
 * @returns {boolean} whether the address names the section of the details, or something in them
 */
function leadsInto(details) {
  const name = decodeURIComponent(location.hash.slice(1))
  return name === "provenance" || (name !== "" && details.contains(document.getElementById(name)))
}

/** Opens the sources where the address leads into them, and for print. */
function openSources() {
  for (const details of document.querySelectorAll("details.provenance")) {
    if (details instanceof HTMLDetailsElement && leadsInto(details)) {
      details.open = true
      document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
    }
  }
}

/** @param {boolean} open */
function openAll(open) {
  for (const details of document.querySelectorAll("details.provenance")) {
    if (details instanceof HTMLDetailsElement) details.open = open || leadsInto(details)
  }
}

window.addEventListener("hashchange", openSources)
window.addEventListener("beforeprint", () => openAll(true))
window.addEventListener("afterprint", () => openAll(false))
// A number of a source leads into the closed list: following the same number twice changes no address.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.ev") : null
  // The theme's script has made the address absolute.
  if (link instanceof HTMLAnchorElement && link.hash && link.pathname === location.pathname) setTimeout(openSources)
})
