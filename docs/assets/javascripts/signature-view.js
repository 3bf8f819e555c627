/**
 * The signature form: reads its fields, shows what signature.js finds, and forgets what was typed. Nothing is sent, stored
 * or put into the address.
 *
 * @typedef {typeof import("./signature.js")} Engine
 * @typedef {Node | string} Content
 */

const AROUND = 60
/** @type {{[character: string]: string}} */
const VISIBLE = {
  " ": "[blank]", "\n": "[line end]", "\r": "[carriage return]", "\t": "[tab]", "\u00a0": "[blank U+00A0]", "\u200b": "[invisible U+200B]",
  "\ufeff": "[byte order mark]", "\u0000": "[zero byte]",
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Content[]} children @param {string} [style] name of the class
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, children, style = "") {
  const element = document.createElement(tag)
  if (style) element.className = style
  element.append(...children)
  return element
}

/** @param {Document | HTMLElement} scope @param {() => Promise<Engine>} load */
export function mountSignature(scope, load) {
  for (const form of scope.querySelectorAll("form[data-signature]")) {
    if (form instanceof HTMLFormElement && !form.dataset.mounted) new SignatureForm(form, load).listen()
  }
}

class SignatureForm {
  /** @param {HTMLFormElement} form @param {() => Promise<Engine>} load */
  constructor(form, load) {
    form.dataset.mounted = "true"
    this.form = form
    this.load = load
    this.result = /** @type {HTMLElement} */ (form.querySelector("[data-result]"))
    this.secret = this.find("secret")
    this.turn = 0
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.explain()
    })
    this.press("[data-clear]", () => this.clear())
    this.press("[data-sample]", () => this.restore())
    this.press("[data-show]", () => this.show(this.secret.getAttribute("type") === "password"))
    for (const button of this.form.querySelectorAll("[data-spoil]")) {
      button.addEventListener("click", () => this.spoil(/** @type {HTMLElement} */ (button).dataset.spoil?.split(" ") ?? []))
    }
    // A browser may keep a page that was left, with its fields, for the way back.
    window.addEventListener("pagehide", () => this.restore())
  }

  /** @param {string} selector @param {() => void} act */
  press(selector, act) {
    this.form.querySelector(selector)?.addEventListener("click", act)
  }

  /** @param {string} name @returns {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} */
  find(name) {
    return /** @type {HTMLInputElement} */ (this.form.querySelector(`[data-field=${name}]`))
  }

  read() {
    const value = (/** @type {string} */ name) => this.find(name).value
    return {
      timestamp: value("timestamp"), memo: value("memo"), body: value("body"), secret: value("secret"), key: value("key"),
      method: value("method"), path: value("path"), sent: value("sent"), signed: value("signed"),
    }
  }

  clear() {
    for (const field of this.form.querySelectorAll("[data-field]")) {
      if (field instanceof HTMLSelectElement) field.selectedIndex = 0
      else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = ""
    }
    this.forget("Cleared.")
    this.find("timestamp").focus()
  }

  restore() {
    this.form.reset()
    this.forget("")
  }

  /** @param {string} said */
  forget(said) {
    this.turn += 1
    this.show(false)
    this.result.replaceChildren(said)
  }

  /** @param {boolean} visible */
  show(visible) {
    this.secret.setAttribute("type", visible ? "text" : "password")
    const button = /** @type {HTMLElement} */ (this.form.querySelector("[data-show]"))
    button.setAttribute("aria-pressed", String(visible))
    button.textContent = visible ? "Hide" : "Show"
  }

  /** @param {string[]} ids */
  async spoil(ids) {
    const fields = this.read()
    if (!fields.secret) return this.say([make("p", ["Fill in the sample first. A spoilt signature needs a secret."])])
    const turn = (this.turn += 1)
    const engine = await this.start(turn)
    const sent = await engine?.signWrongly(fields, ids)
    if (turn !== this.turn || !engine) return undefined
    if (!sent) return this.say([make("p", ["This mistake does not change your request. Fill in the sample to see it."])])
    this.find("sent").value = sent
    return this.explain()
  }

  /** @param {number} turn @returns {Promise<Engine | null>} */
  async start(turn) {
    this.say([make("p", ["Searching …"])])
    try {
      const engine = await this.load()
      await engine.loadMistakes()
      return engine
    } catch {
      if (turn === this.turn) this.say([make("p", ["The table of mistakes could not be loaded. Check the connection and try again."])])
      return null
    }
  }

  async explain() {
    const fields = this.read()
    const turn = (this.turn += 1)
    const engine = await this.start(turn)
    if (!engine || turn !== this.turn) return
    const shown = await search(engine, fields)
    if (turn === this.turn) this.say(shown)
  }

  /** @param {Content[]} content */
  say(content) {
    this.result.replaceChildren(...content)
    this.result.scrollIntoView({ block: "nearest" })
  }
}

