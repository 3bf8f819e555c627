/**
 * The lines of a text: found once, then asked for by a binary search. Pure.
 *
 * @param {string} text
 * @returns {{starts: number[], find: (at: number) => number}} where lines start; the line that holds a place
 */
export function indexLines(text) {
  const starts = [0]
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return { starts, find: (at) => findLine(starts, at) }
}

/**
 * @param {number[]} starts
 * @param {number} at
 * @returns {number} the index of the line that holds the place
 */
export function findLine(starts, at) {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle
  }
  return low
}
