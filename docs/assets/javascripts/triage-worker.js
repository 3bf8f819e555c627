/**
 * Reads dropped logs apart from the page: opens gzip, decodes, streams. Nothing leaves the browser.
 *
 * @typedef {import("./triage.js").Report} Report
 * @typedef {{type: "progress", bytes: number, lines: number, done: number, total: number}
 *   | {type: "report", report: Report, doubts: number, note: string, json: Blob, files: {name: string, line: number, bytes: number}[], isStopped: boolean}
 *   | {type: "failure", reason: string}} Answer
 */

import { redact } from "./redact.js"
import { toMarkdown, triage } from "./triage.js"

/** A small archive may hold a huge text: reading stops here, and the page says so. */
const MOST_BYTES = 1000000000
const BETWEEN = 100
const SHOWN = 50

/** @param {Answer} answer */
const tell = (answer) => self.postMessage(answer)

/** @param {Blob} file @returns {Promise<{isGzip: boolean, encoding: string}>} */
async function sniff(file) {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  const encoding = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8"
  return { isGzip: first === 0x1f && second === 0x8b, encoding }
}

/** Reads the pieces of all files in their order and counts what was read from disk. */
class Source {
  done = 0
  bytes = 0
  lines = 0
  isStopped = false

  /** @param {Blob[]} files */
  constructor(files) {
    this.blobs = files
    this.total = files.reduce((sum, file) => sum + file.size, 0)
    /** @type {{name: string, line: number, bytes: number}[]} */
    this.files = []
  }

  async *[Symbol.asyncIterator]() {
    for (const blob of this.blobs) {
      this.files.push({ name: blob instanceof File ? blob.name : "pasted text", line: this.lines + 1, bytes: blob.size })
      let last = "\n"
      for await (const chunk of this.read(blob)) {
        last = chunk || last
        for (let at = chunk.indexOf("\n"); at >= 0; at = chunk.indexOf("\n", at + 1)) this.lines++
        yield chunk
        if (this.isStopped) return
      }
      if (last.endsWith("\n")) continue
      this.lines++
      yield "\n"
    }
  }

  /** @param {Blob} blob @returns {AsyncGenerator<string>} */
  async *read(blob) {
    const { isGzip, encoding } = await sniff(blob)
    const counter = new TransformStream({
      transform: (chunk, controller) => {
        this.done += chunk.byteLength
        controller.enqueue(chunk)
      },
    })
    let stream = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (blob.stream().pipeThrough(counter))
    if (isGzip) stream = stream.pipeThrough(new DecompressionStream("gzip"))
    const decoder = new TextDecoder(encoding)
    const reader = stream.getReader()
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      this.bytes += piece.value.byteLength
      yield decoder.decode(piece.value, { stream: true })
      if (this.bytes < MOST_BYTES) continue
      this.isStopped = true
      await reader.cancel()
      return
    }
    yield decoder.decode()
  }
}

/** @param {Blob[]} blobs @param {import("./triage.js").Catalogue} catalogue */
async function read(blobs, catalogue) {
  let told = 0
  const source = new Source(blobs)
  const report = await triage(source, catalogue, (progress) => {
    if (performance.now() - told < BETWEEN) return
    told = performance.now()
    tell({ type: "progress", ...progress, done: source.done, total: source.total })
  })
  report.bytes = source.bytes
  // The page gets what it shows: a long ledger would block it while it arrives.
  const json = new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: "application/json" })
  const note = redact(toMarkdown(report))
  const { files, isStopped } = source
  tell({ type: "report", report: { ...report, writes: report.writes.slice(0, SHOWN) }, doubts: report.writes.length, note, json, files, isStopped })
}

self.addEventListener("message", async ({ data }) => {
  try {
    await read(data.blobs, data.catalogue)
  } catch (error) {
    tell({ type: "failure", reason: error instanceof Error ? error.message : String(error) })
  }
})
