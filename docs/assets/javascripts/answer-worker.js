/**
 * Answers long texts of the box away from the page, which stays quick meanwhile.
 */
import { answerText } from "./answer.js"
import { buildEntries } from "./rank.js"

const base = new URL("../../", import.meta.url)

/** @param {string} path */
const fetchJson = async (path) => (await fetch(new URL(path, base))).json()

self.addEventListener("message", async ({ data }) => {
  try {
    const [catalogue, pages] = await Promise.all([fetchJson("lookup.json"), fetchJson("search/pages.json")])
    self.postMessage({ answer: answerText(String(data), catalogue, buildEntries(catalogue.errors, pages.docs)) })
  } catch {
    self.postMessage({ answer: null })
  }
})
