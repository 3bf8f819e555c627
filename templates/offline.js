/**
 * Makes a site opened from disk work: browsers load neither modules, nor JSON, nor workers from file://.
 * Data files are scripts here that hand their content over; what a worker does elsewhere runs in the page.
 */
const offlineSite = {
  base: document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "",
  /** @type {{[name: string]: any}} */
  modules: {},
  /** @type {{[path: string]: Promise<any>}} */
  data: {},
  /** @type {{[path: string]: any}} */
  received: {},

  /**
   * @param {string} path below the site's root
   * @returns {Promise<any>}
   */
  read(path) {
    this.data[path] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script")
      script.src = new URL(`../../${path}.js`, this.base).href
      script.onload = () => resolve(this.received[path])
      script.onerror = () => reject(new Error(`${path} is missing. Unpack the whole archive.`))
      document.head.append(script)
    })
    return this.data[path]
  },
}

class OfflineWorker extends EventTarget {
  /** @param {string | URL} address */
  constructor(address) {
    super()
    this.isSearch = !String(address).includes("answer-worker")
    /** @type {((query: string) => any[][]) | undefined} */
    this.engine = undefined
  }

  terminate() {}

  /** @param {any} message */
  async postMessage(message) {
    if (!this.isSearch) return this.reply({ answer: await this.answer(String(message)) })
    if (message.type === 0) this.reply({ type: 1 })
    if (message.type === 2) this.reply({ type: 3, data: { items: await this.search(String(message.data)) } })
  }

  async load() {
    return Promise.all([offlineSite.read("lookup.json"), offlineSite.read("search/pages.json")])
  }

  /** @param {string} text */
  async answer(text) {
    const [rows, pages] = await this.load()
    const { "answer.js": answer, "rank.js": rank } = offlineSite.modules
    return answer.answerText(text, rows, rank.buildEntries(rows.errors, pages.docs))
  }

  /** @param {string} query */
  async search(query) {
    const [rows, pages] = await this.load()
    this.engine ??= /** @type {(query: string) => any[][]} */ (offlineSite.modules["search.js"].createSearch(rows, pages.docs))
    const groups = query.trim() ? this.engine(query) : []
    return groups.map((hits) => hits.map((hit) => ({ ...hit, location: hit.location.replace(/(^|\/)(?=#|$)/, "$1index.html") })))
  }

  /** @param {object} data */
  reply(data) {
    this.dispatchEvent(new MessageEvent("message", { data }))
  }
}

Object.assign(window, { Worker: OfflineWorker })
