/**
 * Elements and addresses for the page wiring. Text reaches the page as text nodes.
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{[name: string]: string}} [attributes]
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/**
 * @param {string} root
 * @param {string} path may end with an anchor
 * @returns {string} on disk there is no server that opens the index of a folder
 */
export function locatePage(root, path) {
  const [page = "", anchor] = path.split("#")
  const file = root.startsWith("file:") ? "index.html" : ""
  return `${root}${page}${file}${anchor === undefined ? "" : `#${anchor}`}`
}
