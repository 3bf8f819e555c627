/**
 * The look-up calls for one write in doubt, ready to be copied. Pure; keys are placeholders.
 *
 * @typedef {{path: string|null, symbol: string|null, client_order_id: string|null, order_id: string|null, at: string|null}} Doubt
 */

const HOST = "https://cloud-api.wooxpro.com"
const HOUR = 3600

/** @param {string} name of the endpoint @param {Record<string, string|number|null>} query */
function makeCall(name, query) {
  const said = Object.entries(query).flatMap(([key, value]) => (value === null ? [] : [`${key}=${encodeURIComponent(value)}`]))
  return `curl -H "X-API-KEY: $WOOX_KEY" "${HOST}/contract/private/${name}${said.length ? "?" : ""}${said.join("&")}"`
}

/**
 * Lists the calls that tell what became of a write.
 * @param {Doubt} write
 * @returns {{label: string, call: string}[]}
 */
export function listLookUps({ path, symbol, client_order_id, order_id, at }) {
  const position = { label: "Position", call: makeCall("position-v2", { symbol }) }
  if (/transfer/.test(path ?? "")) return [{ label: "Balances", call: makeCall("assets-detail", {}) }]
  if (/position-mode/.test(path ?? "")) return [{ label: "Position mode", call: makeCall("get-position-mode", {}) }, position]
  if (/leverage/.test(path ?? "")) return [position]
  const seconds = at ? Math.floor(Date.parse(at) / 1000) : null
  const window = { start_time: seconds && seconds - HOUR, end_time: seconds && seconds + 24 * HOUR }
  const order = { symbol: symbol ?? "SYMBOL", client_order_id: order_id ? null : client_order_id, order_id, ...window }
  return [
    { label: "Open orders", call: makeCall("get-open-orders", { symbol }) },
    { label: "Plan, stop and take-profit orders", call: makeCall("current-plan-order", { symbol }) },
    { label: "Order history", call: makeCall("order-history", order) },
    { label: "Trades", call: makeCall("trades", order) },
    position,
  ]
}
