/**
 * Makes a site opened from disk work: browsers load neither modules, nor JSON, nor workers from file://.
 * Data files are scripts here that hand their content over; the search runs in the page.
 */
const offlineSite = {
  base: document.currentScript.src,
  modules: {},
  data: {},

  /** @param {string} path below the site's root @returns {Promise<any>} */
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
  received: {},
}

window.Worker = class extends EventTarget {
  postMessage({ type, data }) {
    if (type === 0) this.answer({ type: 1 })
    if (type === 2) this.search(String(data))
  }

  async search(query) {
    const [rows, pages] = await Promise.all([offlineSite.read("lookup.json"), offlineSite.read("search/pages.json")])
    const { "rank.js": ranker, "decode.js": decoder } = offlineSite.modules
    this.engine ??= ranker.createSearch(rows, pages.docs, decoder.decode)
    const groups = query.trim() ? this.engine(query) : []
    const items = groups.map((hits) => hits.map((hit) => ({ ...hit, location: hit.location.replace(/(^|\/)(?=#|$)/, "$1index.html") })))
    this.answer({ type: 3, data: { items } })
  }

  answer(data) {
    this.dispatchEvent(new MessageEvent("message", { data }))
  }
}
