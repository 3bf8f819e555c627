/**
 * The switch of the palette in the header: the system's, light, dark.
 *
 * It does what the theme's own switch does, and keeps the choice where the theme keeps it. The theme's adds an element to
 * the head for which Chromium styles the whole page twice, at the moment when a reader begins to scroll.
 */

/** @typedef {{color?: {media?: string}}} Palette */

/**
 * These stand in the page's first script, which colours it before it is drawn.
 *
 * @type {{
 *   __md_get(name: string): Palette | null,
 *   __md_set(name: string, palette: Palette): void,
 *   __md_scheme(media?: string): string,
 * }}
 */
const page = /** @type {any} */ (window)

/** @param {HTMLFormElement} form one radio button per palette, each before the label that leads to the next */
export function mountPalette(form) {
  const inputs = [...form.querySelectorAll("input")]
  const find = () => inputs.findIndex((input) => input.checked)

  function show() {
    const index = find()
    const media = inputs[index]?.dataset.mdColorMedia
    document.body.dataset.mdColorScheme = page.__md_scheme(media)
    for (const [place, label] of form.querySelectorAll("label").entries()) label.hidden = place !== index
    page.__md_set("__palette", { color: { media } })
  }

  /** @param {KeyboardEvent} event */
  function step(event) {
    const next = inputs[find() + 1] ?? inputs[0]
    if (event.key !== "Enter" || !next) return
    next.click()
    next.focus()
  }

  const kept = page.__md_get("__palette")?.color?.media
  const first = inputs.find((input) => input.dataset.mdColorMedia === kept) ?? inputs[0]
  if (first) first.checked = true
  show()
  form.addEventListener("change", show)
  form.addEventListener("keydown", step)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show)
}
