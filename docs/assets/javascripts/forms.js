/**
 * The forms for signature and clock, before anybody uses them. A closed section of a code's page takes its form from
 * the guide; what a form does comes with its first use.
 */
const MODULES = { signature: "signature-view.js", clock: "clock.js" }

/** @typedef {(name: string) => Promise<any>} Load */

/** @param {Load} load */
export function startForms(load) {
  for (const section of document.querySelectorAll("details[data-form]")) {
    if (!(section instanceof HTMLDetailsElement) || section.dataset.mounted) continue
    section.dataset.mounted = "true"
    section.addEventListener("toggle", () => fetchForm(section, load))
    // Opened by a reader who was quicker than this script.
    if (section.open) fetchForm(section, load)
  }
  for (const form of document.querySelectorAll("form.workbench")) wait(form, load)
}

/** @param {HTMLElement} section @param {Load} load */
async function fetchForm(section, load) {
  const link = section.querySelector("a")
  if (!link || section.dataset.fetched) return
  section.dataset.fetched = "true"
  try {
    const answer = await fetch(link.href)
    const guide = new DOMParser().parseFromString(await answer.text(), "text/html")
    const form = guide.querySelector("form.workbench")
    const styles = guide.querySelector("link[href$='workbench.css']")
    if (!form || !styles) return
    // The guides stand as deep as the pages of the codes, so the form's addresses fit.
    section.append(styles, form)
    wait(form, load)
  } catch {
    // The link to the guide stays, and the next opening tries again.
    delete section.dataset.fetched
  }
}

/** @param {Element} form @param {Load} load */
function wait(form, load) {
  if (!(form instanceof HTMLFormElement) || form.dataset.waits) return
  form.dataset.waits = "true"
  /** @type {Promise<void> | undefined} */
  let started
  const start = () => (started ??= mount(form, load))
  form.addEventListener("focusin", start, { once: true })
  form.addEventListener("submit", async (event) => {
    if (form.dataset.mounted) return
    event.preventDefault()
    await start()
    form.requestSubmit()
  })
  form.addEventListener("click", async ({ target }) => {
    if (form.dataset.mounted || !(target instanceof HTMLButtonElement) || target.type !== "button") return
    await start()
    target.click()
  })
}

/** @param {HTMLFormElement} form @param {Load} load */
async function mount(form, load) {
  const isSignature = "signature" in form.dataset
  const module = await load(isSignature ? MODULES.signature : MODULES.clock)
  if (isSignature) module.mountSignature(document, () => load("signature.js"))
  else module.mountClock(document)
}