/** @param {Engine} engine @param {ReturnType<SignatureForm["read"]>} fields @returns {Promise<Content[]>} */
async function search(engine, fields) {
  try {
    if (fields.secret && fields.sent) return showExplanation(await engine.explain(fields), (await engine.loadMistakes()).mistakes.length)
    if (fields.signed) return showComparison(await engine.explainText(fields), fields.signed)
  } catch (error) {
    // The error may quote what was typed.
    return [make("p", [`The search stopped with an error (${error instanceof Error ? error.name : "unknown"}). Use the offline program.`])]
  }
  return [make("p", ["Fill in secret and signature. Without the secret, fill in the text that you signed."])]
}

/** @param {import("./signature.js").Explanation} found @param {number} count @returns {Content[]} */
function showExplanation({ expected, text, match, mistake, tried, complete }, count) {
  const ways = tried.toLocaleString("en")
  if (match) {
    return [
      make("p", [make("strong", ["The signature fits."])], "workbench-good"),
      make("p", ["The signature sent is the documented one. If you still get 30005, the key belongs to another secret, or another body left your machine."]),
    ]
  }
  const details = showDetails(text, expected)
  if (mistake) return [...showMistake(mistake), details]
  const searched = complete
    ? `None of ${count} known mistakes gives this signature, alone or in pairs. ${ways} ways were tried.`
    : `The body is long, so not all pairs were tried. None of ${ways} ways gives this signature.`
  return [
    make("p", [make("strong", [searched])], "workbench-open"),
    make("p", ["Compare secret, memo and body with what your program used. A wrong character in the secret or memo cannot be guessed."]),
    details,
  ]
}

/** @param {import("./signature.js").Found} mistake @param {string} [what] @returns {Content[]} */
function showMistake({ parts }, what = "signature") {
  const title = parts.length > 1 ? `Two mistakes together give this ${what}.` : `One mistake gives this ${what}.`
  return [
    make("p", [make("strong", [title])], "workbench-bad"),
    make("ol", parts.map(({ text, fix }) => make("li", [make("strong", [text]), " ", fix]))),
  ]
}

/** @param {string} text @param {string} expected */
function showDetails(text, expected) {
  return make("dl", [
    make("dt", ["The text to sign"]), make("dd", [make("code", [text.length > 2000 ? `${text.slice(0, 2000)} …` : text])]),
    make("dt", ["Its signature"]), make("dd", [make("code", [expected])]),
  ])
}

/** @param {Awaited<ReturnType<Engine["explainText"]>>} found @param {string} signed @returns {Content[]} */
function showComparison({ text, match, at, mistake }, signed) {
  if (match || at === null) {
    return [
      make("p", [make("strong", ["The text that you signed is the documented text."])], "workbench-good"),
      make("p", ["If you still get 30005, the secret is wrong, or the HMAC is not SHA-256 in lower-case hexadecimal."]),
    ]
  }
  return [
    ...(mistake ? showMistake(mistake, "text") : [make("p", [make("strong", ["The texts differ. No known mistake explains it."])], "workbench-bad")]),
    make("p", [`They part at character ${at + 1}.`]),
    make("dl", [
      make("dt", ["The text to sign"]), make("dd", [markDifference(text, at)]),
      make("dt", ["The text that you signed"]), make("dd", [markDifference(signed, at)]),
    ]),
  ]
}

/** @param {string} text @param {number} at @returns {HTMLElement} the text around a place, which is marked */
function markDifference(text, at) {
  const start = Math.max(0, at - AROUND)
  const letter = String.fromCodePoint(text.codePointAt(at) ?? 0x23ce)
  const marked = at < text.length ? (VISIBLE[letter] ?? letter) : "(end)"
  const rest = text.slice(at + letter.length, at + letter.length + AROUND)
  return make("code", [
    start ? "…" : "", text.slice(start, at), make("mark", [marked]), at < text.length ? rest : "", at + letter.length + AROUND < text.length ? "…" : "",
  ])
}
