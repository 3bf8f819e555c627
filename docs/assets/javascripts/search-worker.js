/**
 * The header search: answers the theme's search messages from the catalogue's rows and the pages' index.
 * Rows and index are fetched with the first query, never before.
 */
const base = new URL("../../", self.location.href)
const TYPE = { setup: 0, ready: 1, query: 2, result: 3 }

/** @type {Promise<(query: string) => object[][]> | undefined} */
let engine

/** @param {string} path */
const fetchJson = async (path) => (await fetch(new URL(path, base))).json()

async function loadEngine() {
  const [decoder, ranker, rows, pages] = await Promise.all([
    import(new URL("assets/javascripts/decode.js", base).href),
    import(new URL("assets/javascripts/rank.js", base).href),
    fetchJson("lookup.json"),
    fetchJson("search/pages.json"),
  ])
  return ranker.createSearch(rows, pages.docs, decoder.decode)
}

self.addEventListener("message", async ({ data }) => {
  if (data.type === TYPE.setup) return self.postMessage({ type: TYPE.ready })
  if (data.type !== TYPE.query) return
  const query = String(data.data)
  if (!query.trim()) return self.postMessage({ type: TYPE.result, data: { items: [] } })
  engine ??= loadEngine()
  try {
    const search = await engine
    self.postMessage({ type: TYPE.result, data: { items: search(query) } })
  } catch (error) {
    engine = undefined
    console.warn("The search data could not be loaded; try again.", error)
    self.postMessage({ type: TYPE.result, data: { items: [] } })
  }
})
