// Reads errors.json and decides what to do with an answer. Runs in browsers, Deno and Node 18 or newer.

/**
 * @typedef {{code: string, http_status: number, message: string, retry: string, outcome: string, actor: string,
 *   url: string}} ApiError
 * @typedef {"done" | "look-up" | "repeat" | "wait" | "report"} Decision
 */

const BLOCKED = "30017";

/**
 * Code → error. A browser keeps the file and asks only whether it changed.
 * @param {string | URL} site address of the reference
 * @returns {Promise<Map<string, ApiError>>}
 */
export async function fetchErrors(site) {
  const folder = String(site).replace(/\/*$/, "/");
  const response = await fetch(new URL("errors.json", folder), { cache: "no-cache" });
  if (!response.ok) throw new Error(`errors.json: HTTP ${response.status}`);
  /** @type {{errors: ApiError[]}} */
  const { errors } = await response.json();
  return new Map(errors.map((error) => [error.code, error]));
}

/**
 * What to do with an answer.
 * @param {Map<string, ApiError>} errors
 * @param {number} status HTTP status of the answer
 * @param {{code?: number | string, message?: string, msg?: string}} body
 * @param {boolean} isWrite whether the request was an order, a cancel or a transfer
 * @returns {Decision}
 */
export function decide(errors, status, body, isWrite) {
  const code = ["number", "string"].includes(typeof body.code) ? String(body.code).trim() : "";
  const message = String(body.message || body.msg || "").trim();
  if (status === 200 && code === "1000" && ["ok", "success"].includes(message.toLowerCase())) return "done";
  // After a block nothing more may be sent, look-ups included.
  if (status === 418 || code === BLOCKED) return "report";
  const error = errors.get(code);
  // No code, one that is not listed, or a failure under 1000.
  if (!error || error.retry === "none") {
    const passing = code === "" && ([404, 429].includes(status) || status >= 500);
    return isWrite ? "look-up" : passing ? "repeat" : "report";
  }
  const contradicted = status > 499 && status !== error.http_status;
  if (isWrite && (contradicted || error.outcome !== "rejected")) return "look-up";
  if (error.retry === "backoff") return "repeat";
  return error.retry === "wait" ? "wait" : "report";
}
