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
  const [{ createSearch }, rows, pages] = await Promise.all([
    import(new URL("assets/javascripts/search.js", base).href),
    fetchJson("lookup.json"),
    fetchJson("search/pages.json"),
  ])
  return createSearch(rows, pages.docs)
}

/** @param {object[][]} items */
function reply(items) {
  self.postMessage({ type: TYPE.result, data: { items } })
}

self.addEventListener("message", async ({ data }) => {
  if (data.type === TYPE.setup) self.postMessage({ type: TYPE.ready })
  if (data.type !== TYPE.query) return
  const query = String(data.data)
  reply(query.trim() ? await find(query) : [])
})

/**
 * @param {string} query
 * @returns {Promise<object[][]>}
 */
async function find(query) {
  const isFirst = engine === undefined
  engine ??= loadEngine()
  try {
    return (await engine)(query)
  } catch (error) {
    engine = undefined
    // An earlier query's load failed; this one has not tried yet.
    if (!isFirst) return find(query)
    console.warn("The search data could not be loaded; try again.", error)
    return []
  }
}
